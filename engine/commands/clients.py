"""The command `renewctl clients`."""

from __future__ import annotations

import datetime as dt

import click

from engine import dashboard
from engine.commands.options import cache_options, facts_options, format_option, on_option, rev_option
from engine.commands.session import Session
from engine.reports import clients


@click.command()
@click.option("--partner", metavar="ID", help="Only this partner's clients.")
@facts_options
@rev_option
@cache_options
@on_option("The day as of which owners and contacts are shown.")
@format_option("text", "json", "csv")
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option, as click passes them
    session: Session,
    *,
    partner: str | None,
    facts: str | None,
    skip_bad_facts: bool,
    rev: str | None,
    on: dt.date | None,
    style: str,
) -> None:
    """List clients with owner, contact and next renewal.

    Each has its website, who set the owner, the days left and the decision maker beside it.

    \b
    Examples:
      renewctl clients --partner nordlicht
      renewctl clients --format csv > clients.csv
      renewctl clients --facts postgresql://crm.example/sales?table=due
    """  # noqa: D301 - \b keeps click from filling the lines
    snapshot = session.snapshot(on, rev)
    known = session.facts(facts, dashboard.selection(snapshot, partner), skip_bad=skip_bad_facts, rev=rev)
    found = dashboard.dashboards(snapshot, known, partner, on, session.now)
    match style:
        case "json":
            session.show(clients.json(found))
        case "csv":
            session.show(clients.table(found))
        case _:
            session.show(clients.text(found, session.paint, session.width))
