"""The command `renewctl history`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

import click

from engine import inquiry, sources
from engine.commands.options import Date, facts_options, format_option, on_option, rev_option
from engine.commands.session import Session
from engine.inquiry import Question
from engine.reports import history as report
from engine.reports.history import Told

if TYPE_CHECKING:  # imported when used
    from engine.past.history import Entry


@click.command()
@click.option("--client", metavar="ID|WEBSITE", required=True, help="Whose history.")
@facts_options
@rev_option
@on_option("The day on which the notice is sent, the same for every revision.")
@click.option("--since", type=Date(), metavar="DATE", help="Only changes of this day or later.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many, the newest.")
@format_option("text", "json")
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option, as click passes them
    session: Session,
    *,
    client: str,
    facts: str | None,
    skip_bad_facts: bool,
    rev: str | None,
    on: dt.date | None,
    since: dt.date | None,
    limit: int | None,
    style: str,
) -> None:
    """Show since when a client's decision is as it is, and why.

    The newest comes first: what is not committed yet, then the commits of the branch as they went live. Every
    revision decides by the same facts, for a notice sent on that day and all that are due after it, so that
    only its files make a difference; of these, only those that the client depends on are read.

    \b
    Examples:
      renewctl history --client acme
      renewctl history --client acme.example --since 2026-01-01
      renewctl history --client acme --rev main --limit 1 --format json
    """  # noqa: D301 - \b keeps click from filling the lines
    from engine.git import Commit, Repository  # noqa: PLC0415 - pygit2 takes 60 ms to import, and may be missing
    from engine.past import history  # noqa: PLC0415 - the same

    repository, tree = Repository.at(session.root), session.tree(rev)
    newest = tree if isinstance(tree, Commit) else repository.commit("HEAD")
    files = sources.read_tree(tree)
    question = Question(client=client, on=on)
    used = history.naming(files, client, on or session.now.date())
    session.facts_url = used.vendor.facts
    known = session.facts(facts, inquiry.selection(used, question), skip_bad=skip_bad_facts, rev=rev)
    subject = history.subject(used, known, question, session.now)
    with closing(history.History(subject)) as found:
        entries = found.entries(newest, None if rev else files)
        told = Told(subject, *_wanted(entries, since, limit), is_shallow=repository.is_shallow)
    session.show(report.json(told) if style == "json" else report.text(told, session.paint))


def _wanted(
    entries: Iterator[Entry], since: dt.date | None, limit: int | None
) -> tuple[tuple[Entry, ...], bool]:
    """Return the entries that are asked for, and whether there are older ones."""
    if since is None:
        wanted = tuple(islice(entries, limit))
        return wanted, next(entries, None) is not None
    everything = tuple(entries)
    late = [one for one in everything if not one.commit or one.commit.authored.date() >= since]
    wanted = tuple(late[:limit])
    return wanted, len(wanted) < len(everything)
