"""The command `renewctl unset`."""

from __future__ import annotations

import datetime as dt

import click

from engine.commands.editing import editing_options, finish, load
from engine.commands.options import Date
from engine.commands.session import Session
from engine.edits import overrides, targets


@click.command()
@click.option("--client", metavar="ID|WEBSITE", required=True, help="Whose override is removed.")
@click.option("--from", "since", type=Date(), metavar="DATE", help="End it on that day instead.")
@editing_options
@click.pass_obj
def command(
    session: Session,
    *,
    client: str,
    since: dt.date | None,
    on: dt.date | None,
    dry_run: bool,
    commit: bool,
) -> int:
    """Remove an override, so that the partner's default holds.

    The client stays listed, for that makes the partner its partner of record.

    \b
    Examples:
      renewctl unset --client acme
      renewctl unset --client acme --from 2027-01-01 --commit
    """  # noqa: D301 - \b keeps click from filling the lines
    checked, today = load(session, on), on or session.now.date()
    file, client = targets.find_listed(checked, client, since or today)
    edit = overrides.unset_override(file, client, since)
    subject = f"End the override of {client} on {since}" if since else f"Remove the override of {client}"
    return finish(session, [edit], subject, on=on, dry_run=dry_run, commit=commit)
