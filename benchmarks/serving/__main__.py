"""Prints the daemon under load beside what it is compared to: `make bench-serve`."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.scale import rows
from benchmarks.scale.rows import Row
from benchmarks.serving import answering, batching, bench, load, reloading
from benchmarks.serving.bench import Bench

MEASUREMENTS: Mapping[str, Callable[[Bench], Iterator[Row]]] = {
    "answering": answering.measure,
    "batching": batching.measure,
    "reloading": reloading.measure,
}

NOTE = f"""\
Each line: ours | what it is compared to | the ratio, with its quartiles over the rounds | the target | met or
not. wrk asks for single decisions on {load.CONNECTIONS} connections, and everybody has a turn in each round.
A second of CPU is one that the server computed: on several cores there are more of them in a second. The echo
is uvicorn with uvloop and httptools; Cerbos is told the same facts, and says only if the partner owns the
client. Nothing is asserted: times depend on the machine and what else it does, so believe the ratios."""


def main() -> int:
    """Write the corpus, measure, and print each row as soon as it is known."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="renewctl-") as folder:
        made = bench.make(Path(folder), options.partners, options.rounds, options.seconds, options.renames)
        _print_machine(made)
        for name in options.only or MEASUREMENTS:
            for row in measured(name, made):
                print("\n".join(rows.lines(row)), flush=True)
        print(f"\nload at the end {os.getloadavg()[0]:.1f}\n\n{NOTE}")
    return 0


def measured(name: str, made: Bench) -> Iterator[Row]:
    """Yield the rows of a measurement; one that cannot be made says why, and the others go on."""
    if MEASUREMENTS[name] is not reloading.measure and shutil.which("wrk") is None:
        yield rows.skipped(name, load.MISSING)
        return
    try:
        yield from MEASUREMENTS[name](made)
    except (RuntimeError, OSError) as error:
        yield rows.skipped(name, f"could not be measured: {error}")


def _print_machine(made: Bench) -> None:
    corpus = made.volume.made
    print(f"Python {platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores", end="; ")
    print(f"load {os.getloadavg()[0]:.1f}; {made.rounds} rounds of {made.seconds} s")
    print(f"{corpus.partners:,} partners, {corpus.clients:,} clients, {corpus.renewals:,} renewals\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--partners", type=int, default=500, help="the volume (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of everybody (%(default)s)")
    parser.add_argument("--seconds", type=int, default=4, help="of each turn (%(default)s)")
    parser.add_argument("--renames", type=int, default=20, help="reloads that are timed (%(default)s)")
    parser.add_argument("--only", action="append", choices=MEASUREMENTS, help="measure this; repeatable")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
