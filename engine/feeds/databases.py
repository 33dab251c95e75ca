"""Streams renewal facts out of a database: the columns of a table or view are the fields of a fact.

The column types of SQLAlchemy stay unused, for one text that is no date would end the stream of a whole
table: cells are taken as the driver gives them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.diagnostics import Diagnostic, InputError, Location, suggest
from engine.facts import RenewalFact
from engine.feeds import cells, connections, fields
from engine.feeds.cells import Column
from engine.feeds.connections import Target
from engine.feeds.judging import Item
from engine.sentences import shown

if TYPE_CHECKING:
    import sqlalchemy as sa

_KEYS = ("client", "renewal", "website", "partner")
_BATCH = 1_000

_BYTE_ORDER: Mapping[str, str] = MappingProxyType({"postgresql": "C", "sqlite": "BINARY"})
"""The collation that sorts as Python does, by database."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows are asked about: those that fit all that is given.

    `client` and `website`, a bare host, are two names of one client: either will do, and the website in one
    row of the client. A row that names no partner fits every partner, for the configuration says whose its
    client is; so do the rows of `clients`.
    """

    client: str | None = None
    website: str | None = None
    renewal: str | None = None
    partner: str | None = None
    clients: frozenset[str] = frozenset()


EVERYTHING = Selection()


def stream(url: str, selection: Selection = EVERYTHING, *, folder: Path = Path()) -> Iterator[Item]:
    """Yield the renewals of a table by client, then renewal, with one batch of them in memory.

    The line of a row is its number in that order. A SQLite file is looked for in `folder`.
    """
    target = connections.target_of(url, folder)
    with connections.explained(target), connections.connected(target) as connection:
        table = _find_table(connection, target)
        doubles = set(connection.scalars(table.doubles(selection)))
        found = connection.execute(table.rows(selection), execution_options={"yield_per": _BATCH})
        yield from _marked(_read_rows(table, found), doubles)


@dataclass(frozen=True, slots=True)
class _Table:
    """A table or view, its columns as fields, and by field the columns by which rows are found, as text."""

    path: str
    source: sa.TableClause
    header: tuple[Column, ...]
    keys: Mapping[str, sa.ColumnElement[str]]
    collation: str | None

    def rows(self, selection: Selection) -> sa.Select[Any]:
        """Ask for the rows, sorted as Python sorts: decisions come in this order from any source."""
        order = (self.keys[name] for name in ("client", "renewal"))
        collated = (key.collate(self.collation) if self.collation else key for key in order)
        return self.source.select().where(*self._conditions(selection)).order_by(*collated)

    def doubles(self, selection: Selection) -> sa.Select[str]:
        """Ask for the renewals that stand in several rows: noticing them in passing would keep every id."""
        from sqlalchemy import func, select  # noqa: PLC0415 - slow, see `connections`

        renewal = func.trim(self.keys["renewal"])
        query = select(renewal).where(*self._conditions(selection))
        return query.group_by(renewal).having(func.count() > 1)

    def _conditions(self, selection: Selection) -> Iterator[sa.ColumnElement[bool]]:
        if selection.renewal is not None:
            yield self.keys["renewal"] == selection.renewal
        if selection.partner is not None and "partner" in self.keys:
            partner = self.keys["partner"]
            fits = partner.is_(None) | partner.in_(["", selection.partner])
            yield fits | self.keys["client"].in_(sorted(selection.clients))
        if selection.client is not None or selection.website is not None:
            yield self._is_client(selection)

    def _is_client(self, selection: Selection) -> sa.ColumnElement[bool]:
        from sqlalchemy import select  # noqa: PLC0415 - slow, see `connections`

        client, website = self.keys["client"], selection.website
        is_client = client.in_([name for name in (selection.client, website) if name is not None])
        if website is None or "website" not in self.keys:
            return is_client
        is_named = self.keys["website"].in_([website, f"www.{website}"])
        return is_client | client.in_(select(client).where(is_named))


def _find_table(connection: sa.Connection, target: Target) -> _Table:
    """Look the table up, and refuse one with columns that are no field: a typing error would lose a fact."""
    import sqlalchemy as sa  # noqa: PLC0415 - slow, see `connections`

    inspector = sa.inspect(connection)
    try:
        described = inspector.get_columns(target.table, target.schema)
    except sa.exc.NoSuchTableError as error:
        raise _no_table(target, inspector) from error
    names = [column["name"] for column in described]
    place = Location(target.path)
    problems = tuple(fields.check_columns(names, place, [place] * len(names)))
    if problems:
        hint = "make a view that has the fields of a renewal as columns, and name it with ?table="
        raise InputError(f"the columns of {target.path} are not those of renewals", hint, problems)
    header = cells.columns(names)
    source = sa.table(target.table, *map(sa.column, names), schema=target.schema)
    keys = {
        str(column.at[0]): _as_text(source.c[column.name], kind["type"])
        for column, kind in zip(header, described, strict=True)
        if column.at[0] in _KEYS
    }
    return _Table(target.path, source, header, keys, _BYTE_ORDER.get(target.database))


def _no_table(target: Target, inspector: sa.Inspector) -> InputError:
    known = [*inspector.get_table_names(target.schema), *inspector.get_view_names(target.schema)]
    hint = suggest(target.table, known) or f"its tables: {', '.join(sorted(known))}"
    return InputError(f"there is no table {target.path}", hint if known else "name a table with ?table=")


def _as_text(column: sa.ColumnElement[Any], kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[str]:
    """Return a column to compare with text, as it is where it is text: then an index helps."""
    import sqlalchemy as sa  # noqa: PLC0415 - slow, see `connections`

    return column if isinstance(kind, sa.VARCHAR | sa.TEXT) else sa.cast(column, sa.Text)


def _read_rows(table: _Table, found: Iterable[Sequence[object]]) -> Iterator[Item]:
    for number, row in enumerate(found, start=1):
        yield cells.read(table.header, row, Location(table.path, number))


def _marked(items: Iterable[Item], doubles: Collection[str]) -> Iterator[Item]:
    """Mark every row of a renewal after its first one; `doubles` are the renewals that have several."""
    places: dict[str, Location] = {}
    for item in items:
        if item.fact is None or item.fact.renewal not in doubles:
            yield item
        elif item.fact.renewal not in places:
            places[item.fact.renewal] = item.place
            yield item
        else:
            yield _double(item.fact, item.place, places[item.fact.renewal])


def _double(fact: RenewalFact, place: Location, first: Location) -> Item:
    message = f"renewal {shown(fact.renewal)} is already at {first}"
    problem = Diagnostic(place, "duplicate-renewal", message, hint="a renewal is delivered once: remove one")
    return Item.bad(place, fact.client.encode(), (problem,))
