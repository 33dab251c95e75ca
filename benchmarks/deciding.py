"""Decisions a second of CPU: ours against other engines that are asked for owner and recipient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

from benchmarks import tables, timing, workers
from benchmarks.programme import Programme
from benchmarks.workers import MissingPeerError, Worker

TURN_SECONDS = 0.1
SAMPLE = 1000
"""Renewals on which the answers are compared, and by which the length of a turn is found."""


class Entry(NamedTuple):
    """A contender, its line in the table, and how many times as fast as it we want to be."""

    contender: str
    label: str
    aim: float | None = None


OURS = Entry("ours.from_fact", "renewctl: a fact to a Decision")
FIRST = Entry("ours.first_pass", "  the same, first time after a load")
VARIANTS = (
    FIRST,
    Entry("ours.from_renewal", "  a Renewal to a Decision"),
    Entry("ours.to_json", "  a fact to a Decision in JSON"),
    Entry("ours.from_json_to_json", "  a fact in JSON to a Decision in JSON"),
)
PEERS = (
    Entry("host.contender", "durable_rules' Host, 7 rules, an event each", 1.5),
    Entry("regorus.contender", "regorus, a policy over the partners' files", 1.0),
    Entry("flagd.contender", "flagd-core, one flag with the table as its targeting", 1.0),
    Entry("zen.contender", "zen-engine, a compiled table of 7 rows"),
    Entry("dictionaries.contender", "plain dictionaries: the floor"),
)

NOTES = f"""\
"ours / it": our "a fact to a Decision" is that many times as fast as the line. "first / it": so is our first
time after a load, when nothing is remembered of any client. Above 1 we are faster. Each is the median over
the rounds of the ratio within a round, with the quartiles.
Everybody has a process of their own and goes through the same renewals, once before the clock counts, then in
turns of {TURN_SECONDS} s.
Peers answer owner and recipient only; ours also looks at dates, covers, holds, notice types and suppression,
and gives everybody in CC, the line that set each value, reasons and a trace.
JSON names lines, for which each file is searched once: in the pass before the clock counts.
Noise: believe a ratio as far as its quartiles, and those of a second run, agree."""


def report(programme: Programme, rounds: int) -> Iterator[str]:
    """Yield the comparison; a peer that is not installed gets a line that says so."""
    with ExitStack() as stack:
        started: dict[Entry, Worker] = {}
        for entry in (OURS, *VARIANTS, *PEERS):
            try:
                started[entry] = stack.enter_context(workers.worker(entry.contender, programme))
            except MissingPeerError as missing:
                yield f"{entry.label.strip()}: skipped, {missing}"
        yield from _agreements(started)
        yield ""
        yield from _table(rates(started, len(programme.renewals), rounds))
    yield ""
    yield NOTES


def agreement(ours: Worker, theirs: Worker, sample: int) -> tuple[int, int]:
    """Return on how many renewals both say the same, of how many: those that we do not suppress."""
    pairs = zip(ours.answers(sample), theirs.answers(sample), strict=True)
    same = [our == their for our, their in pairs if our is not None]
    return sum(same), len(same)


def _agreements(started: Mapping[Entry, Worker]) -> Iterator[str]:
    for entry, worker in started.items():
        if entry is not OURS:
            same, compared = agreement(started[OURS], worker, SAMPLE)
            yield f"{entry.label.strip()}: {same} of {compared} answers are ours"


def rates(started: Mapping[Entry, Worker], renewals: int, rounds: int) -> Mapping[Entry, list[float]]:
    """Return how many a second everybody did in each round, after having seen every renewal once."""
    for worker in started.values():
        worker.rate(0, renewals)
    turns = {entry: partial(_turn, worker, _count(worker)) for entry, worker in started.items()}
    return timing.rounds(turns, rounds)


def _count(worker: Worker) -> int:
    """Return how many answers a turn takes."""
    return max(1, int(worker.rate(0, SAMPLE) * TURN_SECONDS))


def _turn(worker: Worker, count: int, number: int) -> float:
    return worker.rate(number * count, count)


def _table(rates: Mapping[Entry, list[float]]) -> Iterator[str]:
    rows = [_row(entry, rates) for entry in rates]
    yield from tables.lines(("", "per CPU second", "µs each", "ours / it", "first / it", "aim of ours"), rows)


def _row(entry: Entry, rates: Mapping[Entry, list[float]]) -> tuple[str, ...]:
    median = timing.spread(rates[entry]).median
    ours, first = (timing.ratio(rates[one], rates[entry]) for one in (OURS, FIRST))
    aim = "" if entry.aim is None else f"{entry.aim}"
    return entry.label, f"{median:,.0f}", f"{1e6 / median:.1f}", tables.times(ours), tables.times(first), aim
