"""The coverage of decision tests: how much of each kind is exercised, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.cases.coverage import Coverage, Measure, Missing
from engine.reports.explanation import wording
from engine.reports.styles import Paint, plain

_LACKS = {"rules": "never holds", "routes": "never decides", "overrides": "its override is never used"}
_SHOWN = 10
"""Of each kind so many are listed; JSON has all."""


def text(coverage: Coverage, paint: Paint = plain) -> str:
    """Return a line for each kind, the total, and the places of what no case exercises."""
    return "\n".join((*_shares(coverage, paint), *_missing(coverage, paint)))


def to_builtins(coverage: Coverage) -> dict[str, Any]:
    """Return the coverage as JSON has it."""
    measures = {measure.kind: _measure(measure) for measure in coverage.measures}
    return {"percent": coverage.percent, **measures}


def _shares(coverage: Coverage, paint: Paint) -> Iterator[str]:
    counts = [f"{measure.covered:,}/{measure.total:,}" for measure in coverage.measures]
    width = max(map(len, counts))
    yield paint("coverage", "strong")
    for measure, count in zip(coverage.measures, counts, strict=True):
        yield f"  {measure.kind:<10}  {count:>{width}}  {measure.percent:5.1f}%"
    style = "good" if coverage.percent == 100 else "warning"  # noqa: PLR2004 - percent
    total = paint(f"{coverage.percent:5.1f}%", style)
    yield f"  {'total':<10}  {'':{width}}  {total}  of rules, routes and conditions"


def _missing(coverage: Coverage, paint: Paint) -> Iterator[str]:
    listed = [measure for measure in coverage.measures if measure.missing]
    if listed:
        yield ""
        yield paint("not exercised", "strong")
    for measure in listed:
        for missing in measure.missing[:_SHOWN]:
            yield f"  {paint(str(missing.location), 'faint')}  {missing.name}: {_lack(measure, missing)}"
        if len(measure.missing) > _SHOWN:
            yield f"  and {len(measure.missing) - _SHOWN:,} more {measure.kind}"


def _lack(measure: Measure, missing: Missing) -> str:
    if missing.comparison is None:
        return _LACKS[measure.kind]
    return f"`{wording(missing.comparison)}` is never {str(missing.truth).lower()}"


def _measure(measure: Measure) -> dict[str, Any]:
    return {
        "covered": measure.covered,
        "total": measure.total,
        "percent": measure.percent,
        "missing": [
            {
                "file": missing.location.path,
                "line": missing.location.line,
                "column": missing.location.column,
                "name": missing.name,
                "what": _lack(measure, missing),
            }
            for missing in measure.missing
        ],
    }
