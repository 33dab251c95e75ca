"""The command `renewctl upcoming`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import click

from engine import agenda, collecting, inquiry, sentfiles
from engine.agenda import Agenda
from engine.civil import CalendarError
from engine.commands import bulk
from engine.commands.options import Date, cache_options, facts_options, format_option, rev_option
from engine.commands.session import Session
from engine.decisions import Decision
from engine.diagnostics import InputError
from engine.planning import DAYS_AHEAD
from engine.reports import calendar, decisions, ics
from engine.snapshot import Snapshot


@click.command()
@click.option("--client", metavar="ID|WEBSITE", help="Only notices about this client.")
@click.option("--partner", metavar="ID", help="Only notices about this partner's clients.")
@click.option(
    "--contact",
    metavar="PARTNER/USER",
    help="Only notices that this user receives or is the contact of; USER alone: any partner's.",
)
@click.option("--from", "since", type=Date(), metavar="DATE", help="The first day.  [default: today]")
@click.option(
    "--until",
    type=Date(),
    metavar="DATE",
    help=f"The first day that is left out.  [default: {DAYS_AHEAD} days after the first]",
)
@click.option(
    "--sent",
    metavar="FILE",
    help="Leave out what has these idempotency keys, and catch up what was missed: a key, or an object of "
    "JSON Lines, a line.",
)
@facts_options
@rev_option
@cache_options
@format_option("text", "json", "jsonl", "csv", "ics")
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option, as click passes them
    session: Session,
    *,
    client: str | None,
    partner: str | None,
    contact: str | None,
    since: dt.date | None,
    until: dt.date | None,
    sent: str | None,
    facts: str | None,
    skip_bad_facts: bool,
    rev: str | None,
    style: str,
) -> None:
    """Show when notices go out, to whom, and why.

    Each notice is decided for its own send date. Suppressed ones are listed too, but not in ics.

    \b
    Examples:
      renewctl upcoming --client acme
      renewctl upcoming --contact nordlicht/jana --format ics > jana.ics
      renewctl upcoming --from 2027-01-01 --until 2027-02-01 --format jsonl
      renewctl upcoming --sent sent.jsonl --until 2026-11-24 --format jsonl
    """  # noqa: D301 - \b keeps click from filling the lines
    asked = Agenda(
        client=client,
        partner=partner,
        contact=contact,
        since=since,
        until=until,
        sent=sentfiles.read(sent) if sent is not None else None,
    )
    snapshot = session.snapshot(since, rev)
    database = session.database(facts)
    try:
        if style == "jsonl" and not database and _concerns_many(asked, snapshot):
            calendar = agenda.calendar_of(snapshot, (), asked, session.now)
            watcher = session.watch_planning
            bulk.show(session, snapshot, calendar.of, watcher, facts=facts, rev=rev, skip_bad=skip_bad_facts)
            return
        selection = inquiry.selection(snapshot, asked.question)
        known = session.facts(facts, selection, skip_bad=skip_bad_facts, rev=rev)
        with collecting.paused():
            found = agenda.upcoming(
                snapshot, known, asked, session.now, session.watch_planning, selected=bool(database)
            )
        session.show_each(_report(session, snapshot, found, style))
    except CalendarError as error:
        raise InputError(str(error), "pip install 'renewctl[calendar]'") from error


def _concerns_many(asked: Agenda, snapshot: Snapshot) -> bool:
    """Whether no fact is needed to know what is asked."""
    return asked.client is None and (asked.partner is None or asked.partner in snapshot.partners)


def _report(session: Session, snapshot: Snapshot, planned: list[Decision], style: str) -> Iterator[str]:
    match style:
        case "json":
            yield decisions.json(planned, snapshot)
        case "jsonl":
            yield from decisions.jsonl(planned, snapshot)
        case "csv":
            yield from decisions.table(planned, snapshot)
        case "ics":
            yield ics.text(planned, snapshot)
        case _:
            yield calendar.text(planned, snapshot, session.paint)
