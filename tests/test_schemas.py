from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from mutations import FACT, PARTNER, RULES, VENDOR, mutated

from engine import facts, rulefiles, schemas
from engine.documents import Document, Value, parse
from engine.facts import FactError
from engine.model import Partner, Vendor, Written, from_value
from engine.rulefiles import RuleFile
from engine.ruleset import Ruleset


def document(value: Value) -> Document:
    """Return a document that says so."""
    return Document("config/partners/nord.yaml", value, json.dumps(value, ensure_ascii=False).encode())


def found(kind: str, value: Value) -> list[str]:
    """Return code and path of each violation."""
    return [f"{one.code} {'/'.join(map(str, one.path))}" for one in schemas.violations(kind, value)]


# What is wrong, and where


def test_of_a_union_the_branch_that_was_meant_is_judged() -> None:
    one: Value = {"owner": "parnter"}

    assert found("partner", {**PARTNER, "default": one}) == ["schema-enum default/owner"]
    assert found("partner", {**PARTNER, "default": [{}, one]}) == ["schema-enum default/1/owner"]
    assert found("partner", {**PARTNER, "default": "partner"}) == ["schema-type default"]


def test_each_unknown_key_is_a_violation_of_its_own() -> None:
    assert len(found("partner", {**PARTNER, "a": 1, "b": 2})) == 2


def test_a_mistyped_key_is_not_also_missing() -> None:
    users: Value = {"jana": {"name": "Jana Weber", "mail": "jana@nord.example", "colour": "red"}}

    keys = [one.key for one in schemas.violations("partner", {**PARTNER, "users": users})]

    assert keys == ["mail", "colour"]


def test_a_missing_key_is_missing_where_an_unknown_one_means_something_else() -> None:
    users: Value = {"jana": {"name": "Jana Weber", "colour": "red"}}

    keys = [one.key for one in schemas.violations("partner", {**PARTNER, "users": users})]

    assert sorted(map(str, keys)) == ["colour", "email"]


def test_a_violation_is_placed_where_it_was_written() -> None:
    text = b"version: 1\npartner: nord\nusers:\n  jana: {name: 5, colour: red}\n  Tom: {}\n"
    read, _ = parse("nord.yaml", text)
    assert read is not None

    problems, _ = schemas.check("partner", read)

    assert {str(problem.location): problem.message for problem in problems} == {
        "nord.yaml:4:9": "`jana` has no `email`",
        "nord.yaml:4:16": "`name` must be text, not 5",
        "nord.yaml:4:19": "`jana` has no key `colour`",
        "nord.yaml:5:3": 'the key "Tom" does not have the right form',
        "nord.yaml:5:8": "`Tom` has no `name`",  # and no `email`, which comes before it
    }


@pytest.mark.parametrize("identifier", ["jana\n", "a" * 64, "", ".a", "-a", "é", "a b", "A"])
def test_a_pattern_holds_from_the_first_character_to_the_last(identifier: str) -> None:
    assert not schemas.is_id(identifier)
    assert found("partner", {**PARTNER, "partner": identifier}) == ["schema-pattern partner"]


@pytest.mark.parametrize("number", [45.0, 1e2, True, "45"])
def test_a_whole_number_is_written_as_one(number: Value) -> None:
    assert found("vendor", {"deadline_lead_days": number}) == ["schema-type deadline_lead_days"]


# Formats


@pytest.mark.parametrize("text", ["2027-01-31", "2028-02-29", "0001-01-01", "9999-12-31"])
def test_a_day_of_the_calendar_is_a_date(text: str) -> None:
    assert schemas.is_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-29",
        "2027-1-31",
        "20270131",
        "2027-W05-1",
        "0000-01-01",
        "2027-01-31\n",
        "2027-01-31T00:00",
        "202\u0667-01-31",
        "",
    ],
)
def test_what_is_no_day_of_the_calendar_is_no_date(text: str) -> None:
    assert not schemas.is_date(text)


@pytest.mark.parametrize("text", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
def test_a_name_of_the_database_is_a_time_zone(text: str) -> None:
    assert schemas.is_time_zone(text)


@pytest.mark.parametrize(
    "text", ["Berlin", "", "/etc/passwd", "../UTC", "Europe", "CET time", "a\0b", "x" * 5000]
)
def test_what_is_no_name_of_the_database_is_no_time_zone(text: str) -> None:
    assert not schemas.is_time_zone(text)


# What is left


def test_a_sound_value_is_left_as_it_is() -> None:
    written = document(PARTNER)

    assert schemas.check("partner", written) == ((), written.value)


def test_a_faulty_part_is_left_out_and_the_rest_is_kept() -> None:
    value = {
        **PARTNER,
        "users": {"Jana": {}, "tom": {"name": "Tom Kern", "email": "tom@nord.example", "admin": "no"}},
    }

    _, rest = schemas.check("partner", document(value))

    assert rest == {**PARTNER, "users": {"tom": {"name": "Tom Kern", "email": "tom@nord.example"}}}


def test_a_faulty_entry_of_a_list_leaves_the_others_their_numbers() -> None:
    value = {
        **PARTNER,
        "default": ["hubspot", {"owner": "hubspot", "backup_contacts": ["Jana", {"user": "tom"}, "eva"]}],
        "covers": [5, {"user": "jana", "cover": "tom"}],
    }

    _, rest = schemas.check("partner", document(value))

    assert isinstance(rest, dict)
    assert rest["default"] == [{}, {"owner": "hubspot", "backup_contacts": ["", "", "eva"]}]
    assert rest["covers"] == [{}, {"user": "jana", "cover": "tom"}]


def test_nothing_is_left_of_what_is_no_mapping() -> None:
    assert schemas.check("partner", document([PARTNER]))[1] == {}


# Whatever is written


@settings(max_examples=300, deadline=None)
@given(mutated(PARTNER))
def test_what_is_left_of_a_partner_file_is_always_a_partner(value: Value) -> None:
    problems, rest = schemas.check("partner", document(value))

    assert isinstance(from_value(Partner, rest), Partner)
    assert bool(problems) == bool(list(schemas.violations("partner", value)))


@settings(max_examples=150, deadline=None)
@given(mutated(VENDOR))
def test_what_is_left_of_a_vendor_file_is_always_a_vendor(value: Value) -> None:
    _, rest = schemas.check("vendor", document(value))

    assert isinstance(from_value(Vendor, rest), Vendor)


@settings(max_examples=300, deadline=None)
@given(mutated(RULES))
def test_what_is_left_of_a_rule_file_is_always_rules(value: Value) -> None:
    written = document(value)
    _, rest = schemas.check("rules", written)
    assert isinstance(rest, dict)

    ruleset, _ = rulefiles.read([RuleFile(written, rest)], [], Written(document(VENDOR), Vendor()))

    assert isinstance(ruleset, Ruleset)


@settings(max_examples=400, deadline=None)
@given(mutated(FACT))
def test_a_fact_is_read_exactly_when_the_schema_accepts_it(value: Value) -> None:
    violations = list(schemas.violations("renewal", value))

    try:
        facts.from_value(value)
    except FactError:
        assert violations
    else:
        assert not violations
