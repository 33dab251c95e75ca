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
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import BinaryIO, TypeVar

PartT = TypeVar("PartT")

_LENGTH = 8
"""Bytes that say how long what follows is."""


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
        pipes = [stack.enter_context(_forked(work, parts[first::processes])) for first in range(processes)]
        for number, part in enumerate(parts):
            made = _receive(pipes[number % processes])
            yield work(part) if made is None else made


@contextmanager
def _forked(work: Callable[[PartT], bytes], parts: Sequence[PartT]) -> Iterator[BinaryIO]:
    """Have a process work on these parts, until the end of the block at the latest."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        _serve(work, parts, writing)
    os.close(writing)
    try:
        with open(reading, "rb") as pipe:  # noqa: PTH123 - a pipe has no path
            yield pipe
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _serve(work: Callable[[PartT], bytes], parts: Sequence[PartT], writing: int) -> None:
    """Make the parts, and end without a word and without what the parent does at its end."""
    try:
        gc.disable()  # the collector would write to all memory, and so copy it
        with open(writing, "wb") as pipe:
            for part in parts:
                made = work(part)
                pipe.write(len(made).to_bytes(_LENGTH, "big") + made)
                pipe.flush()
    finally:
        os._exit(0)


def _receive(pipe: BinaryIO) -> bytes | None:
    """Return what comes next, or None when no more comes."""
    length = int.from_bytes(head := pipe.read(_LENGTH), "big")
    made = pipe.read(length) if len(head) == _LENGTH else b""
    return made if len(head) == _LENGTH and len(made) == length else None
