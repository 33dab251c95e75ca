from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise, product
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import vocabulary
from engine.analysis.reachability import Verdict, analyse, witness
from engine.conditions import ALWAYS, AllOf, AnyOf, Comparison, Condition, Not, comparisons

Value: TypeAlias = Any
Facts: TypeAlias = Mapping[str, Value]


def when(fact: str, **operands: Value) -> Condition:
    """Say it as the rules do: `when("days_until_deadline", gte=0, lt=7)`."""
    return AllOf(tuple(Comparison(fact, name.rstrip("_"), operand) for name, operand in operands.items()))


def both(*parts: Condition) -> Condition:
    return AllOf(parts)


def either(*parts: Condition) -> Condition:
    return AnyOf(parts)


HUBSPOT = when("owner", equals="hubspot")
PARTNER = when("owner", equals="partner")
NO_PARTNER = when("partner.id", present=False)


# Routes that never decide


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (when("days_until_deadline", lte=14), when("days_until_deadline", lte=7)),
        (when("days_until_deadline", gt=7), when("days_until_deadline", gte=8)),
        (when("days_until_deadline", lt=Decimal("7.5")), when("days_until_deadline", lte=7)),
        (when("days_until_deadline", not_in=(1, 2)), when("days_until_deadline", equals=3)),
        (when("notice.send_on", gte=739_617), when("notice.send_on", gt=739_616)),
        (when("renewal.mrr", gt=100), when("renewal.mrr", gte=Decimal("100.01"))),
        (when("renewal.tier", present=True), when("renewal.tier", equals="starter")),
        (when("client.country", not_in=("CH", "US")), when("client.country", in_=("AT", "DE"))),
        (Not(when("client.country", equals="DE")), when("client.country", present=False)),
        (when("renewal.flags", contains="a"), when("renewal.flags", contains_all=("a", "b"))),
        (when("renewal.flags", contains_any=("a", "b")), when("renewal.flags", contains="b")),
        (when("reachable", present=True), when("reachable", contains="decision_maker")),
        (Not(when("acknowledged", equals=True)), when("acknowledged", equals=False)),
        (ALWAYS, HUBSPOT),
    ],
)
def test_a_route_behind_a_wider_one_never_decides(earlier: Condition, later: Condition) -> None:
    assert analyse([earlier, later]).unreachable == {1: (0,)}


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (when("days_until_deadline", lte=7), when("days_until_deadline", lte=14)),
        (when("days_until_deadline", lt=7), when("days_until_deadline", lte=7)),
        (when("renewal.mrr", gte=Decimal("100.01")), when("renewal.mrr", gt=100)),
        (when("client.country", not_in=("DE",)), when("client.country", present=False)),
        (when("renewal.flags", contains_all=("a", "b")), when("renewal.flags", contains_any=("a", "b"))),
        (when("renewal.auto_renew", equals=True), Not(when("renewal.auto_renew", equals=False))),
    ],
)
def test_a_route_behind_a_narrower_one_decides(earlier: Condition, later: Condition) -> None:
    assert analyse([earlier, later]).unreachable == {}


@pytest.mark.parametrize(
    "contradiction",
    [
        AnyOf(()),
        when("days_until_deadline", gt=7, lt=8),
        when("days_until_deadline", equals=Decimal("7.5")),
        when("notice.send_on", gte=740_000, lt=740_000),
        when("reachable", present=False),
        when("owner", present=False),
        when("owner", equals="partner", present=False),
        both(when("renewal.status", equals="churned"), Not(when("renewal.status", not_in=("pending",)))),
    ],
)
def test_a_route_that_never_holds_needs_nothing_to_cover_it(contradiction: Condition) -> None:
    assert analyse([HUBSPOT, contradiction]).unreachable == {1: ()}


def test_the_cover_of_a_route_names_only_the_routes_that_it_takes() -> None:
    routes = [
        when("renewal.status", equals="churned"),
        when("days_until_deadline", lte=7),
        when("client.country", equals="DE"),
        when("days_until_deadline", gt=7, lte=30),
        when("days_until_deadline", lte=14),
    ]

    assert analyse(routes).unreachable == {4: (1, 3)}


def test_an_unreachable_route_is_not_said_to_cover_another() -> None:
    routes = [when("days_until_deadline", lte=days) for days in (30, 14, 7)]

    assert analyse(routes).unreachable == {1: (0,), 2: (0,)}


# Gaps


