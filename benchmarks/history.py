"""The history of one client in a long-lived repository, against `git log` over the same files."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks import programme, tables, timing
from benchmarks.programme import ON, Size
from engine import sources
from engine.facts import RenewalFact
from engine.git import Repository
from engine.past.history import History, Subject
from engine.sources import PARTNERS, Sources

_COMMIT = b"commit refs/heads/main\ncommitter Somebody <somebody@vendor.example> %d +0000\ndata 0\n"

OFTEN = 10
"""Every so many commits the partner whose client is asked about hands over or takes back its renewals."""


def main() -> int:
    """Print how long it takes, and how many times git's own answer that is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("--commits", type=int, default=1000, help="in the repository (%(default)s)")
    parser.add_argument("--partners", type=int, default=500, help="in the configuration (%(default)s)")
    parser.add_argument("--rounds", type=int, default=10, help="turns of each (%(default)s)")
    options = parser.parse_args()
    made = programme.make(Size(partners=options.partners))
    fact = made.facts()[0]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _commit(root, made.sources(), f"{PARTNERS}/{fact.partner}.yaml", options.commits)
        print(f"{options.commits:,} commits, {options.partners:,} partners\n")
        for line in _report(root, fact, options.rounds):
            print(line)
    return 0


def _report(root: Path, fact: RenewalFact, rounds: int) -> Iterator[str]:
    log = "git log -p of the files that the client depends on"
    turns = {
        log: partial(_git_log, root, f"{PARTNERS}/{fact.partner}.yaml"),
        "history of the client": partial(_history, root, Subject(fact.client, [fact], ON)),
    }
    seconds = timing.rounds(turns, rounds)
    rows = [
        (
            name,
            f"{timing.spread(measured).median * 1e3:.0f}",
            tables.times(timing.ratio(measured, seconds[log])),
        )
        for name, measured in seconds.items()
    ]
    yield from tables.lines(("", "ms", "it / git log"), rows)


def _git_log(root: Path, path: str, _: int) -> float:
    begun = time.perf_counter()
    _git(root, "log", "-p", "--", path, sources.VENDOR, sources.RULES)
    return time.perf_counter() - begun


def _history(root: Path, asked: Subject, _: int) -> float:
    begun = time.perf_counter()
    with closing(History(asked)) as history:
        list(history.entries(Repository.at(root).commit("HEAD"), sources.read(root)))
    return time.perf_counter() - begun


def _commit(root: Path, files: Sources, busy: str, count: int) -> None:
    """Make a repository in which one partner after another is edited, the busy one most often."""
    _git(root, "init", "--quiet", "--initial-branch", "main")
    _git(root, "fast-import", "--quiet", stdin=b"".join(_stream(files, busy, count)))
    _git(root, "reset", "--quiet", "--hard", "main")


def _stream(files: Sources, busy: str, count: int) -> Iterator[bytes]:
    rng = random.Random(count)  # noqa: S311 - nothing here is secret
    contents = {file.path: file.data for file in files.files}
    edited = list(contents)
    for number in range(count):
        yield _COMMIT % number
        for path in edited:
            yield b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(contents[path]), contents[path])
        edited = [busy if number % OFTEN == 0 else rng.choice(files.partners).path]
        contents[edited[0]] = _handed_over(contents[edited[0]])


def _handed_over(text: bytes) -> bytes:
    """Return a partner's file with the other owner as the default."""
    ours, theirs = b"default: {owner: hubspot", b"default: {owner: partner"
    return text.replace(ours, theirs) if ours in text else text.replace(theirs, ours)


def _git(root: Path, *arguments: str, stdin: bytes | None = None) -> None:
    subprocess.run(["git", *arguments], cwd=root, input=stdin, capture_output=True, check=True)


if __name__ == "__main__":
    sys.exit(main())
