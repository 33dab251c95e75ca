from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roots import ON, sources_of

from engine import configuration, documents
from engine.configuration import Configuration
from engine.diagnostics import ConfigurationError, InputError
from engine.edits import importing, overriderows
from engine.edits.importing import Import
from engine.reports import overrides
from engine.trees import File

HEADER = "partner,client,owner,contact,from,until,note"
NORD = """\
users:
  jana: {name: Jana Weber, email: jana@nord.example}
  tom: {name: Tom Kern, email: tom@nord.example}
default: {owner: hubspot, contact: jana}
clients:
  acme:
    override: {owner: partner,   contact: 'tom', note: asked by the client}   # by phone
  globex: {website: globex.example}
  initech:
    override:
    - {owner: hubspot, contact: tom, until: 2027-01-01}
    - owner: partner  # from then on
      contact: jana
      from: 2027-01-01
"""
SOUTH = {
    "users": {"eva": {"name": "Eva Sand", "email": "eva@south.example"}},
    "default": {"owner": "hubspot", "contact": "eva"},
    "clients": {"hooli": {"override": {"owner": "partner", "contact": "eva"}}},
}


def loaded(nord: str = NORD) -> Configuration:
    partners: dict[str, Any] = {"nord": f"version: 1\npartner: nord\n{nord}", "south": SOUTH}
    return configuration.load(sources_of(partners), ON)


def exported(checked: Configuration) -> str:
    return overrides.table(overriderows.of_root(checked))


def imported(table: str | bytes, checked: Configuration | None = None) -> Import:
    data = table if isinstance(table, bytes) else table.encode()
    return importing.read(checked or loaded(), File("o.csv", data))


def clients(found: Import) -> Any:  # noqa: ANN401 - any YAML
    """Return the clients of the one file that changes."""
    [edit] = [edit for edit in found.edits if edit.before != edit.after]
    document, problems = documents.parse(edit.path, edit.after)
    assert document is not None
    assert not problems
    assert isinstance(document.value, dict)
    return document.value["clients"]


def problems(table: str) -> list[str]:
    with pytest.raises(InputError) as error:
        imported(table)
    return [f"{one.location} {one.code}" for one in error.value.diagnostics]


def test_every_override_is_a_row() -> None:
    assert exported(loaded()).split("\n") == [
        HEADER,
        "nord,acme,partner,tom,,,asked by the client",
        "nord,initech,hubspot,tom,,2027-01-01,",
        "nord,initech,partner,jana,2027-01-01,,",
        "south,hooli,partner,eva,,,",
    ]


def test_what_is_exported_changes_nothing_when_imported() -> None:
    checked = loaded()

    found = imported(exported(checked), checked)

    assert [edit.after for edit in found.edits] == [edit.before for edit in found.edits]
    assert (found.named, found.left_alone) == (3, 0)


NOTES = st.text(
    st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
)
OVERRIDES = st.fixed_dictionaries(
    {"owner": st.sampled_from(["hubspot", "partner"])},
    optional={
        "contact": st.sampled_from(["jana", "tom"]),
        "note": NOTES | st.builds("{}{}".format, st.sampled_from(["=", "'=", "+", "-", "@", "''@"]), NOTES),
        "until": st.just("2027-01-01"),
    },
)


