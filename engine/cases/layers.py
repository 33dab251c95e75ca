"""A document put together from parts of others: each of its values knows where it is really written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType
from typing import NamedTuple

from engine.diagnostics import Location
from engine.documents import Document, Path, Value

_NOTHING: Mapping[str, Value] = MappingProxyType({})


class Layer(NamedTuple):
    """A part of a document that lies over others: it is written at `written`, and counts at `at`."""

    document: Document
    written: Path = ()
    at: Path = ()

    @property
    def value(self) -> Value:
        """What is written there."""
        return at_path(self.document.value, self.written)

    def holds(self, at: Path) -> bool:
        """Whether the value at that path of the whole is written in this part."""
        depth = len(self.at)
        return at[:depth] == self.at and _exists(self.document.value, self.written + at[depth:])


@dataclass(frozen=True, eq=False)
class Layered(Document):
    """The whole; of two parts that say the same the later one counts."""

    layers: tuple[Layer, ...] = ()

    def locate(self, at: Path = ()) -> Location:
        """Return where the value at `at` is written, or the deepest one on the way there that exists."""
        layer = self._layer(at)
        return layer.document.locate(layer.written + at[len(layer.at) :])

    def locate_key(self, at: Path) -> Location:
        """Return where the last key of `at` is written, likewise."""
        layer = self._layer(at)
        return layer.document.locate_key(layer.written + at[len(layer.at) :])

    def _layer(self, at: Path) -> Layer:
        holding = (layer for layer in reversed(self.layers) if layer.holds(at))
        nearest = (layer for layer in reversed(self.layers) if at[: len(layer.at)] == layer.at)
        return next(holding, None) or next(nearest, None) or self.layers[-1]


def assemble(path: str, layers: Sequence[Layer], filled: Mapping[str, Value] = _NOTHING) -> Layered:
    """Lay the parts over each other, the first at the bottom; `filled` lies below, written nowhere."""
    value: Value = dict(filled)
    for layer in layers:
        value = merged(value, _wrapped(layer.at, layer.value))
    return Layered(path, value, b"", tuple(layers))


def merged(base: Value, change: Value) -> Value:
    """Return `base` with `change` over it: mappings merge, null removes, anything else replaces."""
    if not isinstance(base, dict) or not isinstance(change, dict):
        return change
    kept = {key: value for key, value in base.items() if key not in change}
    return kept | {key: merged(base.get(key), value) for key, value in change.items() if value is not None}


def at_path(value: Value, at: Path) -> Value:
    """Return what a value holds at that path, which must be there."""
    for step in at:
        value = value[step]  # type: ignore[index]  # a path leads through mappings and lists
    return value


def _wrapped(at: Path, value: Value) -> Value:
    return reduce(lambda inner, key: {str(key): inner}, reversed(at), value)


def _exists(value: Value, at: Path) -> bool:
    for step in at:
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return False
    return True
