from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from engine.diagnostics import Location
from engine.facts import RenewalFact
from engine.feeds import cells
from engine.feeds.judging import Item

PLACE = Location("sqlite:///crm.db/renewals", 3)
ACME: dict[str, Any] = {"renewal": "rn_1", "client": "acme", "renewal_date": "2027-02-15"}


def read(**row: Any) -> Item:  # noqa: ANN401 - any type of a driver
    written = {**ACME, **row}
    return cells.read(cells.columns(list(written)), list(written.values()), PLACE)


def fact(**row: Any) -> RenewalFact:  # noqa: ANN401 - any type of a driver
    found = read(**row).fact
    assert found is not None
    return found


def complaints(**row: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any type of a driver
    return [(problem.code, problem.message) for problem in read(**row).problems]


@pytest.mark.parametrize(
    "day",
    [
        dt.date(2027, 2, 15),
        dt.datetime(2027, 2, 15),  # noqa: DTZ001 - as TIMESTAMP comes
        dt.datetime(2027, 2, 15, tzinfo=dt.UTC),
        "2027-02-15",
        "2027-02-15 00:00",
        "2027-02-15 00:00:00.000000",
        "2027-02-15T00:00:00Z",
        "2027-02-15 00:00:00+00",
        b"2027-02-15",
    ],
)
def test_a_day_may_be_kept_as_a_date_a_text_or_a_midnight(day: object) -> None:
    assert fact(renewal_date=day).renewal_date == dt.date(2027, 2, 15)


@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime(2027, 2, 14, 23, tzinfo=dt.UTC),
        dt.datetime(2027, 2, 15, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        "2027-02-15 00:00:00+01:00",
        "2027-02-14T23:00:00Z",
    ],
)
def test_a_moment_that_is_not_the_same_day_everywhere_is_refused(moment: object) -> None:
    ((code, message),) = complaints(renewal_date=moment)

    assert code == "invalid-date"
    assert message.startswith('renewal "rn_1": `renewal_date` is "2027-02-1')


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        (Decimal("800.00"), "800.00"),
        (Decimal("8E+2"), "800"),
        (Decimal("66.6666666666666667"), "66.666667"),
        (Decimal("800.0000000000"), "800.000000"),
        (800, "800"),
        (800.0, "800"),
        (800.1, "800.1"),
        (0.1 + 0.2, "0.300000"),
        (1e-7, "0.000000"),
        ("800.00", "800.00"),
    ],
)
def test_an_amount_is_written_without_exponent_to_six_places(cell: object, amount: str) -> None:
    assert fact(mrr=cell).mrr == amount


@pytest.mark.parametrize("cell", [Decimal("NaN"), float("nan"), float("inf"), 1e300])
def test_an_amount_that_is_no_number_is_refused(cell: object) -> None:
    ((code, _),) = complaints(mrr=cell)

    assert code == "schema-pattern"


@pytest.mark.parametrize(
    ("cell", "said"), [(True, True), (False, False), (1, True), (0, False), (1.0, True), ("yes", True)]
)
def test_a_truth_may_be_kept_as_a_number_or_a_word(cell: object, said: bool) -> None:  # noqa: FBT001 - a parameter
    assert fact(acknowledged=cell).acknowledged is said


@pytest.mark.parametrize("cell", [45, 45.0, Decimal(45), "45"])
def test_a_whole_number_may_be_kept_as_any_number(cell: object) -> None:
    assert fact(deadline_lead_days=cell).deadline_lead_days == 45


def test_ids_may_be_numbers_or_uuids() -> None:
    number = UUID("12345678-1234-5678-1234-567812345678")

    found = fact(renewal=number, client=4711, partner=Decimal(12))

    assert (found.renewal, found.client, found.partner) == (str(number), "4711", "12")


@pytest.mark.parametrize(
    "cell",
    [
        ["marketing-hub", None, "cms-hub"],
        '["marketing-hub", "cms-hub"]',
        "marketing-hub; cms-hub;",
        b"marketing-hub;cms-hub",
    ],
)
def test_a_list_may_be_an_array_json_or_text_with_semicolons(cell: object) -> None:
    assert fact(products=cell).products == ("marketing-hub", "cms-hub")


@pytest.mark.parametrize("cell", [None, "", " ", [], "[]"])
def test_nothing_is_left_out(cell: object) -> None:
    assert fact(products=cell, **{"decision_maker.email": None}) == fact()


def test_text_that_only_begins_like_json_is_text() -> None:
    assert fact(products="[beta] hub").products == ("[beta] hub",)


def test_people_stand_in_columns_of_their_own() -> None:
    columns = {
        "decision_maker.email": "ada@acme.example",
        "decision_maker_active": 0,
        "contacts.primary_contact.email": "office@acme.example",
        "billing_contacts.email": ["bo@acme.example", "cy@acme.example"],
        "billing_contacts_name": [None, "Cy Young"],
    }

    people = fact(**columns).contacts

    assert people is not None
    assert people.decision_maker is not None
    assert people.primary_contact is not None
    assert people.decision_maker.active is False
    assert people.primary_contact.email == "office@acme.example"
    assert [(person.email, person.name) for person in people.billing_contacts or ()] == [
        ("bo@acme.example", None),
        ("cy@acme.example", "Cy Young"),
    ]


@pytest.mark.parametrize(
    ("column", "cell", "code", "complaint"),
    [
        ("country", b"\xfc", "yaml-encoding", "`country` is not UTF-8"),
        ("country", {"code": "DE"}, "schema-type", "`country` cannot be a mapping"),
        ("country", ["DE"], "schema-type", "`country` cannot be a list"),
        ("renewal_date", dt.timedelta(1), "schema-type", "`renewal_date` cannot be 1 day, 0:00:00"),
        ("products", {"a": 1}, "schema-type", "`products` cannot be a mapping"),
        (
            "products",
            ["a;b"],
            "schema-type",
            "`products` has an element that is not text, or that has a `;` in it",
        ),
        (
            "flags",
            '[["dunning"]]',
            "schema-type",
            "`flags` has an element that is not text, or that has a `;` in it",
        ),
    ],
)
def test_a_cell_that_no_field_holds_is_named(column: str, cell: object, code: str, complaint: str) -> None:
    assert complaints(**{column: cell}) == [(code, f'renewal "rn_1": {complaint}')]


def test_everything_that_is_wrong_with_a_row_is_said_at_its_place() -> None:
    row = read(client="Acme", status="lost")

    assert row.fact is None
    assert [problem.location for problem in row.problems] == [PLACE, PLACE]
    assert [problem.code for problem in row.problems] == ["schema-enum", "schema-pattern"]
    assert b'"Acme"' in row.text


def test_a_row_without_an_id_is_named_by_its_place_alone() -> None:
    assert complaints(renewal=None) == [("schema-required", "the renewal has no `renewal`")]
