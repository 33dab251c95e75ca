"""Suites of checks as JUnit XML, which every CI shows: written from simple records, whatever was checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

_IMPOSSIBLE = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Characters that XML 1.0 cannot hold, however they are written; compiled when a report is asked for."""


class Case(NamedTuple):
    """One check: what it is called, what it belongs to, and what came of it; nothing said is a pass.

    `output` is what somebody may want to know all the same. The place stands in the texts: no schema has
    an attribute for it.
    """

    name: str
    classname: str
    failure: str = ""
    error: str = ""
    skipped: str = ""
    seconds: float = 0.0
    output: str = ""


class Suite(NamedTuple):
    """Checks that belong together, such as those of one file."""

    name: str
    cases: Sequence[Case]


_Count: TypeAlias = Callable[[Case], bool]


def xml(suites: Sequence[Suite]) -> str:
    """Return the document, without a newline at its end; the first line of a complaint is its `message`."""
    cases = [case for suite in suites for case in suite.cases]
    body = "\n".join(_suite(suite) for suite in suites)
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            f"<testsuites{_attributes(name='renewctl', **_totals(cases, is_root=True))}>",
            *([body] if body else []),
            "</testsuites>",
        )
    )


def _suite(suite: Suite) -> str:
    head = f"  <testsuite{_attributes(name=suite.name, **_totals(suite.cases))}>"
    return "\n".join((head, *map(_case, suite.cases), "  </testsuite>"))


def _totals(cases: Sequence[Case], *, is_root: bool = False) -> dict[str, str]:
    counts: dict[str, _Count] = {
        "tests": lambda _: True,
        "failures": lambda case: bool(case.failure),
        "errors": lambda case: bool(case.error),
        # The usual schema knows `skipped` of a suite only.
        **({} if is_root else {"skipped": lambda case: bool(case.skipped)}),
    }
    totals = {name: str(sum(map(counted, cases))) for name, counted in counts.items()}
    return {**totals, "time": f"{sum(case.seconds for case in cases):.3f}"}


def _case(case: Case) -> str:
    attributes = _attributes(name=case.name, classname=case.classname, time=f"{case.seconds:.3f}")
    head = f"    <testcase{attributes}"
    complaints = [_complaint(*one) for one in _complaints(case)]
    return "\n".join((f"{head}>", *complaints, "    </testcase>")) if complaints else f"{head}/>"


def _complaints(case: Case) -> list[tuple[str, str]]:
    said = (
        ("failure", case.failure),
        ("error", case.error),
        ("skipped", case.skipped),
        ("system-out", case.output),
    )
    return [(tag, text) for tag, text in said if text]


def _complaint(tag: str, text: str) -> str:
    from xml.sax.saxutils import escape  # noqa: PLC0415 - it brings half of the network along

    message = "" if tag == "system-out" else _attributes(message=text.partition("\n")[0])
    body = "" if tag == "skipped" else escape(_possible(text))  # a schema allows no text in `skipped`
    return f"      <{tag}{message}>{body}</{tag}>"


def _attributes(**attributes: str) -> str:
    from xml.sax.saxutils import quoteattr  # noqa: PLC0415 - the same

    return "".join(f" {name}={quoteattr(_possible(value))}" for name, value in attributes.items())


def _possible(text: str) -> str:
    return re.sub(_IMPOSSIBLE, "\ufffd", text)
