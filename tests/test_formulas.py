from __future__ import annotations

from engine.analysis.formulas import Every, Literal, Open, Some, solve

RED, GREEN, BLUE = 0b001, 0b010, 0b100
ANY = RED | GREEN | BLUE


def test_domains_are_narrowed_no_further_than_it_takes() -> None:
    assert solve([Literal(0, RED | BLUE)], (ANY, ANY), budget=10) == (RED | BLUE, ANY)


def test_alternatives_are_tried_until_one_fits() -> None:
    either = Some((Every((Literal(0, RED), Literal(1, RED))), Every((Literal(0, GREEN), Literal(1, GREEN)))))

    assert solve([either, Literal(1, GREEN | BLUE)], (ANY, ANY), budget=100) == (GREEN, GREEN)


def test_a_proof_names_the_formulas_that_contradict_each_other() -> None:
    either = Some((Literal(1, RED), Literal(2, RED)))

    proof = solve(
        [Literal(0, RED | GREEN), Literal(1, ANY), either, Literal(0, BLUE)], (ANY,) * 3, budget=100
    )

    assert proof == frozenset({0, 3})


def test_a_proof_may_take_every_alternative() -> None:
    either = Some((Literal(0, RED), Literal(1, RED)))

    proof = solve([either, Literal(0, BLUE), Literal(2, RED), Literal(1, BLUE)], (ANY,) * 3, budget=100)

    assert proof == frozenset({0, 1, 3})


def test_past_the_budget_there_is_no_answer() -> None:
    assert solve([Literal(0, RED), Literal(0, BLUE)], (ANY,), budget=1) is None


def test_without_formulas_everything_fits() -> None:
    assert solve([], (ANY,), budget=0) == (ANY,)


def test_empty_groups_are_decided() -> None:
    assert Every(()).truth(()) is True
    assert Some(()).truth(()) is False


def test_the_smallest_open_part_is_decided_first() -> None:
    small, large = Literal(2, RED), Some((Literal(0, RED), Literal(1, RED)))

    assert large.truth((ANY, ANY, ANY)) == Open(2, Literal(0, RED))
    assert Every((large, small)).truth((ANY, ANY, ANY)) == Open(1, small)
    assert Some((large, small)).truth((ANY, ANY, ANY)) == Open(3, small)
