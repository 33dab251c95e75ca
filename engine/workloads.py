"""Many decisions, in stretches: each stretch comes wholly before the next, whatever its own order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from engine.configuration import Watcher, unwatched
from engine.decisions import Decision
from engine.facts import Renewal

Keyed: TypeAlias = tuple[str, Decision]
"""A decision, and where it belongs among others: keys are compared, equal ones stay as they come."""

by_key = itemgetter(0)


class Stretch(NamedTuple):
    """Decisions that are made together, and how much work that is."""

    size: int
    decisions: Iterable[Keyed]


class Workload(NamedTuple):
    """Everything that is to be decided, and how much work that is in all."""

    total: int
    stretches: Iterable[Stretch]

    def decided(self, watcher: Watcher = unwatched) -> Iterator[Decision]:
        """Yield all decisions in order."""
        done = 0
        watcher(done, self.total)
        for stretch in self.stretches:
            yield from (decision for _, decision in sorted(stretch.decisions, key=by_key))
            done += stretch.size
            watcher(done, self.total)

    def but(self, is_meant: Callable[[Decision], bool]) -> Workload:
        """Return the same with only those decisions that are meant."""
        stretches = (
            Stretch(one.size, ((key, decision) for key, decision in one.decisions if is_meant(decision)))
            for one in self.stretches
        )
        return Workload(self.total, stretches)


def key(renewal: Renewal) -> str:
    """Return the key by client, then renewal; no character of either comes before the one between them."""
    return f"{renewal.client}\0{renewal.renewal or ''}"
