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
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from benchmarks import corpus, timing
from benchmarks.programme import ROOT
from benchmarks.scale import peers, processes, rows
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

_WHAT = "reload: rename of a median partner file to the first decision with it"
_P50, _P99 = rows.at_most(10, "ms"), rows.at_most(50, "ms")
_NO_GROWTH = rows.at_most(1.25)
_WAIT = rows.at_most(5, "ms")
_RENAMES_A_ROUND = 12
_FEWER = 10
"""A tenth of the partners serves to see whether it grows."""

_PAUSE = 0.001
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


class Served(NamedTuple):
    """What came of a daemon: when it first answered, how changes went, and its memory in MB."""

    started: float
    patiently: list[Taken]
    """By somebody who asks each millisecond: whoever asks without pause leaves less to reload with."""
    without_pause: list[Taken]
    undisturbed: float
    """The longest wait of somebody who asks without pause while nothing changes."""
    resident: float
    loaded: float
    reloading: float


class _Patient:
    """Asks with pauses."""

    def __init__(self, asker: Asks) -> None:
        self._asker = asker

    def revision(self) -> str:
        time.sleep(_PAUSE)
        return self._asker.revision()


def measure(volume: Volume) -> Iterator[Row]:
    """Yield the rows of a daemon over the whole volume, and over a tenth of the partners."""
    count = volume.rounds * _RENAMES_A_ROUND
    few = max(1, volume.made.partners // _FEWER)
    corpus.write(volume.folder / "fewer", few)
    fewer = _served(volume.folder / "fewer", volume.folder / "fewer-state", count)
    root = Path(shutil.copytree(volume.root, volume.folder / "served", copy_function=os.link))
    served = _served(root, volume.folder / "state", count)
    yield Row("serve: from its start to its first answer", f"{served.started:.1f} s")
    yield from _latencies(served, fewer, few)
    yield from _waits(served)
    yield from _memory(served)


def _served(root: Path, state: Path, count: int) -> Served:
    """Run a daemon over a root, and put edited files in the place of its median partner's."""
    by_size = sorted((root / "config" / "partners").rglob("*.yaml"), key=lambda path: path.stat().st_size)
    edited = by_size[len(by_size) // 2]
    begun = time.perf_counter()
    with ExitStack() as stack:
        process, port = stack.enter_context(_daemon(root, state))
        asker = stack.enter_context(closing(Asker(port, next(peers.listed([edited])).clients[0])))
        asker.revision()
        started = time.perf_counter() - begun
        resident, loaded = (_memory_of(process, name) for name in ("VmRSS", "VmHWM"))
        _forget_peak(process)
        patient = _Patient(asker)
        patiently = [renamed(patient, edited, number) for number in range(count)]
        undisturbed = _longest_wait(asker, sum(taken.seconds for taken in patiently) / count * _FEWER)
        without_pause = [renamed(asker, edited, count + number) for number in range(count // 2)]
        reloading = _memory_of(process, "VmHWM")
        return Served(started, patiently, without_pause, undisturbed, resident, loaded, reloading)


def _longest_wait(asker: Asks, seconds: float) -> float:
    longest, begun = 0.0, time.perf_counter()
    answered = begun
    while answered - begun < seconds:
        asked = answered
        asker.revision()
        answered = time.perf_counter()
        longest = max(longest, answered - asked)
    return longest


def _latencies(served: Served, fewer: Served, few: int) -> Iterator[Row]:
    quiet = _quiet_period()
    live = sorted(one.seconds - quiet for one in served.patiently)
    before = timing.spread([one.seconds - quiet for one in fewer.patiently]).median
    p50, p99 = timing.spread(live).median, live[int(len(live) * 0.99)]
    said = f"less the quiet period of {quiet * _MS:.0f} ms; {len(live)} renames"
    for name, value, aim in (("p50", p50, _P50), ("p99", p99, _P99)):
        yield Row(f"{_WHAT}, {name}", f"{value * _MS:.0f} ms", said, "", aim, value * _MS)
    other = f"with {few:,} partners: {before * _MS:.0f} ms"
    ratio = p50 / before
    yield Row(
        "reload: growth with the partners", f"{p50 * _MS:.0f} ms", other, f"{ratio:.2f}", _NO_GROWTH, ratio
    )


def _waits(served: Served) -> Iterator[Row]:
    longest = max(one.longest for one in served.without_pause) * _MS
    said = f"while nothing changes: {served.undisturbed * _MS:.1f} ms"
    what = "reload: the longest wait of somebody who asks without pause"
    yield Row(what, f"{longest:.1f} ms", said, "", _WAIT, longest)


def _memory(served: Served) -> Iterator[Row]:
    aim = rows.at_most(_MOST_MB, "MB")
    said = f"resident: {served.resident:.0f} MB"
    yield Row("memory, peak: the daemon, loaded", f"{served.loaded:.0f} MB", said, "", aim, served.loaded)
    ratio = served.reloading / served.resident
    yield Row(
        "memory, peak: the daemon, while it reloads a partner",
        f"{served.reloading:.0f} MB",
        f"resident before: {served.resident:.0f} MB",
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


def _memory_of(process: int, name: str) -> float:
    """Return what the kernel says of a process' memory, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024 / _MB


def _forget_peak(process: int) -> None:
    """Have the kernel begin anew with the most that a process has had (proc_pid_clear_refs(5))."""
    with suppress(OSError):
        Path(f"/proc/{process}/clear_refs").write_text("5")


def _quiet_period() -> float:
    from engine.daemon.settling import QUIET  # noqa: PLC0415 - so that other rows need no daemon

    return QUIET