@pytest.mark.parametrize(
    ("routes", "gap"),
    [
        ([], {}),
        ([HUBSPOT, PARTNER], None),
        ([HUBSPOT], {"owner": "partner"}),
        ([when("renewal.tier", in_=vocabulary.TIERS)], {"renewal.tier": None}),
        (
            [when("client.country", present=False), when("client.country", equals="DE")],
            {"client.country": "other"},
        ),
        ([when("days_until_deadline", lt=7), when("days_until_deadline", gt=7)], {"days_until_deadline": 7}),
        ([when("days_until_deadline", lte=7), when("days_until_deadline", gte=8)], None),
        ([Not(when("renewal.flags", contains_any=("a", "b")))], {"renewal.flags": frozenset("a")}),
        ([when("renewal.monthly", equals=True), HUBSPOT, PARTNER], None),
    ],
)
def test_a_gap_is_told_by_an_example(routes: Sequence[Condition], gap: Facts | None) -> None:
    assert analyse(routes).gap == gap


def test_a_gap_has_only_the_facts_that_matter_and_is_there_in_full() -> None:
    analysis = analyse([both(HUBSPOT, when("renewal.status", equals="churned")), HUBSPOT])

    assert analysis.gap == {"owner": "partner"}
    assert analysis.gap_facts == {"owner": "partner", "renewal.status": "pending"}


def test_a_gap_for_whatever_facts_has_no_absent_fact_in_full_that_is_never_absent() -> None:
    analysis = analyse([Not(when("notice.type", in_=vocabulary.NOTICE_TYPES))])

    assert analysis.gap == {}
    assert analysis.gap_facts == {"notice.type": "renewal"}


# Facts that hang together


@pytest.mark.parametrize(
    "impossible",
    [
        both(HUBSPOT, when("override", equals="partner")),
        both(PARTNER, when("owner_source", equals="system_default")),
        both(when("owner_source", equals="partner_default"), when("override", equals="hubspot")),
        both(NO_PARTNER, PARTNER),
        both(NO_PARTNER, when("owner", present=False)),
        both(NO_PARTNER, when("override", equals="hubspot")),
        both(NO_PARTNER, when("held", equals=True)),
        both(NO_PARTNER, when("decision_maker.is_partner_user", equals=True)),
        both(NO_PARTNER, when("reachable", contains_any=vocabulary.PARTNER_ROLES)),
        both(NO_PARTNER, when("client.labels.segment", present=True)),
        both(NO_PARTNER, when("partner.labels.tier", equals="gold")),
        both(when("owner", present=False), when("reachable", contains="partner_contact")),
        both(when("owner", present=False), when("partner.labels.tier", equals="gold")),
        both(when("days_until_deadline", gt=7), when("days_until_renewal", lte=7)),
        both(when("days_until_deadline", lte=7), when("days_until_renewal", gt=7 + 365)),
        both(when("renewal.increase_percent", present=True), when("renewal.mrr", present=False)),
        both(when("renewal.increase_percent", present=True), when("renewal.mrr", lte=0)),
        both(when("renewal.increase_percent", gt=0), when("renewal.renewal_mrr", lt=0)),
        both(
            when("renewal.mrr", gt=0),
            Not(when("renewal.increase_percent", lt=0)),
            when("renewal.renewal_mrr", equals=0),
        ),
        both(
            when("renewal.mrr", gte=100),
            when("renewal.renewal_mrr", lt=110),
            when("renewal.increase_percent", gte=10),
        ),
        both(
            when("renewal.renewal_mrr", equals=220), when("renewal.increase_percent", equals=50)
        ),  # a third of 440
    ],
)
def test_facts_that_exclude_each_other_are_never_combined(impossible: Condition) -> None:
    assert witness(impossible) is Verdict.NEVER


@pytest.mark.parametrize(
    "possible",
    [
        both(HUBSPOT, when("owner_source", equals="client_override"), when("override", equals="hubspot")),
        both(HUBSPOT, when("owner_source", equals="system_default"), when("partner.id", present=True)),
        both(when("owner", present=False), when("override", equals="default")),
        both(NO_PARTNER, when("reachable", contains_all=("decision_maker", "renewal_manager"))),
        both(when("days_until_deadline", equals=7), when("days_until_renewal", equals=7)),
        both(when("days_until_deadline", lte=7), when("days_until_renewal", equals=7 + 365)),
        both(
            when("renewal.mrr", gte=100),
            when("renewal.renewal_mrr", lte=110),
            when("renewal.increase_percent", gte=10),
        ),
        both(
            when("renewal.mrr", gt=0),
            when("renewal.renewal_mrr", present=True),
            when("renewal.increase_percent", lt=-100),
        ),
    ],
)
def test_facts_that_go_together_are_found(possible: Condition) -> None:
    example = witness(possible)

    assert not isinstance(example, Verdict)
    assert holds(possible, example)


