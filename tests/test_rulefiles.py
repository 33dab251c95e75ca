from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from engine import documents, rulefiles, schemas
from engine.conditions import ALWAYS, AllOf, AnyOf, Comparison
from engine.diagnostics import Diagnostic, Location
from engine.documents import Document, Value
from engine.model import Vendor, Written, from_value
from engine.rulefiles import RuleFile
from engine.ruleset import RuleKind, Ruleset

SHIPPED = """\
version: 1
routes: [{rule: shipped-route, to: [decision_maker]}]
adjustments: [{rule: shipped-adjustment, reason: SHIPPED}]
"""


def file(text: str, path: str = "rules/mine.yaml") -> RuleFile:
    """Return a rule file of which the faulty parts are left out."""
    document, _ = documents.parse(path, text.encode())
    assert document is not None
    _, value = schemas.check("rules", document)
    assert isinstance(value, dict)
    return RuleFile(document, value)


def vendor(text: str = "roles: {legal: {name: Legal, email: legal@vendor.example}}") -> Written[Vendor]:
    """Return what the vendor's file says."""
    document, _ = documents.parse("config/vendor.yaml", text.encode())
    assert document is not None
    _, value = schemas.check("vendor", document)
    return Written(document, from_value(Vendor, value))


def read(*texts: str, says: Written[Vendor] | None = None) -> tuple[Ruleset, tuple[Diagnostic, ...]]:
    """Read the root's files `rules/0.yaml` and so on, and the shipped ones."""
    files = [file(text, f"rules/{number}.yaml") for number, text in enumerate(texts)]
    shipped = [file(SHIPPED, "shipped/rules/all.yaml")]
    return rulefiles.read(files, shipped, says or vendor())


def names(ruleset: Ruleset) -> list[str]:
    """Return the names of the rules, in order."""
    return [rule.name for rule in ruleset.rules]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 1", ["shipped-route", "shipped-adjustment"]),
        ("routes: [{rule: a, to: [decision_maker]}]", ["a", "shipped-adjustment"]),
        ("adjustments: [{rule: b, reason: B}]", ["shipped-route", "b"]),
        ("routes: []", ["shipped-adjustment"]),
        ("adjustments: []", ["shipped-route"]),
        ("routes: null", ["shipped-route", "shipped-adjustment"]),
    ],
)
def test_each_section_of_the_root_replaces_the_shipped_one(text: str, expected: list[str]) -> None:
    assert names(read(text)[0]) == expected


def test_rules_of_several_files_follow_each_other() -> None:
    first = "adjustments: [{rule: b, reason: B}, {rule: a, reason: A}]"

    assert names(read(first, "version: 1", "adjustments: [{rule: c, reason: C}]")[0])[1:] == ["b", "a", "c"]


def test_a_rule_is_read_with_all_it_says() -> None:
    text = """\
adjustments:
  - rule: last-week
    when: {owner: partner}
    add: {to: [renewal_manager], cc: [{first_of: [decision_maker, primary_contact]}, vendor.legal]}
    suppress: A
    task: B
    reason: C
"""

    [rule] = read(text)[0].adjustments

    assert (rule.name, rule.kind, rule.origin) == (
        "last-week",
        RuleKind.ADJUSTMENT,
        Location("rules/0.yaml", 2, 5),
    )
    assert rule.condition == Comparison("owner", "equals", "partner")
    assert rule.to == (("renewal_manager",),)
    assert rule.cc == (("decision_maker", "primary_contact"), ("vendor.legal",))
    assert (rule.suppress, rule.task, rule.reason) == ("A", "B", "C")


def test_a_rule_may_be_named_by_a_number() -> None:
    ruleset, problems = read("adjustments: [{rule: 12, reason: A}, {rule: '12', reason: A}]")

    assert names(ruleset)[1:] == ["12", "12"]
    assert [problem.code for problem in problems] == ["duplicate-rule"]


