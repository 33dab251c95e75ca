from __future__ import annotations

import pytest

from engine import schemas
from engine.documents import Value
from engine.sentences import Sentence, choice, flow, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "empty"),
        (True, "true"),
        (45, "45"),
        (45.0, "45.0"),
        ("tom", '"tom"'),
        ("", '""'),
        ({"a": 1}, "a mapping"),
        ([], "a list"),
        ("two\nlines\x1b[31m", r'"two\nlines\x1b[31m"'),
        ("\udcff", r'"\udcff"'),
        ("x" * 100, f'"{"x" * 56}…"'),
        (10**100, f"1{'0' * 59}"),
    ],
)
def test_a_value_is_shown_on_one_line_and_cut(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_choice_ends_with_or() -> None:
    assert choice(["a"]) == "a"
    assert choice(["a", "b", 3]) == "a, b or 3"


def test_an_example_is_yaml_on_one_line() -> None:
    value = {"users": {"jana": {"admin": True, "roles": ["a", "b"]}}, "clients": None}

    assert flow(value) == "{users: {jana: {admin: true, roles: [a, b]}}, clients: null}"


def partner(**parts: Value) -> Value:
    """Return a partner file with these parts."""
    return {"version": 1, "partner": "nord", **parts}


def user(**fields: Value) -> Value:
    """Return a partner file with one user of these fields."""
    return partner(users={"jana": {"name": "Jana", "email": "jana@nord.example", **fields}})


def told(kind: str, value: Value) -> Sentence:
    """Return the only sentence, with its hint."""
    [sentence] = {violation.sentence for violation in schemas.violations(kind, value)}
    return sentence


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (partner(users={"Jana": None}), "write `jana`"),
        (partner(users={"Jana  Weber ": None}), "write `jana-weber`"),
        (partner(users={"jana_weber!": None}), None),
        (partner(users={"\uff4a\uff41\uff4e\uff41": None}), "write `jana`"),
        (user(locale="de_DE"), "write `de-DE`"),
        (user(locale="de DE"), "write `de-DE`"),
        (user(email="Jana Weber <jana@nord.example>"), "write `jana@nord.example`"),
        (user(email="jana@nord.example\n"), "write `jana@nord.example`"),
        (user(email="jana, tom"), None),
        (user(name=" Jana\nWeber"), "write `Jana Weber`"),
        (
            partner(clients={"acme": {"website": "https://www.Acme.example/contact?x=1"}}),
            "write `www.acme.example`",
        ),
        (partner(clients={"acme": {"website": "acme"}}), None),
    ],
)
def test_what_nearly_has_the_right_form_is_corrected(value: Value, hint: str | None) -> None:
    cures = [violation.sentence[1] for violation in schemas.violations("partner", value)]

    if hint is None:
        assert not any(cure.startswith("write `") for cure in cures if cure)
    else:
        assert hint in cures


def test_letters_that_only_look_right_are_named() -> None:
    value = partner(default={"owner": "partner", "contact": "j\u0430na"})

    message, _ = told("partner", value)

    assert message.endswith("does not have the right form: \u0430 is CYRILLIC SMALL LETTER A")


def test_letters_are_not_blamed_where_more_is_wrong() -> None:
    message, _ = told("partner", partner(default={"owner": "partner", "contact": "j\u0430na weber"}))

    assert message.endswith("does not have the right form")


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        (
            "partner",
            {"version": 1},
            ("the file has no `partner`", "add one, such as `partner: nordlicht`"),
        ),
        ("partner", {"partner": "nord"}, ("the file has no `version`", "add `version: 1`")),
        (
            "partner",
            partner(covers=[{"user": "jana"}]),
            ("entry 1 of `covers` has no `cover`", "add one, such as `cover: tom`"),
        ),
        (
            "partner",
            partner(labels={"tier": 1}),
            ("`tier` must be text, not 1", "put it in quotes"),
        ),
        (
            "partner",
            partner(labels={"tier": None}),
            ("`tier` must be text, not empty", "write a value, or remove the key"),
        ),
        (
            "partner",
            partner(default=5),
            (
                "`default` must be a mapping or a list, not 5",
                "for example `default: {owner: hubspot, contact: jana, backup_contacts: [tom]}`",
            ),
        ),
        (
            "partner",
            partner(default={"owner": "HUBSPOT"}),
            ('`owner` must be hubspot or partner, not "HUBSPOT"', "did you mean hubspot?"),
        ),
        (
            "rules",
            {"version": 1, "adjustments": [{"rule": "a", "cc": [], "reason": "X"}]},
            ("entry 1 of `adjustments` has no key `cc`", "write it inside `add`"),
        ),
        (
            "rules",
            {"version": 1, "adjustments": [{"rule": "a"}]},
            (
                "entry 1 of `adjustments` has none of the keys suppress, add, task or reason",
                "add one, such as `suppress: TEST_PORTAL`",
            ),
        ),
        (
            "vendor",
            {"deadline_lead_days": 366},
            ("`deadline_lead_days` must be at most 365, not 366", None),
        ),
        (
            "renewal",
            [],
            (
                "the renewal must be a mapping, not a list",
                "write keys and their values, such as `renewal: rn_7f3a`",
            ),
        ),
    ],
)
def test_a_violation_is_said_in_a_sentence_with_its_cure(kind: str, value: Value, sentence: Sentence) -> None:
    assert told(kind, value) == sentence


def test_an_impossible_day_is_told_from_another_way_to_write_a_day() -> None:
    hints = [
        told("partner", partner(default={"contact": "jana", "until": written}))[1]
        for written in ("2027-02-29", "29.1.2027", 20270129)
    ]

    assert hints == [
        "the calendar has no such day",
        "write year-month-day, such as 2027-01-31",
        "write year-month-day, such as 2027-01-31",
    ]
