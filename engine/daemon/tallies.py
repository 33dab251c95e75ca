"""Counts and durations, added to from every thread and never more than a bounded number of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import accumulate
from threading import Lock
from typing import NamedTuple, TypeAlias

Labels: TypeAlias = tuple[str, ...]

OTHER = "other"
"""What stands for everything that is one too many to be counted by itself."""

_MOST = 500
"""Each is a series that Prometheus keeps: nobody may make more of them by asking for what does not exist."""


class Tally:
    """How often each thing happened; those that are known beforehand are there with 0 from the beginning."""

    def __init__(self, known: Iterable[Labels] = ()) -> None:
        self._counts = dict.fromkeys(known, 0)
        self._lock = Lock()

    def add(self, labels: Labels) -> None:
        """Count it."""
        self.add_all((labels,))

    def add_all(self, several: Iterable[Labels]) -> None:
        """Count each of several."""
        counts = self._counts
        with self._lock:
            for labels in several:
                known = labels in counts or len(counts) < _MOST
                key = labels if known else (OTHER,) * len(labels)
                counts[key] = counts.get(key, 0) + 1

    def counts(self) -> Mapping[Labels, int]:
        """Return what was counted until now."""
        with self._lock:
            return dict(sorted(self._counts.items()))


class Distribution(NamedTuple):
    """How many took at most that long, for each bound and at last for any; and all seconds together."""

    buckets: tuple[tuple[str, int], ...]
    total: float


class Durations:
    """How long things took, by how many did not take longer than each of some bounds."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts: dict[Labels, list[int]] = {}
        self._totals: dict[Labels, float] = {}
        self._lock = Lock()

    def add(self, labels: Labels, seconds: float) -> None:
        """Count one that took so long."""
        with self._lock:
            key = labels if labels in self._counts or len(self._counts) < _MOST else (OTHER,) * len(labels)
            counts = self._counts.setdefault(key, [0] * (len(self._bounds) + 1))
            counts[bisect_left(self._bounds, seconds)] += 1
            self._totals[key] = self._totals.get(key, 0.0) + seconds

    def distributions(self) -> Mapping[Labels, Distribution]:
        """Return what was counted until now."""
        names = [*(f"{bound:g}" for bound in self._bounds), "+Inf"]
        with self._lock:
            return {
                labels: Distribution(tuple(zip(names, accumulate(counts), strict=True)), self._totals[labels])
                for labels, counts in sorted(self._counts.items())
            }
