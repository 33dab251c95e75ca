"""What can be wrong with the cells of a table of overrides; each problem stands at its cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine import schemas
from engine.checks.partnerfiles import PartnerFile
from engine.diagnostics import Diagnostic, suggest
from engine.documents import Value
from engine.edits import overriderows
from engine.edits.csvcells import Cell
from engine.edits.overriderows import COLUMNS, Row
from engine.sentences import shown

Cells = Mapping[str, Cell]
"""The cells of a row by the names of their columns."""


@dataclass(frozen=True, slots=True)
class Listings:
    """The partner files by their partners, and those that list a client by that client."""

    partners: Mapping[str, PartnerFile]
    clients: Mapping[str, Sequence[PartnerFile]]

    @classmethod
    def of(cls, files: Iterable[PartnerFile]) -> Listings:
        """Index the files."""
        clients: defaultdict[str, list[PartnerFile]] = defaultdict(list)
        partners = {file.record.partner: file for file in files}
        for file in partners.values():
            for client in file.record.clients:
                clients[client].append(file)
        return cls(partners, dict(clients))

    def listing(self, client: str) -> list[str]:
        """Return the partners that list a client."""
        return [file.record.partner for file in self.clients.get(client, ())]

    def file(self, cells: Cells) -> PartnerFile:
        """Return the file that a row is about, once nothing is wrong with its partner."""
        partner = _text(cells, "partner")
        return self.partners[partner] if partner else self.clients[cells["client"].text][0]


def content(cells: Cells) -> dict[str, str]:
    """Return the fields of the override that a row gives, by their names in a file."""
    return {name: overriderows.unescaped(_text(cells, name)) for name in COLUMNS[2:]}


def check_header(header: Sequence[Cell]) -> Iterator[Diagnostic]:
    """Every column is a known one, once, and the client has one."""
    names = [cell.text for cell in header]
    for index, cell in enumerate(header):
        if cell.text not in COLUMNS:
            hint = suggest(cell.text, COLUMNS) or f"known columns: {', '.join(COLUMNS)}"
            message = f"there is no column {shown(cell.text)}"
            yield Diagnostic(cell.place, "schema-additionalProperties", message, hint=hint)
        elif cell.text in names[:index]:
            yield Diagnostic(cell.place, "csv-syntax", f"the column `{cell.text}` stands twice")
    if "client" not in names:
        yield Diagnostic(header[0].place, "schema-required", "the table has no column `client`")


def check_row(listings: Listings, cells: Cells) -> Iterator[Diagnostic]:
    """The client is one of ours or new to a known partner, and its override is well-formed."""
    yield from _check_shape(cells)
    problem = _check_partner(listings, cells)
    if problem is None:
        yield from _check_contact(listings.file(cells), cells)
    else:
        yield problem


def check_contradictions(given: Sequence[tuple[Cell, Row]]) -> Iterator[Diagnostic]:
    """A row without content says that a client has no override, and so stands alone."""
    for cell, row in given:
        if row.is_empty and len(given) > 1:
            message = f"this row takes the override of {row.client} away, and another one gives it one"
            yield Diagnostic(cell.place, "overlapping-dates", message, hint="delete one of them")


def _check_shape(cells: Cells) -> Iterator[Diagnostic]:
    """Hold a row against the schema, which says of each cell what it would say in a file."""
    client = cells["client"]
    entry: Value = {name: text for name, text in content(cells).items() if text}
    value: Value = {"version": 1, "partner": "any", "clients": {client.text: {"override": entry}}}
    for violation in schemas.violations("partner", value):
        cell = next((cells[str(step)] for step in violation.path[3:] if step in cells), client)
        yield schemas.describe(violation, cell.place)


def _check_partner(listings: Listings, cells: Cells) -> Diagnostic | None:
    """Find what keeps a row from belonging to just one partner."""
    if not _text(cells, "partner"):
        return _check_listed_once(listings, cells["client"])
    partner, client = cells["partner"], cells["client"].text
    if partner.text not in listings.partners:
        message = f"there is no partner {shown(partner.text)}"
        hint = suggest(partner.text, listings.partners)
        return Diagnostic(partner.place, "unknown-partner", message, hint=hint)
    listing = listings.listing(client)
    if listing and partner.text not in listing:
        message = f"{client} is a client of {listing[0]}, not of {partner.text}"
        return Diagnostic(partner.place, "unknown-partner", message, hint="leave the cell empty")
    return None


def _check_listed_once(listings: Listings, client: Cell) -> Diagnostic | None:
    listing = listings.listing(client.text)
    if len(listing) > 1:
        message = f"{client.text} is a client of {' and of '.join(listing)}"
        return Diagnostic(client.place, "duplicate-client", message, hint="name one in a column partner")
    if not listing:
        hint = (
            suggest(client.text, listings.clients)
            or "to add the client, name its partner in a column partner"
        )
        return Diagnostic(client.place, "unknown-client", f"no partner lists {shown(client.text)}", hint=hint)
    return None


def _check_contact(file: PartnerFile, cells: Cells) -> Iterator[Diagnostic]:
    contact = _text(cells, "contact")
    if contact and contact not in file.record.users:
        message = f"{shown(contact)} is not a user of {file.record.partner}"
        hint = suggest(contact, file.record.users) or "name a user of the partner's file"
        yield Diagnostic(cells["contact"].place, "unknown-contact", message, hint=hint)


def _text(cells: Cells, name: str) -> str:
    return cells[name].text if name in cells else ""
