"""The command `renewctl validate`."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from engine import collecting, sources, validation
from engine.commands import outputs
from engine.commands.options import cache_options, in_root, on_option, rev_option
from engine.commands.outputs import Report
from engine.commands.session import Session
from engine.diagnostics import Severity
from engine.reading.forms import Verdict
from engine.reports import problems
from engine.validation import Validation


@click.command(cls=outputs.Command)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@on_option("The day that tells history from what still counts.")
@rev_option
@cache_options
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@outputs.options(
    *("text", "compact", "json", "github", "sarif", "junit"),
    default="text; in GitHub Actions github",
)
@click.pass_obj
def command(
    session: Session,
    *,
    paths: tuple[Path, ...],
    on: dt.date | None,
    rev: str | None,
    strict: bool,
    reports: tuple[Report, ...],
) -> int:
    """Find every mistake in configuration, rules and facts.

    The whole root is checked; PATHs only narrow what is reported. The exit code is 1 when there are errors,
    2 when there is nothing to check.

    \b
    Examples:
      renewctl validate
      renewctl validate --strict config/partners/nordlicht.yaml
      renewctl validate --rev origin/main
      renewctl validate --format json --output report.json
      renewctl validate --format text --format sarif --output renewctl.sarif \\
          --format junit --output junit.xml
    """  # noqa: D301 - \b keeps click from filling the lines
    root, day = session.root, on or session.now.date()
    session.tell_details(f"root {root}")
    narrowed_to = [in_root(root, path) for path in paths]
    tree, reader = session.way(rev, Verdict, day)
    with collecting.paused():
        found = validation.validate(root, day, session.watch, tree=tree, reader=reader)
    found = found.narrowed_to(narrowed_to)
    for report in reports:
        _write(session, found, report, strict=strict)
    if not any(map(_says_the_sum, reports)) and not session.quiet:
        session.tell(problems.summary(found, session.paint))  # so that a log says what came of it
    if found.is_without_configuration:
        return 2
    return int(found.count(Severity.ERROR) > 0 or (strict and bool(found.diagnostics)))


def _says_the_sum(report: Report) -> bool:
    """Whether a report is read where the summary would be told, and holds it or has to stay alone."""
    return report.output is None and _style(report) != "github"


def _style(report: Report) -> str:
    return report.style or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text")


def _write(session: Session, found: Validation, report: Report, *, strict: bool) -> None:
    text = _text(session, found, _style(report), strict=strict)
    if report.output is not None:
        outputs.write(text, report.output)
    elif text:
        session.show(text)


def _text(session: Session, found: Validation, style: str, *, strict: bool) -> str:
    prefix = sources.prefix_in_work_tree(session.root)
    writers: Mapping[str, Callable[[], str]] = {
        "text": lambda: _for_people(session, found),
        "compact": lambda: problems.compact(found),
        "json": lambda: problems.json(found),
        "github": lambda: problems.github(found, prefix),
        "sarif": lambda: _sarif(found, prefix),
        "junit": lambda: problems.junit(found, strict=strict),
    }
    return writers[style]()


def _sarif(found: Validation, prefix: str) -> str:
    from engine.reports import sarif  # noqa: PLC0415 - only where somebody reads it

    return sarif.sarif(found.diagnostics, prefix)


def _for_people(session: Session, found: Validation) -> str:
    if session.quiet:
        return "\n".join(problems.lines(found.diagnostics, session.paint))
    return problems.text(found, session.paint)
