"""What decision tests came to, for people, for programs and for CI."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec

from engine.cases.casefiles import Said
from engine.cases.coverage import Coverage
from engine.cases.runs import Difference, Result
from engine.reports import explanation, junit, problems
from engine.reports.coverage import to_builtins as coverage_to_builtins
from engine.reports.problems import FORMAT_VERSION, counted
from engine.reports.styles import Paint, plain


@dataclass(frozen=True, slots=True)
class Run:
    """Every result, in the order of files and cases, and the coverage if it was asked for."""

    results: tuple[Result, ...]
    coverage: Coverage | None = None

    @property
    def failed(self) -> tuple[Result, ...]:
        """The cases that did not come to what was expected."""
        return tuple(result for result in self.results if not result.passed)


def text(run: Run, paint: Paint = plain, *, every: bool = False) -> str:
    """Return each failed case with what differs and why, and a summary; `every` names the others too."""
    told = run.results if every else run.failed
    parts = ["\n".join(_lines(result, paint)) for result in told]
    separator = "\n" if all(result.passed for result in told) else "\n\n"
    return separator.join((*parts, summary(run, paint)))


def summary(run: Run, paint: Paint = plain) -> str:
    """Return how many cases there are, and how many failed."""
    if not run.results:
        return "no decision tests"
    files = len({result.case.document.path for result in run.results})
    passed = len(run.results) - len(run.failed)
    ran = f"{counted(len(run.results), 'case')} in {counted(files, 'file')}"
    if run.failed:
        return paint(f"{ran}: {passed:,} passed, {len(run.failed):,} failed", "error")
    return paint(f"{ran}: all passed", "good")


def json(run: Run) -> str:
    """Return the object that docs/commands.md shows."""
    report = {
        "format_version": FORMAT_VERSION,
        "cases": [_case(result) for result in run.results],
        "coverage": None if run.coverage is None else coverage_to_builtins(run.coverage),
        "summary": {
            "files": len({result.case.document.path for result in run.results}),
            "cases": len(run.results),
            "passed": len(run.results) - len(run.failed),
            "failed": len(run.failed),
        },
    }
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def xml(run: Run) -> str:
    """Return JUnit XML: a file is a suite; fixtures that make no sense are an error, the rest a failure."""
    by_file = groupby(run.results, key=lambda result: result.case.document.path)
    return junit.xml([junit.Suite(path, [_junit(result) for result in results]) for path, results in by_file])


def _lines(result: Result, paint: Paint) -> Iterator[str]:
    verdict = paint("passed", "good") if result.passed else paint("failed", "error")
    yield f"{paint(str(result.case.location), 'strong')}: {verdict}: {result.case.name}"
    for line in _complaint(result, paint):
        yield f"  {line}"


def _complaint(result: Result, paint: Paint) -> Iterator[str]:
    yield from problems.lines(result.problems, paint)
    yield from _differences(result.differences, paint)
    if result.differences and result.decision:
        why = explanation.why(result.decision, paint)
        yield from (line.removeprefix("  ") for line in why if line)


def _differences(differences: Sequence[Difference], paint: Paint) -> Iterator[str]:
    """Yield what was expected above what came, for the eye to compare."""
    names = max((len(one.field) for one in differences), default=0) + 1
    values = max((len(_shown(one.expected)) for one in differences), default=0)
    for one in differences:
        place = paint(str(one.location), "faint")
        yield f"{one.field + ':':<{names}} expected {_shown(one.expected):<{values}}  {place}"
        yield f"{'':{names}} got      {paint(_shown(one.actual), 'strong')}"


def _shown(said: Said) -> str:
    if isinstance(said, tuple):
        return f"[{', '.join(said)}]"
    return "null" if said is None else said


def _case(result: Result) -> dict[str, Any]:
    return {
        **_place(result),
        "case": result.case.name,
        "passed": result.passed,
        "differences": [_difference(one) for one in result.differences],
        "problems": [problems.to_builtins(problem) for problem in result.problems],
    }


def _place(result: Result) -> dict[str, Any]:
    place = result.case.location
    return {"file": place.path, "line": place.line, "column": place.column}


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "field": one.field,
        "expected": one.expected,
        "actual": one.actual,
        "line": one.location.line,
        "column": one.location.column,
    }


def _junit(result: Result) -> junit.Case:
    place = result.case.location
    complaint = "\n".join(_complaint(result, plain))
    differing = ", ".join(one.field for one in result.differences)
    return junit.Case(
        name=result.case.name,
        classname=place.path.removesuffix(".yaml").replace("/", "."),
        failure=f"not as expected: {differing}\n{complaint}" if differing else "",
        error=complaint if result.problems else "",
    )
