"""The command `renewctl replace-user`."""

from __future__ import annotations

import datetime as dt

import click

from engine.commands.editing import editing_options, finish, load
from engine.commands.options import Date
from engine.commands.session import Session
from engine.edits import succession, targets


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--partner", metavar="ID", required=True, help="The partner whose users they are.")
@click.option(
    "--from", "since", type=Date(), metavar="DATE", help="The day on which the one follows the other."
)
@editing_options
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option, as click passes them
    session: Session,
    *,
    old: str,
    new: str,
    partner: str,
    since: dt.date | None,
    on: dt.date | None,
    dry_run: bool,
    commit: bool,
) -> int:
    """Put one user of a partner in the place of another.

    That is: as contact, as backup and as cover of others. Only what still counts is changed, and where NEW
    cannot stand is said. The user OLD stays, with their absences; set `active: false` when they have left.

    \b
    Examples:
      renewctl replace-user tom aylin --partner nordlicht
      renewctl replace-user tom aylin --partner nordlicht --from 2027-01-01 \\
          --commit
    """  # noqa: D301 - \b keeps click from filling the lines
    checked, today = load(session, on), on or session.now.date()
    file = targets.find_partner(checked, partner)
    replaced = succession.replace(file, old, new, today=today, since=since)
    session.tell(f"{new} takes the place of {old}: {', '.join(replaced.places)}")
    for remark in replaced.remarks:  # also to the quiet: it is for them to mend
        session.tell(remark)
    subject = f"Replace {old} by {new} at {partner}" + (f", from {since}" if since else "")
    return finish(session, [replaced.edit], subject, on=on, dry_run=dry_run, commit=commit)
