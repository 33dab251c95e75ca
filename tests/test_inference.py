from __future__ import annotations

import gc
import os
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import durable_rules_engine as native  # type: ignore[import-not-found]  # no stubs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import holds

from engine.conditions import ALWAYS, AllOf, AnyOf, Comparison, Condition, Not
from engine.inference import MAX_CONDITIONS, Engine, TooComplex

STATM = Path("/proc/self/statm")
NATIVE_CALLS = ("assert_fact", "start_action_for_state", "complete_and_start_action", "retract_fact")


def atoms(number: int, prefix: str = "f") -> tuple[Comparison, ...]:
    return tuple(Comparison(f"{prefix}{i}", "equals", operand=True) for i in range(number))


def expected(rules: Sequence[Condition], engine: Engine, mask: int) -> tuple[int, ...]:
    facts = {comparison.fact: bool(mask >> bit & 1) for bit, comparison in enumerate(engine.comparisons)}
    return tuple(index for index, rule in enumerate(rules) if holds(rule, facts))


def all_true(engine: Engine) -> int:
    return (1 << len(engine.comparisons)) - 1


def realistic_rules(number: int, *, seed: int = 0) -> list[Condition]:
    """Make rules as people write them: a few comparisons, sometimes an `any` or a `not`."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    names = atoms(30)
    return [
        AllOf(
            (
                *chance.sample(names, chance.randint(1, 3)),
                AnyOf(tuple(chance.sample(names, chance.randint(2, 4)))),
                Not(chance.choice(names)),
            )
        )
        for _ in range(number)
    ]


def random_masks(number: int, bits: int, *, seed: int = 0) -> list[int]:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    return [chance.getrandbits(bits) for _ in range(number)]


def trees(depth: int) -> st.SearchStrategy[Condition]:
    comparison = st.sampled_from(atoms(30))
    if depth == 0:
        return comparison
    parts = st.lists(trees(depth - 1), min_size=1, max_size=4).map(tuple)
    return st.one_of(comparison, parts.map(AllOf), parts.map(AnyOf), trees(depth - 1).map(Not))


def wide_trees() -> st.SearchStrategy[Condition]:
    """Conditions of hundreds of branches."""
    group = st.lists(trees(1), min_size=4, max_size=7).map(lambda parts: AnyOf(tuple(parts)))
    return st.lists(group, min_size=4, max_size=6).map(lambda groups: AllOf(tuple(groups)))


def rule_lists() -> st.SearchStrategy[list[Condition]]:
    rule = st.one_of(trees(4), trees(4), wide_trees())
    return st.one_of(st.lists(rule, max_size=4), st.lists(rule, min_size=12, max_size=20))


@settings(deadline=None, max_examples=150)
@given(
    rule_lists(),
    st.lists(st.integers(min_value=0, max_value=2**30 - 1), min_size=1, max_size=20),
)
def test_the_engine_fires_what_the_oracle_says(rules: list[Condition], masks: list[int]) -> None:
    with Engine(rules) as engine:
        for drawn in masks:
            mask = drawn & all_true(engine)

            assert engine.fired(mask) == expected(rules, engine, mask)


@pytest.mark.parametrize("number", [5, 20, 60, 100])
def test_realistic_rules_fire_as_the_oracle_says(number: int) -> None:
    rules = realistic_rules(number)

    with Engine(rules) as engine:
        for mask in random_masks(300, len(engine.comparisons)):
            assert engine.fired(mask) == expected(rules, engine, mask)


def test_comparisons_are_in_order_of_first_appearance() -> None:
    first, second, third = atoms(3)

    with Engine([AllOf((second, Not(first))), AnyOf((first, third))]) as engine:
        assert engine.comparisons == (second, first, third)


def test_no_rules_fire_nothing() -> None:
    with Engine([]) as engine:
        assert engine.comparisons == ()
        assert engine.fired(0) == ()


def test_a_rule_without_condition_always_fires() -> None:
    (atom,) = atoms(1)

    with Engine([atom, ALWAYS]) as engine:
        assert engine.fired(0) == (1,)
        assert engine.fired(1) == (0, 1)


def test_a_rule_that_tests_only_for_falsehood_fires() -> None:
    with Engine([Not(AnyOf(atoms(3)))]) as engine:
        assert engine.fired(0b000) == (0,)
        assert engine.fired(0b010) == ()


def test_a_rule_that_is_true_either_way_fires_once() -> None:
    (atom,) = atoms(1)

    with Engine([AnyOf((atom, Not(atom)))]) as engine:
        assert engine.fired(0) == (0,)
        assert engine.fired(1) == (0,)


def test_a_contradictory_rule_is_unreachable_and_never_fires() -> None:
    one, other = atoms(2)

    rules: list[Condition] = [one, AllOf((other, Not(other))), AnyOf(())]

    with Engine(rules) as engine:
        assert engine.unreachable == (1, 2)
        assert engine.fired(all_true(engine)) == (0,)


def test_a_rule_fires_once_when_several_of_its_branches_hold() -> None:
    with Engine([AnyOf(atoms(60)), AnyOf(atoms(60)), AnyOf(atoms(61))]) as engine:
        assert engine.fired(all_true(engine)) == (0, 1, 2)
        assert engine.fired(0) == ()


def test_more_rules_than_one_c_ruleset_takes_fire_at_once() -> None:
    rules: list[Condition] = [*atoms(150), *[AnyOf(atoms(2))] * 50]

    with Engine(rules) as engine:
        assert engine.fired(all_true(engine)) == tuple(range(200))
        assert engine.fired(0) == ()
        assert engine.fired(1 << 149) == (149,)


def test_as_many_conditions_as_allowed_work_in_one_branch_and_in_many() -> None:
    names = atoms(MAX_CONDITIONS)

    with Engine([AllOf(names), *names]) as engine:
        everything = all_true(engine)
        assert engine.fired(everything) == tuple(range(MAX_CONDITIONS + 1))
        assert engine.fired(everything - 1) == tuple(range(2, MAX_CONDITIONS + 1))


def test_one_condition_more_is_too_complex() -> None:
    with pytest.raises(TooComplex) as refused:
        Engine(atoms(MAX_CONDITIONS + 1))

    assert refused.value.needed == MAX_CONDITIONS + 1


def test_derived_conditions_count() -> None:
    wide = AllOf((AnyOf(atoms(8)), AnyOf(atoms(9, "g"))))
    others = atoms(MAX_CONDITIONS - 17 - 2, "h")
    Engine([wide, *others]).close()

    with pytest.raises(TooComplex) as refused:
        Engine([wide, *others, *atoms(1, "i")])

    assert refused.value.needed == MAX_CONDITIONS + 1


def test_a_closed_engine_says_so_and_may_be_closed_again() -> None:
    engine = Engine(atoms(1))
    engine.close()
    engine.close()

    with pytest.raises(RuntimeError, match="closed"):
        engine.fired(1)


def test_two_engines_do_not_mix_and_one_outlives_the_other() -> None:
    old_rules, new_rules = realistic_rules(20, seed=1), realistic_rules(20, seed=2)
    masks = random_masks(100, 30)

    with Engine(new_rules) as new:
        with Engine(old_rules) as old:
            for mask in masks:
                assert old.fired(mask & all_true(old)) == expected(old_rules, old, mask)
                assert new.fired(mask & all_true(new)) == expected(new_rules, new, mask)
        for mask in masks:
            assert new.fired(mask & all_true(new)) == expected(new_rules, new, mask)


def test_threads_share_an_engine() -> None:
    rules = realistic_rules(40)
    with Engine(rules) as engine, ThreadPoolExecutor(max_workers=8) as threads:
        masks = random_masks(8_000, len(engine.comparisons))
        fired = list(threads.map(engine.fired, masks, chunksize=50))

        assert fired == [expected(rules, engine, mask) for mask in masks]


def fail_once(
    monkeypatch: pytest.MonkeyPatch, call: str, error: type[BaseException]
) -> Callable[..., object]:
    """Let a call of the C extension do its work and fail afterwards, once."""
    original = getattr(native, call)

    def failing(*arguments: object) -> None:
        monkeypatch.setattr(native, call, original)
        original(*arguments)
        raise error("broken for the test")

    monkeypatch.setattr(native, call, failing)
    return failing


@pytest.mark.parametrize("error", [native.error, KeyboardInterrupt])
@pytest.mark.parametrize("call", NATIVE_CALLS)
def test_an_error_inside_is_raised_and_leaves_the_next_decision_right(
    monkeypatch: pytest.MonkeyPatch, call: str, error: type[BaseException]
) -> None:
    with Engine(atoms(3)) as engine:
        for _ in range(2):
            fail_once(monkeypatch, call, error)

            with pytest.raises(error, match="broken for the test"):
                engine.fired(0b011)

            assert engine.fired(0b110) == (1, 2)


def test_a_fact_that_was_left_behind_is_an_error_once_and_never_a_wrong_decision() -> None:
    with Engine(atoms(3)) as engine:
        (ruleset,) = engine._rulesets
        native.assert_fact(ruleset._handle, '{"k":1,"id":"e","c0":true}')

        with pytest.raises(RuntimeError, match="refused"):
            engine.fired(0b110)

        assert engine.fired(0b110) == (1, 2)


def test_an_engine_may_be_closed_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(atoms(3))
    fail_once(monkeypatch, "retract_fact", native.error)
    with pytest.raises(native.error):
        engine.fired(0b111)

    engine.close()


def resident_megabytes() -> float:
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(not STATM.exists(), reason="reads the memory use from Linux' /proc")
@pytest.mark.parametrize("closing", [Engine.close, id], ids=["closed", "dropped"])
def test_recompiling_keeps_memory_flat(closing: Callable[[Engine], object]) -> None:
    rules = realistic_rules(40)

    def recompile(times: int) -> float:
        for mask in random_masks(times, 25):
            engine = Engine(rules)
            engine.fired(mask)
            closing(engine)
        del engine
        gc.collect()
        return resident_megabytes()

    before = recompile(50)
    after = recompile(200)

    assert after - before < 8
