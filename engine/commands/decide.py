"""The command `renewctl decide`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from engine import inquiry
from engine.commands import bulk
from engine.commands.options import (
    Assignment,
    Step,
    cache_options,
    facts_options,
    format_option,
    on_option,
    rev_option,
)
from engine.commands.session import Session
from engine.decisions import Decision
from engine.diagnostics import InputError
from engine.inquiry import Question
from engine.notices import Notice
from engine.reports import decisions, explanation
from engine.snapshot import Snapshot
from engine.vocabulary import NOTICE_TYPES

if TYPE_CHECKING:  # imported when used
    from engine.past.blame import Blame

_STREAMED = ("jsonl", "csv")
"""The formats that say one decision after another; a database's are then too many to hold."""


@click.command()
@click.option("--client", metavar="ID|WEBSITE", help="The renewals of this client.")
@click.option("--renewal", metavar="ID", help="This renewal.")
@click.option("--partner", metavar="ID", help="The renewals of this partner's clients.")
@click.option("--all", "everybody", is_flag=True, help="Every renewal.")
@facts_options
@rev_option
@cache_options
@on_option("The day on which the notice is sent.")
@click.option(
    "--notice",
    type=click.Choice(NOTICE_TYPES),
    metavar="TYPE",
    default="renewal",
    show_default=True,
    help=f"What it is about: {', '.join(NOTICE_TYPES[:-1])} or {NOTICE_TYPES[-1]}.",
)
@click.option("--step", type=Step(), metavar="STEP", help="The step of the schedule, such as D-7.")
@click.option(
    "--set",
    "settings",
    type=Assignment(),
    metavar="FIELD=VALUE",
    multiple=True,
    help="Assume this of the renewal, or make one by hand; repeatable.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="In text, show every fact and rule that was looked at, and in a git work tree who wrote each line.",
)
@format_option("text", "json", "jsonl", "csv")
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option, as click passes them
    session: Session,
    *,
    client: str | None,
    renewal: str | None,
    partner: str | None,
    everybody: bool,
    facts: str | None,
    skip_bad_facts: bool,
    rev: str | None,
    on: dt.date | None,
    notice: str,
    step: str | None,
    settings: tuple[tuple[str, str], ...],
    explain: bool,
    style: str,
) -> None:
    """Decide who receives a notice sent on a day, and say why.

    Name one of --client, --renewal, --partner and --all. A decision of any outcome is exit code 0; errors in
    the configuration are 1.

    \b
    Examples:
      renewctl decide --client acme --explain
      renewctl decide --client acme.example --on 2027-01-02 --format json
      renewctl decide --client newco --set renewal_date=2027-03-01 \\
          --set decision_maker.email=ada@newco.example
      crm-export | renewctl decide --all --facts - --format jsonl
      renewctl decide --all --facts sqlite:///crm.db --format csv
    """  # noqa: D301 - \b keeps click from filling the lines
    if [bool(client), bool(renewal), bool(partner), everybody].count(True) != 1:
        raise click.UsageError("name exactly one of --client, --renewal, --partner and --all")
    question = Question(
        client=client,
        renewal=renewal,
        partner=partner,
        settings=settings,
        notice=Notice(type=notice, step=step),
        on=on,
    )
    snapshot = session.snapshot(on, rev)
    database = session.database(facts)
    if everybody and style == "jsonl" and not settings and not database:
        decider, watcher = inquiry.decider(snapshot, question, session.now), session.watch_deciding
        bulk.show(session, snapshot, decider, watcher, facts=facts, rev=rev, skip_bad=skip_bad_facts)
        return
    if database and everybody and style in _STREAMED:
        stream = session.stream(database, skip_bad=skip_bad_facts)
        decided = inquiry.answer_each(snapshot, stream, question, session.now)
    else:
        selection = inquiry.selection(snapshot, question)
        known = session.facts(facts, selection, skip_bad=skip_bad_facts, rev=rev)
        decided = inquiry.answer(snapshot, known, question, session.now, selected=database is not None)
    if style == "text":
        blame = _blame(session, rev) if explain else None
        session.show(explanation.texts(decided, snapshot, session.paint, explain=explain, blame=blame))
    else:
        session.show_each(_report(snapshot, decided, style))


def _blame(session: Session, rev: str | None) -> Blame | None:
    """Return what knows who wrote a line; without git, or outside of it, nobody does."""
    try:
        from engine.past.blame import Blame  # noqa: PLC0415 - pygit2 takes 60 ms to import, and may be missing

        return Blame.of(session.tree(rev), session.root)
    except (ImportError, InputError) as error:
        session.tell_details(f"who wrote each line is not known: {error}")
        return None


def _report(snapshot: Snapshot, decided: Iterable[Decision], style: str) -> Iterator[str]:
    match style:
        case "json":
            yield decisions.json(decided, snapshot)
        case "jsonl":
            yield from decisions.jsonl(decided, snapshot)
        case _:
            yield from decisions.table(decided, snapshot)
