"""Entries of a collection in block style: each has lines of its own."""

from __future__ import annotations

from collections.abc import Iterable

from engine.documents import Path, Value
from engine.edits import spans
from engine.edits.layout import Layout
from engine.edits.spans import Collection, Entry
from engine.edits.splices import Splices


def insert(
    splices: Splices,
    layout: Layout,
    node: Collection,
    behind: Entry | None,
    new: Iterable[tuple[str | int, Value]],
    at: Path,
) -> None:
    """Insert new entries behind one, or before the first; `at` leads to the collection."""
    first = node.entries[0].start
    indent = spans.column(splices.text, first)
    lines = [line for name, value in new for line in layout.entry(name, value, indent, (*at, name))]
    if behind is not None:
        splices.insert(layout.tail(behind, last_in=node), layout.joined(["", *lines]))
    elif layout.is_first_on_line(first) and spans.line_start(splices.text, first):
        # behind the line above, for the lines of the first entry may go in the same edit
        splices.insert(_line_above(splices.text, first), layout.joined(["", *lines]))
    else:
        splices.insert(first, layout.joined([*lines, " " * indent]).lstrip(" "))


def remove(splices: Splices, layout: Layout, node: Collection, entry: Entry) -> None:
    """Remove the lines of an entry, with one of the line breaks around them."""
    text, end = splices.text, layout.tail(entry)
    start = spans.line_start(text, entry.start)
    if not layout.is_first_on_line(entry.start):  # it shares its line with the dash before it
        following = node.entries[node.entries.index(entry) + 1]
        splices.replace(entry.start, following.start, "")
    elif start:
        splices.replace(_line_above(text, entry.start), end, "")
    else:
        splices.replace(0, spans.next_line(text, end), "")


def _line_above(text: str, at: int) -> int:
    """Return where the line above that of a place ends."""
    return spans.line_end(text, spans.line_start(text, spans.line_start(text, at) - 1))


def make_list(splices: Splices, layout: Layout, entry: Entry) -> None:
    """Put a dash before the mapping below a key, and its lines further in."""
    text, first = splices.text, entry.node.start
    dash = layout.list_indent(entry.start)
    shift = dash + 2 - spans.column(text, first)
    splices.replace(spans.line_start(text, first), first, " " * dash + "- ")
    for line in spans.lines(text, spans.next_line(text, first), layout.tail(entry)):
        if shift >= 0:
            splices.insert(line, " " * shift)
        elif not text[line : line - shift].strip(" "):
            splices.replace(line, line - shift, "")
