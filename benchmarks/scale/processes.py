"""Our command line and small programs as processes: how long they take, and how much memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from benchmarks.corpus import ON
from benchmarks.programme import ROOT

PROGRAMS = Path(__file__).parent / "programs"
"""Programs that import nothing of ours."""

_KIB = 1024


class Run(NamedTuple):
    """What came of a process.

    `cpu` are the seconds that it and its children computed, `peak` is the most memory that one of them had at
    a time, in bytes.
    """

    wall: float
    cpu: float
    peak: int
    output: bytes


Clock: TypeAlias = Callable[[Run], float]
"""Which of a run's times counts."""


def renewctl(root: Path, *arguments: str) -> list[str]:
    """Return the command line of a run of ours."""
    return [sys.executable, "-m", "cli", "--quiet", "--root", str(root), *arguments]


def validate(root: Path, *arguments: str) -> list[str]:
    """Return the command line that validates a root as of the corpus' day, all of it anew."""
    without_cache = ["--no-cache"] if has_option("validate", "--no-cache") else []
    return renewctl(root, "validate", "--on", str(ON), *without_cache, *arguments)


def program(name: str, *arguments: object) -> list[str]:
    """Return the command line of a program in `programs`."""
    return [sys.executable, str(PROGRAMS / f"{name}.py"), *map(str, arguments)]


def run(arguments: Sequence[str], *, expected: Sequence[int] = (0,)) -> Run:
    """Run a process to its end; an exit code that was not expected is an error, with what it said."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        begun = time.perf_counter()
        process = subprocess.Popen(arguments, cwd=ROOT, stdout=output, stderr=complaints)
        _, status, usage = os.wait4(process.pid, 0)  # subprocess itself does not say how much memory it took
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        complaints.seek(0)
        if process.returncode not in expected:
            said = (output.read() + complaints.read()).decode()[-2000:]
            raise RuntimeError(f"{' '.join(arguments)}: exit code {process.returncode}\n{said}")
        return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _KIB, output.read())


@cache
def has_option(command: str, option: str) -> bool:
    """Whether a command of ours knows that option."""
    return option.encode() in run([sys.executable, "-m", "cli", command, "--help"], expected=(0, 2)).output


def has_command(command: str) -> bool:
    """Whether there is such a command of ours."""
    return has_option(command, "--help")
