from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import holds
from strategies import MODEST
from worlds import FUNCTIONS, VALUES, World, comparisons, worlds

from engine import rulebook
from engine.conditions import ALWAYS, AllOf, AnyOf, Comparison, Condition, Not
from engine.diagnostics import Location
from engine.rulebook import Rulebook
from engine.ruleset import Rule, RuleKind, Ruleset, Verdict

WORLDS = worlds(40, seed=1)
PARTNER_OWNED = Comparison("owner", "equals", "partner")
STRATEGIC = Comparison("client.labels.segment", "equals", "a")


def route(name: str, condition: Condition = ALWAYS) -> Rule:
    return Rule(name, RuleKind.ROUTE, Location("rules/own.yaml"), condition, to=((name,),))


def adjustment(
    name: str, condition: Condition = ALWAYS, *, suppress: str | None = None, task: str | None = None
) -> Rule:
    place = Location("rules/own.yaml")
    return Rule(
        name, RuleKind.ADJUSTMENT, place, condition, suppress=suppress, task=task, reason=name.upper()
    )


def rulebook_of(routes: Sequence[Rule] = (), adjustments: Sequence[Rule] = ()) -> Rulebook:
    return Rulebook(Ruleset(tuple(routes), tuple(adjustments)), FUNCTIONS)


def verdict(rules: Rulebook, world: World) -> Verdict:
    return rules.verdict(world.standing, world.renewal, world.notice, world.on)


def world_where(condition: Condition, *, is_true: bool = True) -> World:
    return next(world for world in WORLDS if holds(condition, world.facts) == is_true)


def trees() -> st.SearchStrategy[Condition]:
    comparison = st.sampled_from([one for name in VALUES for one in comparisons(name)])

    def grow(part: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        parts = st.lists(part, min_size=1, max_size=3).map(tuple)
        return st.one_of(parts.map(AllOf), parts.map(AnyOf), part.map(Not))

    return st.recursive(comparison, grow, max_leaves=6)


@MODEST
@given(st.lists(trees(), max_size=3), st.lists(trees(), max_size=4))
def test_the_rules_that_hold_are_those_of_the_oracle(
    routes: list[Condition], adjustments: list[Condition]
) -> None:
    rules = rulebook_of(
        [route(f"route-{index}", condition) for index, condition in enumerate(routes)],
        [adjustment(f"a{index}", condition) for index, condition in enumerate(adjustments)],
    )

    for world in WORLDS:
        found = verdict(rules, world)
        first = next((index for index, one in enumerate(routes) if holds(one, world.facts)), None)
        holding = [index for index, one in enumerate(adjustments) if holds(one, world.facts)]
        assert (found.route and found.route.name) == (None if first is None else f"route-{first}")
        assert found.reasons == tuple(f"A{index}" for index in holding)


def test_the_first_route_that_holds_decides_and_every_adjustment_applies() -> None:
    rules = rulebook_of(
        [route("for-partners", PARTNER_OWNED), route("for-all"), route("never-reached")],
        [adjustment("one"), adjustment("for-partners-too", PARTNER_OWNED), adjustment("two")],
    )

    theirs = verdict(rules, world_where(PARTNER_OWNED))
    others = verdict(rules, world_where(PARTNER_OWNED, is_true=False))

    assert [step.rule for step in theirs.trace] == ["for-partners", "one", "for-partners-too", "two"]
    assert [step.rule for step in others.trace] == ["for-all", "one", "two"]


def test_a_verdict_without_route_says_so() -> None:
    found = verdict(rulebook_of(adjustments=[adjustment("one")]), WORLDS[0])

    assert found.route is None
    assert found.reasons == ("ONE",)


def test_the_tasks_of_a_rule_that_suppresses_are_told_from_the_others() -> None:
    rules = rulebook_of(
        adjustments=[adjustment("quiet", suppress="QUIET", task="CALL"), adjustment("chore", task="CHORE")]
    )

    found = verdict(rules, WORLDS[0])

    assert found.suppressions == ("QUIET",)
    assert found.tasks == ("CALL", "CHORE")
    assert found.suppressed_tasks == ("CALL",)


def test_what_two_situations_have_in_common_is_decided_once() -> None:
    rules = rulebook_of([route("for-partners", PARTNER_OWNED)])
    alike = [world for world in WORLDS if holds(PARTNER_OWNED, world.facts)]

    assert len(alike) > 1
    assert len({id(verdict(rules, world)) for world in alike}) == 1


def test_the_memory_is_bounded_and_forgetting_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    conditions = [Comparison("days_until_renewal", "equals", days) for days in (-1, 0, 1)]
    rules = rulebook_of(adjustments=[adjustment(f"a{i}", one) for i, one in enumerate(conditions)])
    remembered = [verdict(rules, world) for world in WORLDS]
    monkeypatch.setattr(rulebook, "_MEMO_LIMIT", 2)

    assert [verdict(rules, world) for world in WORLDS] == remembered
    again = rulebook_of(adjustments=[adjustment(f"a{i}", one) for i, one in enumerate(conditions)])
    assert [verdict(again, world) for world in WORLDS] == remembered
    assert len(again._verdicts) <= 2


def test_threads_share_a_rulebook() -> None:
    rules = rulebook_of(
        adjustments=[adjustment(f"a{i}", one) for i, one in enumerate(comparisons("client.id"))]
    )
    alone = rulebook_of(
        adjustments=[adjustment(f"a{i}", one) for i, one in enumerate(comparisons("client.id"))]
    )

    with ThreadPoolExecutor(max_workers=8) as threads:
        together = list(threads.map(lambda world: verdict(rules, world), WORLDS * 20))

    assert together == [verdict(alone, world) for world in WORLDS * 20]


def test_a_closed_rulebook_only_knows_what_it_has_decided_before() -> None:
    rules = rulebook_of([route("for-partners", PARTNER_OWNED)])
    known = verdict(rules, world_where(PARTNER_OWNED))
    rules.close()

    assert verdict(rules, world_where(PARTNER_OWNED)) is known
    with pytest.raises(RuntimeError, match="closed"):
        verdict(rules, world_where(PARTNER_OWNED, is_true=False))


def test_an_explanation_has_every_fact_every_rule_and_every_comparison() -> None:
    both = AllOf((PARTNER_OWNED, Not(STRATEGIC)))
    rules = rulebook_of([route("both", both), route("for-all")], [adjustment("strategic", STRATEGIC)])

    for world in WORLDS:
        found = rules.consider(world.standing, world.renewal, world.notice, world.on)
        assert dict(found.facts) == {name: world.facts[name] for name in ("owner", STRATEGIC.fact)}
        assert [(rule.name, is_true) for rule, is_true in found.rules] == [
            ("both", holds(both, world.facts)),
            ("for-all", True),
            ("strategic", holds(STRATEGIC, world.facts)),
        ]
        assert found.truths == {one: holds(one, world.facts) for one in (PARTNER_OWNED, STRATEGIC)}
