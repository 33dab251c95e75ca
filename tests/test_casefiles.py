"""Decision tests as written: their shape, what a case takes from its file, and the names in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from casetables import NORDLICHT, PATH, case_file, read, root

from engine import resources
from engine.cases import casefiles
from engine.checks.casechecks import check_cases
from engine.trees import File


def found(*rows: Mapping[str, Any], **common: Any) -> list[str]:  # noqa: ANN401 - any YAML
    """Return what the checks say of a file of these cases."""
    checked = root()
    partners = {file.record.partner: file.record for file in checked.partners}
    problems = check_cases(case_file(*rows, **common), checked.ruleset, partners)
    return [f"{problem.code}: {problem.message} ({problem.hint})" for problem in problems]


# Reading


def test_a_file_of_the_wrong_shape_holds_no_cases_and_says_every_mistake() -> None:
    text = "version: 1\non: 2026-11-23\ncases:\n  - {case: one, expct: {}, expect: {ownr: partner}}\n"

    file, problems = casefiles.read(File(PATH, text.encode()))

    assert file is None
    assert [(str(problem.location), problem.code, problem.hint) for problem in problems] == [
        (f"{PATH}:4:17", "schema-additionalProperties", "did you mean expect?"),
        (f"{PATH}:4:37", "schema-additionalProperties", "did you mean owner?"),
    ]


def test_a_file_that_is_no_yaml_says_so_once() -> None:
    file, problems = casefiles.read(
        File(PATH, b"version: 1\nversion: 1\non: 2026-11-23\ncases: [{case: a}]\n")
    )

    assert file is None
    assert [problem.code for problem in problems] == ["yaml-duplicate-key"]


def test_a_case_takes_from_its_file_what_it_does_not_say() -> None:
    first, second = case_file(
        {}, {"on": "2027-01-02", "notice": {"step": "D-7"}}, notice={"kind": "reminder", "step": "D-3"}
    ).cases

    assert (str(first.on), first.notice.kind, first.notice.step) == ("2026-11-23", "reminder", "D-3")
    assert (str(second.on), second.notice.kind, second.notice.step) == ("2027-01-02", "reminder", "D-7")


def test_null_is_a_value_in_an_expectation() -> None:
    (case,) = case_file({"expect": {"contact": None}}, expect={"contact": "tom", "to": []}).cases

    assert case.expect == {"contact": None, "to": ()}


def test_the_shorthand_of_a_file_counts_for_cases_without_an_expectation() -> None:
    first, second = case_file({}, {"expect": {"owner": "hubspot"}}, expect="same as default").cases

    assert first.expect is None
    assert second.expect == {"owner": "hubspot"}


def test_a_case_that_names_a_renewal_forgets_the_one_of_the_file() -> None:
    (case,) = case_file({"renewal": "rn_7f3a"}, partners=None).cases

    assert [layer.value for layer in case.renewal] == ["rn_7f3a"]


def test_a_case_that_names_a_client_forgets_the_renewal_that_the_file_names() -> None:
    (case,) = case_file({"client": "globex"}, partners=None, renewal="rn_7f3a").cases

    assert [layer.value for layer in case.renewal] == ["globex"]


def test_a_portal_number_is_an_id() -> None:
    (case,) = read(
        "version: 1\non: 2026-11-23\ncases: [{case: one, client: 4711, expect: {contact: 12}}]\n"
    ).cases

    assert case.expect == {"contact": "12"}


@pytest.mark.parametrize(
    ("text", "names"), [("CASE 1", ["case 1"]), ("some_test", ["case 0", "case 1"]), ("x", [])]
)
def test_cases_are_selected_by_the_text_of_their_file_and_name(text: str, names: list[str]) -> None:
    selected = casefiles.selected([case_file({}, {})], text)

    assert [case.name for file in selected for case in file.cases] == names


def test_the_fixtures_of_a_partner_have_every_section_of_a_partner_file() -> None:
    partner, tests = (json.loads(resources.schema_text(kind)) for kind in ("partner", "tests"))
    own = partner["properties"].keys() - {"version", "partner"}

    assert tests["$defs"]["partner_part"]["properties"].keys() == own
    assert tests["properties"]["vendor"]["properties"].keys() == (
        json.loads(resources.schema_text("vendor"))["properties"].keys() - {"version", "facts"}
    )


def test_the_facts_of_a_case_are_all_that_a_renewal_has() -> None:
    renewal, tests = (json.loads(resources.schema_text(kind)) for kind in ("renewal", "tests"))

    assert tests["$defs"]["renewal_part"]["properties"].keys() == renewal["properties"].keys()


# What it may say and cannot mean


def test_a_name_that_two_cases_have_is_reported_at_the_second() -> None:
    twice = {"case": "twice", "expect": {"owner": "hubspot"}}
    file = case_file(twice, twice)

    (problem,) = check_cases(file, root().ruleset, {"nordlicht": root().partners[0].record})

    assert problem.code == "duplicate-case"
    assert problem.location == file.document.locate(("cases", 1, "case"))


def test_a_rule_that_does_not_exist_is_reported_with_the_one_that_was_meant() -> None:
    assert found({"expect": {"rules": ["hubspot-ownd"]}}) == [
        "unknown-rule: there is no rule hubspot-ownd (did you mean hubspot-owned?)"
    ]


def test_a_partner_that_the_case_does_not_have_is_reported() -> None:
    row = {"renewal": {"partner": "nordlich"}, "expect": {"owner": "hubspot"}}
    message = "unknown-partner: there is no partner nordlich in this case (did you mean nordlicht?)"

    assert found(row) == [message]
    assert found(row, partners=None) == [message]
    assert found(row, partners={"nordlich": NORDLICHT}) == []


def test_a_partner_that_is_unknown_on_purpose_is_fine() -> None:
    assert found({"renewal": {"partner": "westwind"}, "expect": {"reasons": ["UNKNOWN_PARTNER"]}}) == []


def test_a_case_that_expects_nothing_is_reported() -> None:
    (said,) = found({})

    assert said.startswith("nothing-expected: case `case 0` expects nothing")
