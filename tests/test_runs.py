"""Decision tests as they run: what a case assumes, what it is held against, and what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from casetables import ACME, NORDLICHT, case_file, differing, read, root, run, run_one
from hypothesis import given, settings
from hypothesis import strategies as st
from roots import fact_of, sources_of
from strategies import DAYS, MODEST, Root, Situation, any_situations, decisions

from engine import configuration
from engine.cases.runs import Result, said_of
from engine.decisions import Decision

JANA, TOM, ADA = "jana@nordlicht.example", "tom@nordlicht.example", "ada@acme.example"


FEW = settings(MODEST, max_examples=15)
"""Each example is a whole file of cases."""


# What is compared


def test_a_case_passes_when_everything_is_as_expected() -> None:
    expect = {
        "outcome": "send",
        "owner": "hubspot",
        "contact": "jana",
        "to": [ADA],
        "cc": [JANA],
        "tasks": [],
    }

    assert run_one({"expect": {**expect, "reasons": [], "rules": ["hubspot-owned"], "locale": None}}).passed


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("outcome", "suppress"),
        ("owner", "partner"),
        ("contact", None),
        ("to", []),
        ("cc", [JANA, TOM]),
        ("tasks", ["CALL"]),
        ("reasons", ["HOLD"]),
        ("rules", []),
        ("locale", "de-DE"),
    ],
)
def test_a_field_that_differs_fails_the_case(field: str, expected: object) -> None:
    assert differing(run_one({"expect": {field: expected}})) == [field]


def test_what_is_not_named_is_not_compared() -> None:
    assert run_one({"expect": {"owner": "hubspot"}, "default": {"contact": "tom"}}).passed


def test_a_list_is_compared_in_its_order() -> None:
    both = {"cc": [JANA, TOM]}
    covers = [{"user": "jana", "cover": "tom", "mode": "copy"}]

    assert run_one({"covers": covers, "expect": both}).passed
    assert differing(run_one({"covers": covers, "expect": {"cc": [TOM, JANA]}})) == ["cc"]


def test_rules_are_the_steps_that_are_rules() -> None:
    covers = [{"user": "jana", "cover": "tom"}]

    assert run_one({"covers": covers, "expect": {"rules": ["hubspot-owned"], "reasons": ["COVERED"]}}).passed


def test_a_case_expects_what_its_file_does_unless_it_says_otherwise() -> None:
    file = case_file({"expect": {"cc": []}}, {"expect": {"owner": "partner"}}, expect={"owner": "hubspot"})

    first, second = run(file)

    assert differing(first) == ["cc"]
    assert differing(second) == ["owner"]


def test_a_difference_says_where_the_expectation_is_written() -> None:
    file = read(f"""version: 1
on: 2026-11-23
partners: {json.dumps({"nordlicht": NORDLICHT})}
renewal: {json.dumps(ACME)}
expect: {{contact: tom}}
cases:
  - case: one
    expect:
      owner: partner
      cc: []
