"""Sorted runs of lines, as several processes make them, merged into one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple


class Run(NamedTuple):
    """Lines in the order of their keys."""

    keys: list[str]
    lines: list[bytes]


def merged(streams: Sequence[Iterator[Run]]) -> Iterator[list[bytes]]:
    """Yield the lines of all streams in the order of their keys; each stream's runs are in order."""
    left = [_Stream(runs) for runs in streams]
    while left := [stream for stream in left if stream.has_more()]:
        last = min(stream.run.keys[-1] for stream in left)
        yield _joined([stream.take(last) for stream in left])


class _Stream:
    """What is left of a stream; only its present run is there."""

    def __init__(self, runs: Iterator[Run]) -> None:
        self._runs = runs
        self.run = Run([], [])

    def has_more(self) -> bool:
        """Have the next run come when nothing is left of this one; false when none comes any more."""
        while not self.run.keys:
            found = next(self._runs, None)
            if found is None:
                return False
            self.run = found
        return True

    def take(self, last: str) -> Run:
        """Take what stands up to that key."""
        keys, lines = self.run
        end = bisect_right(keys, last)
        self.run = Run(keys[end:], lines[end:])
        return Run(keys[:end], lines[:end])


def _joined(parts: Sequence[Run]) -> list[bytes]:
    """Sort what is in order already, part by part."""
    some = sorted((part for part in parts if part.keys), key=lambda part: part.keys[0])
    lines = list(chain.from_iterable(part.lines for part in some))
    if all(one.keys[-1] <= after.keys[0] for one, after in pairwise(some)):
        return lines
    keys = list(chain.from_iterable(part.keys for part in some))
    return [lines[at] for at in sorted(range(len(keys)), key=keys.__getitem__)]
