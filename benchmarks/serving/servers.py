"""What is asked: our daemon, the bare echo, and Cerbos; each a process of its own that answers a POST."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.programme import ROOT
from benchmarks.scale import peers

_ECHO = Path(__file__).parent / "programs" / "echo.py"
_PATIENCE = 120.0


class Server(NamedTuple):
    """A server that answers: its process, its port, and where it takes questions."""

    process: int
    port: int
    path: str

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}{self.path}"


def daemon(root: Path, state: Path) -> AbstractContextManager[Server]:
    """Run `renewctl serve` for the time being, as it is when nobody sets anything but the port."""
    port = peers.free_port()
    command = [sys.executable, "cli.py", "--quiet", "--root", str(root)]
    options = ["serve", "--port", str(port), "--state", str(state)]
    return _running([*command, *options], Server(0, port, "/v1/decisions"), "/-/ready")


def echo() -> AbstractContextManager[Server]:
    """Run the bare echo for the time being."""
    port = peers.free_port()
    return _running([sys.executable, str(_ECHO), str(port)], Server(0, port, "/"), "/")


def cerbos(program: str, policies: Path) -> AbstractContextManager[Server]:
    """Run Cerbos over a folder of policies for the time being; it watches the folder."""
    port = peers.free_port()
    settings = {
        "server.httpListenAddr": f"127.0.0.1:{port}",
        "server.grpcListenAddr": f"127.0.0.1:{peers.free_port()}",
        "storage.driver": "disk",
        "storage.disk.directory": policies,
        "storage.disk.watchForChanges": "true",
        "telemetry.disabled": "true",
    }
    options = [f"--set={name}={value}" for name, value in settings.items()]
    command = [program, "server", "--log-level=error", *options]
    return _running(command, Server(0, port, "/api/check/resources"), "/_cerbos/health")


@contextmanager
def _running(command: Sequence[str], server: Server, ready: str) -> Iterator[Server]:
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{server.port}{ready}"
            peers.wait_for(url, _PATIENCE, lambda: process.poll() is None)
            yield server._replace(process=process.pid)
        finally:
            process.terminate()
