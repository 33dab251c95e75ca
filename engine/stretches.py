"""A calendar in stretches of days: all its decisions need not be in memory before the first is written.

Within a stretch one renewal follows another as they lie in memory, not one day another: clients of a partner
share most of what a decision is made of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import TypeAlias

from engine import planning, schedule, workloads
from engine.facts import Renewal
from engine.planning import Window
from engine.schedule import Day
from engine.snapshot import Snapshot
from engine.workloads import Keyed, Stretch, Workload

_TOGETHER = 100_000
"""Days on which something is due to a renewal, in a stretch: their lines are about 130 MB."""

_Job: TypeAlias = tuple[int, Day]
"""The number of a renewal, and a day on which something may be due."""


def workload(
    snapshot: Snapshot, renewals: Sequence[Renewal], window_of: Callable[[Renewal], Window]
) -> Workload:
    """Return the notices that are due in the window of each renewal, by send date, client and renewal."""
    jobs: dict[int, list[_Job]] = defaultdict(list)
    for number, renewal in enumerate(renewals):
        since, until = (day.toordinal() for day in window_of(renewal))
        for day in schedule.days(snapshot.schedule, renewal):
            if since <= day.ordinal < until:
                jobs[day.ordinal].append((number, day))
    total = sum(map(len, jobs.values()))
    stretches = (
        Stretch(len(together), _decided(snapshot, renewals, together)) for together in _stretches(jobs)
    )
    return Workload(total, stretches)


def _stretches(jobs: dict[int, list[_Job]]) -> Iterator[list[_Job]]:
    """Yield the jobs of some days, by renewal."""
    days: list[list[_Job]] = []
    for ordinal in sorted(jobs):
        days.append(jobs.pop(ordinal))
        if sum(map(len, days)) >= _TOGETHER:
            yield sorted(chain.from_iterable(days))
            days.clear()
    yield sorted(chain.from_iterable(days))


def _decided(snapshot: Snapshot, renewals: Sequence[Renewal], jobs: Iterable[_Job]) -> Iterator[Keyed]:
    for number, of_renewal in groupby(jobs, key=itemgetter(0)):
        renewal = renewals[number]
        key = workloads.key(renewal)
        for _, day in of_renewal:
            for decision in planning.on_day(snapshot, renewal, day.due):
                yield f"{day.written}\0{key}", decision
