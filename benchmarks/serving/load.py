"""Load by wrk: so many connections, each with its next question as soon as the last one is answered."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from benchmarks.scale import peers
from benchmarks.serving.servers import Server

CONNECTIONS = 32
MISSING = "wrk is not installed (Debian: wrk)"

_SCRIPT = Path(__file__).parent / "programs" / "post.lua"
_MEASURED = re.compile(r"^measured (\d+) (\d+) (\d+) (\d+)$", re.MULTILINE)
_MICROSECONDS = 1e6


class Load(NamedTuple):
    """What came of it; `p99` is the time that one answer of a hundred took longer than, in seconds."""

    rate: float
    """Answers a second."""
    rate_of_core: float
    """Answers for each second that the server computed."""
    p99: float


def put(server: Server, questions: Path, seconds: int, connections: int = CONNECTIONS) -> Load:
    """Ask for that long; an answer that is none is an error, for nothing is quicker than refusing."""
    before = peers.cpu(server.process)
    answered, duration, p99 = read(_wrk(server, questions, seconds, connections))
    return Load(answered / duration, answered / (peers.cpu(server.process) - before), p99)


class Measured(NamedTuple):
    """What wrk says, in seconds."""

    answered: int
    seconds: float
    p99: float


def read(output: str) -> Measured:
    """Read the line that our script lets wrk write."""
    found = _MEASURED.search(output)
    if found is None:
        raise RuntimeError(f"wrk says nothing that was measured: {output}")
    answered, duration, p99, failed = map(int, found.groups())
    if failed or not answered:
        raise RuntimeError(f"{failed} of {answered} requests failed")
    return Measured(answered, duration / _MICROSECONDS, p99 / _MICROSECONDS)


def _wrk(server: Server, questions: Path, seconds: int, connections: int) -> str:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(_SCRIPT)]
    return subprocess.run(
        [*command, server.url, "--", str(questions)], capture_output=True, text=True, check=True
    ).stdout
