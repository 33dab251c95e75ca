from __future__ import annotations

import pytest
from nord import DEFAULT, ON, USERS, file, told

from engine.checks.partnerchecks import check_partner


def test_a_partner_with_a_contact_has_no_problem() -> None:
    assert told(DEFAULT) == []


def test_the_id_is_the_name_of_the_file_in_any_directory() -> None:
    assert list(check_partner(file(DEFAULT, path="config/partners/dach/nord.yaml"), ON)) == []


def test_a_file_name_that_is_no_id_is_what_must_change() -> None:
    [problem] = check_partner(file(DEFAULT, path="config/partners/Nord.yaml"), ON)

    assert (problem.code, problem.hint) == ("partner-id-mismatch", "rename the file to nord.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "default: {owner: partner, contact: Jana, backup_contacts: [tom]}",
        "default: {owner: parnter, backup_contacts: [tom], contact: jana}",
        "default: {owner: partner, contact: , backup_contacts: [jana, tom]}",
        "default: partner",
        "default: [partner, {owner: hubspot, contact: jana, backup_contacts: [tom]}]",
        "default: [{contact: jana, until: x}, {contact: jana, backup_contacts: [tom], from: 2027-01-01}]",
        f"{DEFAULT}covers: [jana, {{user: jana}}]",
        f"{DEFAULT}covers: [{{user: Jana, cover: tom}}, {{user: Jana, cover: tom}}]",
        f"{DEFAULT}clients: {{acme: {{override: {{owner: parnter, contact: tom}}}}}}",
        f"{DEFAULT}clients: {{acme: {{override: {{owner: default, until: soon}}}}}}",
        f"{DEFAULT}clients: {{acme: {{override: [hubspot, {{owner: partner}}]}}}}",
        f"{DEFAULT}clients: {{acme: {{override: [{{owner: hubspot, until: x}}, {{owner: partner}}]}}}}",
        f"{DEFAULT}clients: {{acme: {{from: 2027-01-01, until: 2026-02-30}}}}",
    ],
)
def test_what_the_schema_refused_has_no_consequences(text: str) -> None:
    users = USERS.replace("example}", "example, admin: true}")

    assert told(f"{text}\n", users=users) == []


@pytest.mark.parametrize(
    "users",
    [
        "users: [jana, tom]\n",
        "users: {Jana: {name: Jana, email: jana@nord.example}, TOM: {name: Tom, email: tom@nord.example}}\n",
        "users: {jana: Jana Weber, tom: }\n",
    ],
)
def test_a_faulty_user_is_not_unknown_as_well(users: str) -> None:
    rest = "covers: [{user: jana, cover: tom}]\n"

    assert told(DEFAULT + rest, users=users) == []
