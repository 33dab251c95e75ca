"""JSON Lines of decisions about everybody: facts that are read and decided where they are cut."""

from __future__ import annotations

from engine import inquiry
from engine.commands.session import Session
from engine.configuration import Watcher
from engine.feeds import portions
from engine.feeds.portions import UnsoundError
from engine.reports import lines
from engine.snapshot import Snapshot
from engine.workloads import Decider


def show(  # noqa: PLR0913 - what a command was asked, and what it makes of it
    session: Session,
    snapshot: Snapshot,
    decider: Decider,
    watcher: Watcher,
    *,
    facts: str | None,
    rev: str | None,
    skip_bad: bool,
) -> None:
    """Write what is decided about the renewals in these files.

    Of large ones each process reads its own part; where anything is wrong, the whole is read to say what.
    """
    files = session.fact_files(facts, rev)
    if files.are_usable and portions.is_worth_it(files.files):
        try:
            with lines.of_files(files.files, decider, snapshot, watcher) as found:
                session.tell_problems(files.unread)
                session.tell_delivered(found.renewals, len(files.files))
                session.show_each(found.each())
        except UnsoundError:
            session.tell_details("something is wrong with the facts: they are read again, one after another")
        else:
            return
    known = session.delivered(files.delivery(), len(files.files), skip_bad=skip_bad)
    if not known:
        raise inquiry.no_facts()
    with lines.of_facts(known, decider, snapshot, watcher) as found:
        session.show_each(found.each())
