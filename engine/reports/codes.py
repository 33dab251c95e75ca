"""Diagnostic and reason codes for people and programs: what each means, an example and the cure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import indent

import msgspec

from engine.catalogue import Entry, Example
from engine.reports.problems import FORMAT_VERSION
from engine.reports.styles import Paint, plain

_STYLES = {"error": "error", "warning": "warning"}


def listing(entries: Sequence[Entry]) -> str:
    """Return a line a code."""
    width = max(len(entry.code) for entry in entries)
    return "\n".join(f"{entry.code:<{width}}  {entry.meaning}" for entry in entries)


def texts(entries: Iterable[Entry], paint: Paint = plain) -> str:
    """Return each code at length, an empty line between them."""
    return "\n\n".join("\n".join(_lines(entry, paint)) for entry in entries)


def json(entries: Iterable[Entry]) -> str:
    """Return all codes as one object."""
    report = {"format_version": FORMAT_VERSION, "codes": list(entries)}
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def markdown(entry: Entry) -> str:
    """Return the example of a code as a section of a page."""
    blocks = _markdown(entry.example) if entry.example else ()
    return "\n\n".join((f"### {entry.code}", *blocks))


def _lines(entry: Entry, paint: Paint) -> Iterator[str]:
    severity = entry.severity or "reason of a decision"
    yield f"{paint(entry.code, 'strong')}: {paint(severity, _STYLES.get(severity, 'strong'))}"
    yield ""
    yield f"  {entry.meaning}"
    yield f"  {paint('To do:', 'strong')} {entry.cure}"
    if entry.example:
        yield ""
        yield from _example(entry.example, paint)


def _example(example: Example, paint: Paint) -> Iterator[str]:
    if example.written:
        yield indent(example.written, "    ")
        yield ""
    yield paint(f"  $ {example.command}", "faint")
    yield indent(example.said, "    ")


def _markdown(example: Example) -> Iterator[str]:
    if example.written:
        yield _fenced(example.written)
    yield _fenced(f"$ {example.command}\n{example.said}")


def _fenced(text: str) -> str:
    return f"```text\n{text}\n```"
