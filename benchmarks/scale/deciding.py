"""Decisions a second in one process: whole Decisions of ours, against engines that say two fields of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack

from benchmarks import deciding, programme, tables, timing, workers
from benchmarks.deciding import Entry
from benchmarks.programme import Size
from benchmarks.scale import rows
from benchmarks.scale.rows import NONE, Row
from benchmarks.scale.volume import Volume
from benchmarks.workers import MissingPeerError, Worker

_OURS = Entry("ours.from_renewal", "a Renewal to a Decision, memo warm")
_PEERS = {
    Entry("regorus.contender", "regorus: owner and recipient"): rows.at_least(2),
    Entry("flagd.contender", "flagd-core: owner and recipient"): rows.at_least(1),
    Entry("regorus.lookup", "regorus: a bare look-up"): NONE,
    Entry("dictionaries.contender", "plain dictionaries: the floor"): NONE,
}


def measure(volume: Volume) -> Iterator[Row]:
    """Yield a row for each engine, on the programme that `make bench` has too."""
    asked = programme.make(_size(volume))
    with ExitStack() as stack:
        started: dict[Entry, Worker] = {_OURS: stack.enter_context(workers.worker(_OURS.contender, asked))}
        for entry, aim in _PEERS.items():
            try:
                started[entry] = stack.enter_context(workers.worker(entry.contender, asked))
            except MissingPeerError as missing:
                yield rows.skipped(_what(entry), str(missing), aim)
        rates = deciding.rates(started, len(asked.renewals), volume.rounds)
    yield from (_row(rates, entry) for entry in _PEERS if entry in rates)


def _size(volume: Volume) -> Size:
    """Return what `make bench` takes, or the volume if that is less."""
    usual, made = Size(), volume.made
    return Size(
        min(usual.partners, made.partners),
        min(usual.clients, made.clients),
        min(usual.renewals, made.renewals),
    )


def _row(rates: Mapping[Entry, list[float]], entry: Entry) -> Row:
    ratio = timing.ratio(rates[_OURS], rates[entry])
    other = f"{entry.label}: {_a_second(rates[entry])}"
    return Row(_what(entry), _a_second(rates[_OURS]), other, tables.times(ratio), _PEERS[entry], ratio.median)


def _what(entry: Entry) -> str:
    return f"decide: {_OURS.label}, and {entry.label.partition(':')[0]}"


def _a_second(rates: list[float]) -> str:
    return f"{timing.spread(rates).median:,.0f} a CPU second"
