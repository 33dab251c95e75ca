"""A memory of limited size: when it is full it forgets everything, which costs time and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TypeVar

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

_AT_ONCE = 500
"""Entries that are freed in far less than a millisecond."""


class Bounded(dict[KeyT, ValueT]):
    """A dictionary that never holds more than `limit` entries; used from any thread.

    Which entry has not been asked for longest is not kept account of: that would cost more than it saves.
    """

    __slots__ = ("limit",)

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def keep(self, key: KeyT, value: ValueT) -> ValueT:
        """Remember the value, and return it."""
        if len(self) >= self.limit:
            self.clear()
        self[key] = value
        return value

    def forgetting(self) -> Iterator[None]:
        """Forget everything, some at a time: nobody is let in while 100,000 entries are freed at once."""
        while self:
            with suppress(KeyError):  # somebody else may forget, too
                for _ in range(_AT_ONCE):
                    self.popitem()
            yield
