"""Runs the benchmarks and prints them: `make bench`, or `python -m benchmarks --imports`."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterable

from benchmarks import deciding, planning, programme, startup
from benchmarks.programme import Size

ROUNDS = 30
STARTS = 15
"""Turns that every engine, and every command, gets."""


def main() -> int:
    """Print every comparison; nothing is asserted, for times depend on the machine."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--imports", action="store_true", help="only list the slowest imports of decide")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns of each engine (%(default)s)")
    options = parser.parse_args()
    if options.imports:
        _print(startup.imports())
        return 0
    size = Size()
    print(f"Python {platform.python_version()} on {platform.machine()}\n")
    print(f"Decisions: {size.partners:,} partners, {size.clients:,} clients, {size.renewals:,} renewals\n")
    _print(deciding.report(programme.make(size), options.rounds))
    print("\nPlanning\n")
    _print(planning.report(programme.make(size)))
    print("\nCold start\n")
    _print(startup.report(STARTS))
    return 0


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
