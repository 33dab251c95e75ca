"""What a calendar costs: planning notices against deciding as many, one by one, in the same process."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator

from benchmarks import tables, timing
from benchmarks.programme import Programme
from engine import planning, snapshot
from engine.decisions import decide
from engine.facts import Renewal
from engine.notices import RENEWAL_NOTICE
from engine.planning import Window
from engine.snapshot import Snapshot

YEAR = Window(dt.date(2026, 11, 23), dt.date(2028, 5, 23))
"""Long enough to hold every step of every renewal of the programme."""

RENEWALS, ROUNDS = 10_000, 5


def report(programme: Programme) -> Iterator[str]:
    """Yield the ratio of the two, round by round."""
    used = snapshot.build(programme.sources(), YEAR.since)
    renewals = [Renewal.from_fact(fact, used.vendor) for fact in programme.facts()[:RENEWALS]]
    notices = len(planning.plan(used, renewals, YEAR))
    turns: dict[str, Callable[[int], float]] = {
        "planning": lambda _: _seconds(lambda: planning.plan(used, renewals, YEAR)),
        "deciding": lambda _: _seconds(lambda: _decide(used, renewals, notices)),
    }
    measured = timing.rounds(turns, ROUNDS)
    ratio = timing.ratio(measured["planning"], measured["deciding"])
    yield f"{len(renewals):,} renewals have {notices:,} notices"
    yield from tables.lines(
        ("", "CPU s", "planning / it", "aim"),
        [
            ("planning them", f"{timing.spread(measured['planning']).median:.2f}", "1.00", ""),
            (
                "deciding as many",
                f"{timing.spread(measured['deciding']).median:.2f}",
                tables.times(ratio),
                "at most 8",
            ),
        ],
    )


def _decide(used: Snapshot, renewals: list[Renewal], count: int) -> None:
    for number in range(count):
        decide(used, renewals[number % len(renewals)], RENEWAL_NOTICE, YEAR.since)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin
