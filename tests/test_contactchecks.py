from __future__ import annotations

import pytest
from nord import DEFAULT, ON, USERS, file, told

from engine.checks.partnerchecks import check_partner


@pytest.mark.parametrize("day", ["2026-11-22", "2026-11-23"])
def test_an_entry_counts_no_more_from_the_day_on_which_it_ends(day: str) -> None:
    gone = USERS.replace("tom@nord.example", "tom@nord.example, active: false")
    clients = f"clients: {{acme: {{override: {{owner: partner, contact: tom, until: {day}}}}}}}\n"

    assert told("default: {owner: hubspot, contact: jana}\n" + clients, users=gone) == [
        "7 expired-entry warning"
    ]


def test_an_entry_counts_until_the_day_before_it_ends() -> None:
    gone = USERS.replace("tom@nord.example", "tom@nord.example, active: false")
    clients = "clients: {acme: {override: {owner: partner, contact: tom, until: 2026-11-24}}}\n"

    assert told("default: {owner: hubspot, contact: jana}\n" + clients, users=gone) == [
        "7 inactive-contact warning"
    ]


def test_somebody_who_left_is_an_error_on_the_default_alone() -> None:
    gone = USERS.replace("example}", "example, active: false}")
    covers = "covers: [{user: jana, cover: tom, until: 2027-01-01}]\n"

    assert told(DEFAULT + covers, users=gone) == [
        "6 inactive-contact error",
        "6 inactive-contact warning",
        "7 inactive-contact warning",
    ]


def test_a_cover_for_somebody_who_left_is_no_problem() -> None:
    gone = USERS.replace("jana@nord.example", "jana@nord.example, active: false")

    assert (
        told("default: {owner: hubspot, contact: tom}\ncovers: [{user: jana, cover: tom}]\n", users=gone)
        == []
    )


@pytest.mark.parametrize(
    ("dates", "override", "day"),
    [
        ("until: 2027-01-01", "", "2027-01-01"),
        ("from: 2027-01-01", "", "2026-11-23"),
        ("from: 2027-01-01", "from: 2026-12-01", "2026-12-01"),
        ("until: 2027-01-01", "from: 2027-03-01", None),
        ("from: 2027-01-01", "from: 2027-01-01", ""),
        ("until: 2027-01-01", "until: 2027-01-01", ""),
        ("from: 2026-11-23", "from: 2020-01-01", ""),
        ("from: 2026-11-24", "from: 2020-01-01", "2026-11-23"),
        ("from: 2027-01-01", "until: 2026-11-23", ""),
    ],
)
def test_a_partner_override_needs_a_contact_on_every_day_to_come(
    dates: str, override: str, day: str | None
) -> None:
    text = f"""\
default: {{owner: hubspot, contact: jana, backup_contacts: [tom], {dates}}}
clients:
  acme: {{override: {{owner: partner{", " if override else ""}{override}}}}}
"""

    problems = [problem for problem in check_partner(file(text), ON) if problem.location.line == 8]
    found = [problem for problem in problems if problem.code == "missing-contact"]

    if day == "":
        assert found == []
    else:
        message = "the partner owns the renewal, but neither the override nor the default names a contact"
        assert [problem.message for problem in found] == [f"{message} on {day}" if day else message]


def test_a_default_without_contact_gives_a_partner_override_none() -> None:
    text = "default: {owner: hubspot}\nclients: {acme: {override: {owner: partner}}}\n"

    assert "7 missing-contact error" in told(text)


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ("{owner: partner}", ["6 missing-contact error"]),
        ("{owner: hubspot}", ["6 missing-contact warning"]),
        ("{}", ["6 missing-contact warning"]),
        ("[]", ["2 missing-contact warning"]),
        ("null", ["2 missing-contact warning"]),
        ("{owner: partner, contact: jana}", []),
        ("{contact: jana}", []),
        ("{owner: hubspot, contact: jana, until: 2027-01-01}", ["6 missing-contact warning"]),
        ("{owner: hubspot, contact: jana, from: 2027-01-01}", ["6 missing-contact warning"]),
        ("{owner: hubspot, contact: jana, from: 2026-11-23}", []),
        (
            "[{owner: partner, until: 2026-11-23}, {contact: jana, from: 2026-11-23}]",
            ["6 expired-entry warning"],
        ),
        (
            "[{contact: jana, until: 2027-01-01}, {contact: jana, from: 2027-02-01, until: 2027-03-01}]",
            ["6 missing-contact warning", "6 dates-gap warning"],
        ),
    ],
)
def test_a_contact_is_missing_by_default(default: str, expected: list[str]) -> None:
    admins = USERS.replace("example}", "example, admin: true}")

    assert told(f"default: {default}\n", users=admins) == expected
