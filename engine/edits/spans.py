"""Where each value of a file begins and ends, and in which style it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.documents import Value
from engine.strict import events, scalars
from engine.strict.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    Mark,
    ScalarEvent,
    SequenceStartEvent,
)

_COMMA = re.compile(r"(?:\s|(?<=\s)#[^\n]*)*,")
_REST_OF_LINE = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\n]*|\r?)(?:\n|\Z)")
_BLOCK_SCALARS = ("|", ">")


@dataclass(frozen=True)
class Scalar:
    """Text, a number or nothing; where nothing is written it begins and ends after the colon."""

    start: int
    end: int
    style: str | None
    value: Value

    @property
    def is_absent(self) -> bool:
        """Whether nothing at all is written."""
        return self.start == self.end


@dataclass(frozen=True)
class Entry:
    """A key of a mapping and its value, or an element of a list; `start` is that of the key or the dash."""

    name: str | int
    start: int
    key: Scalar | None
    node: Node

    @property
    def end(self) -> int:
        """Where the last of it is written."""
        return self.node.end


@dataclass(frozen=True)
class Collection:
    """A mapping or a list; one in block style ends where its last part does, not at what follows."""

    start: int
    end: int
    is_flow: bool
    is_mapping: bool
    entries: tuple[Entry, ...]

    @cached_property
    def value(self) -> Value:
        """What it says."""
        if self.is_mapping:
            return {str(entry.name): entry.node.value for entry in self.entries}
        return [entry.node.value for entry in self.entries]

    @property
    def is_json(self) -> bool:
        """Whether its keys are written as JSON has them."""
        return bool(self.entries) and all(entry.key and entry.key.style == '"' for entry in self.entries)

    def entry(self, name: str | int) -> Entry | None:
        """Return the entry of that name."""
        return next((entry for entry in self.entries if entry.name == name), None)


Node = Scalar | Collection


def read(text: str) -> Node:
    """Read a text that the dialect accepts."""
    stream = events.read(text)
    first = events.first_node(stream)
    if first is None:
        return Scalar(0, 0, None, None)
    return _node(text, stream, first)


def line_start(text: str, offset: int) -> int:
    """Return where the line of that character begins."""
    return text.rfind("\n", 0, offset) + 1


def line_end(text: str, offset: int) -> int:
    """Return where the line of that character ends, before its line break."""
    end = text.find("\n", offset)
    if end < 0:
        return len(text)
    return end - 1 if end > offset and text[end - 1] == "\r" else end


def column(text: str, offset: int) -> int:
    """Return how many characters stand before that one on its line."""
    return offset - line_start(text, offset)


def after_colon(text: str, end: int) -> int:
    """Return where a value would begin after a key; without a colon that is where the key ends."""
    rest = text[end:].lstrip(" \t")
    return len(text) - len(rest) + 1 if rest.startswith(":") else end


def next_line(text: str, offset: int) -> int:
    """Return where the line after that of this character begins; the end of the text after the last."""
    end = text.find("\n", offset)
    return len(text) if end < 0 else end + 1


def lines(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where each line between two places begins, unless it is blank."""
    while start < end:
        following = next_line(text, start)
        if text[start:following].strip():
            yield start
        start = following


def comma(text: str, offset: int) -> int | None:
    """Return the comma that follows, if one does before anything but blanks and comments."""
    found = _COMMA.match(text, offset)
    return found.end() - 1 if found else None


def end_of_comment(text: str, offset: int) -> int:
    """Return where the line ends if only a comment stands on the rest of it; else the place itself."""
    found = _REST_OF_LINE.match(text, offset)
    return line_end(text, offset) if found else offset


def _node(text: str, stream: Iterator[Event], event: Event) -> Node:
    if isinstance(event, CollectionStartEvent):
        return _collection(text, stream, event)
    assert isinstance(event, ScalarEvent)  # noqa: S101 - the dialect has no aliases
    start, end = _index(event.start_mark), _index(event.end_mark)
    if event.style in _BLOCK_SCALARS:
        end = _without_break(text, end)
    return Scalar(start, end, event.style, event.value if event.style else scalars.resolve(event.value))


def _collection(text: str, stream: Iterator[Event], event: CollectionStartEvent) -> Collection:
    is_flow, start = bool(event.flow_style), _index(event.start_mark)
    entries: list[Entry] = []
    while not isinstance(following := next(stream), CollectionEndEvent):
        if isinstance(event, MappingStartEvent):
            entries.append(_pair(text, stream, following))
        else:
            node = _node(text, stream, following)
            dash = node.start if is_flow else _dash(text, node.start, column(text, start))
            entries.append(Entry(len(entries), dash, None, node))
    end = _index(following.end_mark) if is_flow else entries[-1].end
    return Collection(start, end, is_flow, not isinstance(event, SequenceStartEvent), tuple(entries))


def _pair(text: str, stream: Iterator[Event], event: Event) -> Entry:
    key = _node(text, stream, event)
    assert isinstance(key, Scalar) and isinstance(event, ScalarEvent)  # noqa: S101, PT018 - so the dialect has it
    node = _node(text, stream, next(stream))
    if isinstance(node, Scalar) and node.is_absent:
        after = after_colon(text, key.end)
        node = Scalar(after, after, None, None)
    return Entry(event.value, key.start, key, node)


def _dash(text: str, start: int, indent: int) -> int:
    """Return the dash of an element of a block list that begins at `start`, on its line or a later one."""
    line = line_start(text, start)
    while line and (text[line + indent : line + indent + 1] != "-" or line + indent > start):
        line = line_start(text, line - 1)
    return line + indent


def _without_break(text: str, end: int) -> int:
    """Return where a block scalar ends, without its last line break."""
    if text[end - 1 : end] == "\n":
        end -= 1
    return end - 1 if text[end - 1 : end] == "\r" else end


def _index(mark: Mark | None) -> int:
    """Return the offset of a mark; PyYAML's types have it that an event may lack one."""
    return mark.index if mark else 0
