"""Edits of one partner file while the daemon answers: each by rename, and each taken up."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.serving.servers import Server

_EVERY = 1.0


@contextmanager
def each_second(daemon: Server, path: Path) -> Iterator[Sequence[str]]:
    """Edit a file once a second meanwhile; yield what was live before each edit and at the end."""
    is_over = threading.Event()
    revisions: list[str] = []
    original = path.read_text()

    def edit() -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            revisions.append(_revision(daemon))
            _replace(path, f"{original}# edit {number} while others ask\n")
            is_over.wait(_EVERY)
        revisions.append(_revision(daemon))

    editor = threading.Thread(target=edit)
    editor.start()
    try:
        yield revisions
    finally:
        is_over.set()
        editor.join()


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.replace(path)


def _revision(daemon: Server) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.port}/v1/status") as answer:
        digest: str = json.load(answer)["revision"]["digest"]
        return digest
