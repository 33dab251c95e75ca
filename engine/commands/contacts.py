"""The command `renewctl contacts`."""

from __future__ import annotations

import datetime as dt

import click

from engine import dashboard, dependents, leaving
from engine.civil import CalendarError
from engine.commands.options import cache_options, facts_options, format_option, on_option, rev_option
from engine.commands.session import Session
from engine.dependents import Question
from engine.diagnostics import InputError
from engine.reports import contacts
from engine.reports import leaving as leavings
from engine.reports.leaving import Leaver


@click.command()
@click.option("--partner", metavar="ID", help="Only this partner's users.")
@click.option(
    "--user", metavar="PARTNER/USER", help="What breaks when this person leaves; a user id lists every match."
)
@facts_options
@rev_option
@cache_options
@on_option("The day as of which users are shown.")
@format_option("text", "json", "csv")
@click.pass_obj
def command(  # noqa: PLR0913 - one argument an option
    session: Session,
    *,
    partner: str | None,
    user: str | None,
    facts: str | None,
    skip_bad_facts: bool,
    rev: str | None,
    on: dt.date | None,
    style: str,
) -> None:
    """List partner users with what depends on them.

    Those whom mail does not reach come first: they have left, or somebody receives in their place. Notices
    are those of the next 120 days.

    \b
    Examples:
      renewctl contacts --partner nordlicht
      renewctl contacts --user nordlicht/tom
    """  # noqa: D301 - \b keeps click from filling the lines
    snapshot = session.snapshot(on, rev)
    asked = Question(partner, user, on)
    known = session.facts(facts, dashboard.selection(snapshot, asked.whose), skip_bad=skip_bad_facts, rev=rev)
    try:
        found = dependents.find(snapshot, known, asked, session.now)
    except CalendarError as error:
        raise InputError(str(error), "pip install 'renewctl[calendar]'") from error
    if user is None:
        _show(session, found, style)
    else:
        _show_leaving(session, [Leaver(one, leaving.changes(snapshot, one)) for one in found], style)


def _show(session: Session, found: list[dependents.Dependents], style: str) -> None:
    match style:
        case "json":
            session.show(contacts.json(found))
        case "csv":
            session.show(contacts.table(found))
        case _:
            session.show(contacts.text(found, session.paint, session.width))


def _show_leaving(session: Session, leavers: list[Leaver], style: str) -> None:
    match style:
        case "json":
            session.show(leavings.json(leavers))
        case "csv":
            session.show(leavings.table(leavers))
        case _:
            session.show(leavings.texts(leavers, session.paint, session.width))
