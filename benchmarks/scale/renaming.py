"""From the rename of a partner file to the first decision of the new revision, asked of the daemon."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from benchmarks import timing
from benchmarks.programme import ROOT
from benchmarks.scale import peers, processes, rows
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

_WHAT = "reload: rename of a median partner file to the first decision with it"
_P50, _P99 = rows.at_most(10, "ms"), rows.at_most(50, "ms")
_WAIT = rows.at_most(5, "ms")
_RENAMES_A_ROUND = 3
_PATIENCE = 600.0
_MS = 1e3
_MB = 1e6
_MOST_MB = 400


class Taken(NamedTuple):
    """How long a change took to be live, and the longest that anybody waited for an answer meanwhile."""

    seconds: float
    longest: float


class Asks(Protocol):
    """Whoever can tell which revision answers."""

    def revision(self) -> str:
        """Return what is not the same before a change and after it."""


class Asker:
    """Asks for one client's decision, again and again, on one connection."""

    def __init__(self, port: int, client: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._path = f"/v1/clients/{client}/decision"

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def revision(self) -> str:
        """Return which revision decided."""
        self._connection.request("GET", self._path)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{self._path}: {response.status} {body.decode()}")
        digest: str = json.loads(body)["decisions"][0]["revision"]["digest"]
        return digest


def measure(volume: Volume) -> Iterator[Row]:
    """Yield the rows of a daemon over the whole volume."""
    if not processes.has_command("serve"):
        yield rows.skipped(_WHAT, "there is no `renewctl serve` yet", _P50)
        return
    root = Path(shutil.copytree(volume.root, volume.folder / "served", copy_function=os.link))
    by_size = sorted((root / "config" / "partners").rglob("*.yaml"), key=lambda path: path.stat().st_size)
    edited = by_size[len(by_size) // 2]
    begun = time.perf_counter()
    with ExitStack() as stack:
        process, port = stack.enter_context(_daemon(root, volume.folder / "state"))
        started = time.perf_counter() - begun
        client = next(peers.listed([edited])).clients[0]
        asker = stack.enter_context(closing(Asker(port, client)))
        asker.revision()
        peak = _peak(process)
        yield Row("serve: from its start to its first answer", f"{started:.1f} s")
        yield from _latencies(
            [renamed(asker, edited, number) for number in range(volume.rounds * _RENAMES_A_ROUND)]
        )
        yield from _memory(peak, _peak(process))


def _latencies(taken: list[Taken]) -> Iterator[Row]:
    quiet = _quiet_period()
    live = sorted(one.seconds - quiet for one in taken)
    said = f"less the quiet period of {quiet * _MS:.0f} ms; {len(taken)} renames"
    for name, value, aim in (("p50", timing.spread(live).median, _P50), ("worst", live[-1], _P99)):
        yield Row(f"{_WHAT}, {name}", f"{value * _MS:.0f} ms", said, "", aim, value * _MS)
    longest = max(one.longest for one in taken) * _MS
    yield Row("reload: the longest wait for an answer meanwhile", f"{longest:.1f} ms", "", "", _WAIT, longest)


def _memory(loaded: float, reloaded: float) -> Iterator[Row]:
    aim = rows.at_most(_MOST_MB, "MB")
    yield Row("memory, peak: the daemon, loaded", f"{loaded:.0f} MB", "", "", aim, loaded)
    ratio = reloaded / loaded
    yield Row(
        "memory, peak: the daemon, after reloads",
        f"{reloaded:.0f} MB",
        f"loaded: {loaded:.0f} MB",
        f"{ratio:.2f}",
        rows.at_most(1.3),
        ratio,
    )


def renamed(asker: Asks, path: Path, number: int) -> Taken:
    """Put an edited file in the place of one, and ask until it is the one that decides."""
    return replaced(asker, path, f"{path.read_text()}# edit {number}\n")


def replaced(asker: Asks, path: Path, text: str) -> Taken:
    """Put a file of that text in the place of one, and ask until it is the one that decides."""
    before = asker.revision()
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    begun = asked = time.perf_counter()
    new.replace(path)
    longest = 0.0
    for _ in itertools.count():
        revision, answered = asker.revision(), time.perf_counter()
        longest = max(longest, answered - asked)
        if revision != before:
            return Taken(answered - begun, longest)
        if answered - begun > _PATIENCE:
            break
        asked = answered
    raise TimeoutError(f"{path} was replaced, and nobody notices")


@contextmanager
def _daemon(root: Path, state: Path) -> Iterator[tuple[int, int]]:
    """Run a daemon for the time being; yield its process and its port once it answers."""
    port = peers.free_port()
    command = processes.renewctl(root, "serve", "--port", str(port), "--state", str(state))
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_alive(process, f"http://127.0.0.1:{port}")
            yield process.pid, port
        finally:
            process.terminate()


def _wait_until_alive(process: subprocess.Popen[bytes], url: str) -> None:
    peers.wait_for(f"{url}/v1/status", _PATIENCE, lambda: process.poll() is None)


def _peak(process: int) -> float:
    """Return the most memory that a process has had, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / _MB


def _quiet_period() -> float:
    from engine.daemon.settling import QUIET  # noqa: PLC0415 - where there is no daemon there is no such module

    return QUIET
