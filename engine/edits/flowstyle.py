"""Entries of a collection in flow style: between brackets, separated by commas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.documents import Value
from engine.edits import spans, wording
from engine.edits.layout import Layout
from engine.edits.spans import Collection, Entry
from engine.edits.splices import Splices


def insert(
    splices: Splices,
    layout: Layout,
    node: Collection,
    behind: Entry | None,
    new: Iterable[tuple[str | int, Value]],
) -> None:
    """Insert new entries behind one, or before the first."""
    words = [_words(node, name, value) for name, value in new]
    if behind is None and node.entries:
        splices.insert(node.entries[0].start, "".join(f"{word}, " for word in words))
    elif behind is None:
        splices.insert(node.start + 1, ", ".join(words))
    elif behind is node.entries[-1] and layout.is_first_on_line(behind.start):
        _insert_lines(splices, layout, behind, words)
    else:
        splices.insert(behind.end, "".join(f", {word}" for word in words))


def remove(splices: Splices, node: Collection, removed: Sequence[Entry]) -> None:
    """Remove entries, each with one of the commas around it."""
    entries, left = list(node.entries), list(removed)
    if len(left) == len(entries):
        splices.replace(entries[0].start, entries[-1].end, "")
        return
    while left and left[-1] is entries[-1]:
        last = left.pop()
        entries.pop()
        splices.replace(entries[-1].end, last.end, "")
    for entry in left:
        following = entries[entries.index(entry) + 1]
        splices.replace(entry.start, following.start, "")


def make_list(splices: Splices, node: Collection) -> None:
    """Put brackets around a mapping."""
    splices.insert(node.start, "[")
    splices.insert(node.end, "]")


def _words(node: Collection, name: str | int, value: Value) -> str:
    text = wording.flow(value, as_json=node.is_json)
    return text if isinstance(name, int) else f"{wording.key(name, as_json=node.is_json)}: {text}"


def _insert_lines(splices: Splices, layout: Layout, behind: Entry, words: Iterable[str]) -> None:
    """Give each new entry a line of its own, as the last one has, and leave that its comment."""
    indent = " " * spans.column(splices.text, behind.start)
    lines = layout.joined(["", *(f"{indent}{word}," for word in words)])
    comma = spans.comma(splices.text, behind.end)
    if comma is None:
        splices.insert(behind.end, ",")
        lines = lines.removesuffix(",")
    end = behind.end if comma is None else comma + 1
    splices.insert(spans.end_of_comment(splices.text, end), lines)
