"""Overrides out of a table: every client that it names gets just those that it gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from engine.checks.partnerfiles import PartnerFile
from engine.configuration import Configuration
from engine.diagnostics import Diagnostic, InputError
from engine.documents import Value
from engine.edits import csvcells, importchecks, overriderows, overrides
from engine.edits.csvcells import Cell
from engine.edits.importchecks import Cells, Listings
from engine.edits.overriderows import COLUMNS, Row
from engine.edits.timeline import Entry
from engine.edits.writing import Edit
from engine.trees import File

_Wanted: TypeAlias = Mapping[str, Mapping[str, Sequence[tuple[Cell, Row]]]]
"""By partner and client the rows that a table has for it, each with the cell that names the client."""


@dataclass(frozen=True, slots=True)
class Import:
    """The edits that a table comes to, how many clients it names, and how many with overrides it does not."""

    edits: tuple[Edit, ...]
    named: int
    left_alone: int


def read(checked: Configuration, file: File) -> Import:
    """Return what a table changes, or name every cell that is wrong."""
    present = {(row.partner, row.client) for row in overriderows.of_root(checked)}  # no file is unreadable
    listings = Listings.of(checked.partners)
    table = _table(file)
    _refuse(file, (problem for cells in table for problem in importchecks.check_row(listings, cells)))
    wanted = _wanted(listings, table)
    rows = [given for clients in wanted.values() for given in clients.values()]
    _refuse(file, (problem for given in rows for problem in importchecks.check_contradictions(given)))
    named = {(partner, client) for partner, clients in wanted.items() for client in clients}
    edits = tuple(_edit(listings.partners[partner], clients) for partner, clients in wanted.items())
    return Import(edits, len(named), len(present - named))


def _table(file: File) -> list[Cells]:
    rows = csvcells.read(file)
    if not rows:
        raise InputError(f"{file.path} is empty", f"its first line names the columns: {','.join(COLUMNS)}")
    header, *others = rows
    _refuse(file, importchecks.check_header(header))
    return [dict(zip((cell.text for cell in header), row, strict=True)) for row in others]


def _refuse(file: File, problems: Iterable[Diagnostic]) -> None:
    if found := set(problems):  # the schema may say the same twice, of each shape that an override has
        raise InputError(f"{file.path} cannot be imported; nothing is written", diagnostics=found)


def _wanted(listings: Listings, table: Iterable[Cells]) -> _Wanted:
    wanted: defaultdict[str, defaultdict[str, list[tuple[Cell, Row]]]]
    wanted = defaultdict(lambda: defaultdict(list))
    for cells in table:
        partner, client = listings.file(cells).record.partner, cells["client"]
        row = Row(partner, client.text, *importchecks.content(cells).values())
        wanted[partner][client.text].append((client, row))
    return wanted


def _edit(file: PartnerFile, wanted: Mapping[str, Sequence[tuple[Cell, Row]]]) -> Edit:
    """Return what the file of a partner becomes; what it says already stays as it is written."""
    value = _mapping(file.document.value)
    before = _mapping(value.get("clients"))
    clients = before
    for client, given in wanted.items():
        rows = [row for _, row in given]
        if rows != overriderows.of_partner(file, client):
            clients = _with_overrides(clients, client, rows)
    return overrides.edit(file, value if clients == before else {**value, "clients": clients})


def _with_overrides(clients: dict[str, Value], client: str, rows: Sequence[Row]) -> dict[str, Value]:
    entry = _mapping(clients.get(client))
    if not rows[0].is_empty:
        new = _as_listed(entry.get("override"), rows)
        return overrides.with_client(clients, client, {**entry, "override": new})
    if "override" not in entry:
        return clients
    return {**clients, client: {name: value for name, value in entry.items() if name != "override"}}


def _as_listed(present: Value, rows: Sequence[Row]) -> Value:
    """Return the entries that the rows stand for; each that is there already is taken as it is."""
    was = [entry for entry in present if isinstance(entry, dict)] if isinstance(present, list) else []
    if isinstance(present, dict):
        was = [present]
    entries: list[Value] = []
    for index, row in enumerate(rows):
        same = next((one for one in was if overriderows.of_entry(row.partner, row.client, one) == row), None)
        entries.append(same or _entry(was[index] if index < len(was) else {}, row))
    return entries if isinstance(present, list) or len(entries) > 1 else entries[0]


def _entry(before: Entry, row: Row) -> Entry:
    """Return the entry that a row stands for; a field that says the same before is left as it is."""
    said = overriderows.of_entry(row.partner, row.client, before).content
    kept = {name: value for name, value in before.items() if said.get(name) == row.content.get(name)}
    new = {name: text for name, text in row.content.items() if text and name not in kept}
    merged = {**kept, **new}
    order = [*before, *(name for name in row.content if name not in before)]
    return {name: merged[name] for name in order if name in merged}


def _mapping(value: Value) -> dict[str, Value]:
    return dict(value) if isinstance(value, dict) else {}
