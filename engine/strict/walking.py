"""Finds the places of a file's values by a walk over its events."""

from __future__ import annotations

from collections.abc import Iterator

from engine.strict import events
from engine.strict.events import Event, MappingStartEvent, Mark, SequenceStartEvent
from engine.strict.places import Place, Spot


def walk(text: str) -> Place:
    """Return the place of the first document of a text, with those of all its parts."""
    stream = events.read(text)
    root = events.first_node(stream)
    return _find(stream, root, root.start_mark) if root else Place(None, None)


def _find(stream: Iterator[Event], event: Event, key: Mark | None) -> Place:
    value, leads = _spot(event.start_mark), _spot(key)
    if isinstance(event, SequenceStartEvent):
        return Place(value, leads, _find_elements(stream))
    if isinstance(event, MappingStartEvent):
        return Place(value, leads, _find_entries(stream))
    return Place(value, leads)


def _find_elements(stream: Iterator[Event]) -> dict[str | int, Place]:
    return {
        index: _find(stream, element, element.start_mark)
        for index, element in enumerate(events.parts(stream))
    }


def _find_entries(stream: Iterator[Event]) -> dict[str | int, Place]:
    entries: dict[str | int, Place] = {}
    for key in events.parts(stream):
        _find(stream, key, key.start_mark)  # moves past the parts of a key that is a collection
        place = _find(stream, next(stream), key.start_mark)
        text = events.key_text(key)
        if text is not None:
            entries.setdefault(text, place)  # of two equal keys the first counts, as in the value
    return entries


def _spot(mark: Mark | None) -> Spot | None:
    return (mark.line + 1, mark.column + 1) if mark else None
