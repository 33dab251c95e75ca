"""Writes a corpus: `python -m benchmarks.corpus DIR [--partners N] [--seed S] [--heavy]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import corpus


def main() -> int:
    """Write the corpus and say how large it is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=__doc__)
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="where to write it; must not exist, or be empty"
    )
    parser.add_argument("--partners", type=int, default=corpus.PARTNERS, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=corpus.SEED, help="makes another corpus (%(default)s)")
    parser.add_argument("--heavy", action="store_true", help="with some 340 bytes a client")
    options = parser.parse_args()
    if options.folder.exists() and any(options.folder.iterdir()):
        parser.error(f"{options.folder} is not empty")
    made = corpus.write(options.folder, options.partners, options.seed, heavy=options.heavy)
    print(f"{made.partners:,} partners, {made.clients:,} clients, {made.renewals:,} renewals")
    return 0


if __name__ == "__main__":
    sys.exit(main())
