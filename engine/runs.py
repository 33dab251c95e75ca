"""Runs of lines, as several processes make them, merged into one: by day, then client, then renewal."""

from __future__ import annotations

import heapq
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, repeat
from operator import attrgetter
from typing import NamedTuple


class Run(NamedTuple):
    """The lines of a day in the order of their keys; they are taken one by one."""

    day: int
    keys: Sequence[str]
    lines: Iterator[bytes]


class Places(NamedTuple):
    """Where lines of a day are: of the how manieth renewal, where it begins, and how long it is."""

    renewals: list[int]
    begins: list[int]
    sizes: list[int]


class _Columns(NamedTuple):
    """The same while lines are added, as compact as they can be."""

    renewals: array[int]
    begins: array[int]
    sizes: array[int]


class Register:
    """Where the lines of many renewals are that were written in no order: a few bytes for each."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        """Of the renewals, as they come, until they are put in order."""
        self._days: dict[int, _Columns] = defaultdict(_no_lines)

    def add(self, day: int, begin: int, size: int) -> None:
        """Add a line of the renewal whose key came last."""
        renewals, begins, sizes = self._days[day]
        renewals.append(len(self.keys) - 1)
        begins.append(begin)
        sizes.append(size)

    def in_order(self) -> tuple[list[str], Iterator[tuple[int, Places]]]:
        """Return the keys in order, and day by day where the lines of these are, in that order too."""
        order = sorted(range(len(self.keys)), key=self.keys.__getitem__)
        ranks = array("q", bytes(8 * len(order)))
        for rank, number in enumerate(order):
            ranks[number] = rank
        days = ((day, _ranked(self._days[day], ranks)) for day in sorted(self._days))
        return [self.keys[number] for number in order], days


def _no_lines() -> _Columns:
    return _Columns(array("q"), array("q"), array("q"))


def _ranked(lines: _Columns, ranks: Sequence[int]) -> Places:
    """Return places by the rank of their renewals; those of one renewal stay as they are."""
    renewals = [ranks[number] for number in lines.renewals]
    order = sorted(range(len(renewals)), key=renewals.__getitem__)
    return Places(*([column[at] for at in order] for column in (renewals, lines.begins, lines.sizes)))


_by_day = attrgetter("day")


def merged(streams: Iterable[Iterator[Run]]) -> Iterator[bytes]:
    """Yield the lines of all streams; each stream has one run a day, in the order of days."""
    for _, of_day in groupby(heapq.merge(*streams, key=_by_day), key=_by_day):
        yield from _in_turn(list(of_day))


def _in_turn(runs: Sequence[Run]) -> Iterator[bytes]:
    """Take from the runs in turn, as their keys are in order: which lines these are does not matter."""
    if len(runs) == 1:
        return runs[0].lines
    keys = list(chain.from_iterable(run.keys for run in runs))
    takers = list(chain.from_iterable(repeat(run.lines, len(run.keys)) for run in runs))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return map(next, map(takers.__getitem__, order))
