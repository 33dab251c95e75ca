"""The command `renewctl import`."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from engine.commands.editing import editing_options, finish, load
from engine.commands.session import Session
from engine.diagnostics import InputError
from engine.edits import importing
from engine.reports.problems import counted
from engine.trees import File


@click.command()
@click.argument("file", metavar="FILE")
@editing_options
@click.pass_obj
def command(session: Session, *, file: str, on: dt.date | None, dry_run: bool, commit: bool) -> int:
    """Set the overrides of the clients that a CSV table names.

    A row is an override; several rows of a client are its dated list, and a row that gives nothing but the
    client takes its override away. Clients that the table does not name are left alone. Only the column
    client is needed, and partner for a client that is new; a column that is left out counts as empty.
    - reads standard input.

    \b
    Examples:
      renewctl import overrides.csv --dry-run
      renewctl import overrides.csv --commit
    """  # noqa: D301 - \b keeps click from filling the lines
    checked = load(session, on)
    found = importing.read(checked, _read(file))
    if found.left_alone and not session.quiet:
        session.tell(f"{counted(found.left_alone, 'client')} with an override not in the table: left alone")
    subject = f"Import overrides of {counted(found.named, 'client')}"
    return finish(session, found.edits, subject, on=on, dry_run=dry_run, commit=commit)


def _read(name: str) -> File:
    if name == "-":
        return File("<stdin>", sys.stdin.buffer.read())
    try:
        return File(name, Path(name).read_bytes())
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}") from error
