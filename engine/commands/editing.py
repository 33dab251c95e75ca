"""What the commands that edit files share: their options, and how an edit is checked, shown and written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import click

from engine import configuration, sources
from engine.commands.options import CommandT, on_option
from engine.commands.session import Session
from engine.configuration import Configuration, Memory
from engine.diagnostics import ConfigurationError, Diagnostic, InputError, Severity
from engine.edits import committing, writing
from engine.edits.writing import Edit
from engine.reading import ways
from engine.reading.forms import Content
from engine.reports import problems

_STYLES = {"+++": "strong", "---": "strong", "@@": "faint", "+": "good", "-": "error"}


def editing_options(command: CommandT) -> CommandT:
    """Add --dry-run, --commit and --on."""
    dry_run = click.option("--dry-run", is_flag=True, help="Only show what would change.")
    commit = click.option("--commit", is_flag=True, help="Make a git commit of the change.")
    on = on_option("The day that tells history from what still counts.")
    return dry_run(commit(on(command)))


def load(session: Session, on: dt.date | None) -> Configuration:
    """Read the root, mistakes and all: an edit may be what mends them."""
    session.memory = Memory()
    read, today = sources.read(session.root), on or session.now.date()
    checked = configuration.load(read, today, session.watch, session.memory, ways.shared(Content))
    session.facts_url = checked.vendor.record.facts
    if not checked.partners:
        raise ConfigurationError(checked.diagnostics)
    return checked


def finish(
    session: Session, edits: Sequence[Edit], subject: str, *, on: dt.date | None, dry_run: bool, commit: bool
) -> int:
    """Check the edits, show them, and write and commit them as asked; return the exit code.

    `subject` says the change in the words of a commit: "Set owner of acme to partner, contact tom".
    """
    changed = [edit for edit in edits if edit.before != edit.after]
    if not changed:
        session.tell("nothing to change: the files say so already")
        return 0
    new, standing = writing.check(session.root, changed, on or session.now.date(), session.memory)
    for line in problems.lines(new, session.paint):  # new warnings too: they may be a mistake of this edit
        session.tell(line)
    if any(problem.severity is Severity.ERROR for problem in new):
        session.tell(f"{session.paint('error', 'error')}: the change would be a mistake; nothing is written")
        return 1
    _tell_standing(session, standing)
    if commit and not dry_run:
        _check_ready(session, changed)
    show(session, changed)
    if not dry_run:
        _write(session, changed, subject, commit=commit)
    return 0


def show(session: Session, edits: Sequence[Edit]) -> None:
    """Show the edits as a diff."""
    lines = writing.difference(edits).split("\n")
    session.show("\n".join(_painted(session, line) for line in lines))


def _painted(session: Session, line: str) -> str:
    style = next((style for start, style in _STYLES.items() if line.startswith(start)), None)
    return session.paint(line, style) if style else line


def _tell_standing(session: Session, standing: Sequence[Diagnostic]) -> None:
    """Say what is wrong in the edited files anyway: whoever edits them is who can mend it."""
    session.tell_problems(standing)
    if standing:
        session.tell(f"{problems.counted(len(standing), 'error')} from before the change, still to be mended")


def _check_ready(session: Session, edits: Sequence[Edit]) -> None:
    try:
        committing.check_ready(session.root, [edit.path for edit in edits])
    except InputError as error:
        raise _unwritten(error) from error


def _write(session: Session, edits: Sequence[Edit], subject: str, *, commit: bool) -> None:
    paths = [edit.path for edit in edits]
    writing.write(session.root, edits)
    if not commit:
        remark(session, f"wrote {', '.join(paths)}")
        return
    try:
        commit_id = committing.commit(session.root, paths, subject)
    except InputError as error:
        writing.write(session.root, [Edit(edit.path, edit.after, edit.before) for edit in edits])
        raise _unwritten(error) from error
    remark(session, f"committed {commit_id}: {subject}")
    if committing.is_detached(session.root):
        remark(session, "  hint: HEAD is detached; `git switch -c NAME` gives the commit a branch")


def _unwritten(error: InputError) -> InputError:
    return InputError(f"nothing is written: {error.message}", error.hint)


def remark(session: Session, text: str) -> None:
    """Say what is good to know, unless nobody wants to."""
    if not session.quiet:
        session.tell(text)
