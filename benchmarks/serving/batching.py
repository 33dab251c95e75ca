"""Batches of a thousand decisions, one batch after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import timing
from benchmarks.scale import rows
from benchmarks.scale.rows import Row
from benchmarks.serving import load, numbers, questions, servers
from benchmarks.serving.bench import Bench
from benchmarks.serving.load import Load
from benchmarks.serving.servers import Server

_A_CORE = rows.at_least(150_000, "a second of CPU")
_WARM_UP = 1


def measure(bench: Bench) -> Iterator[Row]:
    """Yield a row for batches of renewals that are known, and one for batches of facts."""
    asked = bench.questions
    with servers.daemon(bench.served, bench.state("batching")) as daemon:
        turns = {
            "known renewals": _turn(bench, daemon, asked.batches_of_renewals),
            "renewals' facts": _turn(bench, daemon, asked.batches_of_facts),
        }
        measured = timing.rounds(turns, bench.rounds)
    for name, loads in measured.items():
        yield _row(name, loads)


def _turn(bench: Bench, daemon: Server, batches: Path) -> Callable[[int], Load]:
    load.put(daemon, batches, _WARM_UP, connections=1)
    return lambda _: load.put(daemon, batches, bench.seconds, connections=1)


def _row(name: str, loads: list[Load]) -> Row:
    of_core = [one.rate_of_core * questions.BATCH for one in loads]
    of_clock = [one.rate * questions.BATCH for one in loads]
    said = f"by the clock, one connection: {numbers.rate(of_clock)} a second"
    median = timing.spread(of_core).median
    what = f"batches of {questions.BATCH:,} {name}: decisions a second of CPU"
    return Row(what, numbers.rate(of_core), said, "", _A_CORE, median)
