"""The replacements in a text that make it say another value."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from engine.documents import Path, Value
from engine.edits import blockstyle, flowstyle, pairs, spans, wording
from engine.edits.layout import Layout
from engine.edits.spans import Collection, Entry, Node, Scalar
from engine.edits.splices import Splices


def with_list(text: str, value: Value) -> str | None:
    """Return the text with the first mapping that is to be a list as a list of one, if there is such."""
    root = spans.read(text)
    found = _becomes_list(root, value, None, None)
    if found is None:
        return None
    rewriting = _Rewriting(text, root)
    rewriting.make_list(*found)
    return rewriting.splices.result()


def adapted(text: str, value: Value) -> str:
    """Return the text that says `value`."""
    root = spans.read(text)
    rewriting = _Rewriting(text, root)
    rewriting.adapt(root, value, ())
    return rewriting.splices.result()


class _New(NamedTuple):
    """What is to stand behind an entry, or at the beginning."""

    behind: Entry | None
    name: str | int
    value: Value


class _Rewriting:
    """One walk over a text and what it is to say."""

    def __init__(self, text: str, root: Node) -> None:
        self.splices = Splices(text)
        self._text = text
        self._layout = Layout(text, root)

    def adapt(self, node: Node, value: Value, at: Path) -> None:
        """Adapt a node, to which `at` leads, by what it has in common with the value."""
        if not isinstance(node, Collection) or not isinstance(value, dict | list):
            self.splices.replace(node.start, node.end, wording.flow(value))
            return
        kept, new = _compared(node, value)
        for entry, item in kept:
            if entry.node.value != item:
                self._adapt_entry(node, entry, item, (*at, entry.name))
        for behind, following in groupby(new, key=lambda one: one.behind):
            named = [(one.name, one.value) for one in following]
            if node.is_flow:
                flowstyle.insert(self.splices, self._layout, node, behind, named)
            else:
                blockstyle.insert(self.splices, self._layout, node, behind, named, at)
        staying = {entry.start for entry, _ in kept}
        self._remove(node, [entry for entry in node.entries if entry.start not in staying])

    def make_list(self, outer: Collection | None, entry: Entry | None, node: Collection) -> None:
        """Make of a mapping a list that holds it alone."""
        if outer is None or entry is None or outer.is_flow:
            flowstyle.make_list(self.splices, node)
        elif not node.is_flow:
            blockstyle.make_list(self.splices, self._layout, entry)
        elif self._text[self._value_begin(entry) : node.start].strip(" \t"):  # a comment or a line break
            flowstyle.make_list(self.splices, node)
        else:
            dash = " " * self._layout.list_indent(entry.start) + "- "
            self.splices.replace(self._value_begin(entry), node.start, self._layout.joined(["", dash]))

    def _remove(self, node: Collection, removed: list[Entry]) -> None:
        if node.is_flow and removed:
            flowstyle.remove(self.splices, node, removed)
        else:
            for entry in removed:
                blockstyle.remove(self.splices, self._layout, node, entry)

    def _adapt_entry(self, outer: Collection, entry: Entry, value: Value, at: Path) -> None:
        node = entry.node
        if not isinstance(node, Collection) or not _is_like(node, value):
            self._replace(outer, entry, value, at)
        elif not value and not node.is_flow:
            self._empty(entry, node, value)
        elif value and not _compared(node, value)[0] and (node.entries or _is_section(outer, at)):
            self._replace(outer, entry, value, at)
        else:
            self.adapt(node, value, at)

    def _replace(self, outer: Collection, entry: Entry, value: Value, at: Path) -> None:
        """Write the value of an entry anew."""
        node, begin = entry.node, self._value_begin(entry)
        is_block = isinstance(node, Collection) and not node.is_flow
        end = self._layout.tail(entry) if is_block else node.end
        if not outer.is_flow and not self._layout.is_inline(value, at):
            self.splices.replace(begin, end, "")
            lines = self._layout.nested(value, spans.column(self._text, entry.start), at)
            self.splices.insert(spans.line_end(self._text, end), self._layout.joined(["", *lines]))
            return
        text = wording.flow(value, as_json=outer.is_json) if outer.is_flow else wording.inline(value)
        if isinstance(node, Scalar) and not node.is_absent:
            self.splices.replace(node.start, end, text)
        else:
            has_colon = entry.key is None or begin > entry.key.end
            self.splices.replace(begin, end, f" {text}" if has_colon else f": {text}")

    def _empty(self, entry: Entry, node: Collection, value: Value) -> None:
        """Take everything out of a block, and say that nothing is in it."""
        if not self._layout.is_first_on_line(node.start):
            self.splices.replace(node.start, self._layout.tail(entry), wording.flow(value))
            return
        self.splices.insert(self._value_begin(entry), f" {wording.flow(value)}")
        self._remove(node, list(node.entries))

    def _value_begin(self, entry: Entry) -> int:
        """Return where a value begins, blanks before it included: behind the colon or the dash."""
        return spans.after_colon(self._text, entry.key.end) if entry.key else entry.start + 1


def _is_like(node: Collection, value: Value) -> bool:
    return isinstance(value, dict if node.is_mapping else list)


def _is_section(outer: Collection, at: Path) -> bool:
    """Whether it is a part of the whole, which is not kept on one line only because it was empty so far."""
    return len(at) == 1 and not outer.is_flow


def _becomes_list(
    node: Node, value: Value, outer: Collection | None, entry: Entry | None
) -> tuple[Collection | None, Entry | None, Collection] | None:
    """Return the first mapping that is to be a list, and what it stands in."""
    if not isinstance(node, Collection) or not node.is_mapping or not node.entries:
        return None
    if isinstance(value, list):
        return (outer, entry, node) if value else None
    if not isinstance(value, dict):
        return None
    inner = ((one.node, value[str(one.name)], node, one) for one in node.entries if one.name in value)
    return next((found for one in inner if (found := _becomes_list(*one))), None)


def _compared(node: Collection, value: Value) -> tuple[list[tuple[Entry, Value]], list[_New]]:
    """Return what stays in a collection, with what each is to say, and what is new."""
    kept: list[tuple[Entry, Value]] = []
    new: list[_New] = []
    for entry, name, item in _matched(node, value):
        if entry is None:
            new.append(_New(kept[-1][0] if kept else None, name, item))
        else:
            kept.append((entry, item))
    return kept, new


def _matched(node: Collection, value: Value) -> list[tuple[Entry | None, str | int, Value]]:
    """Return the parts of a value, each with the entry that says something like it so far."""
    if isinstance(value, dict):
        by_name = {str(entry.name): entry for entry in node.entries}
        return [(by_name.get(name), name, item) for name, item in value.items()]
    parts = value if isinstance(value, list) else []
    paired = pairs.of([entry.node.value for entry in node.entries], parts)
    return [
        (node.entries[paired[index]] if index in paired else None, index, item)
        for index, item in enumerate(parts)
    ]
