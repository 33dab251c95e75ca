"""The layout of a file: how far its parts are indented, where they end, and how new ones would look."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cached_property

from engine.documents import Path, Value
from engine.edits import spans, wording
from engine.edits.spans import Collection, Entry, Node

_STEP = 2


class Layout:
    """What can be seen of the habits of whoever wrote a file."""

    def __init__(self, text: str, root: Node) -> None:
        self._text = text
        self._root = root
        self._newline = "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"

    def joined(self, lines: Iterable[str]) -> str:
        """Join lines as this file does."""
        return self._newline.join(lines)

    def is_first_on_line(self, offset: int) -> bool:
        """Whether only blanks stand before it."""
        return not self._text[spans.line_start(self._text, offset) : offset].strip(" \t")

    def tail(self, entry: Entry, *, last_in: Collection | None = None) -> int:
        """Return where the last line of an entry ends, or of the comments below it that are indented further.

        Behind the last entry of a block those that are indented like the entry count too: they end the block.
        """
        indent = spans.column(self._text, entry.start) + 1
        if last_in is not None and last_in.entries[-1] is entry and indent > self._outer_indent(last_in) + 1:
            indent -= 1
        end = spans.line_end(self._text, entry.end)
        while (following := spans.next_line(self._text, end)) < len(self._text):
            line = self._text[following : spans.line_end(self._text, following)]
            if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) < indent:
                break
            end = following + len(line)
        return end

    def list_indent(self, entry_start: int) -> int:
        """Return how far the dashes below a key are indented."""
        return spans.column(self._text, entry_start) + self._list_step

    def nested(self, value: Value, indent: int, at: Path) -> list[str]:
        """Return the lines below a key or a dash that is indented that far."""
        step = self._list_step if isinstance(value, list) else self._step
        return self._lines(value, indent + step, at)

    def entry(self, name: str | int, value: Value, indent: int, at: Path) -> list[str]:
        """Return the lines of a new entry of a block."""
        margin = " " * indent
        if isinstance(name, int):
            if self.is_inline(value, at):
                return [f"{margin}- {wording.inline(value)}"]
            first, *others = self._lines(value, indent + 2, at)
            return [f"{margin}- {first.lstrip(' ')}", *others]
        if self.is_inline(value, at):
            return [f"{margin}{wording.key(name)}: {wording.inline(value)}"]
        return [f"{margin}{wording.key(name)}:", *self.nested(value, indent, at)]

    def is_inline(self, value: Value, at: Path) -> bool:
        """Whether a value at that place would be written on the line of its key: as most of its like are."""
        if not isinstance(value, dict | list) or not value:
            return True
        if len(at) == 1:
            return False
        alike = self._alike(at, is_mapping=isinstance(value, dict))
        if alike:
            return sum(alike) >= 0
        parts = value.values() if isinstance(value, dict) else value
        return not any(isinstance(part, dict | list) for part in parts)

    def _lines(self, value: Value, indent: int, at: Path) -> list[str]:
        named = value.items() if isinstance(value, dict) else _numbered(value)
        return [line for name, item in named for line in self.entry(name, item, indent, (*at, name))]

    def _alike(self, at: Path, *, is_mapping: bool) -> Sequence[int]:
        """Return the styles of what stands under the same key elsewhere, or of the neighbours."""
        key = (len(at), _kind(at), is_mapping)
        neighbours = (at[:-1], is_mapping)
        first, second = (neighbours, key) if isinstance(at[-1], int) else (key, neighbours)
        return self._styles.get(first) or self._styles.get(second) or ()

    @cached_property
    def _styles(self) -> dict[Hashable, list[int]]:
        """Return what stands on one line (1) and what in a block (-1), by key and by what it stands in."""
        found: dict[Hashable, list[int]] = defaultdict(list)
        for path, node in self._collections:
            if path and node.entries:
                found[len(path), _kind(path), node.is_mapping].append(1 if node.is_flow else -1)
                found[path[:-1], node.is_mapping].append(1 if node.is_flow else -1)
        return dict(found)

    @cached_property
    def _collections(self) -> list[tuple[Path, Collection]]:
        return list(_walk(self._root, ()))

    @cached_property
    def _outer_indents(self) -> dict[int, int]:
        """Return for each block, by its beginning, how far the block around it is indented."""
        found = {}
        for _, node in self._collections:
            for entry in node.entries:
                if isinstance(entry.node, Collection) and entry.node.entries:
                    found[entry.node.entries[0].start] = spans.column(self._text, entry.start)
        return found

    def _outer_indent(self, node: Collection) -> int:
        return self._outer_indents.get(node.entries[0].start, -1)

    @cached_property
    def _step(self) -> int:
        return self._most_frequent_step(is_mapping=True) or _STEP

    @cached_property
    def _list_step(self) -> int:
        found = self._most_frequent_step(is_mapping=False)
        return self._step if found is None else found

    def _most_frequent_step(self, *, is_mapping: bool) -> int | None:
        """Return how much further than its key a block is indented."""
        steps = Counter(
            spans.column(self._text, inner.entries[0].start) - spans.column(self._text, entry.start)
            for _, node in self._collections
            for entry in node.entries
            if entry.key
            and isinstance(inner := entry.node, Collection)
            and not inner.is_flow
            and inner.is_mapping is is_mapping
        )
        return steps.most_common(1)[0][0] if steps else None


def _kind(at: Path) -> Hashable:
    """Return what parts of a file have in common: their key, for elements of lists that of the list."""
    return at[-1] if isinstance(at[-1], str) else ("element of", at[-2:-1])


def _walk(node: Node, at: Path) -> Iterator[tuple[Path, Collection]]:
    if isinstance(node, Collection):
        yield at, node
        for entry in node.entries:
            yield from _walk(entry.node, (*at, entry.name))


def _numbered(value: Value) -> Iterator[tuple[int, Value]]:
    return enumerate(value if isinstance(value, list) else ())
