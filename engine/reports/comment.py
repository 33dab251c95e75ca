"""What changes between two revisions as a comment of a pull request, to act on without opening a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.changes.comparing import Comparison
from engine.reports.changes import HEADINGS, Row, place, rows, summary, undecided, words
from engine.reports.problems import counted

MARKER = "<!-- renewctl diff -->"
"""By this a CI finds the comment again, to update it."""

_MOST_ROWS = 50
_HEADER = ("change", "client", "partner", "notices", "before", "after", "cause")


def text(comparison: Comparison, prefix: str = "") -> str:
    """Return the comment; `prefix` leads from the top of the git work tree to the root."""
    found = rows(comparison.changes)
    parts = [MARKER, f"**{summary(comparison)}**"]
    if found:
        parts += ["", *_table(found[:_MOST_ROWS], prefix)]
    if len(found) > _MOST_ROWS:
        parts += ["", f"… and {counted(len(found) - _MOST_ROWS, 'more row')}"]
    if found and comparison.undecided:
        parts += ["", f"{undecided(comparison)}."]
    return "\n".join(parts)


def _table(found: Sequence[Row], prefix: str) -> Iterator[str]:
    yield _line(_HEADER)
    yield _line(["---"] * len(_HEADER))
    for row in found:
        yield _line([_escaped(cell) for cell in _cells(row, prefix)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Row, prefix: str) -> Iterator[str]:
    change = row.change
    yield HEADINGS[change.danger]
    yield change.client
    yield change.partner or "-"
    yield row.amount
    yield from words(change)
    yield place(change, prefix)


_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~])")
_MENTION = re.compile(r"(?<![\w.+-])@")


def _escaped(cell: str) -> str:
    """Return text that markdown shows as it is: no table cell, mark-up or tag begins in it, nobody is called.

    GitHub calls whoever is named after an `@` that no word precedes, unless a comment stands between.
    """
    in_one_line = " ".join(cell.split())
    tagless = in_one_line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MENTION.sub("@<!-- -->", _SPECIAL.sub(r"\\\1", tagless))