def test_days_around_a_deadline_follow_the_renewal_date() -> None:
    routes = [
        when("days_until_renewal", lte=30),
        when("days_until_deadline", lte=7),
        when("days_until_deadline", lte=30),
    ]

    analysis = analyse([*routes, when("days_until_renewal", lte=7)])

    assert analysis.unreachable == {3: (0,)}
    assert analysis.gap == {"days_until_renewal": 76, "days_until_deadline": 31}


def test_no_route_is_asked_when_nobody_owns_the_renewal_but_adjustments_are() -> None:
    ownerless = when("owner", present=False)

    assert analyse([ownerless]).unreachable == {0: ()}
    assert witness(ownerless) == {"owner": None}


# The budget


def parity(members: Sequence[str], *, odd: bool) -> Condition:
    """An odd or even number of the members is there: nothing follows before all but one are decided."""
    if not members:
        return AnyOf(()) if odd else ALWAYS
    first, rest = when("renewal.flags", contains=members[0]), members[1:]
    return either(both(first, parity(rest, odd=not odd)), both(Not(first), parity(rest, odd=odd)))


HARD = both(parity("abcdef", odd=True), parity("bcdefa", odd=False), parity("cdefab", odd=False))


def test_what_takes_more_than_the_budget_is_unknown() -> None:
    assert witness(HARD, budget=20_000) is Verdict.UNKNOWN
    assert witness(HARD, budget=2_000_000) is Verdict.NEVER


def test_a_question_without_an_answer_is_neither_unreachable_nor_a_gap() -> None:
    analysis = analyse([PARTNER, HARD, HUBSPOT], budget=20_000)

    assert analysis.unreachable == {}
    assert analysis.gap is None
    assert analysis.incomplete == (1,)


def realistic_routes(number: int) -> list[Condition]:
    """Compare thirteen facts in ever new combinations of two to four."""
    options: list[list[Condition]] = [
        [HUBSPOT, PARTNER],
        [when("renewal.tier", equals=tier) for tier in vocabulary.TIERS],
        [when("renewal.status", in_=pair) for pair in pairwise(vocabulary.STATUSES)],
        [when("notice.type", equals=notice) for notice in vocabulary.NOTICE_TYPES],
        [when("notice.kind", not_in=(kind,)) for kind in vocabulary.NOTICE_KINDS],
        [when("days_until_deadline", gte=day, lt=day + 14) for day in range(0, 70, 7)],
        [when("days_until_renewal", lte=day) for day in (120, 90, 60, 30, 14)],
        [when("renewal.mrr", gte=price) for price in (5000, 1000, 500)],
        [when("renewal.increase_percent", gt=percent) for percent in (25, 10, 5)],
        [Not(when("client.country", in_=countries)) for countries in (("AT", "DE"), ("CH",), ("FR", "US"))],
        [when("client.labels.segment", equals="strategic"), when("client.labels.segment", present=False)],
        [when("reachable", contains=role) for role in vocabulary.CLIENT_ROLES + vocabulary.PARTNER_ROLES],
        [when("acknowledged", equals=True), when("acknowledged", equals=False)],
    ]
    chosen = [[options[(rule * 5 + part * 3) % 13] for part in range(2 + rule % 3)] for rule in range(number)]
    return [both(*(fact[rule % len(fact)] for fact in facts)) for rule, facts in enumerate(chosen)]


def test_forty_realistic_routes_are_analysed_in_less_than_a_second() -> None:
    routes = [*realistic_routes(39), either(HUBSPOT, PARTNER)]

    started = time.process_time()
    analysis = analyse(routes)
    took = time.process_time() - started

    assert analysis.incomplete == ()
    assert analysis.gap is None
    assert took < 1


# Against brute force: everything that facts can be, row by row, and a plain evaluator


def holds(condition: Condition, facts: Facts) -> bool:
    match condition:
        case Comparison(fact, operator, operand):
            return compare(facts[fact], operator, operand)
        case AllOf(parts):
            return all(holds(part, facts) for part in parts)
        case AnyOf(parts):
            return any(holds(part, facts) for part in parts)
        case Not(part):
            return not holds(part, facts)


def compare(value: Value, operator: str, operand: Value) -> bool:
    if operator == "present":
        return (value is not None) is operand
    return value is not None and OPERATORS[operator](value, operand)


