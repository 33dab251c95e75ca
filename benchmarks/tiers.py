"""The fast tier against the strict one: read and check every partner file of a corpus, cold, in one process.

`python -m benchmarks.tiers --partners 700`
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import yaml_rs

from benchmarks import corpus, tables, timing
from engine import documents, schemas
from engine.fast import guard, reading, tier, validity

ROUNDS = 5
STRICT = "strict tier: PyYAML events, jsonschema"
MIXED = "strict tier, but jsonschema-rs"
FAST = "fast tier, the rest handed over"
BARE = "bare: yaml-rs, jsonschema-rs"
GUARD = "the guard alone"


def main() -> int:
    """Print how many files go the fast way, and what each way takes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tiers", description=__doc__)
    parser.add_argument("--partners", type=int, default=350, help="size of the corpus (%(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns of each way (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus.write(Path(folder), options.partners)
        files = [path.read_bytes() for path in sorted(Path(folder, "config", "partners").rglob("*.yaml"))]
    for line in report(files, options.rounds):
        print(line, flush=True)
    return 0


def report(files: Sequence[bytes], rounds: int) -> Iterator[str]:
    """Yield how many files the fast tier takes, and how each way compares with the bare libraries."""
    taken = sum(reading.read("partner", data) is not None for data in files)
    size = sum(map(len, files)) / 1e6
    yield f"{len(files):,} partner files, {size:.1f} MB; {taken:,} of them go the fast way"
    yield ""
    turns = {name: partial(_seconds, way, files) for name, way in _ways().items()}
    turns[BARE] = partial(_seconds, _bare, [_with_text_keys(data) for data in files])
    measured = timing.rounds(turns, rounds)
    rows = [
        (
            name,
            f"{timing.spread(seconds).median * 1e3 / size:.1f}",
            tables.times(timing.ratio(seconds, measured[BARE])),
            tables.times(timing.ratio(measured[STRICT], seconds)),
        )
        for name, seconds in measured.items()
    ]
    yield from tables.lines(("one process, collector off", "ms/MB", "it / bare", "strict / it"), rows)


def _ways() -> dict[str, Callable[[bytes], object]]:
    return {
        STRICT: partial(_strict, schemas.check),
        MIXED: partial(_strict, tier.check),
        FAST: _fast,
        GUARD: guard.admit,
    }


def _strict(check: Callable[[str, documents.Document], object], data: bytes) -> None:
    document, _ = documents.parse("partner.yaml", data)
    if document:
        check("partner", document)


def _bare(data: bytes) -> bool:
    value: Any = yaml_rs.loads(data.decode(), parse_datetime=False)
    return validity.is_valid("partner", value)


def _with_text_keys(data: bytes) -> bytes:
    """Quote portal numbers, for jsonschema-rs refuses to look at keys that are not text."""
    return (guard.admit(data) or data.decode()).encode()


def _fast(data: bytes) -> None:
    if tier.read("partner", data) is None:
        _strict(tier.check, data)


def _seconds(way: Callable[[bytes], object], files: Sequence[bytes], _: int) -> float:
    gc.collect()
    gc.disable()
    begun = time.process_time()
    for data in files:
        way(data)
    taken = time.process_time() - begun
    gc.enable()
    return taken


if __name__ == "__main__":
    sys.exit(main())
