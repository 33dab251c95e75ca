"""The command `renewctl validate`."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import click

from engine import sources, validation
from engine.commands.options import on_option
from engine.commands.session import Session
from engine.diagnostics import InputError, Severity
from engine.reports import problems
from engine.validation import Validation


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@on_option("The day that tells history from what still counts.")
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "compact", "json", "github"]),
    help="How the report is written.  [default: text; in GitHub Actions github]",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report there.")
@click.pass_obj
def command(
    session: Session,
    *,
    paths: tuple[Path, ...],
    on: dt.date | None,
    strict: bool,
    style: str | None,
    output: Path | None,
) -> int:
    """Find every mistake in configuration, rules and facts.

    The whole root is checked; PATHs only narrow what is reported. The exit code is 1 when there are errors,
    2 when there is nothing to check.

    \b
    Examples:
      renewctl validate
      renewctl validate --strict config/partners/nordlicht.yaml
      renewctl validate --format json --output report.json
    """  # noqa: D301 - \b keeps click from filling the lines
    root = session.root
    session.tell_details(f"root {root}")
    narrowed_to = [_in_root(root, path) for path in paths]
    found = validation.validate(root, on or session.now.date(), session.watch).narrowed_to(narrowed_to)
    style = style or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text")
    _write(session, _report(session, found, style), output)
    if (output or style == "github") and not session.quiet:
        session.tell(problems.summary(found, session.paint))  # so that a log says what came of it
    if found.is_without_configuration:
        return 2
    return int(found.count(Severity.ERROR) > 0 or (strict and bool(found.diagnostics)))


def _in_root(root: Path, path: Path) -> str:
    """Return the path relative to the root, as diagnostics have it, from which it may also be copied."""
    below_root = root / path
    for named in (path, below_root) if path.exists() or not below_root.exists() else (below_root,):
        as_written = [Path(os.path.abspath(one)) for one in (named, root)]  # noqa: PTH100 - keeps links, not `..`
        for inner, outer in (as_written, [named.resolve(), root.resolve()]):
            if inner.is_relative_to(outer):
                return inner.relative_to(outer).as_posix()
    raise InputError(f"{path} is not in the root {root}", "name a file of the root, or another --root")


def _report(session: Session, found: Validation, style: str) -> str:
    match style:
        case "json":
            return problems.json(found)
        case "compact":
            return problems.compact(found)
        case "github":
            return problems.github(found, sources.prefix_in_work_tree(session.root))
    if session.quiet:
        return "\n".join(problems.lines(found.diagnostics, session.paint))
    return problems.text(found, session.paint)


def _write(session: Session, report: str, output: Path | None) -> None:
    if output is not None:
        try:
            output.write_text(f"{click.unstyle(report)}\n", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise InputError(f"{output} cannot be written: {error.strerror}") from error
    elif report:
        session.show(report)
