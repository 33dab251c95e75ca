"""The next version of a large mapping, which shares with the last one all that does not differ.

A copy of 250,000 entries takes milliseconds, and so does freeing it, while nobody else is answered. So what
differs is laid over what there was, until that is much: then it is put into a mapping of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar, overload

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")
DefaultT = TypeVar("DefaultT")

_FEW = 10_000
"""Entries of which a copy takes no time either, and is quicker to go through."""

_SHARE = 32
"""What lies over a mapping is at most that part of it: to copy and to free it takes no time."""


def changed(last: Mapping[KeyT, ValueT], others: Mapping[KeyT, ValueT | None]) -> Mapping[KeyT, ValueT]:
    """Return the next version of a mapping, with these values in it, None for a key that is gone.

    `last` stays as it is, and nobody may change it any more; it has no value that is None.
    """
    below, over = (last.below, last.over) if isinstance(last, Overlaid) else (last, {})
    laid = {**over, **others}
    if len(below) <= _FEW or len(laid) * _SHARE > len(below):
        return _put_together(below, laid)
    come = sum((value is not None) - (key in last) for key, value in others.items())
    return Overlaid(below, laid, len(last) + come)


def _put_together(below: Mapping[KeyT, ValueT], over: Mapping[KeyT, ValueT | None]) -> dict[KeyT, ValueT]:
    found = dict(below)
    for key, value in over.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = value
    return found


class Overlaid(Mapping[KeyT, ValueT]):
    """A mapping, and `over` it what has another value, or None where it has none any more."""

    __slots__ = ("_size", "below", "over")

    def __init__(self, below: Mapping[KeyT, ValueT], over: Mapping[KeyT, ValueT | None], size: int) -> None:
        self.below = below
        self.over = over
        self._size = size

    def __getitem__(self, key: KeyT) -> ValueT:
        """Return the value, or raise KeyError."""
        if key not in self.over:
            return self.below[key]
        found = self.over[key]
        if found is None:
            raise KeyError(key)
        return found

    @overload
    def get(self, key: KeyT, /) -> ValueT | None: ...

    @overload
    def get(self, key: KeyT, /, default: ValueT | DefaultT) -> ValueT | DefaultT: ...

    def get(self, key: KeyT, /, default: ValueT | DefaultT | None = None) -> ValueT | DefaultT | None:
        """Return the value, or the default; without an exception, for every decision asks."""
        if key not in self.over:
            return self.below.get(key, default)
        found = self.over[key]
        return default if found is None else found

    def __contains__(self, key: object) -> bool:
        """Whether there is a value; of `over` no key is asked for whose type is another."""
        return self.over[key] is not None if key in self.over else key in self.below  # type: ignore[index]

    def __iter__(self) -> Iterator[KeyT]:
        """Yield the keys, those that were laid over last."""
        yield from (key for key in self.below if key not in self.over)
        yield from (key for key, value in self.over.items() if value is not None)

    def __len__(self) -> int:
        """Return how many keys have a value."""
        return self._size
