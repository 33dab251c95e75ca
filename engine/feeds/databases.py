"""Streams renewal facts out of a database: the columns of a table or view are the fields of a fact.

SQLAlchemy is the extra `sql`, imported once a database is read: that takes longer than many decisions. Its
column types stay unused, for one text that is no date would end the stream of a whole table: cells are taken
as the driver gives them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.diagnostics import Diagnostic, InputError, Location, suggest
from engine.facts import RenewalFact
from engine.feeds import cells, fields
from engine.feeds.cells import Column
from engine.feeds.judging import Item
from engine.sentences import shown

if TYPE_CHECKING:
    import sqlalchemy as sa

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+._-]*://")
_EXAMPLE = "write sqlite:///file.db?table=renewals or postgresql://user@host/database?table=renewals"
_EXTRA = "pip install 'renewctl[sql]'"
_DATABASES = ("sqlite", "postgresql", "mysql", "mariadb", "oracle", "mssql")
_SQLITE_PARAMETERS = ("timeout", "immutable", "nolock", "cache", "vfs")
_TABLE = "renewals"
_KEYS = ("client", "renewal", "website", "partner")
_BATCH = 1_000

_DEFAULTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"postgresql": {"connect_timeout": "10", "client_encoding": "utf8"}, "sqlite": {"timeout": "10"}}
)
"""Parameters of a connection that a URL may set otherwise, by database."""

_BYTE_ORDER: Mapping[str, str] = MappingProxyType({"postgresql": "C", "sqlite": "BINARY"})
"""The collation that sorts as Python does, by database."""

_CURES: Mapping[str, str] = MappingProxyType(
    {
        "locked": "another program is writing to it: try again, or wait longer with ?timeout=SECONDS",
        "not a database": "name a file that SQLite has written",
        "password": "give the password in PGPASSWORD or ~/.pgpass, or in the URL with %40 for @",
        "permission denied": "let this user read the table, as GRANT SELECT does",
        "connection option": "parameters of the URL are `table` and those of the database",
        "unable to open": "let this user read the file and write beside it; or nobody writes: ?immutable=1",
    }
)
"""The cure by what the complaint of a driver says."""

_CURE = "check the URL, and that the database is up"
_CURE_OF_DATA = "mend the value, or read a view without its row"


def is_url(text: str) -> bool:
    """Whether text names a database rather than a file."""
    return _URL.match(text) is not None


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
    target = _target(url, folder)
    with _explained(target), _connected(target) as connection:
        table = _find_table(connection, target)
        doubles = set(connection.scalars(table.doubles(selection)))
        found = connection.execute(table.rows(selection), execution_options={"yield_per": _BATCH})
        yield from _marked(_read_rows(table, found), doubles)


@dataclass(frozen=True, slots=True)
class _Target:
    """What a URL names: a database, and a table in it. `name` is the URL without password and parameters."""

    url: sa.URL
    name: str
    schema: str | None
    table: str

    @property
    def path(self) -> str:
        """Where the rows stand."""
        return f"{self.name}/{f'{self.schema}.' if self.schema else ''}{self.table}"

    @property
    def database(self) -> str:
        """The kind of database."""
        return self.url.get_backend_name()


def _target(text: str, folder: Path) -> _Target:
    url = _parsed(text)
    name = url.create(url.drivername, url.username, host=url.host, port=url.port, database=url.database)
    table = url.query.get("table", _TABLE)
    if not isinstance(table, str):
        raise InputError(f"{name} is asked for {len(table)} tables", "name one with ?table=")
    schema, _, table = table.rpartition(".")
    url = url.difference_update_query(["table"])
    if url.get_backend_name() == "sqlite":
        url = _read_only(url, folder)
    return _Target(url, str(name), schema or None, table)


def _parsed(text: str) -> sa.URL:
    """Read a URL; one that cannot be read is not shown, for it may hold a password."""
    try:
        import sqlalchemy as sa  # noqa: PLC0415 - slow, see above
    except ModuleNotFoundError as error:
        raise InputError("facts from a database need the extra `sql`", _EXTRA) from error
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise InputError("the URL of the database cannot be read", _EXAMPLE) from error
    if url.username is not None and text.count("@") > 1:  # part of the password may be taken for the host
        raise InputError("the URL of the database has an @ too many", "write %40 for each but the last")
    return url


def _read_only(url: sa.URL, folder: Path) -> sa.URL:
    """Return the URL of an existing SQLite file, so that it is neither made nor changed."""
    if url.host or not url.database:
        raise InputError(f"the URL {url} names no file", "write three slashes, as in sqlite:///file.db")
    file = (folder / url.database).absolute()
    if not file.is_file():
        raise InputError(f"there is no file {url.database}", "name a SQLite database")
    for parameter in set(url.query).difference(_SQLITE_PARAMETERS):
        known = ("table", *_SQLITE_PARAMETERS)
        hint = suggest(parameter, known) or f"parameters: {', '.join(known)}"
        raise InputError(f"SQLite has no parameter {parameter}", hint)
    return url.set(database=file.as_uri(), query={**url.query, "mode": "ro", "uri": "true"})


@contextmanager
def _explained(target: _Target) -> Iterator[None]:
    """Turn what SQLAlchemy and drivers complain of into a sentence, without the password."""
    from sqlalchemy import exc  # noqa: PLC0415 - slow, see above

    try:
        yield
    except exc.SQLAlchemyError as error:
        said = _complaint(error, target.url)
        usual = _CURE_OF_DATA if isinstance(error, exc.DataError) else _CURE
        hint = next((cure for word, cure in _CURES.items() if word in said), usual)
        raise InputError(f"{target.name} cannot be read: {said}", hint) from error


def _complaint(error: Exception, url: sa.URL) -> str:
    """Return what a driver says, on one line; no driver is known to tell a password, but one might."""
    said = " ".join(str(getattr(error, "orig", None) or error).split())
    secrets = [url.password, *(value for key, value in url.query.items() if "pass" in key)]
    for secret in filter(None, secrets):
        said = said.replace(str(secret), "***")
    return said


@contextmanager
def _connected(target: _Target) -> Iterator[sa.Connection]:
    """Open the database for reading one consistent set of rows."""
    with _opened(target) as connection:
        if target.database == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            connection.exec_driver_sql("SET TIME ZONE 'UTC'")  # a moment is then the same day for everybody
        elif target.database == "sqlite":
            driver: Any = connection.connection.driver_connection
            driver.text_factory = _decoded
            connection.exec_driver_sql("BEGIN")  # the driver begins nothing for a SELECT
        yield connection


def _opened(target: _Target) -> sa.Connection:
    import sqlalchemy as sa  # noqa: PLC0415 - slow, see above

    url = target.url.set(query={**_DEFAULTS.get(target.database, {}), **target.url.query})
    try:
        return sa.create_engine(url, poolclass=sa.NullPool).connect()
    except sa.exc.NoSuchModuleError as error:
        hint = suggest(target.database, _DATABASES) or _EXAMPLE
        raise InputError(f"there is no database {url.drivername}", hint) from error
    except ImportError as error:
        hint = _EXTRA if error.name in {None, "psycopg"} else f"install the Python module {error.name}"
        raise InputError(f"the driver of {url.drivername} is not installed", hint) from error
    except (TypeError, ValueError) as error:  # how drivers refuse a parameter
        raise InputError(f"{target.name} cannot be opened: {error}", "check the URL") from error


def _decoded(text: bytes) -> str | bytes:
    """Leave text that is not UTF-8 to its row; the driver would end the stream."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text


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
        from sqlalchemy import func, select  # noqa: PLC0415 - slow, see above

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
        from sqlalchemy import select  # noqa: PLC0415 - slow, see above

        client, website = self.keys["client"], selection.website
        is_client = client.in_([name for name in (selection.client, website) if name is not None])
        if website is None or "website" not in self.keys:
            return is_client
        is_named = self.keys["website"].in_([website, f"www.{website}"])
        return is_client | client.in_(select(client).where(is_named))


def _find_table(connection: sa.Connection, target: _Target) -> _Table:
    """Look the table up, and refuse one with columns that are no field: a typing error would lose a fact."""
    import sqlalchemy as sa  # noqa: PLC0415 - slow, see above

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


def _no_table(target: _Target, inspector: sa.Inspector) -> InputError:
    known = [*inspector.get_table_names(target.schema), *inspector.get_view_names(target.schema)]
    hint = suggest(target.table, known) or f"its tables: {', '.join(sorted(known))}"
    return InputError(f"there is no table {target.path}", hint if known else "name a table with ?table=")


def _as_text(column: sa.ColumnElement[Any], kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[str]:
    """Return a column to compare with text, as it is where it is text: then an index helps."""
    import sqlalchemy as sa  # noqa: PLC0415 - slow, see above

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
