"""Lines that wait on disk until it is their turn: memory does not grow with them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import IO, Self

from engine.diagnostics import InputError

_BUFFER = 1 << 20
"""Bytes that are written at once."""


class Spill:
    """Lines that one process adds and another takes, if it was forked after the file was made."""

    def __init__(self) -> None:
        self._file = _nameless()
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def begin(self) -> None:
        """Begin at the start: who added lines before may have died over it."""
        self._file.seek(0)
        self._size = 0

    def add(self, line: bytes) -> int:
        """Add a line, and return where it begins."""
        begin = self._size
        try:
            self._size += self._file.write(line)
        except OSError as error:
            raise _no_room(error) from error
        return begin

    def end(self) -> None:
        """Have every process see what was added."""
        try:
            self._file.flush()
        except OSError as error:
            raise _no_room(error) from error

    def lines(self, begins: Iterable[int], sizes: Iterable[int]) -> Iterator[bytes]:
        """Yield the lines that begin there and are so long; each is read when its turn comes.

        As memory the file would be seen sooner, and all of it would count as that of who does.
        """
        return map(os.pread, repeat(self._file.fileno()), sizes, begins)


def _nameless() -> IO[bytes]:
    """Open a file without a name, which ends with who has it open; in memory where no folder takes one."""
    import tempfile  # noqa: PLC0415 - only who decides about everybody needs it

    try:
        return tempfile.TemporaryFile(buffering=_BUFFER)
    except OSError:
        if sys.platform != "linux":
            raise
        return open(os.memfd_create("lines"), "w+b", buffering=_BUFFER)  # noqa: PTH123 - it has no path


def _no_room(error: OSError) -> InputError:
    message = f"the lines cannot wait in a temporary file: {error.strerror}"
    return InputError(message, "name a folder with more room in TMPDIR: a decision takes about 1.3 kB")
