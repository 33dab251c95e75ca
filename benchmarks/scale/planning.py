"""The full plan: every notice of every renewal, as JSON Lines, from the start of the process to its end."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.corpus import ON
from benchmarks.scale import processes, rows
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

_UNTIL = "2028-01-01"
_A_SECOND = rows.at_least(120_000, "a second")


def measure(volume: Volume) -> Iterator[Row]:
    """Yield how many decisions a second come out: of the calendar, and of one notice for everybody."""
    calendar = ["upcoming", "--from", str(ON), "--until", _UNTIL]
    yield _row(volume, "full plan: every notice of a year, with load and facts", calendar)
    yield _row(
        volume,
        "decide --all: one notice of each renewal, with load and facts",
        ["decide", "--all", "--on", str(ON)],
    )


def _row(volume: Volume, what: str, command: list[str]) -> Row:
    counted = processes.renewctl(volume.root, *command, "--format", "jsonl")
    seconds, lines = _through(volume, counted)
    rate = lines / seconds
    return Row(what, f"{lines:,} decisions in {seconds:.1f} s", "", f"{rate:,.0f} a second", _A_SECOND, rate)


def _through(volume: Volume, command: list[str]) -> tuple[float, int]:
    """Return how long a process takes and how many lines it writes: a pipe's other end that only counts."""
    run = processes.run(["sh", "-c", '"$@" | wc -l', "count", *command])
    return volume.clock(run), int(run.output)
