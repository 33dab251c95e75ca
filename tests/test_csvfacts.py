from __future__ import annotations

import pytest
from deliveries import HEADER, clients, only, read, table

from engine.facts import Contact


@pytest.mark.parametrize(
    "content",
    [
        table("rn_1,acme,2027-02-28"),
        table("rn_1,acme,2027-02-28").replace("\n", "\r\n"),
        "\ufeff" + table("rn_1,acme,2027-02-28"),
        table('"rn_1","acme","2027-02-28"'),
        table("", "rn_1,acme,2027-02-28", ",,", " , , "),
        table(" rn_1 , acme , 2027-02-28 "),
        table("acme,2027-02-28,rn_1", header=" client , renewal_date , renewal "),
    ],
    ids=["plain", "CR LF", "byte order mark", "quotes", "empty rows", "blanks", "another order"],
)
def test_a_row_is_a_renewal(content: str) -> None:
    assert clients(read(content, "facts/a.csv")) == ["acme"]


@pytest.mark.parametrize("dot", [".", "_"])
def test_a_nested_field_is_a_column(dot: str) -> None:
    header = f"{HEADER},decision_maker{dot}email,decision_maker{dot}active,products"

    [fact] = read(
        table("rn_1,acme,2027-02-28,ada@acme.example,no,cms;crm", header=header), "facts/a.csv"
    ).renewals

    assert fact.contacts is not None
    assert fact.contacts.decision_maker == Contact(email="ada@acme.example", active=False)
    assert fact.products == ("cms", "crm")


def test_an_empty_cell_is_left_out() -> None:
    header = f"{HEADER},partner,decision_maker.email,billing_contacts.email"

    [fact] = read(table("rn_1,acme,2027-02-28,,,", header=header), "facts/a.csv").renewals

    assert fact.partner is None
    assert fact.contacts is not None
    assert (fact.contacts.decision_maker, fact.contacts.billing_contacts) == (None, ())


def test_billing_contacts_are_separated_like_a_list() -> None:
    header = f"{HEADER},billing_contacts.email,billing_contacts.name"
    row = "rn_1,acme,2027-02-28,a@acme.example;b@acme.example,;Bob"

    [fact] = read(table(row, header=header), "facts/a.csv").renewals

    assert fact.contacts is not None
    assert fact.contacts.billing_contacts == (
        Contact(email="a@acme.example"),
        Contact(email="b@acme.example", name="Bob"),
    )


def test_a_row_begins_where_its_first_line_does() -> None:
    content = table('rn_1,"ac\nme",2027-02-28', "rn_2,acme,2027-02-30", "", "rn_3,acme,soon")

    found = read(content, "facts/a.csv")

    assert [str(problem.location) for problem in found.problems] == [
        "facts/a.csv:2:1",
        "facts/a.csv:4:11",
        "facts/a.csv:6:11",
    ]


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x0b", "\x1c"])
def test_an_unusual_line_break_in_a_cell_ends_no_row(separator: str) -> None:
    header = f"{HEADER},decision_maker.email"
    found = read(
        table(f"rn_1,acme,2027-02-28,a{separator}b", "rn_2,acme,soon,", header=header), "facts/a.csv"
    )

    assert [(problem.location.line, problem.code) for problem in found.problems] == [
        (2, "schema-pattern"),
        (3, "invalid-date"),
    ]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_table_with_another_separator_is_reported_once(separator: str) -> None:
    problem = only(read(table("rn_1,acme,2027-02-28").replace(",", separator), "facts/a.csv"))

    assert problem.code == "csv-syntax"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('"renewal,client', "facts/a.csv:1:1"),
        (table('rn_1,"ac"me,2027-02-28'), "facts/a.csv:2:1"),
        (table(f"rn_1,{'a' * 200_000},2027-02-28"), "facts/a.csv:2:1"),
    ],
    ids=["header", "quote", "very long cell"],
)
def test_what_is_no_csv_is_placed(content: str, place: str) -> None:
    problem = only(read(content, "facts/a.csv"))

    assert (problem.code, str(problem.location)) == ("csv-syntax", place)


def test_the_words_of_a_table_that_cannot_be_read_are_known() -> None:
    assert "globex" in read(table("rn_1,globex,2027-02-28", header="id,client"), "facts/a.csv").words
