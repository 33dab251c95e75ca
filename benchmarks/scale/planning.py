"""The full plan: every notice of every renewal, as JSON Lines, from the start of the process to its end."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import timing
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
    line = processes.renewctl(volume.root, *command, "--no-cache", "--format", "jsonl")
    lines = int(processes.run(_with_output("| wc -l", line)).output)
    turns = {"plan": volume.turn(_with_output("> /dev/null", line))}
    seconds = timing.rounds(turns, volume.fewer_rounds)["plan"]
    rate = lines / timing.spread(seconds).median
    said = f"{lines:,} decisions in {rows.seconds(seconds)}, nothing cached"
    return Row(what, said, "", f"{rate:,.0f} a second", _A_SECOND, rate)


def _with_output(to: str, command: list[str]) -> list[str]:
    """Return what runs a command whose output is too much to be kept."""
    return ["sh", "-c", f'"$@" {to}', "sh", *command]
