"""A root that a real daemon serves while a client asks without pause; in the end every answer was right."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import daemons
from askers import Asker
from commandline import NO_VARIABLES, copy_of_root
from truths import Tag, Truth

NORDLICHT = "config/partners/nordlicht.yaml"
OAKLINE = "config/partners/americas/oakline.yaml"
RENEWALS = "facts/renewals.jsonl"

SOON = 6.0
"""Seconds within which a change has to be live on a busy machine; no poll comes as soon, unless asked for."""

BY_EVENTS = ("--poll", "600")
_LOOK = 0.02
_IDLE = 0.4
"""Seconds without a look after which no look comes by itself; a reload takes less."""

_SAMPLE = re.compile(r"^(\w+(?:\{[^}]*\})?) (\S+)$", re.MULTILINE)


class Said(NamedTuple):
    """An answer of the daemon about itself."""

    status: int
    value: Any


@dataclass
class Served:
    """The root, the daemon that serves it, who asks, and what the answers may be."""

    root: Path
    url: str
    process: daemons.Process
    asker: Asker
    truth: Truth
    is_killed: bool = False

    def kill(self) -> None:
        """Kill the daemon while it answers; until now, no answer was missing."""
        assert self.asker.lost == []
        assert self.process.end(signal.SIGKILL) == -signal.SIGKILL
        self.is_killed = True

    def write(self, path: str, text: str | bytes) -> None:
        """Write a file as careful programs do: elsewhere, then a rename."""
        replace(self.root / path, text)

    def text(self, path: str = NORDLICHT) -> str:
        """Return what is in a file."""
        return (self.root / path).read_text()

    def learn(self, change: Callable[[Path], object] | None = None) -> Tag:
        """Enter what is on disk, or would be after that change, into what may be answered."""
        return self.truth.learn(self.root, change)

    def becomes_live(self, within: float = SOON) -> Tag:
        """Wait until what is on disk is what is answered from, and everything that is said agrees."""
        tag = self.learn()
        self.asker.until_tag(tag, within)
        self.until(lambda status: is_live(status, tag) and status["ok"], within)
        metrics = self.metrics()
        assert metrics["renewctl_config_last_reload_successful"] == 1
        info = [name for name in metrics if name.startswith("renewctl_config_info{")]
        assert [tag.revision in name for name in info] == [True]
        return tag

    def becomes_idle(self) -> None:
        """Wait until the watcher waits for an event: until then it looks again, and needs none."""
        self.until(lambda status: (status["watch"]["stale_seconds"] or 0) > _IDLE)

    def is_refused(self, within: float = SOON) -> list[str]:
        """Wait until what is on disk was refused, and return place and code of each error."""
        status = self.until(lambda status: status["last_attempt"]["outcome"] == "refused", within)
        assert not status["ok"]
        assert self.metrics()["renewctl_config_last_reload_successful"] == 0
        return errors(status)

    def status(self) -> dict[str, Any]:
        """Return what the daemon says of itself."""
        value: dict[str, Any] = self.get("/v1/status").value
        return value

    def until(self, happened: Callable[[dict[str, Any]], bool], within: float = SOON) -> dict[str, Any]:
        """Wait until the status makes that true."""
        ends = time.monotonic() + within
        while True:
            status = self.status()
            if happened(status):
                return status
            assert time.monotonic() < ends, json.dumps(status, indent=1) + "".join(self.process.seen[-20:])
            time.sleep(_LOOK)

    def metrics(self) -> Mapping[str, float]:
        """Return every sample by name and labels."""
        text: str = self.get("/metrics").value
        return {name: float(value) for name, value in _SAMPLE.findall(text)}

    def attempts(self) -> int:
        """Return how often a reload was tried."""
        return int(self.metrics()["renewctl_config_reload_duration_seconds_count"])

    def get(self, path: str) -> Said:
        """Ask with GET."""
        return self.ask("GET", path)

    def reload(self) -> Said:
        """Ask for a reload, and wait for what comes of it."""
        return self.ask("POST", "/-/reload")

    def ask(self, method: str, path: str) -> Said:
        """Ask over a connection of its own."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=120)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            body = response.read().decode()
        finally:
            connection.close()
        is_json = "json" in response.headers["Content-Type"]
        return Said(response.status, json.loads(body) if is_json else body)

    def ask_and_leave(self, method: str, path: str) -> None:
        """Ask, and be gone before there is an answer."""
        place = urlsplit(self.url)
        with socket.create_connection((place.hostname or "", place.port or 0)) as connection:
            connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    def resources(self) -> Mapping[str, int]:
        """Return memory in KiB, its peak, and the threads of the process."""
        text = Path(f"/proc/{self.process.running.pid}/status").read_text()
        found = re.findall(r"^(VmRSS|VmHWM|Threads):\s+(\d+)", text, re.MULTILINE)
        return {name: int(number) for name, number in found}


@contextmanager
def serving(
    root: Path,
    *options: str,
    before: Sequence[str] = (),
    variables: Mapping[str, str] = NO_VARIABLES,
    truth: Truth | None = None,
) -> Iterator[Served]:
    """Serve a root; after that, no answer was missing or wrong and the daemon has ended in peace.

    `truth` is what may be answered at first, if that is not what is on disk.
    """
    if truth is None:
        truth = Truth()
        truth.learn(root)
    with tempfile.TemporaryDirectory() as short:  # the path of a socket may not be long
        file = Path(short) / "socket"
        with (
            daemons.daemon(root, "--socket", str(file), *options, before=before, variables=variables) as (
                process,
                url,
            ),
            Asker(url, file) as asker,
        ):
            served = Served(root, url, process, asker, truth)
            yield served
            asker.__exit__()
            wrong = truth.wrong(asker.answers)
            assert not wrong, "\n".join([*wrong[:2], *map(str, asker.tags), "".join(process.seen[-40:])])
            if not served.is_killed:
                assert asker.lost == [], asker.lost
                assert process.end() == 0
    assert "Traceback" not in "".join(process.seen)


@contextmanager
def served_copy(folder: Path, *options: str) -> Iterator[Served]:
    """Serve a copy of the root of the tests, with events alone to tell of a change."""
    with serving(copy_of_root(folder), *(options or BY_EVENTS)) as served:
        yield served


def replace(file: Path, text: str | bytes) -> None:
    """Write a file elsewhere, then rename it."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_bytes(text.encode() if isinstance(text, str) else text)
    beside.replace(file)


def variant(text: str, number: int) -> str:
    """Return a partner file of the root in which jana has another address: other decisions, nothing else."""
    return re.sub(r"jana\d*@", f"jana{number}@", text)


def is_live(status: Mapping[str, Any], tag: Tag) -> bool:
    """Whether the daemon says that it answers from this."""
    digests = (status["revision"]["digest"], status["facts"]["digest"])
    return all(f":{part}" in digest for part, digest in zip(tag, digests, strict=True))


def errors(status: Mapping[str, Any]) -> list[str]:
    """Return place and code of every error of the last attempt."""
    found = status["last_attempt"]["diagnostics"]
    return [f"{one['file']}:{one['line']} {one['code']}" for one in found if one["severity"] == "error"]
