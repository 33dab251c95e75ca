from __future__ import annotations

from decimal import Decimal

import pytest

from engine import documents
from engine.conditions import ALWAYS, AllOf, AnyOf, Comparison, Condition, Not
from engine.diagnostics import Diagnostic
from engine.grammar import Reader

ROLES = ("decision_maker", "partner_contact", "vendor.legal")


def read(text: str, roles: tuple[str, ...] = ROLES) -> tuple[Condition, list[Diagnostic]]:
    """Read what stands behind `when:`; the text is YAML on one line."""
    document, problems = documents.parse("rules/mine.yaml", f"when: {text}\n".encode())
    assert document is not None
    assert isinstance(document.value, dict)
    assert problems == ()
    reader = Reader(document, roles)
    return reader.condition(document.value["when"], ("when",)), reader.problems


def condition(text: str) -> Condition:
    """Read a condition in which nothing is wrong."""
    found, problems = read(text)
    assert problems == []
    return found


def told(text: str) -> list[str]:
    """Return what is wrong with a condition."""
    return [f"{problem.location.column}: {problem.message} [{problem.code}]" for problem in read(text)[1]]


PARTNER = Comparison("owner", "equals", "partner")
HELD = Comparison("held", "equals", operand=True)


def test_a_fact_with_a_constant_is_equality() -> None:
    assert condition("{owner: partner}") == PARTNER


def test_several_facts_in_one_mapping_must_all_hold() -> None:
    assert condition("{owner: partner, held: true}") == AllOf((PARTNER, HELD))


def test_several_operators_of_one_fact_must_all_hold() -> None:
    assert condition("{days_until_deadline: {gte: 0, lte: 7}}") == AllOf(
        (Comparison("days_until_deadline", "gte", 0), Comparison("days_until_deadline", "lte", 7))
    )


def test_an_empty_mapping_always_holds() -> None:
    assert condition("{}") == ALWAYS


def test_all_any_and_not_combine_and_stand_beside_facts() -> None:
    written = (
        "{owner: partner, any: [{held: true}, {all: [{held: true}, {owner: partner}]}], not: {held: true}}"
    )

    assert condition(written) == AllOf((PARTNER, AnyOf((HELD, AllOf((HELD, PARTNER)))), Not(HELD)))


@pytest.mark.parametrize(
    ("written", "operand"),
    [
        ("10", 10),
        ("-1", -1),
        ("0.1", Decimal("0.1")),
        ("1.10", Decimal("1.1")),
        ("'800.00'", Decimal("800.00")),
        ("99999999999999999999", 99999999999999999999),
    ],
)
def test_a_number_is_exact(written: str, operand: int | Decimal) -> None:
    assert condition(f"{{renewal.mrr: {{gte: {written}}}}}") == Comparison("renewal.mrr", "gte", operand)


@pytest.mark.parametrize(
    "written", ["true", ".nan", ".inf", "1e30", "'1,000'", "'\u0665'", "''", "' 5'", "{}"]
)
def test_what_is_no_decimal_number_is_refused(written: str) -> None:
    [message] = told(f"{{renewal.mrr: {{gte: {written}}}}}")

    assert message.endswith("it is a number [fact-type]")


def test_a_portal_number_is_a_text() -> None:
    assert condition("{client.id: 4711}") == Comparison("client.id", "equals", "4711")


def test_a_list_is_sorted_and_without_doubles() -> None:
    assert condition("{client.country: {in: [DE, AT, DE]}}") == Comparison(
        "client.country", "in", ("AT", "DE")
    )


def test_a_list_of_numbers_compares_by_value() -> None:
    assert condition("{days_until_renewal: {in: [7, 1.0, 1]}}") == Comparison(
        "days_until_renewal", "in", (1, 7)
    )


def test_a_label_is_a_text_by_any_name() -> None:
    assert condition("{client.labels.segment: strategic}") == Comparison(
        "client.labels.segment", "equals", "strategic"
    )


@pytest.mark.parametrize("written", ["yes", "1", "'true'", "[true]"])
def test_a_flag_is_true_or_false_and_nothing_like_it(written: str) -> None:
    assert read(f"{{held: {written}}}")[1][0].code == "fact-type"


def test_true_is_no_text() -> None:
    assert told("{client.id: true}") == ["19: `client.id` is never true; it is a text [fact-type]"]


def test_one_wrong_part_leaves_the_others_and_hides_none() -> None:
    found, problems = read("{any: [{owner: partner}, {ownr: hubspot}, {held: maybe}]}")

    assert found == AnyOf((PARTNER, ALWAYS, ALWAYS))
    assert [problem.code for problem in problems] == ["unknown-fact", "fact-type"]


def test_a_list_with_one_wrong_value_is_reported_there() -> None:
    assert told("{owner: {in: [hubspot, nobody, parnter]}}") == [
        '30: `owner` is never "nobody"; it is hubspot or partner [fact-type]',
        '38: `owner` is never "parnter"; it is hubspot or partner [fact-type]',
    ]


def test_the_send_date_is_no_word_of_the_language() -> None:
    [problem] = read("{notice.send_on: {gte: 739000}}")[1]

    assert (problem.code, problem.hint) == ("unknown-fact", "give the rule `from` and `until`")


def test_a_label_is_named_as_a_file_may_name_it() -> None:
    [problem] = read("{client.labels.Segment: strategic}")[1]

    assert (problem.code, problem.hint) == ("unknown-fact", "did you mean client.labels.segment?")


def test_equality_has_no_operator_of_its_own() -> None:
    assert told("{owner: {equals: partner}}") == ["16: there is no operator `equals` [fact-type]"]


def test_a_fact_written_as_a_nested_mapping_is_understood() -> None:
    [problem] = read("{client: {portal_type: demo}}")[1]

    assert problem.hint == "write `client.portal_type`, with a dot"


def test_reachable_holds_roles_only() -> None:
    assert condition("{reachable: {contains: vendor.legal}}") == Comparison(
        "reachable", "contains", "vendor.legal"
    )
    assert told("{reachable: {contains: vendor.lawyers}}") == [
        "30: there is no role `vendor.lawyers` [unknown-role]"
    ]


def test_no_role_of_the_vendor_is_denied_while_its_names_are_unknown() -> None:
    _, problems = read("{reachable: {contains_any: [vendor.legal, legal]}}", ("decision_maker", "vendor."))

    assert [problem.message for problem in problems] == ["there is no role `legal`"]
    assert problems[0].hint == "known roles: decision_maker"


@pytest.mark.parametrize("written", ["D7", "X-7", "D-7000"])
def test_a_step_that_no_schedule_can_have_is_refused(written: str) -> None:
    _, problems = read(f"{{notice.step: {{in: [D-7, {written}]}}}}")

    assert [problem.code for problem in problems] == ["invalid-step"]
