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
    if behind is None:
        splices.insert(first, layout.joined([*lines, " " * indent]).lstrip(" "))
    else:
        splices.insert(layout.tail(behind, last_in=node), layout.joined(["", *lines]))


def remove(splices: Splices, layout: Layout, node: Collection, entry: Entry) -> None:
    """Remove the lines of an entry, with one of the line breaks around them."""
    text, end = splices.text, layout.tail(entry)
    start = spans.line_start(text, entry.start)
    if not layout.is_first_on_line(entry.start):  # it shares its line with the dash before it
        following = node.entries[node.entries.index(entry) + 1]
        splices.replace(entry.start, following.start, "")
    elif start:
        splices.replace(spans.line_end(text, spans.line_start(text, start - 1)), end, "")
    else:
        splices.replace(0, spans.next_line(text, end), "")


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
