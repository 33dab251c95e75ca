"""The command `renewctl fmt`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from engine import sources
from engine.commands import editing
from engine.commands.options import in_root
from engine.commands.session import Session
from engine.diagnostics import InputError, Severity
from engine.edits import formatting, writing
from engine.reports.problems import counted
from engine.sources import Sources
from engine.trees import File

_STDIN = Path("-")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file is not formatted.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.pass_obj
def command(session: Session, *, paths: tuple[Path, ...], check: bool, diff: bool) -> int:
    """Bring YAML files into one shape; what they say stays.

    Indentation is two spaces, also for lists; at most one blank line sets off a paragraph; quotes stay where
    they are needed. Lines, comments and their order are yours, and so are blanks that align a column. Line
    ends of Windows stay if all lines have them. A file with a mistake in its YAML is reported and left alone.
    PATHs are files or directories of the root; - alone formats standard input to standard output.

    \b
    Examples:
      renewctl fmt
      renewctl fmt --check
      renewctl fmt --diff config/partners/nordlicht.yaml
      renewctl fmt - < nordlicht.yaml
    """  # noqa: D301 - \b keeps click from filling the lines
    if _STDIN in paths:
        return _filter(paths, check=check or diff)
    read = sources.read(session.root)
    result = formatting.format_each(_chosen(session.root, read, paths))
    problems = (*read.diagnostics, *result.problems) if not paths else result.problems
    session.tell_problems(problems)
    if diff and result.edits:
        editing.show(session, result.edits)
    elif result.edits:
        session.show("\n".join(edit.path for edit in result.edits))
    if not (check or diff):
        writing.write(session.root, result.edits)
    if not session.quiet:
        session.tell(_summary(result, would=check or diff))
    has_errors = any(problem.severity is Severity.ERROR for problem in problems)
    return int(has_errors or (check and bool(result.edits)))


def _filter(paths: Sequence[Path], *, check: bool) -> int:
    """Format standard input to standard output, which stays empty when nothing can be made of it."""
    if len(paths) > 1 or check:
        raise InputError("- stands alone: it formats standard input to standard output")
    data = formatting.formatted("<stdin>", sys.stdin.buffer.read())
    sys.stdout.write(data.decode())
    return 0


def _chosen(root: Path, read: Sources, paths: Sequence[Path]) -> list[File]:
    """Return the YAML files of the root, or those among them that are named or stand in what is named."""
    files = sorted((*read.files, *read.decision_tests), key=lambda file: file.path)
    if not paths:
        return files
    chosen: set[str] = set()
    for path in paths:
        named = in_root(root, path)
        found = {file.path for file in files if f"{file.path}/".startswith(f"{named}/") or named == "."}
        if not found:
            hint = f"name files of {sources.PARTNERS} or {sources.RULES}, or {sources.VENDOR}"
            raise InputError(f"{path} is no configuration file that can be read", hint)
        chosen |= found
    return [file for file in files if file.path in chosen]


def _summary(result: formatting.Result, *, would: bool) -> str:
    changed = counted(len(result.edits), "file")
    parts = [f"{changed} {'would change' if would else 'formatted'}" if result.edits else ""]
    parts.append(f"{counted(result.unchanged, 'file')} unchanged" if result.unchanged else "")
    parts.append(f"{counted(result.broken, 'file')} left alone" if result.broken else "")
    return ", ".join(filter(None, parts)) or "nothing to format"
