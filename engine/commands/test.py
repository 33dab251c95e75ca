"""The command `renewctl test`."""

from __future__ import annotations

from pathlib import Path

import click

from engine import collecting, configuration, sources
from engine.cases import casefiles, coverage, runs
from engine.cases.casefiles import CaseFile
from engine.cases.situations import Situations
from engine.commands import outputs
from engine.commands.options import cache_options, in_root, rev_option
from engine.commands.outputs import Report
from engine.commands.session import Session
from engine.diagnostics import ConfigurationError, InputError
from engine.facts import RenewalFact
from engine.reading.forms import Content
from engine.reports import cases as casereports
from engine.reports import coverage as coveragereports
from engine.reports.cases import Run
from engine.sources import Sources

_EVERYTHING = 100.0


@click.command(cls=outputs.Command)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@rev_option
@cache_options
@click.option("--filter", "text", metavar="TEXT", help="Only cases whose file or name holds this text.")
@click.option("--coverage", "covering", is_flag=True, help="Say what of the rules no case exercises.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, _EVERYTHING),
    metavar="PERCENT",
    help="Exit with 1 if the cases exercise less than this share of all rules, routes and conditions "
    "together; a condition counts twice, as seen true and as seen false.  Implies --coverage.",
)
@click.option("--require-tests", is_flag=True, help="Exit with 1 if there is no test.")
@outputs.options("text", "json", "junit", default="text")
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option, as click passes them
    session: Session,
    *,
    paths: tuple[Path, ...],
    rev: str | None,
    text: str | None,
    covering: bool,
    threshold: float | None,
    require_tests: bool,
    reports: tuple[Report, ...],
) -> int:
    """Run the decision tests: rules/**/*_test.yaml.

    Each case says who is to receive a notice; the exit code is 1 when one of them fails. PATHs are test files
    or directories of them.

    \b
    Examples:
      renewctl test
      renewctl test rules/recipients_test.yaml --filter override
      renewctl test --coverage --threshold 100 --require-tests
      renewctl test --format text --format junit --output junit.xml
    """  # noqa: D301 - \b keeps click from filling the lines
    today = session.now.date()
    tree, reader = session.way(rev, Content, today)
    with collecting.paused():
        read = sources.read_tree(tree)
        checked = configuration.load(read, today, session.watch, reader=reader)
    session.facts_url = checked.vendor.record.facts
    situations = Situations(checked, lambda: _facts(session, rev))
    files = _selected(read, [in_root(session.root, path) for path in paths], text)
    results = tuple(runs.run(case, situations) for file in files for case in file.cases)
    measured = covering or threshold is not None
    measure = coverage.measure(results, checked.ruleset, situations.own) if measured else None
    situations.close()
    run = Run(results, measure)
    for report in reports:
        _write(session, run, report)
    if all(report.output for report in reports) and not session.quiet:
        session.tell(casereports.summary(run, session.paint))  # so that a log says what came of it
    return _exit_code(session, run, threshold, require_tests=require_tests)


def _facts(session: Session, rev: str | None) -> tuple[RenewalFact, ...]:
    """Read the facts that cases take renewals from; here bad ones cannot be skipped."""
    try:
        return session.facts(None, skip_bad=False, rev=rev)
    except InputError as error:
        if not error.diagnostics:
            raise
        hint = "mend them; renewctl validate shows everything that is wrong"
        raise InputError(error.message, hint, error.diagnostics) from error


def _selected(read: Sources, folders: list[str], text: str | None) -> tuple[CaseFile, ...]:
    """Read the test files that are asked for; a mistake in one of them is said before any case is run."""
    wanted = [file for file in read.decision_tests if not folders or sources.is_in(file.path, folders)]
    for folder in folders:
        if not any(sources.is_in(file.path, [folder]) for file in wanted):
            raise InputError(f"there is no decision test in {folder}", "name rules/…_test.yaml")
    files = [casefiles.read(file) for file in wanted]
    problems = [problem for _, found in files for problem in found]
    if problems:
        raise ConfigurationError(problems)
    readable = [file for file, _ in files if file is not None]
    selected = casefiles.selected(readable, text or "")
    if text and not selected and readable:
        raise InputError(f"no case holds {text!r}", "renewctl -v test names every case")
    return selected


def _write(session: Session, run: Run, report: Report) -> None:
    match report.style:
        case "json":
            written = casereports.json(run)
        case "junit":
            written = casereports.xml(run)
        case _:
            written = casereports.text(run, session.paint, every=session.verbose)
            if run.coverage is not None:
                written += f"\n\n{coveragereports.text(run.coverage, session.paint)}"
    if report.output is None:
        session.show(written)
    else:
        outputs.write(written, report.output)


def _exit_code(session: Session, run: Run, threshold: float | None, *, require_tests: bool) -> int:
    is_missing = require_tests and not run.results
    is_thin = threshold is not None and run.coverage is not None and run.coverage.percent < threshold
    if is_missing:
        session.tell("there is no decision test, and --require-tests asks for one")
    if is_thin and run.coverage is not None:
        session.tell(f"the coverage of {run.coverage.percent:.1f}% is below the threshold of {threshold:g}%")
    return int(bool(run.failed) or is_missing or is_thin)
