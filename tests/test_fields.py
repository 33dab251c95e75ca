from __future__ import annotations

from typing import Any

import pytest

from engine.diagnostics import Location
from engine.feeds import fields


def put(name: str, text: str, fact: dict[str, Any] | None = None) -> dict[str, Any]:
    """Set the field of that name and return the fact."""
    changed: dict[str, Any] = {} if fact is None else fact
    at = fields.find(name)
    assert at is not None
    fields.put(changed, at, text)
    return changed


def header(*names: str) -> list[tuple[str, str, str | None]]:
    """Return what is wrong with columns of those names."""
    place = Location("crm")
    found = fields.check_columns(names, place, [place] * len(names))
    return [(problem.code, problem.message, problem.hint) for problem in found]


def test_every_field_is_found_by_its_own_name() -> None:
    assert all(fields.find(name) for name in fields.names())


@pytest.mark.parametrize(
    "name",
    [
        "decision_maker.email",
        "decision_maker_email",
        "contacts.decision_maker.email",
        "contacts.decision_maker_email",
        " decision_maker.email ",
    ],
)
def test_a_nested_field_has_several_spellings(name: str) -> None:
    assert fields.find(name) == ("contacts", "decision_maker", "email")


@pytest.mark.parametrize(
    "name", ["", "colour", "Client", "contacts", "decision_maker", "decision_maker.phone"]
)
def test_a_name_that_is_no_field_is_not_found(name: str) -> None:
    assert fields.find(name) is None


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("client", " acme ", "acme"),
        ("client", "4711", "4711"),
        ("mrr", "800.00", "800.00"),
        ("deadline_lead_days", "45", 45),
        ("deadline_lead_days", "many", "many"),
        ("deadline_lead_days", "٤٥", "٤٥"),
        ("auto_renew", "Yes", True),
        ("auto_renew", "0", False),
        ("auto_renew", "maybe", "maybe"),
        ("products", "cms-hub; marketing-hub;", ["cms-hub", "marketing-hub"]),
        ("flags", "dunning", ["dunning"]),
    ],
)
def test_text_is_read_as_the_type_of_its_field(name: str, text: str, value: object) -> None:
    assert put(name, text) == {name: value}


def test_a_field_of_a_person_is_set_beside_the_others() -> None:
    fact = put("decision_maker.email", "ada@acme.example")

    assert put("decision_maker.active", "no", fact) == {
        "contacts": {"decision_maker": {"email": "ada@acme.example", "active": False}}
    }


def test_null_contacts_make_way_for_a_person() -> None:
    fact = put("decision_maker.email", "ada@acme.example", {"contacts": None})

    assert fact == {"contacts": {"decision_maker": {"email": "ada@acme.example"}}}


def test_empty_text_leaves_the_field_out() -> None:
    assert put("partner", " ", {"partner": "nord", "client": "acme"}) == {"client": "acme"}


def test_an_empty_cell_makes_no_person() -> None:
    assert put("decision_maker.email", "", {"client": "acme"}) == {"client": "acme"}


def test_a_person_of_whom_nothing_is_left_is_gone() -> None:
    fact = {
        "contacts": {
            "decision_maker": {"email": "ada@acme.example"},
            "primary_contact": {"email": "o@acme.example"},
        }
    }

    assert put("decision_maker.email", "", fact) == {
        "contacts": {"primary_contact": {"email": "o@acme.example"}}
    }


def test_billing_contacts_are_set_one_by_one() -> None:
    fact = put("billing_contacts.email", "ann@acme.example; bob@acme.example")

    assert put("billing_contacts.name", "; Bob Hall", fact)["contacts"]["billing_contacts"] == [
        {"email": "ann@acme.example"},
        {"email": "bob@acme.example", "name": "Bob Hall"},
    ]


def test_one_billing_contact_is_replaced_and_the_next_one_stays() -> None:
    fact = put("billing_contacts.email", "ann@acme.example;bob@acme.example")

    assert put("billing_contacts.email", "cay@acme.example", fact)["contacts"]["billing_contacts"] == [
        {"email": "cay@acme.example"},
        {"email": "bob@acme.example"},
    ]


def test_without_an_address_there_are_no_billing_contacts() -> None:
    fact = put("billing_contacts.email", "ann@acme.example;bob@acme.example")

    assert put("billing_contacts.email", "", fact)["contacts"]["billing_contacts"] == []


def test_a_column_that_is_no_field_is_an_error_with_the_field_that_was_meant() -> None:
    ((code, message, hint),) = header("renewal", "client", "renewal_date", "renewal_dat")

    assert code == "schema-additionalProperties"
    assert message == 'there is no field for the column "renewal_dat"'
    assert hint == "did you mean renewal_date?"


def test_a_column_like_no_field_is_an_error_with_all_fields() -> None:
    ((_, _, hint),) = header("renewal", "client", "renewal_date", "xyz")

    assert hint is not None
    assert hint.startswith("known columns: renewal, client, partner")


def test_two_columns_of_one_field_are_an_error() -> None:
    ((code, message, _),) = header(
        "renewal", "client", "renewal_date", "decision_maker.email", "decision_maker_email"
    )

    assert code == "yaml-duplicate-key"
    assert message == 'the columns "decision_maker.email" and "decision_maker_email" are the same field'


def test_a_column_that_stands_twice_is_an_error() -> None:
    assert header("renewal", "client", "renewal_date", "client") == [
        ("yaml-duplicate-key", 'the column "client" stands twice', "keep one of them")
    ]


def test_the_columns_that_a_renewal_must_have_are_asked_for() -> None:
    assert header("client") == [
        ("schema-required", "the table has no column `renewal`", None),
        ("schema-required", "the table has no column `renewal_date`", None),
    ]
