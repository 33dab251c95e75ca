"""Cold load into a snapshot: everything that a process does until it can decide."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks import timing
from benchmarks.scale import rows
from benchmarks.scale.cold import bare_verdict
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume


def measure(volume: Volume) -> Iterator[Row]:
    """Yield the row of the load of all partner files."""
    turns = {
        "ours": volume.turn(loaded(volume)),
        "bare": volume.turn(bare_verdict(volume)),
    }
    measured = timing.rounds(turns, volume.rounds)
    what = "load, cold: the partner files into a snapshot"
    yield rows.compared(what, measured["ours"], measured["bare"], "bare verdict", rows.at_most(2.5))


def loaded(volume: Volume) -> list[str]:
    """Return the command line of a process that loads a root, and ends when it could decide."""
    return [sys.executable, "-m", "benchmarks.scale.loaded", str(volume.bare)]
