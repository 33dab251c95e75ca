"""Prints the real volume against its targets: `make bench-scale`, or `python -m benchmarks.scale --quick`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from pathlib import Path

from benchmarks import corpus
from benchmarks.scale import (
    alertmanager,
    cerbos,
    cold,
    comparing,
    deciding,
    faulty,
    loading,
    memory,
    planning,
    renaming,
    rows,
    single,
    small,
    volume,
    warm,
)
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

ROUNDS = 9
_QUICK_PARTNERS, _QUICK_ROUNDS = corpus.PARTNERS // 10, 3

MEASUREMENTS: Mapping[str, Callable[[Volume], Iterator[Row]]] = {
    "cold": cold.measure,
    "loading": loading.measure,
    "faulty": faulty.measure,
    "warm": warm.measure,
    "single": single.measure,
    "small": small.measure,
    "renaming": renaming.measure,
    "deciding": deciding.measure,
    "planning": planning.measure,
    "comparing": comparing.measure,
    "memory": memory.measure,
    "alertmanager": alertmanager.measure,
    "cerbos": cerbos.measure,
}

NOTE = """\
Each line: ours | what it is compared to | the ratio, with its quartiles over the rounds | the target | met or
not. Times are those of whole processes unless it says otherwise, on the clock named at the top: on a wall
clock two processes take half as long, if nobody else computes. Turns alternate, byte code and page cache are
warm. Nothing is asserted: times depend on the machine and on what else it does, so believe the ratios."""


def main() -> int:
    """Write the corpus, measure, and print each row as soon as it is known."""
    options = _options()
    clock = "cpu" if options.cpu else "wall"
    with tempfile.TemporaryDirectory(prefix="renewctl-") as folder:
        corpus_volume = volume.make(Path(folder), options.partners, options.rounds, attrgetter(clock))
        made = corpus_volume.made
        machine = f"Python {platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores"
        print(f"{machine}; load {os.getloadavg()[0]:.1f}; rounds: {options.rounds}; clock: {clock}")
        print(f"{made.partners:,} partners, {made.clients:,} clients, {made.renewals:,} renewals\n")
        for name in options.only or MEASUREMENTS:
            for row in measured(name, corpus_volume):
                print("\n".join(rows.lines(row)), flush=True)
    print(f"\n{NOTE}")
    return 0


def measured(name: str, volume: Volume) -> Iterator[Row]:
    """Yield the rows of a measurement; one that fails says why, and the others go on."""
    try:
        yield from MEASUREMENTS[name](volume)
    except (RuntimeError, OSError) as error:
        yield rows.skipped(name, f"could not be measured: {error}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the volume, and fewer rounds")
    parser.add_argument("--rounds", type=int, help=f"turns of everybody ({ROUNDS}; quick: {_QUICK_ROUNDS})")
    parser.add_argument("--partners", type=int, help="the volume, in partners")
    parser.add_argument("--cpu", action="store_true", help="compare what is computed, where others do so too")
    parser.add_argument("--only", action="append", choices=MEASUREMENTS, help="measure this; repeatable")
    options = parser.parse_args()
    options.rounds = options.rounds or (_QUICK_ROUNDS if options.quick else ROUNDS)
    options.partners = options.partners or (_QUICK_PARTNERS if options.quick else corpus.PARTNERS)
    return options


if __name__ == "__main__":
    sys.exit(main())
