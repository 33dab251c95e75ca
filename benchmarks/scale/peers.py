"""Programs that are run beside ours: where they are, what they are given, and when they are ready."""

from __future__ import annotations

import os
import re
import shutil
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

_CLIENT = re.compile(r"^  ([a-z0-9][a-z0-9._-]*):", re.MULTILINE)


class Listed(NamedTuple):
    """A partner and its clients."""

    partner: str
    clients: list[str]


def found(*names: str) -> str | None:
    """Return the first of these programs that is on the path."""
    return next(filter(None, map(shutil.which, names)), None)


def listed(partner_files: list[Path]) -> Iterator[Listed]:
    """Yield the clients of every partner file, read as text: the corpus has them at two blanks."""
    for path in partner_files:
        _, _, clients = path.read_text().partition("\nclients:\n")
        yield Listed(path.stem, _CLIENT.findall(clients))


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def cpu(process: int) -> float:
    """Return the seconds that a running process has computed."""
    numbers = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(url: str, patience: float, is_alive: Callable[[], bool]) -> None:
    """Return once a server answers that address."""
    end = time.monotonic() + patience
    while time.monotonic() < end and is_alive():
        try:
            with urllib.request.urlopen(url):  # noqa: S310 - it is one of ours, on this machine
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"{url} does not answer")