OPERATORS: Mapping[str, Callable[[Value, Value], bool]] = {
    "equals": lambda value, operand: value == operand,
    "in": lambda value, operand: value in operand,
    "not_in": lambda value, operand: value not in operand,
    "lt": lambda value, operand: value < operand,
    "lte": lambda value, operand: value <= operand,
    "gt": lambda value, operand: value > operand,
    "gte": lambda value, operand: value >= operand,
    "contains": lambda value, operand: operand in value,
    "contains_any": lambda value, operand: any(member in value for member in operand),
    "contains_all": lambda value, operand: all(member in value for member in operand),
}


def rows(**columns: Sequence[Value]) -> list[Facts]:
    """Return every combination; `client__country` stands for `client.country`."""
    names = [name.replace("__", ".") for name in columns]
    return [dict(zip(names, values, strict=True)) for values in product(*columns.values())]


def standings() -> list[Facts]:
    """Return how clients can stand: with a file of their partner, without a partner, with an unknown one."""
    sets = [frozenset[str](), frozenset({"decision_maker"})]
    no_file = rows(
        held=[False],
        decision_maker__is_partner_user=[False],
        reachable=sets,
        client__labels__segment=[None],
        partner__labels__tier=[None],
    )
    file = rows(
        held=[False, True],
        decision_maker__is_partner_user=[False, True],
        reachable=[*sets, *(members | {"partner_contact"} for members in sets)],
        client__labels__segment=[None, "strategic", "small"],
        partner__labels__tier=[None, "gold", "silver"],
    )
    settings = [
        ("hubspot", "system_default", "default"),
        ("hubspot", "partner_default", "default"),
        ("partner", "partner_default", "default"),
        ("hubspot", "client_override", "hubspot"),
        ("partner", "client_override", "partner"),
    ]
    names = ("partner.id", "owner", "owner_source", "override")
    ids = ("nordlicht", "suedwind")
    resolved = [dict(zip(names, (name, *setting), strict=True)) for name in ids for setting in settings]
    unknown = [dict(zip(names, (name, None, None, "default"), strict=True)) for name in ids]
    nobody = [dict(zip(names, (None, *settings[0]), strict=True))]
    return [
        *({**one, **other} for one, other in product(resolved, file)),
        *({**one, **other} for one, other in product(unknown + nobody, no_file)),
    ]


DAYS = (0, 7, 14, 365, 372)


def deadlines() -> list[Facts]:
    """Return a row for each corner of what a rule can say about both days, and some around it."""
    near = {day + shift + step for day in DAYS for shift in (-365, 0, 365) for step in (-1, 0, 1)}
    return [
        {"days_until_renewal": renewal, "days_until_deadline": deadline}
        for renewal, deadline in product(near, near)
        if 0 <= renewal - deadline <= 365
    ]


def prices() -> list[Facts]:
    """Return a grid of prices, with the increases that are constants; more may lie between."""
    grid = [None, *map(Decimal, range(-10, 320, 5))]
    rates = (Decimal("0.5"), Decimal("1.1"), Decimal("1.5"))
    return [priced(old, new) for old in grid for new in (*grid, *(old * rate for rate in rates if old))]


def priced(old: Value, new: Value) -> Facts:
    percent = (new - old) * 100 / old if old is not None and new is not None and old > 0 else None
    return {"renewal.mrr": old, "renewal.renewal_mrr": new, "renewal.increase_percent": percent}


def others() -> list[Facts]:
    return rows(
        renewal__status=vocabulary.STATUSES,
        client__country=[None, "AT", "DE", "FR"],
        renewal__auto_renew=[None, False, True],
        renewal__flags=[frozenset(members) for members in ("", "a", "b", "ab")],
        notice__send_on=[740_000 + day for day in (-1, 0, 1, 9, 10, 11)],
    )


CONSTANTS: Mapping[str, Sequence[Value]] = {
    "days_until_renewal": DAYS,
    "days_until_deadline": DAYS,
    "notice.send_on": (740_000, 740_010),
    "renewal.mrr": (0, 100, 200),
    "renewal.renewal_mrr": (0, 100, Decimal("110.00"), 150),
    "renewal.increase_percent": (-50, 0, 10, 50),
    "reachable": ("decision_maker", "partner_contact"),
    "renewal.flags": ("a", "b"),
    "partner.id": ("nordlicht",),
    "client.labels.segment": ("strategic",),
    "partner.labels.tier": ("gold",),
    "client.country": ("AT", "DE"),
}


def atoms(name: str) -> list[Comparison]:
    """Return every comparison of the fact that its constants allow; lists are of all, or the first."""
    fact = vocabulary.find(name)
    assert fact is not None
    constants = tuple(CONSTANTS.get(name, fact.values or (False, True)))
    lists = (constants, constants[:1])
    operands = {"present": (False, True)} | dict.fromkeys(
        ("in", "not_in", "contains_any", "contains_all"), lists
    )
    return [
        Comparison(name, operator, operand)
        for operator in vocabulary.OPERATORS[fact.kind]
        for operand in operands.get(operator, constants)
    ]


