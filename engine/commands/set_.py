"""The command `renewctl set`."""

from __future__ import annotations

import datetime as dt
from functools import partial

import click

from engine.commands.editing import editing_options, finish, load, remark
from engine.commands.options import Date
from engine.commands.session import Session
from engine.configuration import Configuration
from engine.diagnostics import InputError
from engine.edits import overrides, targets
from engine.edits.overrides import Setting
from engine.edits.targets import Target
from engine.edits.timeline import End
from engine.facts import RenewalFact


@click.command()
@click.option("--client", metavar="ID|WEBSITE", help="The client whose override is set.")
@click.option(
    "--partner", metavar="ID", help="The partner whose default is set, or who the client is new to."
)
@click.option(
    "--owner", type=click.Choice(["partner", "hubspot", "default"]), help="Who writes to the client."
)
@click.option("--contact", metavar="USER", help="The partner's user who is copied, or acts.")
@click.option("--note", metavar="TEXT", help="Why this client differs; an empty text removes the note.")
@click.option("--from", "since", type=Date(), metavar="DATE", help="The first day of the change.")
@click.option("--until", type=Date(), metavar="DATE", help="The first day after it.")
@editing_options
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option, as click passes them
    session: Session,
    *,
    client: str | None,
    partner: str | None,
    owner: str | None,
    contact: str | None,
    note: str | None,
    since: dt.date | None,
    until: dt.date | None,
    on: dt.date | None,
    dry_run: bool,
    commit: bool,
) -> int:
    """Set who looks after a client, or after a partner's clients.

    What is in force is replaced; with --from it ends on that day, and the new begins. What is not named stays
    as it is; a note stays with the entry that ends. The file keeps its shape: everything else in it stays as
    it was written.

    \b
    Examples:
      renewctl set --client acme --owner partner --contact tom
      renewctl set --client acme --owner hubspot --from 2027-01-01 --commit
      renewctl set --partner nordlicht --contact aylin --dry-run
    """  # noqa: D301 - \b keeps click from filling the lines
    setting = Setting(owner, contact, note, since, until)
    if owner is None and contact is None and note is None:
        raise InputError("there is nothing to set", "name an --owner, a --contact or a --note")
    checked, today = load(session, on), on or session.now.date()
    if client is not None:
        target = targets.find_client(checked, client, partner, since or today, partial(_facts, session))
        _tell_of_likeness(session, checked, target, known=partner is None)
        change, whose = overrides.set_override(*target, setting, today), target.client
    elif partner is not None:
        change = overrides.set_default(targets.find_partner(checked, partner), setting, today)
        whose = partner
    else:
        raise InputError("whose owner and contact?", "name a --client or a --partner")
    _tell_end(session, change.end)
    return finish(session, [change.edit], setting.subject(whose), on=on, dry_run=dry_run, commit=commit)


def _facts(session: Session) -> tuple[RenewalFact, ...]:
    return session.facts(None, skip_bad=True)


def _tell_of_likeness(session: Session, checked: Configuration, target: Target, *, known: bool) -> None:
    """Say when a client that nobody knew may be a known one mistyped."""
    near = targets.similar(checked, target.client) if targets.is_new(target) and not known else None
    if near:
        remark(session, f"{target.client} is new to {target.file.record.partner}\n  hint: {near}")


def _tell_end(session: Session, end: End | None) -> None:
    if end is not None:
        why = "when the next entry begins" if end.has_next else "as what it replaces"
        remark(session, f"the change holds until {end.day}, {why}")
