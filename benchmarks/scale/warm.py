"""Warm `validate`: what is left to do when an earlier run has checked the same files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks import timing
from benchmarks.corpus import ON
from benchmarks.scale import processes, rows
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

WHAT = "validate, warm: nothing changed"
_HALF, _QUARTER = rows.at_most(0.5), rows.at_most(0.25)


def measure(volume: Volume) -> Iterator[Row]:
    """Yield the rows of a run after a run, and of one after every file was touched."""
    if not processes.has_option("validate", "--cache"):
        yield rows.skipped(WHAT, "no cache yet", _QUARTER)
        return
    kept = ["--cache", str(volume.folder / "cache")]
    command = processes.renewctl(volume.bare, "validate", "--on", str(ON), *kept)
    processes.run(command)
    turns: dict[str, Callable[[int], float]] = {
        "warm": volume.turn(command),
        "touched": partial(_touched, volume, command),
        "cold": volume.turn(processes.validate(volume.bare)),
    }
    measured = timing.rounds(turns, volume.rounds)
    yield rows.compared(f"{WHAT}, nor the files' times", measured["warm"], measured["cold"], "cold", _QUARTER)
    yield rows.compared(f"{WHAT} but the files' times", measured["touched"], measured["cold"], "cold", _HALF)


def _touched(volume: Volume, command: list[str], _: int) -> float:
    for path in volume.partner_files:
        os.utime(path)
    seconds = volume.seconds(command)
    processes.run(command)  # so that the next turn finds the times as they are
    return seconds
