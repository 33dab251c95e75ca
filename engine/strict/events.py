"""The events of PyYAML's C parser; nothing else of PyYAML is used, and nowhere else.

`yaml.load` would read `no` as false and `1_000` as 1000, follow aliases and silently keep the last of two
equal keys. Events only say what is written, and where; their marks count from 0, in characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import yaml
from yaml import MarkedYAMLError
from yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from engine.diagnostics import Location

__all__ = [
    "CollectionEndEvent",
    "CollectionStartEvent",
    "DocumentStartEvent",
    "Event",
    "MappingStartEvent",
    "Mark",
    "MarkedYAMLError",
    "ScalarEvent",
    "SequenceStartEvent",
    "first_node",
    "key_text",
    "location",
    "parts",
    "read",
]

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # PyYAML can be built without libyaml


class Mark(Protocol):
    """A place, as PyYAML's two parsers have it."""

    index: int
    line: int
    column: int


def read(text: str) -> Iterator[Event]:
    """Yield the events of a text; asking for the next one raises `MarkedYAMLError` where it is not YAML."""
    events: Iterator[Event] = iter(_LOADER(text).get_event, None)  # `yaml.parse` looks at each event twice
    return events


def first_node(events: Iterator[Event]) -> Event | None:
    """Go to the event that begins the first document; None if there is no document."""
    next(events)  # the start of the stream
    next(events)  # the start of a document, or the end of the stream
    return next(events, None)


def parts(events: Iterator[Event]) -> Iterator[Event]:
    """Yield the event that begins each part of a collection; who asks takes the others of that part."""
    while not isinstance(event := next(events), CollectionEndEvent):
        yield event


def key_text(event: Event) -> str | None:
    """Return the text of a key; a collection, an alias and a merge key have none."""
    if not isinstance(event, ScalarEvent) or (event.value == "<<" and not event.style):
        return None
    return event.value


def location(path: str, mark: Mark | None) -> Location:
    """Return the place of a mark."""
    return Location(path, mark.line + 1, mark.column + 1) if mark else Location(path)
