"""Several processes that share a long work: forked, so that each has everything there is to know already.

Python computes in one thread at a time. What is forked shares its parent's memory until either writes to it,
so that nothing has to be sent there; what is made comes back through a pipe.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import islice
from typing import BinaryIO, TypeVar

PartT = TypeVar("PartT")

_LENGTH = 8
"""Bytes that say how long what follows is."""

_AHEAD = 1 << 20
"""Bytes that a process may be ahead of who reads them; with the 64 kB of a pipe the quicker ones wait."""


def usable() -> int:
    """Return how many processes may share a work: one where forking is not safe, as beside a thread."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0))


def in_order(work: Callable[[PartT], bytes], parts: Sequence[PartT], processes: int) -> Iterator[bytes]:
    """Yield what `work` makes of each part, in their order, whoever of the processes made it.

    A part that comes from none is made here: who fails at it there fails here too, and can say why.
    """
    if processes < 2:  # noqa: PLR2004 - the number of "several"
        yield from map(work, parts)
        return
    with ExitStack() as stack:
        pipes = [
            stack.enter_context(_forked(partial(map, work, parts[first::processes])))
            for first in range(processes)
        ]
        for number, part in enumerate(parts):
            made = _receive(pipes[number % processes])
            yield work(part) if made is None else made


@contextmanager
def streams(
    work: Callable[[PartT], Iterable[bytes]], parts: Sequence[PartT]
) -> Iterator[Sequence[Iterator[bytes]]]:
    """Have a process for each part make its pieces, as fast as they are taken; a single part is made here."""
    if len(parts) == 1:
        yield [iter(work(parts[0]))]
        return
    with ExitStack() as stack:
        yield [
            _stream(stack.enter_context(_forked(partial(_ended, work, part))), partial(work, part))
            for part in parts
        ]


def _ended(work: Callable[[PartT], Iterable[bytes]], part: PartT) -> Iterator[bytes]:
    """Yield the pieces, and an empty one that says that there are no more."""
    yield from work(part)
    yield b""


def _stream(pipe: BinaryIO, again: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
    """Yield the pieces that come; what does not come any more is made here, where failing can be told."""
    count = 0
    while made := _receive(pipe):
        count += 1
        yield made
    if made is None:
        yield from islice(again(), count, None)


@contextmanager
def _forked(pieces: Callable[[], Iterable[bytes]]) -> Iterator[BinaryIO]:
    """Have a process make these pieces, until the end of the block at the latest."""
    reading, writing = os.pipe()
    _widen(writing)
    process = os.fork()
    if process == 0:
        _serve(pieces, reading, writing)
    os.close(writing)
    try:
        with open(reading, "rb") as pipe:  # noqa: PTH123 - a pipe has no path
            yield pipe
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _widen(pipe: int) -> None:
    """Let more be written before it has to be read, where a user may have that much."""
    import fcntl  # noqa: PLC0415 - there is none on Windows, where nothing is forked

    with suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _AHEAD)


def _serve(pieces: Callable[[], Iterable[bytes]], reading: int, writing: int) -> None:
    """Make the pieces, and end without a word and without what the parent does at its end."""
    try:
        os.close(reading)  # else whoever writes reads too, and would wait for ever once the parent is gone
        gc.disable()  # the collector would write to all memory, and so copy it
        with open(writing, "wb") as pipe:
            for made in pieces():
                pipe.write(len(made).to_bytes(_LENGTH, "big"))
                pipe.write(made)
                pipe.flush()
    finally:
        os._exit(0)


def _receive(pipe: BinaryIO) -> bytes | None:
    """Return what comes next, or None when no more comes."""
    length = int.from_bytes(head := pipe.read(_LENGTH), "big")
    made = pipe.read(length) if len(head) == _LENGTH else b""
    return made if len(head) == _LENGTH and len(made) == length else None
