"""A YAML file as it was written: what it says, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from engine.diagnostics import Diagnostic, Location
from engine.strict import dialect, encoding, events
from engine.strict.dialect import Value
from engine.strict.events import Event, MappingStartEvent, Mark, SequenceStartEvent

__all__ = ["MAX_BYTES", "Document", "Path", "Unread", "Value", "parse"]

Path = tuple[str | int, ...]
"""The keys and indexes that lead to a part of a document; () is the whole."""

MAX_BYTES = 16 * 2**20


@dataclass(frozen=True, eq=False)
class Document:
    """What one file says; where it says it is found by reading it again, once somebody asks.

    A document is equal to itself only: comparing or hashing one never walks its content.
    """

    path: str
    value: Value
    text: bytes = field(repr=False)

    def locate(self, at: Path = ()) -> Location:
        """Return where the value at `at` is written, or the deepest one on the way there that exists."""
        return events.location(self.path, self._place(at).value)

    def locate_key(self, at: Path) -> Location:
        """Return where the last key of `at` is written, likewise; an element of a list is its own key."""
        return events.location(self.path, self._place(at).key)

    def released(self) -> Document:
        """Return the document without its value, which takes many times the memory of the text."""
        text = self.text
        return Unread(self.path, lambda: text)

    def _place(self, at: Path) -> _Place:
        place = self._places
        for step in at:
            if step not in place.parts:
                break
            place = place.parts[step]
        return place

    @cached_property
    def _places(self) -> _Place:
        text, _ = encoding.decode(self.path, self.text)
        stream = events.read(text or "")
        root = events.first_node(stream)
        return _find(stream, root, root.start_mark) if root else _Place(None, None)


class Unread(Document):
    """A document whose file was read before, here or elsewhere: what it says is read again on demand."""

    def __init__(self, path: str, data: Callable[[], bytes]) -> None:
        self.__dict__.update(path=path, _data=data)

    @cached_property
    def text(self) -> bytes:
        """The bytes of the file."""
        data: bytes = self.__dict__["_data"]()
        return data

    @cached_property
    def value(self) -> Value:
        """What the file says."""
        return _read(self.path, self.text)[0]


def parse(path: str, data: bytes) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """Return what a file says, unless nothing can be made of it, and every problem with how it says it."""
    value, problems = _read(path, data)
    if value is None and not problems:
        problems = [Diagnostic(Location(path), "yaml-empty", "the file is empty")]
    document = None if value is None else Document(path, value, data)
    return document, tuple(sorted(problems, key=lambda problem: problem.location))


def _read(path: str, data: bytes) -> tuple[Value, list[Diagnostic]]:
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read"
        return None, [Diagnostic(Location(path), "yaml-too-large", message, hint="split it")]
    text, bad_characters = encoding.decode(path, data)
    if text is None:
        return None, bad_characters
    value, problems = dialect.read(path, text)
    return value, [*bad_characters, *problems]


class _Place(NamedTuple):
    """Where a value is written, where the key that leads to it, and the places of its parts."""

    value: Mark | None
    key: Mark | None
    parts: Mapping[str | int, _Place] = MappingProxyType({})


def _find(stream: Iterator[Event], event: Event, key: Mark | None) -> _Place:
    if isinstance(event, SequenceStartEvent):
        return _Place(event.start_mark, key, _find_elements(stream))
    if isinstance(event, MappingStartEvent):
        return _Place(event.start_mark, key, _find_entries(stream))
    return _Place(event.start_mark, key)


def _find_elements(stream: Iterator[Event]) -> dict[str | int, _Place]:
    return {
        index: _find(stream, element, element.start_mark)
        for index, element in enumerate(events.parts(stream))
    }


def _find_entries(stream: Iterator[Event]) -> dict[str | int, _Place]:
    entries: dict[str | int, _Place] = {}
    for key in events.parts(stream):
        _find(stream, key, key.start_mark)  # moves past the parts of a key that is a collection
        place = _find(stream, next(stream), key.start_mark)
        text = events.key_text(key)
        if text is not None:
            entries.setdefault(text, place)  # of two equal keys the first counts, as in the value
    return entries
