"""Warm `validate`: what is left to do when an earlier run has checked the same files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks import timing
from benchmarks.corpus import ON
from benchmarks.scale import processes, rows
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

WHAT = "validate, warm: nothing changed"
_HALF, _QUARTER = rows.at_most(0.5), rows.at_most(0.25)

_SETTLED = 3.0
"""Seconds after which a stamp is trusted, and one more."""


def measure(volume: Volume) -> Iterator[Row]:
    """Yield the rows of a run after a run, and of one after every file was touched."""
    if not processes.has_option("validate", "--cache"):
        yield rows.skipped(WHAT, "no cache yet", _QUARTER)
        return
    kept = ["--cache", str(volume.folder / "cache")]
    command = processes.renewctl(volume.bare, "validate", "--on", str(ON), *kept)
    cold = volume.turn(processes.validate(volume.bare))
    _wait_until_settled(volume)
    processes.run(command)
    unchanged = timing.rounds({"warm": volume.turn(command), "cold": cold}, volume.rounds)
    yield rows.compared(
        f"{WHAT}, nor the files' times", unchanged["warm"], unchanged["cold"], "cold", _QUARTER
    )
    turns: dict[str, Callable[[int], float]] = {"touched": partial(_touched, volume, command), "cold": cold}
    touched = timing.rounds(turns, volume.rounds)
    yield rows.compared(f"{WHAT} but the files' times", touched["touched"], touched["cold"], "cold", _HALF)


def _wait_until_settled(volume: Volume) -> None:
    """Wait for the time after which a file's stamp is trusted: before, it could be written again unseen."""
    newest = max(path.stat().st_ctime for path in volume.partner_files)
    time.sleep(max(0.0, newest + _SETTLED - time.time()))


def _touched(volume: Volume, command: list[str], _: int) -> float:
    for path in volume.partner_files:
        os.utime(path)
    return volume.seconds(command)