@given(
    entries=st.lists(OVERRIDES, min_size=1, max_size=3),
    as_list=st.booleans(),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_export_and_import_are_the_identity(entries: list[Any], *, as_list: bool, mark: str) -> None:
    written = json.dumps({"acme": {"override": entries if as_list else entries[0]}})
    checked = loaded(NORD[: NORD.index("clients:")] + f"clients: {written}\n")

    found = imported(mark + exported(checked), checked)

    assert [edit.after for edit in found.edits] == [edit.before for edit in found.edits]
    assert found.named == 2


def test_a_client_gets_just_what_its_rows_give() -> None:
    found = imported(f"{HEADER}\nnord,acme,hubspot,jana,,,\nnord,globex,partner,tom,2027-01-01,,new")

    changed = clients(found)
    assert changed["acme"]["override"] == {"owner": "hubspot", "contact": "jana"}
    assert changed["globex"]["override"] == {
        "owner": "partner",
        "contact": "tom",
        "from": "2027-01-01",
        "note": "new",
    }
    assert (found.named, found.left_alone) == (2, 2)


def test_what_the_table_does_not_concern_keeps_every_byte() -> None:
    [edit] = imported("client,owner,contact,note\nacme,partner,jana,asked by the client").edits

    assert edit.after == edit.before.replace(b"'tom'", b"jana")


def test_an_entry_that_is_there_already_is_taken_as_it_is() -> None:
    rows = "hubspot,tom,,2027-01-01", "partner,tom,2027-01-01,2028-01-01", "partner,jana,2028-01-01,"

    [edit] = imported("client,owner,contact,from,until\n" + "\n".join(f"initech,{row}" for row in rows)).edits

    assert b"    - {owner: hubspot, contact: tom, until: 2027-01-01}\n" in edit.after


def test_a_row_without_content_takes_the_override_away() -> None:
    assert clients(imported("client,owner,contact\nacme,,"))["acme"] == {}


def test_a_row_without_content_changes_nothing_where_there_is_no_override() -> None:
    [edit] = imported("client,owner,contact\nglobex,,").edits

    assert edit.after == edit.before


def test_a_client_that_is_new_is_listed_by_the_partner_of_its_row() -> None:
    found = imported("partner,client,owner\nsouth,umbrella,hubspot")

    assert clients(found)["umbrella"] == {"override": {"owner": "hubspot"}}


def test_a_table_may_end_its_lines_with_both() -> None:
    checked = loaded()

    found = imported(exported(checked).replace("\n", "\r\n"), checked)

    assert [edit.after for edit in found.edits] == [edit.before for edit in found.edits]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_table_may_be_separated_as_other_countries_do(separator: str) -> None:
    table = "client,owner,contact\nacme,hubspot,jana\n".replace(",", separator)

    assert clients(imported(table))["acme"]["override"] == {"owner": "hubspot", "contact": "jana"}


def test_what_a_spreadsheet_would_calculate_is_text() -> None:
    checked = loaded(NORD.replace("asked by the client", '"=1+1"'))

    assert "nord,acme,partner,tom,,,'=1+1" in exported(checked)
    assert clients(imported("client,owner,note\nglobex,hubspot,'=2+2", checked))["globex"]["override"] == {
        "owner": "hubspot",
        "note": "=2+2",
    }


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("nord,acme,hubspt,tom,,,", "o.csv:2:11 schema-enum"),
        ("nord,acme,partner,tim,,,", "o.csv:2:19 unknown-contact"),
        ("nord,acme,partner,eva,,,", "o.csv:2:19 unknown-contact"),
        ('nord,acme,"partner",tom,01.02.2027,,', "o.csv:2:25 invalid-date"),
        ("nort,acme,partner,tom,,,", "o.csv:2:1 unknown-partner"),
        ("south,acme,partner,eva,,,", "o.csv:2:1 unknown-partner"),
        (",acmee,partner,tom,,,", "o.csv:2:2 unknown-client"),
        ("nord,Acme Inc,partner,tom,,,", "o.csv:2:6 schema-pattern"),
        ("nord,acme,partner,tom", "o.csv:2:1 csv-syntax"),
        ('nord,acme,"part"ner,tom,,,', "o.csv:2:1 csv-syntax"),
        ("nord,acme,,,,,\nnord,acme,partner,,,,", "o.csv:2:6 overlapping-dates"),
    ],
)
def test_a_bad_cell_is_named_by_its_place(row: str, expected: str) -> None:
    assert problems(f"{HEADER}\n{row}\n") == [expected]


def test_a_cell_after_one_of_several_lines_has_its_place() -> None:
    assert problems('note,client,owner\n"two\nlines",acme,nobody') == ["o.csv:3:13 schema-enum"]


def test_every_bad_cell_is_named() -> None:
    assert len(problems(f"{HEADER}\nnord,acme,a,b,c,d,\n,nobody,,,,,")) == 5


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("owner,contact\n", "o.csv:1:1 schema-required"),
        ("client,ownr\n", "o.csv:1:8 schema-additionalProperties"),
        ("client,owner,owner\n", "o.csv:1:14 csv-syntax"),
    ],
)
def test_a_header_names_known_columns(table: str, expected: str) -> None:
    assert problems(table) == [expected]


def test_a_client_of_two_partners_needs_its_partner() -> None:
    shared = {**SOUTH, "clients": {"acme": {"from": "2027-01-01"}}}
    nord = "version: 1\npartner: nord\n" + NORD.replace("  acme:\n", "  acme:\n    until: 2027-01-01\n")
    checked = configuration.load(sources_of({"nord": nord, "south": shared}), ON)

    with pytest.raises(InputError) as error:
        imported("client,owner\nacme,hubspot", checked)

    assert [one.code for one in error.value.diagnostics] == ["duplicate-client"]


def test_an_empty_table_says_which_columns_there_are() -> None:
    with pytest.raises(InputError, match=r"o\.csv is empty") as error:
        imported("")

    assert HEADER in str(error.value.hint)


def test_a_table_in_another_encoding_is_refused() -> None:
    with pytest.raises(InputError) as error:
        imported("client,note\nacme,Küste".encode("latin-1"))

    assert [str(one.location) for one in error.value.diagnostics] == ["o.csv:2:1"]


def test_a_root_that_hides_overrides_is_not_exported() -> None:
    with pytest.raises(ConfigurationError):
        exported(loaded(NORD.replace("owner: partner,", "owner: somebody,")))
