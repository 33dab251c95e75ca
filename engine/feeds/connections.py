"""Opens the database that a URL names, for reading; what its driver complains of becomes a sentence.

SQLAlchemy is the extra `sql`, imported once a database is read: that takes longer than many decisions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.diagnostics import InputError, suggest

if TYPE_CHECKING:
    import sqlalchemy as sa

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+._-]*://")
_EXAMPLE = "write sqlite:///file.db?table=renewals or postgresql://user@host/database?table=renewals"
_EXTRA = "pip install 'renewctl[sql]'"
_DATABASES = ("sqlite", "postgresql", "mysql", "mariadb", "oracle", "mssql")
_SQLITE_PARAMETERS = ("timeout", "immutable", "nolock", "cache", "vfs")
_TABLE = "renewals"

_DEFAULTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"postgresql": {"connect_timeout": "10", "client_encoding": "utf8"}, "sqlite": {"timeout": "10"}}
)
"""Parameters of a connection that a URL may set otherwise, by database."""

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
class Target:
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


def target_of(text: str, folder: Path) -> Target:
    """Return what a URL names; a SQLite file is looked for in `folder`."""
    url = _parsed(text)
    name = url.create(url.drivername, url.username, host=url.host, port=url.port, database=url.database)
    table = url.query.get("table", _TABLE)
    if not isinstance(table, str):
        raise InputError(f"{name} is asked for {len(table)} tables", "name one with ?table=")
    schema, _, table = table.rpartition(".")
    url = url.difference_update_query(["table"])
    if url.get_backend_name() == "sqlite":
        url = _read_only(url, folder)
    return Target(url, str(name), schema or None, table)


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
def explained(target: Target) -> Iterator[None]:
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
def connected(target: Target) -> Iterator[sa.Connection]:
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


def _opened(target: Target) -> sa.Connection:
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
