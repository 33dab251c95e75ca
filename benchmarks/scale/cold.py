"""Cold `validate` of the partner files, against the plain libraries and against the bare verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from benchmarks import timing
from benchmarks.scale import processes, rows
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import PARTNER_SCHEMA, Volume

WHAT = "validate, cold: the partner files, cache off"
_EVERY = 10
"""The plain libraries take so long that they get every tenth file; the result is scaled by bytes."""


def measure(volume: Volume) -> Iterator[Row]:
    """Yield a row for each of both, and what the facts add."""
    ours, bare, plain = _seconds(volume)
    other = f"CSafeLoader + jsonschema, on every {_EVERY}th file, scaled by bytes"
    yield rows.compared(WHAT, ours, plain, other, rows.at_least(20), is_inverse=True)
    yield rows.compared(
        WHAT, ours, bare, "bare verdict: yaml-rs, jsonschema-rs, 2 processes", rows.at_most(2.2)
    )
    turns = {"facts": volume.turn(processes.validate(volume.root))}
    with_facts = timing.rounds(turns, volume.fewer_rounds)["facts"]
    yield Row(
        "validate, cold: with all renewal facts too",
        rows.seconds(with_facts),
        f"{volume.facts.stat().st_size / 1e6:.0f} MB of facts",
    )


def _seconds(volume: Volume) -> Sequence[Sequence[float]]:
    """Return what we, the bare verdict and the plain libraries took in each round."""
    partners = volume.bare / "config" / "partners"
    plain = processes.program("plain_libraries", partners, PARTNER_SCHEMA, _EVERY)
    turns: dict[str, Callable[[int], float]] = {
        "ours": volume.turn(processes.validate(volume.bare)),
        "bare": volume.turn(bare_verdict(volume)),
        "plain": partial(_scaled, volume, plain),
    }
    measured = timing.rounds(turns, volume.rounds)
    return measured["ours"], measured["bare"], measured["plain"]


def bare_verdict(volume: Volume) -> list[str]:
    """Return the command line of what the fastest libraries take when nothing is asked but yes or no."""
    return processes.program("bare_verdict", volume.bare / "config" / "partners", PARTNER_SCHEMA)


def _scaled(volume: Volume, command: Sequence[str], _: int) -> float:
    seconds, read, _valid = processes.run(command).output.split()
    total = sum(path.stat().st_size for path in volume.partner_files)
    return float(seconds) * total / int(read)
