"""Formatting files: what each looks like in its canonical shape, in which it says just what it said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine import documents
from engine.diagnostics import ConfigurationError, Diagnostic
from engine.documents import Value
from engine.edits import canonical
from engine.edits.writing import Edit
from engine.strict import encoding
from engine.trees import File


@dataclass(frozen=True, slots=True)
class Result:
    """What formatting several files comes to; a file with a mistake in its YAML is left alone."""

    edits: tuple[Edit, ...]
    unchanged: int
    broken: int
    problems: tuple[Diagnostic, ...]


def format_each(files: Iterable[File]) -> Result:
    """Format every file that can be, and collect what is wrong with the others."""
    edits: list[Edit] = []
    problems: list[Diagnostic] = []
    unchanged = broken = 0
    for file in files:
        try:
            edit = Edit(file.path, file.data, formatted(file.path, file.data))
        except ConfigurationError as error:
            broken += 1
            problems.extend(error.diagnostics)
            continue
        if edit.after == edit.before:
            unchanged += 1
        else:
            edits.append(edit)
    return Result(tuple(edits), unchanged, broken, tuple(problems))


def formatted(path: str, data: bytes) -> bytes:
    """Return the canonical shape of a file; one that is no YAML, or no mapping at all, is an error.

    What comes out is read again: whatever the layout may get wrong, a file never says something else.
    """
    before = _mapping(path, data)
    text, _ = encoding.decode(path, data)
    after = _with_line_ends_of(data, canonical.laid_out(text or "").encode())
    if repr(_mapping(path, after)) != repr(before):  # repr: not a number is unequal to itself
        raise AssertionError(f"{path} would say something else")
    return after


def _with_line_ends_of(before: bytes, after: bytes) -> bytes:
    """Keep the line ends of Windows where all are, for git may write them so; else every line ends alike."""
    ends = before.count(b"\r\n")
    is_windows = ends > 0 and ends == before.count(b"\n") == before.count(b"\r")
    return after.replace(b"\n", b"\r\n") if is_windows else after


def _mapping(path: str, data: bytes) -> dict[str, Value]:
    document, problems = documents.parse(path, data)
    if document is None or problems:
        raise ConfigurationError(problems)
    if not isinstance(document.value, dict):
        raise ConfigurationError([Diagnostic(document.locate(), "schema-type", "expected a mapping")])
    return document.value
