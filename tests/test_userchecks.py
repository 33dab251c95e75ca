from __future__ import annotations

import pytest
from nord import DEFAULT, USERS, told


@pytest.mark.parametrize(
    ("field", "expected"),
    [("admin: true", []), ("active: false", []), ("locale: de", ["5 unused-user warning"])],
)
def test_a_user_whom_nothing_names_is_unused_unless_there_is_a_reason(
    field: str, expected: list[str]
) -> None:
    users = USERS.replace("tom@nord.example", f"tom@nord.example, {field}")

    assert told("default: {owner: hubspot, contact: jana}\n", users=users) == expected


@pytest.mark.parametrize(
    "rest",
    [
        "clients: {acme: {override: {owner: partner, contact: tom}}}",
        "covers: [{user: jana, cover: tom}]",
        "covers: [{user: tom, cover: jana}]",
        "clients: {acme: {override: {owner: partner, contact: tom, until: 2020-01-01}}}",
    ],
)
def test_a_user_whom_something_names_is_used(rest: str) -> None:
    found = told(f"default: {{owner: hubspot, contact: jana}}\n{rest}\n")

    assert "5 unused-user warning" not in found


@pytest.mark.parametrize(
    ("email", "is_same"),
    [("Jana@NORD.example", True), ("jana+x@nord.example", False), ("jana@north.example", False)],
)
def test_addresses_are_compared_without_their_case(email: str, is_same: bool) -> None:  # noqa: FBT001 - a parameter
    found = told(DEFAULT, users=USERS.replace("tom@nord.example", email))

    assert found == (["5 duplicate-email warning"] if is_same else [])


def test_a_misspelled_contact_does_not_make_the_user_unused() -> None:
    assert told("default: {owner: hubspot, contact: janna, backup_contacts: [tom]}\n") == [
        "6 unknown-contact error"
    ]
