from __future__ import annotations

from decimal import Decimal

import pytest

from engine import vocabulary
from engine.analysis import classes
from engine.analysis.classes import FactValue, by_member, partition
from engine.analysis.reachability import Verdict, witness
from engine.conditions import AllOf, AnyOf, Comparison, Not, comparisons


def values(*compared: Comparison) -> list[FactValue | None]:
    """Return the example of each class of the one fact that is compared."""
    (variable,) = partition(compared).values()
    place = variable.facts.index(compared[0].fact)
    return [row[place] for row in variable.classes]


def test_there_is_no_whole_number_between_neighbours() -> None:
    at_least, more = Comparison("days_until_deadline", "gte", 8), Comparison("days_until_deadline", "gt", 7)

    assert values(at_least, more) == [0, 8]


def test_there_is_a_price_between_any_two() -> None:
    cheap, dear = Comparison("renewal.mrr", "lte", 7), Comparison("renewal.mrr", "gte", 8)

    assert values(cheap, dear) == [0, 8, Decimal("7.1")]


def test_a_text_is_a_constant_or_another_or_absent() -> None:
    other, absent = (
        Comparison("client.country", "equals", "other"),
        Comparison("client.country", "present", operand=False),
    )

    assert values(other, absent) == ["other", "other-other", None]


def test_values_that_no_comparison_tells_apart_are_one_class() -> None:
    assert values(Comparison("renewal.status", "equals", "renewed")) == ["pending", "renewed"]


def test_a_send_day_is_a_day_that_the_calendar_has() -> None:
    before, after = (
        Comparison("notice.send_on", "lt", 1),
        Comparison("notice.send_on", "gt", classes.LAST_DAY),
    )

    assert values(before, after) == [1]


def test_prices_and_their_increase_are_one_variable() -> None:
    increased = Comparison("renewal.increase_percent", "equals", 10)
    dear = Comparison("renewal.mrr", "gt", 100)

    (variable,) = partition([increased, dear]).values()

    assert variable.facts == classes.PRICES
    assert (Decimal(101), Decimal("111.1"), Decimal(10)) in variable.classes


def test_a_mask_has_the_classes_in_which_a_comparison_holds() -> None:
    comparison = Comparison("renewal.tier", "not_in", ("starter",))

    (variable,) = partition([comparison, Comparison("renewal.tier", "present", operand=True)]).values()

    assert variable.classes == (("enterprise",), ("starter",), (None,))
    assert variable.where(comparison) == 0b001


def test_comparisons_of_a_set_are_taken_apart_by_member() -> None:
    a, b = (Comparison("renewal.flags", "contains", member) for member in "ab")

    assert by_member(Comparison("renewal.flags", "contains_any", ("a", "b"))) == AnyOf((a, b))
    assert by_member(Not(Comparison("renewal.flags", "contains_all", ("a", "b")))) == Not(AllOf((a, b)))


@pytest.mark.parametrize("fact", [*vocabulary.names(), vocabulary.SEND_DAY.name])
def test_every_fact_of_the_vocabulary_has_classes(fact: str) -> None:
    name = f"{fact}segment" if fact in vocabulary.LABELS else fact
    presence = Comparison(name, "present", operand=True)

    for variable in partition(comparisons(by_member(presence))).values():
        assert variable.classes
        assert variable.complete


def test_no_set_is_ever_absent() -> None:
    sets = [fact for fact in vocabulary.FACTS.values() if fact.kind is vocabulary.Kind.SET]

    assert not any(fact.optional for fact in sets)


@pytest.mark.parametrize("fact", ["renewal.colour", "reachable"])
def test_what_cannot_be_partitioned_is_refused(fact: str) -> None:
    with pytest.raises(ValueError, match=fact):
        partition([Comparison(fact, "equals", "red")])


def test_nothing_is_called_impossible_when_classes_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    gap = AllOf((Comparison("days_until_deadline", "gt", 7), Comparison("days_until_deadline", "lt", 8)))
    monkeypatch.setattr(classes, "MOST_CANDIDATES", 1)

    assert witness(gap) is Verdict.UNKNOWN
    assert witness(Comparison("days_until_deadline", "lt", 8)) == {"days_until_deadline": 0}