WORLDS = {make.__name__: make() for make in (standings, deadlines, prices, others)}
ATOMS = {name: [atom for fact in world[0] for atom in atoms(fact)] for name, world in WORLDS.items()}


def conditions_about(*worlds: str) -> st.SearchStrategy[Condition]:
    atom = st.sampled_from([atom for world in worlds for atom in ATOMS[world]])
    return st.recursive(
        atom,
        lambda part: st.one_of(
            st.builds(Not, part),
            st.builds(AllOf, st.lists(part, max_size=3).map(tuple)),
            st.builds(AnyOf, st.lists(part, max_size=3).map(tuple)),
        ),
        max_leaves=5,
    )


def everything(worlds: Sequence[str], mentioned: Sequence[Comparison], *more: Facts) -> list[Facts]:
    """Return what facts can be: one row of those that no comparison tells apart."""
    tables = [
        [*WORLDS[world], *(row for row in more if row.keys() == WORLDS[world][0].keys())] for world in worlds
    ]
    distinct = [{outcomes(row, mentioned): row for row in table}.values() for table in tables]
    return [{fact: value for row in chosen for fact, value in row.items()} for chosen in product(*distinct)]


def outcomes(facts: Facts, mentioned: Sequence[Comparison]) -> tuple[bool, ...]:
    return tuple(holds(comparison, facts) for comparison in mentioned if comparison.fact in facts)


def like(example: Facts, facts: Sequence[Facts], mentioned: Sequence[Comparison]) -> list[Facts]:
    """Return the rows that no comparison of a fact in the example tells from it."""
    relevant = [comparison for comparison in mentioned if comparison.fact in example]
    return [row for row in facts if outcomes(row, relevant) == outcomes(example, relevant)]


def routed(worlds: Sequence[str], routes: Sequence[Condition]) -> list[Facts]:
    """Return what facts can be when routes are asked: somebody owns the renewal."""
    owned = Comparison("owner", "present", operand=True)
    facts = everything(worlds, [owned, *comparisons(AllOf(tuple(routes)))])
    return [row for row in facts if "owner" not in row or holds(owned, row)]


PAIRS = (("standings", "deadlines"), ("standings", "others"), ("deadlines", "others"))


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_routes_are_judged_as_by_trying_all_facts(data: st.DataObject) -> None:
    worlds = data.draw(st.sampled_from(PAIRS))
    routes = data.draw(st.lists(conditions_about(*worlds), min_size=1, max_size=5))
    facts = routed(worlds, routes)
    holding = [{index for index, route in enumerate(routes) if holds(route, row)} for row in facts]

    analysis = analyse(routes)

    deciding = {min(indexes) for indexes in holding if indexes}
    assert set(analysis.unreachable) == set(range(len(routes))) - deciding
    assert (analysis.gap is None) == all(holding)
    assert analysis.incomplete == ()
    for index, cover in analysis.unreachable.items():
        covering = [indexes & set(cover) for indexes in holding if index in indexes]
        assert set() not in covering
        assert all({other} in covering for other in cover)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_an_example_holds_whatever_the_other_facts_are_and_never_means_never(data: st.DataObject) -> None:
    worlds = data.draw(st.sampled_from((*PAIRS, ("prices",), ("prices", "others"))))
    condition = data.draw(conditions_about(*worlds))
    mentioned = list(comparisons(condition))

    example = witness(condition)

    if isinstance(example, Verdict):
        assert example is Verdict.NEVER
        assert not any(holds(condition, row) for row in everything(worlds, mentioned))
    else:
        prices = priced(example.get("renewal.mrr"), example.get("renewal.renewal_mrr"))
        rows = like(example, everything(worlds, mentioned, prices), mentioned)
        assert rows
        assert all(holds(condition, row) for row in rows)


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_no_route_holds_for_the_example_of_a_gap(data: st.DataObject) -> None:
    worlds = data.draw(st.sampled_from(PAIRS))
    routes = data.draw(st.lists(conditions_about(*worlds), min_size=1, max_size=5))

    analysis = analyse(routes)

    if analysis.gap is not None and analysis.gap_facts is not None:
        facts, mentioned = routed(worlds, routes), list(comparisons(AllOf(tuple(routes))))
        assert like(analysis.gap_facts, facts, mentioned)
        assert analysis.gap.items() <= analysis.gap_facts.items()
        assert not any(holds(route, row) for row in like(analysis.gap, facts, mentioned) for route in routes)
