"""`validate` when every partner file holds an error, each of which has to be said at its line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks import timing
from benchmarks.scale import processes, rows
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

_MISTAKES = (
    "  a-mistake-%d: {wesbite: a-mistake.example}",
    "  a-mistake-%d: {override: {owner: partner, contact: nobody-of-that-name}}",
    "  a-mistake-%d: {until: 2027-02-30}",
    "  a-mistake-%d: {override: {owner: nobody}}",
    "  a-mistake-%d: {website: www.a-mistake.example/contact}",
    "  a-mistake-%d: {website: yes: no}",
)
"""A kind in turn for each file; the last one is no YAML."""

_CLIENTS = "\nclients:\n"


def measure(volume: Volume) -> Iterator[Row]:
    """Yield how much longer it takes than when all is well, and whether every place is right."""
    root = volume.another("faulty")
    expected = {_spoilt(root, path, number) for number, path in enumerate(_partner_files(root))}
    turns = {
        "faulty": volume.turn(processes.validate(root), expected=(1,)),
        "cold": volume.turn(processes.validate(volume.bare)),
    }
    measured = timing.rounds(turns, volume.fewer_rounds)
    what = "validate, cold: an error in every file"
    yield rows.compared(what, measured["faulty"], measured["cold"], "all is well", rows.at_most(4))
    found = json.loads(processes.run(processes.validate(root, "--format", "json"), expected=(1,)).output)
    yield _places(expected, found)


def _partner_files(root: Path) -> list[Path]:
    return sorted((root / "config" / "partners").rglob("*.yaml"))


def _spoilt(root: Path, path: Path, number: int) -> tuple[str, int]:
    """Put a mistake into a file, before its clients or behind them, and return where it stands."""
    text = path.read_text()
    before, mark, clients = text.partition(_CLIENTS)
    mistake = f"{_MISTAKES[number % len(_MISTAKES)] % number}\n"
    spoilt = before + mark + (mistake + clients if number % 2 else clients + mistake)
    path.unlink()  # it is a link to that of the corpus
    path.write_text(spoilt)
    line = before.count("\n") + 3 if number % 2 else text.count("\n") + 1
    return path.relative_to(root).as_posix(), line


def _places(expected: set[tuple[str, int]], found: Mapping[str, list[Mapping[str, object]]]) -> Row:
    """Return how many of the places were named; whatever else is named counts as wrong."""
    named = {(str(one["file"]), one["line"]) for one in found["diagnostics"]}
    wrong = len(expected ^ named)
    what = "validate: places of these errors"
    return Row(
        what,
        f"{len(expected & named):,} right, {wrong} missing or wrong",
        "",
        "",
        rows.at_most(0, "wrong"),
        wrong,
    )
