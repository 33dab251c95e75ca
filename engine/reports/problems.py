"""Diagnostics for people, for programs and for continuous integration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from engine.diagnostics import Diagnostic, Severity
from engine.reports.junit import Case, Suite, xml
from engine.reports.styles import Paint, plain
from engine.validation import Validation

FORMAT_VERSION = "1.0"
"""Of all JSON: the minor number counts added fields."""


def text(validation: Validation, paint: Paint = plain) -> str:
    """Return each diagnostic with its hint below it, and a summary."""
    return "\n".join((*lines(validation.diagnostics, paint), summary(validation, paint)))


def lines(diagnostics: Iterable[Diagnostic], paint: Paint = plain) -> Iterator[str]:
    """Yield each diagnostic, with its hint on a line of its own."""
    for diagnostic in diagnostics:
        severity = paint(diagnostic.severity.value, diagnostic.severity.value)
        code = paint(f"[{diagnostic.code}]", "faint")
        place = paint(str(diagnostic.location), "strong")
        yield f"{place}: {severity}: {diagnostic.message} {code}"
        if diagnostic.hint:
            yield f"  hint: {diagnostic.hint}"


def compact(validation: Validation) -> str:
    """Return one line for each diagnostic, and nothing else."""
    return "\n".join(map(_one_line, validation.diagnostics))


def json(validation: Validation) -> str:
    """Return the object that docs/commands.md shows."""
    report = {
        "format_version": FORMAT_VERSION,
        "diagnostics": [to_builtins(diagnostic) for diagnostic in validation.diagnostics],
        "summary": {
            "errors": validation.count(Severity.ERROR),
            "warnings": validation.count(Severity.WARNING),
            "files": len(validation.files),
            "partners": validation.partners,
            "clients": validation.clients,
            "rules": validation.rules,
        },
    }
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def to_builtins(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a diagnostic as JSON has it."""
    return {
        "file": diagnostic.location.path,
        "line": diagnostic.location.line,
        "column": diagnostic.location.column,
        "severity": diagnostic.severity.value,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
    }


def github(validation: Validation, prefix: str) -> str:
    """Return workflow commands that annotate a pull request; `prefix` leads from the work tree to the root.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    return "\n".join(_annotation(diagnostic, prefix) for diagnostic in validation.diagnostics)


def junit(validation: Validation, *, strict: bool) -> str:
    """Return every file as a suite of tests, of which each error is one that failed.

    A warning is one that passed, with its text as output: red for what does not fail the run would soon be
    ignored. With `strict` it fails the run, and so is one that failed.
    """
    by_file: dict[str, list[Diagnostic]] = {file: [] for file in validation.files}
    for diagnostic in validation.diagnostics:
        by_file.setdefault(diagnostic.location.path, []).append(diagnostic)
    return xml([_suite(path, found, strict=strict) for path, found in sorted(by_file.items())])


def summary(validation: Validation, paint: Paint = plain) -> str:
    """Return how much was checked, and how much of it is wrong."""
    errors, warnings = validation.count(Severity.ERROR), validation.count(Severity.WARNING)
    looked_at = ", ".join(
        (
            counted(validation.partners, "partner"),
            counted(validation.clients, "client"),
            counted(validation.rules, "rule"),
        )
    )
    files = counted(len(validation.files), "file")
    if not validation.diagnostics:
        return paint(f"no problems in {files}: {looked_at}", "good")
    found = f"{counted(errors, 'error')} and {counted(warnings, 'warning')} in {files}: {looked_at}"
    return paint(found, "error" if errors else "warning")


def counted(number: int, noun: str) -> str:
    """Return `1 error` or `2 errors`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _one_line(diagnostic: Diagnostic) -> str:
    hint = f" ({diagnostic.hint})" if diagnostic.hint else ""
    return f"{diagnostic.location}: {diagnostic.severity}: {diagnostic.message}{hint} [{diagnostic.code}]"


def _suite(path: str, found: Iterable[Diagnostic], *, strict: bool) -> Suite:
    return Suite(path, [_case(one, strict=strict) for one in found] or [Case("no problems", path)])


def _case(diagnostic: Diagnostic, *, strict: bool) -> Case:
    name, told = f"{diagnostic.code}: {diagnostic.message}", "\n".join(lines([diagnostic]))
    if strict or diagnostic.severity is Severity.ERROR:
        return Case(name, diagnostic.location.path, failure=told)
    return Case(name, diagnostic.location.path, output=told)


def _annotation(diagnostic: Diagnostic, prefix: str) -> str:
    place = diagnostic.location
    properties = {
        "file": prefix + place.path,
        "line": str(place.line),
        "col": str(place.column),
        "title": diagnostic.code,
    }
    written = ",".join(f"{name}={_escaped_property(value)}" for name, value in properties.items())
    hint = f"\n{diagnostic.hint}" if diagnostic.hint else ""
    return f"::{diagnostic.severity} {written}::{_escaped(diagnostic.message + hint)}"


def _escaped(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(value: str) -> str:
    return _escaped(value).replace(":", "%3A").replace(",", "%2C")
