"""A PostgreSQL server of the tests' own: a new cluster on a Unix socket, thrown away afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

USER, PASSWORD = "renewctl", "correct horse"
_ACCOUNTS = ("postgres", "nobody")
_SETTINGS = {
    "listen_addresses": "",  # the socket is enough, and no port can be taken
    "fsync": "off",
    "full_page_writes": "off",
    "lc_messages": "C",
    "timezone": "America/New_York",  # nothing may depend on it
}


class UnavailableError(Exception):
    """There is no server to test with, and the message says why."""


class Server:
    """A PostgreSQL database for one test."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.admin = psycopg.connect(self.url(), autocommit=True)
        self.run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")

    def close(self) -> None:
        """End what a failed test has left open, which would lock the tables of the next."""
        others = "usename IS NOT NULL AND pid <> pg_backend_pid()"
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")  # noqa: S608 - as above
        self.admin.close()

    def url(self, *, user: str = USER, password: str = PASSWORD, **more: str) -> str:
        """Return the URL of the database, for that user and with more parameters."""
        parameters = "".join(f"&{name}={quote(value)}" for name, value in more.items())
        place = f"postgres?host={quote(str(self.socket))}{parameters}"
        return f"postgresql://{user}:{quote(password, safe='')}@/{place}"

    def run(self, *statements: str) -> None:
        """Execute statements."""
        for statement in statements:
            self.admin.execute(sql.SQL(statement))

    def fill(self, columns: str, *rows: tuple[object, ...]) -> None:
        """Make the table with those columns and rows."""
        self.run(f"CREATE TABLE renewals ({columns})")
        for row in rows:
            marks = sql.SQL(", ").join([sql.Placeholder()] * len(row))
            self.admin.execute(sql.SQL("INSERT INTO renewals VALUES ({})").format(marks), row)


@contextmanager
def server() -> Iterator[Path]:
    """Run a server, and yield the directory of its socket."""
    binaries = _binaries()
    account = _account()
    # a path of a socket has at most 107 bytes, and that of a test's directory may be longer
    with tempfile.TemporaryDirectory(prefix="renewctl-pg-") as name:
        folder = Path(name)
        if account is not None:
            shutil.chown(folder, account)
        _make_cluster(binaries, folder, account)
        _control(binaries, folder, account, "start", "-w", "-l", str(folder / "log"))
        try:
            yield folder
        finally:
            _control(binaries, folder, account, "stop", "-m", "immediate")


def _binaries() -> Path:
    found = shutil.which("initdb") and shutil.which("pg_ctl")
    if found:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not installed:
        raise UnavailableError("no PostgreSQL on this machine: install the package postgresql")
    return installed[-1].parent


def _account() -> str | None:
    """Return whom to run as instead of root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    account = next((name for name in _ACCOUNTS if name in names), None)
    if account is None:
        raise UnavailableError(f"PostgreSQL refuses root, and there is no user {' or '.join(_ACCOUNTS)}")
    return account


def _make_cluster(binaries: Path, folder: Path, account: str | None) -> None:
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    options = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--no-sync", "--no-instructions"]
    _run(
        folder,
        account,
        str(binaries / "initdb"),
        *(f"--pgdata={folder / 'data'}", f"--username={USER}", f"--pwfile={secret}"),
        *options,
    )
    lines = {**_SETTINGS, "unix_socket_directories": str(folder)}
    with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.writelines(f"{name} = '{setting}'\n" for name, setting in lines.items())


def _control(binaries: Path, folder: Path, account: str | None, *arguments: str) -> None:
    _run(folder, account, str(binaries / "pg_ctl"), "-D", str(folder / "data"), *arguments)


def _run(folder: Path, account: str | None, *command: str) -> None:
    """Run a command with its output in a file: the server would keep a pipe open for as long as it runs."""
    said = folder / "said"
    with said.open("wb") as output:
        ran = subprocess.run(
            command,
            cwd=folder,
            user=account,
            group=None if account is None else pwd.getpwnam(account).pw_gid,
            extra_groups=None if account is None else [],
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=60,
        )
    if ran.returncode != 0:
        raise UnavailableError(f"{Path(command[0]).name} failed: {said.read_text(errors='replace')}")
