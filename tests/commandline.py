"""Running the command line: as a process of its own, on a terminal, and what it is expected to write."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

PROJECT = Path(__file__).parent.parent
EXPECTED = Path(__file__).parent / "expected"
ROOT = Path(__file__).parent / "root"
"""A small root without a mistake; tests that change something change a copy."""

ON = "2026-12-05"
"""The day where a test does not care: globex is on hold, nobody is on vacation."""

REGENERATE = os.environ.get("RENEWCTL_REGENERATE") == "1"

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NEVER_MEANT = ("RENEWCTL_", "_RENEWCTL_", "GITHUB_", "NO_COLOR", "COLUMNS", "PYTHON", "LC_", "LANG")


NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


class Run(NamedTuple):
    """What a run came to."""

    code: int
    out: str
    err: str


class Renewctl(Protocol):
    """Runs the command line in this process; `stdin` is what it reads there."""

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Run:
        """Run it with these arguments."""


def environment(variables: Mapping[str, str] = NO_VARIABLES) -> dict[str, str]:
    """Return our environment without what changes an output, the project's own repository out of sight."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NEVER_MEANT)}
    return {**kept, "GIT_CEILING_DIRECTORIES": str(PROJECT), **variables}


def process(*arguments: str, cwd: Path = ROOT, variables: Mapping[str, str] = NO_VARIABLES) -> Run:
    """Run the command line as a process of its own."""
    ran = subprocess.run(
        command(*arguments),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env=environment(variables),
        timeout=60,
    )
    return Run(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def command(*arguments: str) -> list[str]:
    """Return what starts the command line."""
    return [sys.executable, str(PROJECT / "cli.py"), *arguments]


def on_terminal(*arguments: str, columns: int = 200, variables: Mapping[str, str] = NO_VARIABLES) -> Run:
    """Run the command line on a terminal, which shows stdout and stderr alike: all of it is `out`."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 50, columns, 0, 0))
    with subprocess.Popen(
        command(*arguments),
        cwd=ROOT,
        env=environment({"TERM": "xterm", **variables}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        shown = read_terminal(ours)
        running.wait(60)
    return Run(running.returncode, shown, "")


def read_terminal(ours: int) -> str:
    """Read everything that a terminal shows, until nobody writes to it any more."""
    shown = bytearray()
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def expect(name: str, actual: str) -> None:
    """Compare an output with the file of that name, byte for byte; RENEWCTL_REGENERATE=1 writes the file.

    The digest of a revision is left out: the shipped rules are part of it.
    """
    path, written = EXPECTED / name, _DIGEST.sub("sha256:…", actual)
    if REGENERATE:
        path.write_text(written, encoding="utf-8", newline="")
    assert written == path.read_bytes().decode()


def copy_of_root(folder: Path) -> Path:
    """Return a copy of the root, to change."""
    return Path(shutil.copytree(ROOT, folder / "root"))
