"""Cold start: what a person at a shell waits for, against what no Python program can avoid."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks import tables, timing
from benchmarks.programme import ROOT

SLOWEST = 10

_DECIDE = ("-m", "cli", "decide", "--client", "acme", "--on", "2026-11-23")
_NOTHING = "python -c pass"
_EVERYTHING = "python -c 'import' of all libraries that decide may use"
_COMMANDS = {
    _NOTHING: ("-c", "pass"),
    _EVERYTHING: (
        "-c",
        "import click, yaml, jsonschema, durable_rules_engine, msgspec, rich.console, rich.table",
    ),
    "renewctl --help": ("-m", "cli", "--help"),
    "renewctl decide --client acme, on the sample root": _DECIDE,
}
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)")

NOTE = "Processes alternate; each ratio has its quartiles. Byte code and page cache are warm."


def report(rounds: int) -> Iterator[str]:
    """Yield what each command takes, and how many times the two bounds that is."""
    for arguments in _COMMANDS.values():  # writes byte code, fills the page cache
        _seconds(arguments, 0)
    turns = {name: partial(_seconds, arguments) for name, arguments in _COMMANDS.items()}
    seconds = timing.rounds(turns, rounds)
    rows = [
        (
            name,
            f"{timing.spread(measured).median * 1e3:.0f}",
            tables.times(timing.ratio(measured, seconds[_NOTHING])),
            tables.times(timing.ratio(measured, seconds[_EVERYTHING])),
        )
        for name, measured in seconds.items()
    ]
    yield from tables.lines(("", "ms", "it / pass", "it / all imports"), rows)
    yield ""
    yield NOTE


def imports() -> Iterator[str]:
    """Yield the slowest imports of `decide`, by what each module takes itself."""
    log = _run(("-X", "importtime", *_DECIDE)).stderr
    found = sorted(((int(own), int(total), name) for own, total, name in _IMPORT.findall(log)), reverse=True)
    rows = [(name, f"{own / 1e3:.1f}", f"{total / 1e3:.1f}") for own, total, name in found[:SLOWEST]]
    yield from tables.lines(("slowest imports of decide", "ms itself", "ms with what it imports"), rows)
    yield f"{len(found)} imports: {sum(own for own, _, _ in found) / 1e3:.0f} ms, slower for being timed"


def _seconds(arguments: Sequence[str], _: int) -> float:
    begun = time.perf_counter()
    _run(arguments)
    return time.perf_counter() - begun


def _run(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
