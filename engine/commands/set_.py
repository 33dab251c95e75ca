"""The command `renewctl set`."""

from __future__ import annotations

import datetime as dt

import click

from engine.commands.editing import editing_options, finish, load
from engine.commands.options import Date
from engine.commands.session import Session
from engine.configuration import Configuration
from engine.diagnostics import InputError
from engine.edits import overrides
from engine.edits.overrides import Setting


@click.command()
@click.option("--client", metavar="ID", help="The client whose override is set.")
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
    as it is. The file keeps its shape: everything else in it stays as it was written.

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
        file = overrides.find_client(checked, client, partner, since or today)
        file = file or overrides.find_partner(checked, _partner_in_facts(session, checked, client))
        edit, whose = overrides.set_override(file, client, setting, today), client
    elif partner is not None:
        file = overrides.find_partner(checked, partner)
        edit, whose = overrides.set_default(file, setting, today), partner
    else:
        raise InputError("whose owner and contact?", "name a --client or a --partner")
    return finish(session, [edit], setting.subject(whose), on=on, dry_run=dry_run, commit=commit)


def _partner_in_facts(session: Session, checked: Configuration, client: str) -> str:
    """Return the partner of a client that no file lists, as its renewals have it."""
    known = session.facts(None, skip_bad=True)
    partner = next((fact.partner for fact in known if fact.client == client and fact.partner), None)
    if partner is None:
        raise overrides.unknown_client(checked, client, (fact.client for fact in known))
    return partner
