"""The command `renewctl diff`."""

from __future__ import annotations

import datetime as dt

import click

from engine import collecting, sources
from engine.changes import affected, comparing
from engine.changes.causes import Side
from engine.changes.comparing import Comparison
from engine.changes.concerned import Selector
from engine.changes.disagreeing import Question
from engine.changes.known import Checked
from engine.changes.together import Pair
from engine.civil import CalendarError
from engine.commands.options import Date, cache_options, facts_options, format_option, on_option
from engine.commands.session import Session
from engine.configuration import Memory
from engine.diagnostics import InputError
from engine.git import Repository
from engine.planning import DAYS_AHEAD
from engine.reading.cache import Cache
from engine.reading.ways import Way
from engine.reports import changes as report
from engine.reports import comment
from engine.reports.changes import Compared


@click.command()
@click.argument("base")
@click.argument("head", required=False)
@facts_options
@on_option("The first day: a notice sent on it is compared, whether or not one is due.")
@click.option(
    "--until",
    type=Date(),
    metavar="DATE",
    help=f"The first day of which the notices are left out.  [default: {DAYS_AHEAD} days after the first]",
)
@cache_options
@click.option("--exit-code", is_flag=True, help="Exit with 1 when a decision changes.")
@format_option("text", "json", "markdown")
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option, as click passes them
    session: Session,
    *,
    base: str,
    head: str | None,
    facts: str | None,
    skip_bad_facts: bool,
    on: dt.date | None,
    until: dt.date | None,
    exit_code: bool,
    style: str,
) -> int:
    """Show whose decisions change between two revisions.

    BASE and HEAD are commits: a branch, a tag, an id, main~2. Without HEAD, BASE is compared with the working
    tree. Both sides decide from the same facts: those of HEAD, unless --facts names others.

    \b
    Examples:
      renewctl diff main
      renewctl diff main --format markdown > comment.md
      renewctl diff v1.4 v1.5 --exit-code --format json
    """  # noqa: D301 - \b keeps click from filling the lines
    question = Question(now=session.now, on=on, until=until)
    _check_days(question)
    was, is_now = _sides(session, on, base, head)
    selector = Selector(affected.between(was.snapshot, is_now.snapshot))
    read = None if skip_bad_facts else selector.read  # to skip the bad ones is to know them all
    known = selector.known(session.facts(facts, skip_bad=skip_bad_facts, rev=head, read=read))
    try:
        found = comparing.compare(was, is_now, known, question, session.watch_planning)
    except CalendarError as error:
        raise InputError(str(error), "pip install 'renewctl[calendar]'") from error
    revisions = Compared(base, was.snapshot.revision), Compared(head, is_now.snapshot.revision)
    _show(session, found, revisions, style)
    return int(exit_code and bool(found.changes))


def _sides(session: Session, on: dt.date | None, base: str, head: str | None) -> tuple[Side, Side]:
    """Load both revisions, the head with what was made of the base."""
    trees = Repository.at(session.root).commit(base), session.tree(head)
    folder, day = session.cache_folder, on or session.now.date()
    cache = Cache(folder, session.root, Checked, day) if folder else None
    with collecting.paused():
        pair = Pair.of(*trees, cache, day, session.watch)
    memory = Memory()
    was, is_now = (
        Side(session.loaded(read, Way(tree, pair.reader), on, rev, memory), read)
        for read, tree, rev in zip((pair.base, pair.head), trees, (base, head), strict=True)
    )
    return was, is_now


def _check_days(question: Question) -> None:
    first = question.on or question.now.date()
    if question.until is not None and question.until <= first:
        begin = f"--on {first}" if question.on else "today"
        cure = "it is the first day that is left out"
        raise InputError(f"--until {question.until} is not after {begin}", cure)


def _show(session: Session, found: Comparison, revisions: tuple[Compared, Compared], style: str) -> None:
    match style:
        case "json":
            session.show(report.json(found, *revisions))
        case "markdown":
            session.show(comment.text(found, sources.prefix_in_work_tree(session.root)))
        case _:
            session.show(report.text(found, session.paint))
    if found.undecided and style == "text" and not session.quiet:
        session.tell(report.undecided(found))
