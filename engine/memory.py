"""Remembers what was made of each file, so that one that did not change is not read again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class _Made(NamedTuple):
    basis: object
    value: Any


class Memory:
    """What one load made, for the next; everything in it is immutable, so revisions share it.

    It is for one load after another, never for two at once.
    """

    def __init__(self) -> None:
        self._made: dict[Hashable, _Made] = {}
        self._earlier: dict[Hashable, _Made] = {}

    def knows(self, name: Hashable, basis: object) -> bool:
        """Whether the last load made something under that name of an equal `basis`."""
        known = self._earlier.get(name)
        return known is not None and known.basis == basis

    def recall(self, name: Hashable, basis: object, make: Callable[[], T]) -> T:
        """Return what was made under that name, if it was made of an equal `basis`; else make it."""
        known = self._earlier.get(name)
        if known is None or known.basis != basis:
            known = _Made(basis, make())
        self._made[name] = known
        value: T = known.value
        return value

    def forget_unasked(self) -> None:
        """End a load: what it did not ask for is gone from the root."""
        self._earlier, self._made = self._made, {}
