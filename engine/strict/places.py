"""Where the values of a file are written."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from engine.strict.values import Path

Spot = tuple[int, int]
"""A line and a column, which count from 1, the column in characters."""


class Place(NamedTuple):
    """Where a value is written, where the key that leads to it, and the places of its parts.

    An element of a list is its own key.
    """

    value: Spot | None
    key: Spot | None
    parts: Mapping[str | int, Place] = MappingProxyType({})

    def at(self, path: Path) -> Place:
        """Return the place at a path below this one, or the deepest one on the way there that exists."""
        place = self
        for step in path:
            if step not in place.parts:
                break
            place = place.parts[step]
        return place