def test_a_rule_without_a_condition_always_holds() -> None:
    assert read("adjustments: [{rule: a, reason: A}]")[0].adjustments[0].condition == ALWAYS


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("from: 2027-01-01", [("gte", dt.date(2027, 1, 1))]),
        ("until: 2027-07-01", [("lt", dt.date(2027, 7, 1))]),
        ("from: 2027-01-01, until: 2027-07-01", [("gte", dt.date(2027, 1, 1)), ("lt", dt.date(2027, 7, 1))]),
    ],
)
def test_the_dates_of_a_rule_limit_its_send_date(dates: str, expected: list[tuple[str, dt.date]]) -> None:
    [rule] = read(f"adjustments: [{{rule: a, {dates}, reason: A}}]")[0].adjustments

    assert rule.condition == AllOf(
        (*(Comparison("notice.send_on", name, day.toordinal()) for name, day in expected), ALWAYS)
    )


def test_an_empty_list_of_conditions_is_a_mistake_and_never_holds() -> None:
    ruleset, problems = read("adjustments: [{rule: a, when: {any: []}, reason: A}]")

    assert ruleset.adjustments[0].condition == AnyOf(())
    assert [problem.code for problem in problems] == ["schema-type"]


def test_a_name_is_used_once_in_routes_and_adjustments_of_all_files() -> None:
    ruleset, problems = read(
        "routes: [{rule: a, to: [decision_maker]}]",
        "adjustments: [{rule: a, reason: A}, {rule: b, reason: B}]",
    )

    assert names(ruleset) == ["a", "a", "b"]
    assert [str(problem) for problem in problems] == [
        "rules/1.yaml:1:22: error: there is another rule `a` at rules/0.yaml:1:10 [duplicate-rule]"
    ]


def test_a_name_of_a_shipped_rule_that_is_replaced_is_free() -> None:
    assert read("adjustments: [{rule: shipped-adjustment, reason: A}]")[1] == ()


def test_rules_without_a_name_are_not_each_others_double() -> None:
    assert read("adjustments: [{reason: A}, {reason: B}]")[1] == ()


def test_every_unknown_role_is_placed() -> None:
    _, problems = read(
        "routes: [{rule: a, to: [nobody, {first_of: [decision_maker, nobody]}], cc: [vendor.it]}]"
    )

    assert [(problem.code, problem.location.column) for problem in problems] == [
        ("unknown-role", 25),
        ("unknown-role", 61),
        ("unknown-role", 77),
    ]


@pytest.mark.parametrize(
    "says",
    [
        "roles: {Legal: {name: Legal, email: legal@vendor.example}}",
        "roles: {legal: 5}",
        "roles: [legal]",
        "[]",
    ],
    ids=["wrong case", "faulty entry", "faulty roles", "faulty file"],
)
def test_a_mistake_in_the_vendor_file_is_no_mistake_of_a_rule(says: str) -> None:
    assert read("adjustments: [{rule: a, add: {cc: [vendor.legal]}}]", says=vendor(says))[1] == ()


def test_a_role_that_the_vendor_does_not_name_is_unknown() -> None:
    _, problems = read("adjustments: [{rule: a, add: {cc: [vendor.legal]}}]", says=vendor("roles: null"))

    assert [problem.code for problem in problems] == ["unknown-role"]


@pytest.mark.parametrize(
    "rule",
    [
        "5",
        "null",
        "{}",
        "{rule: a, to: decision_maker}",
        "{rule: a, to: [5, {first_of: 5}, {}, [decision_maker]]}",
        "{rule: a, to: [decision_maker], when: 5, from: 5}",
    ],
)
def test_a_rule_of_the_wrong_shape_leaves_the_others(rule: str) -> None:
    ruleset, problems = read(f"routes: [{rule}, {{rule: b, to: [decision_maker]}}]")

    assert ruleset.routes[-1].name == "b"
    assert problems == ()


def test_the_known_roles_end_with_the_vendors_own() -> None:
    named: Mapping[str, Value] = {"roles": {"legal": {"name": "x", "email": "x@x.example"}}}

    roles = rulefiles.known_roles(Written(Document("config/vendor.yaml", dict(named), b""), Vendor()))

    assert roles[0] == "decision_maker"
    assert roles[-1] == "vendor.legal"
