"""A daemon to ask: its application in this process, or a process of its own."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import queue
import re
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from commandline import NO_VARIABLES, ROOT, command, environment

from engine import sources
from engine.daemon.readings import Reading
from engine.daemon.service import Service
from engine.decisions import Decision
from engine.server.application import Api, Others
from engine.server.decisions import Decisions
from engine.server.gate import Gate
from engine.server.limits import DEFAULT, Limits
from engine.server.observing import Observer, Page
from engine.server.origins import LOOPBACK
from engine.server.places import Places
from engine.trees import File, Folder

NOW = dt.datetime(2026, 12, 5, 12, tzinfo=dt.UTC)
_WAIT = 30


class Still:
    """A watcher that never looks."""

    mode = "off"
    last_look: dt.datetime | None = None


class Nobody:
    """Counts nothing."""

    def decided(self, decisions: Iterable[Decision]) -> None:
        """Ignore them."""
        del decisions

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Ignore it."""
        del route, status, seconds

    def page(self, accept: str = "") -> Page:
        """Return an empty page."""
        del accept
        return Page(b"", "text/plain; version=0.0.4; charset=utf-8")


@dataclass
class App:
    """The application over a root, and the service behind it."""

    root: Path = ROOT
    limits: Limits = DEFAULT
    hosts: frozenset[bytes] | None = LOOPBACK
    is_stopping: bool = False
    observer: Observer = field(default_factory=Nobody)
    service: Service = field(init=False)
    api: Api = field(init=False)
    gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        self.service = Service(self.root, lambda _: read(self.root), clock=lambda: NOW)
        self.service.start()
        self.api = Api(
            self.service,
            Still(),
            limits=self.limits,
            observer=self.observer,
            clock=lambda: NOW,
            is_stopping=lambda: self.is_stopping,
        )
        places = Places(self.limits)
        decide = Decisions(self.service, places, self.observer, lambda: NOW)
        others = Others(self.api, decide)
        self.gate = Gate(
            self.service,
            decide,
            others,
            places=places,
            observer=self.observer,
            hosts=self.hosts,
        )

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask with GET."""
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, body: object = b"", **headers: str) -> httpx.Response:
        """Ask with POST: bytes as they are, or anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", path, content=content, headers=headers)

    def decide(self, body: object, **headers: str) -> httpx.Response:
        """Ask for decisions."""
        return self.post("/v1/decisions", body, **headers)

    def ask(self, method: str, path: str, **parts: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes them
        """Ask."""
        return asyncio.run(self._ask(method, path, **parts))

    async def _ask(self, method: str, path: str, **parts: Any) -> httpx.Response:  # noqa: ANN401 - the same
        transport = httpx.ASGITransport(self.gate)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as asking:
            return await asking.request(method, path, **parts)


def read(root: Path) -> Reading:
    """Read a root to which nobody writes."""
    tree = Folder(root)
    found = [tree.read(path) for path in sources.facts_paths(tree)[0]]
    return Reading(sources.read_tree(tree), tuple(file for file in found if isinstance(file, File)))


@dataclass
class Process:
    """A daemon that runs; its lines come as it writes them."""

    running: subprocess.Popen[str]
    lines: queue.Queue[str] = field(default_factory=queue.Queue)
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Return the next line that has the pattern in it."""
        while True:
            line = self.lines.get(timeout=_WAIT)
            if line == "":
                raise AssertionError(f"no line has {pattern}:\n" + "".join(self.seen))
            found = re.search(pattern, line)
            if found:
                return found

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.running.send_signal(number)
        return self.running.wait(_WAIT)

    def _read(self) -> None:
        for line in self.running.stderr or ():
            self.seen.append(line)
            self.lines.put(line)
        self.lines.put("")


@contextmanager
def process(
    root: Path,
    *arguments: str,
    before: Sequence[str] = (),
    variables: Mapping[str, str] = NO_VARIABLES,
) -> Iterator[Process]:
    """Start a daemon, by the program `before` if there is one, and make sure that it ends."""
    state = {"RENEWCTL_STATE": str(root.parent / "state"), **variables}
    with subprocess.Popen(
        [*before, *command("--root", str(root), "serve", *arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(state),
    ) as running:
        daemon = Process(running)
        try:
            yield daemon
        finally:
            running.kill()


@contextmanager
def daemon(
    root: Path,
    *arguments: str,
    before: Sequence[str] = (),
    variables: Mapping[str, str] = NO_VARIABLES,
) -> Iterator[tuple[Process, str]]:
    """Start a daemon on any free port, and return its address once it answers."""
    with process(root, "--port", "0", *arguments, before=before, variables=variables) as started:
        yield started, started.wait_for(r"^listening on (http://\S+)")[1]


def problem(response: httpx.Response) -> dict[str, Any]:
    """Return the problem that an answer is, and nothing but."""
    assert response.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = json.loads(response.content)
    assert said["status"] == response.status_code
    assert said["type"].startswith("urn:renewctl:problem:")
    return said
