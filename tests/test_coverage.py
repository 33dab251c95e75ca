"""Coverage: what of rules and overrides the cases have exercised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casetables import NORDLICHT, case_file, root
from roots import fact_of

from engine.cases import coverage, runs
from engine.cases.coverage import Coverage, Measure
from engine.cases.situations import Situations
from engine.configuration import Configuration

RULES: Mapping[str, Any] = {
    "routes": [
        {"rule": "hubspot", "when": {"owner": "hubspot"}, "to": ["decision_maker"]},
        {"rule": "everybody", "to": ["partner_contact"]},
    ],
    "adjustments": [
        {"rule": "churned", "when": {"renewal.status": "churned"}, "suppress": "CHURNED"},
        {"rule": "late", "when": {"owner": "hubspot", "acknowledged": True}, "reason": "LATE"},
    ],
}


def measured(*rows: Mapping[str, Any], checked: Configuration | None = None, **common: Any) -> Coverage:  # noqa: ANN401
    checked = checked or root(rules=RULES)
    situations = Situations(checked, lambda: [fact_of(partner="nordlicht")])
    written = case_file(*rows, **common).cases if rows else ()
    results = [runs.run(case, situations) for case in written]
    measure = coverage.measure(results, checked.ruleset, situations.own)
    situations.close()
    return measure


def missing(measure: Measure) -> list[str]:
    return [
        one.name if one.comparison is None else f"{one.name} {one.comparison.fact} {one.truth}"
        for one in measure.missing
    ]


def test_without_cases_nothing_is_exercised() -> None:
    found = measured()

    assert [(one.kind, one.covered, one.total) for one in found.measures] == [
        ("rules", 0, 4),
        ("routes", 0, 2),
        ("conditions", 0, 6),
        ("overrides", 0, 1),
    ]
    assert found.percent == 0


def test_a_rule_is_exercised_where_it_holds_and_a_route_where_it_decides() -> None:
    found = measured({})

    assert missing(found.rules) == ["churned", "late"]
    assert missing(found.routes) == ["everybody"]


def test_a_condition_is_exercised_by_seeing_it_true_and_false_wherever_it_stands() -> None:
    found = measured({}, {"default": {"owner": "partner"}})

    assert missing(found.conditions) == ["churned renewal.status True", "late acknowledged True"]
    assert (found.conditions.covered, found.conditions.total) == (4, 6)


def test_a_suppressed_notice_exercises_rules_too() -> None:
    assert "churned" not in missing(measured({"renewal": {"status": "churned"}}).rules)


def test_an_override_is_exercised_by_the_root_s_own_partners_alone() -> None:
    fixture = {"nordlicht": {**NORDLICHT, "clients": {"acme": {"override": {"owner": "hubspot"}}}}}

    assert missing(measured({}, partners=fixture).overrides) == ["acme"]
    assert missing(measured({"client": "globex"}, partners=None).overrides) == ["acme"]
    assert missing(measured({}, partners=None).overrides) == []


def test_of_two_overrides_the_one_in_force_is_exercised() -> None:
    overrides = [{"owner": "hubspot", "until": "2027-01-01"}, {"owner": "partner", "from": "2027-01-01"}]
    partner = {**NORDLICHT, "clients": {"acme": {"override": overrides}}}
    checked = root({"nordlicht": partner}, rules=RULES)

    first = measured({}, checked=checked, partners=None)
    both = measured({}, {"on": "2027-01-01"}, checked=checked, partners=None)

    assert [one.location for one in first.overrides.missing] == [
        checked.partners[0].document.locate(("clients", "acme", "override", 1))
    ]
    assert both.overrides.missing == ()


def test_an_override_that_sets_no_owner_is_not_counted() -> None:
    partner = {**NORDLICHT, "clients": {"acme": {"override": {"owner": "default", "note": "as agreed"}}}}

    assert measured(checked=root({"nordlicht": partner})).overrides.total == 0


def test_a_case_that_makes_no_sense_exercises_nothing() -> None:
    assert measured({"override": {"contact": "jana"}}).percent == 0


def test_a_case_that_fails_exercises_what_it_does() -> None:
    assert measured({"expect": {"owner": "partner"}}).rules.covered == 1 + 1


def test_the_total_counts_rules_routes_and_conditions_and_rounds_down() -> None:
    found = measured({}, {"default": {"owner": "partner"}})

    assert (found.rules.covered, found.routes.covered, found.conditions.covered) == (2, 2, 4)
    assert found.percent == 66.6  # 8 of 12


def test_everything_of_nothing_is_exercised() -> None:
    assert coverage.percentage(0, 0) == 100
    assert coverage.percentage(1999, 2000) == 99.9