""")

    (result,) = run(file)

    places = {one.field: str(one.location) for one in result.differences}
    assert places == {
        "owner": "rules/some_test.yaml:9:14",
        "contact": "rules/some_test.yaml:5:19",
        "cc": "rules/some_test.yaml:10:11",
    }


# The same as default


def test_an_expired_override_is_the_same_as_default() -> None:
    override = {"owner": "partner", "contact": "tom", "until": "2026-11-23"}

    assert run_one({"override": override, "expect": "same as default"}).passed


def test_an_override_in_force_is_not() -> None:
    result = run_one({"override": {"owner": "partner"}, "expect": "same as default"})

    assert differing(result) == ["owner", "to", "cc", "rules"]
    assert {one.location.line for one in result.differences} == {result.case.place("").line}


def test_a_hold_holds_in_the_default_too() -> None:
    hold = {"until": "2027-01-01", "reason": "merger", "by": "jana"}

    assert run_one({"hold": hold, "expect": "same as default"}).passed


def test_the_root_s_own_override_is_not_the_same_as_its_default() -> None:
    assert "owner" in differing(run_one({"expect": "same as default"}, partners=None))


# What a case assumes


def test_mappings_merge_and_null_removes() -> None:
    result = run_one({"renewal": {"contacts": {"decision_maker": {"bounced": True}}, "partner": None}})

    assert result.decision is not None
    assert result.decision.outcome == "unroutable"
    assert result.decision.standing.partner_id is None


def test_a_part_of_a_user_changes_that_user() -> None:
    result = run_one({"users": {"jana": {"email": "new@nordlicht.example"}}, "expect": {"cc": []}})

    assert [one.actual for one in result.differences] == [("new@nordlicht.example",)]


def test_an_entry_is_for_what_has_no_shorter_form() -> None:
    rules = {"adjustments": [{"rule": "vip", "when": {"client.labels.segment": "vip"}, "reason": "VIP"}]}
    file = case_file({"entry": {"labels": {"segment": "vip"}}, "expect": {"reasons": ["VIP"]}})

    (result,) = run(file, root(rules=rules))

    assert result.passed


def test_the_vendor_of_a_file_is_the_one_that_rules_see() -> None:
    rules = {"adjustments": [{"rule": "manager", "add": {"cc": ["renewal_manager"]}}]}
    rita = {"renewal_manager": {"name": "Rita Moss", "email": "rita@vendor.example"}}
    file = case_file({"expect": {"cc": [JANA, "rita@vendor.example"]}}, vendor=rita)

    (result,) = run(file, root(rules=rules))

    assert result.passed


def test_each_case_has_the_notice_and_the_day_that_it_says() -> None:
    result = run_one({"on": "2027-01-02", "notice": {"step": "D-7"}}, notice={"kind": "reminder"})

    assert result.decision is not None
    assert (str(result.decision.send_on), result.decision.notice.step) == ("2027-01-02", "D-7")
    assert result.decision.notice.kind == "reminder"


# The root's own partners


def test_without_partners_a_case_is_about_those_of_the_root() -> None:
    assert run_one(
        {"client": "globex", "expect": {"owner": "partner", "contact": "tom"}}, partners=None
    ).passed


def test_a_case_may_change_something_about_the_root_s_own_partner() -> None:
    row = {"client": "globex", "override": {"owner": "hubspot", "contact": "jana"}}

    assert run_one({**row, "expect": {"owner": "hubspot", "cc": [JANA]}}, partners=None).passed


@pytest.mark.parametrize("named", [{"renewal": "rn_1"}, {"client": "acme"}, {"renewal": {"client": "acme"}}])
def test_a_renewal_of_the_facts_is_named_by_its_id_or_its_client(named: dict[str, Any]) -> None:
    result = run_one({**named}, partners=None, renewal=None, known=[fact_of(partner="nordlicht")])

    assert result.decision is not None
    assert (result.decision.renewal.renewal, result.decision.renewal.client) == ("rn_1", "acme")


def test_a_case_may_change_the_facts_of_a_known_renewal() -> None:
    row = {"renewal": {"client": "acme", "status": "churned"}, "expect": {"reasons": ["CHURNED"]}}

    assert run_one(row, partners=None, renewal=None, known=[fact_of(partner="nordlicht")]).passed


@pytest.mark.parametrize(
    ("row", "message", "hint"),
    [
        ({"renewal": "rn_11"}, "there is no renewal rn_11", "did you mean rn_1?"),
        ({"client": "acmee"}, "no renewal is known of client acmee", "did you mean acme?"),
        ({"client": "two"}, "client two has 2 renewals", "name one: `renewal: rn_2`, `renewal: rn_3`"),
        ({}, "the case names no renewal", "name one of facts/"),
    ],
)
def test_a_renewal_that_is_not_one_is_an_error(row: dict[str, Any], message: str, hint: str) -> None:
    known = [fact_of(), *(fact_of(renewal=name, client="two") for name in ("rn_2", "rn_3"))]

    (problem,) = run_one({**row}, partners=None, renewal=None, known=known).problems

    assert (problem.code, problem.message) == ("unknown-renewal", message)
    assert problem.hint is not None
    assert problem.hint.startswith(hint)


# What is wrong with a case


def test_a_mistake_in_what_a_case_changes_is_placed_there() -> None:
    result = run_one({"override": {"owner": "partner", "contact": "tmo"}})

    (problem,) = result.problems
    assert (problem.code, problem.hint) == ("unknown-contact", "did you mean tom?")
    assert problem.location == result.case.document.locate(("cases", 0, "override", "contact"))


def test_a_mistake_in_the_fixtures_of_the_file_is_placed_there() -> None:
    partners = {"nordlicht": {**NORDLICHT, "default": {"owner": "hubspot", "contact": "tmo"}}}

    result = run_one({"override": {"owner": "hubspot"}}, partners=partners)

    (problem,) = result.problems
    assert problem.location == result.case.document.locate(("partners", "nordlicht", "default", "contact"))


def test_a_user_who_is_new_needs_an_address() -> None:
    result = run_one({"users": {"ines": {"name": "Ines Maier"}}})

    assert [problem.code for problem in result.problems] == ["schema-required"]


def test_a_renewal_without_a_date_is_an_error_where_the_facts_are_written() -> None:
    result = run_one({}, renewal={"client": "acme"})

    (problem,) = result.problems
    assert problem.code == "schema-required"
    assert problem.location == result.case.document.locate(("renewal",))


def test_a_client_that_two_fixtures_list_is_an_error() -> None:
    listed = {**NORDLICHT, "clients": {"acme": {}}}

    result = run_one({}, partners={"nordlicht": listed, "suedwind": listed})

    assert {problem.code for problem in result.problems} == {"duplicate-client"}


@pytest.mark.parametrize("partner", ["westwind", None])
def test_a_change_to_a_partner_that_is_not_there_is_an_error(partner: str | None) -> None:
    row = {"renewal": {"partner": partner}, "override": {"owner": "partner"}}

    result = run_one(row, partners={"nordlicht": NORDLICHT, "suedwind": NORDLICHT})

    assert [problem.code for problem in result.problems] == ["unknown-partner"]


def test_one_case_that_makes_no_sense_keeps_no_other_from_running() -> None:
    bad, good = run(case_file({"override": {"contact": "jana"}}, {"expect": {"owner": "hubspot"}}))

    assert not bad.passed
    assert good.passed


# Always


def written(root: Root, decided: list[tuple[dict[str, Any], Decision]], **changes: object) -> list[Result]:
    """Return what comes of a file that expects of each question what was decided."""
    cases = [
        {"case": f"case {number}", **row, "expect": {**said_of(decision), **changes}}
        for number, (row, decision) in enumerate(decided)
    ]
    table = {"version": 1, "on": min(DAYS).isoformat(), "cases": cases}
    file = read(json.dumps({**table, "partners": root.partners, "vendor": root.vendor}))
    return run(file, configuration.load(sources_of({"nobody": {}}, root.vendor, root.rules), min(DAYS)))


def rows(situation: Situation) -> list[tuple[dict[str, Any], Decision]]:
    found = []
    for question, decision in decisions(situation):
        notice = {"type": question.notice.type, "kind": question.notice.kind, "step": question.notice.step}
        found.append(({"on": question.on.isoformat(), "notice": notice, "renewal": question.fact}, decision))
    return found


@FEW
@given(any_situations())
def test_a_case_made_of_a_decision_passes(situation: Situation) -> None:
    results = written(situation[0], rows(situation))

    assert [(result.problems, result.differences) for result in results if not result.passed] == []


@FEW
@given(
    any_situations(),
    st.sampled_from([("cc", ("nobody@else.example",)), ("reasons", ("NEVER",)), ("rules", ("no",))]),
)
def test_a_case_fails_in_the_one_field_that_was_changed(
    situation: Situation, changed: tuple[str, object]
) -> None:
    results = written(situation[0], rows(situation), **dict([changed]))

    assert [differing(result) for result in results] == [[changed[0]] for _ in results]
