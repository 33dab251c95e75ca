"""Alertmanager on the same clients as routes: `amtool check-config`, and its reload (Debian's package)."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks import timing
from benchmarks.scale import loading, peers, processes, rows
from benchmarks.scale.processes import Run
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

_CHECK = "amtool check-config: the same clients as routes"
_RELOAD = "Alertmanager: reload of the same clients as routes"
_FASTER = rows.at_least(1)
_PATIENCE = 120.0
_RECEIVERS = "hubspot", "partner"


def measure(volume: Volume) -> Iterator[Row]:
    """Yield how many times as fast we validate and load."""
    configuration = volume.folder / "alertmanager.yml"
    configuration.write_text("".join(routes(volume)))
    yield _checked(volume, configuration)
    yield _reloaded(volume, configuration)


def _checked(volume: Volume, configuration: Path) -> Row:
    amtool = peers.found("amtool")
    if amtool is None:
        return rows.skipped(_CHECK, "amtool is not installed (Debian: prometheus-alertmanager)", _FASTER)
    turns = {
        "ours": volume.turn(processes.validate(volume.bare)),
        "amtool": volume.turn([amtool, "check-config", str(configuration)]),
    }
    measured = timing.rounds(turns, volume.fewer_rounds)
    return rows.compared(_CHECK, measured["ours"], measured["amtool"], "amtool", _FASTER, is_inverse=True)


def _reloaded(volume: Volume, configuration: Path) -> Row:
    program = peers.found("prometheus-alertmanager", "alertmanager")
    if program is None:
        return rows.skipped(
            _RELOAD, "Alertmanager is not installed (Debian: prometheus-alertmanager)", _FASTER
        )
    with running(program, configuration, volume.folder / "alertmanager") as (process, url):
        turns: dict[str, Callable[[int], float]] = {
            "ours": volume.turn(loading.loaded(volume)),
            "reload": partial(_reload, volume, process, url),
        }
        measured = timing.rounds(turns, volume.fewer_rounds)
    return rows.compared(
        _RELOAD, measured["ours"], measured["reload"], "POST /-/reload", _FASTER, is_inverse=True
    )


@contextmanager
def running(program: str, configuration: Path, storage: Path) -> Iterator[tuple[int, str]]:
    """Run Alertmanager for the time being, alone; yield it and its address once it is ready."""
    address = f"127.0.0.1:{peers.free_port()}"
    options = [f"--config.file={configuration}", f"--storage.path={storage}", "--cluster.listen-address="]
    arguments = [program, *options, f"--web.listen-address={address}"]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            peers.wait_for(f"http://{address}/-/ready", _PATIENCE, lambda: process.poll() is None)
            yield process.pid, f"http://{address}/-/reload"
        finally:
            process.terminate()


def _reload(volume: Volume, process: int, url: str, _: int) -> float:
    begun, computed = time.perf_counter(), peers.cpu(process)
    with urllib.request.urlopen(url, b""):  # noqa: S310 - it is ours, on this machine
        wall, cpu = time.perf_counter() - begun, peers.cpu(process) - computed
    return volume.clock(Run(wall, cpu, 0, b""))


def routes(volume: Volume) -> Iterator[str]:
    """Write a route for each partner, below it one for each client: the same tree of inheritance."""
    yield "route:\n  receiver: hubspot\n  routes:\n"
    for number, (partner, clients) in enumerate(peers.listed(list(volume.partner_files))):
        yield f"  - receiver: {_RECEIVERS[number % 2]}\n"
        yield f"    matchers: ['partner=\"{partner}\"']\n    routes:\n"
        for client in clients:
            yield f"    - receiver: {_RECEIVERS[len(client) % 2]}\n      matchers: ['client=\"{client}\"']\n"
    yield "receivers:\n" + "".join(f"- name: {receiver}\n" for receiver in _RECEIVERS)
