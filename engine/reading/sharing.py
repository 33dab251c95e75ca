"""Shares partner files out to processes; what each found out comes back as data, to be joined here.

The processes see the bytes that were read here, so nothing has to be sent to them. One that fails is a
defect; its share is read here, so nothing depends on it.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from engine import processes
from engine.reading import partners
from engine.reading.forms import FormT
from engine.reading.partners import Watcher
from engine.trees import File

LEAST_BYTES = 1_500_000
"""Measured: below that the processes cost more than they spare."""

_FAILED = "a process that reads files has failed, a defect of renewctl: its files are read again"

_AT_ONCE = 100
"""Files that come back together: a message a file would take longer, and few messages leave a core idle."""


def is_worth_it(files: Sequence[File]) -> bool:
    """Whether these files are so many that the ways to be quick cost less than they spare."""
    return sum(file.size for file in files) >= LEAST_BYTES


def read(form: type[FormT], files: Sequence[File], on: dt.date, watcher: Watcher) -> list[FormT]:
    """Read and check files, in as many processes as it is worth."""
    count = processes.usable() if is_worth_it(files) else 1
    if count == 1:
        return _read(form, files, on, watcher)
    return _joined(
        form, [files[at : at + _AT_ONCE] for at in range(0, len(files), _AT_ONCE)], on, watcher, count
    )


def _joined(
    form: type[FormT], parts: Sequence[Sequence[File]], on: dt.date, watcher: Watcher, count: int
) -> list[FormT]:
    joined: list[FormT] = []
    decode = msgspec.msgpack.Decoder(list[form]).decode  # type: ignore[valid-type]
    total = sum(map(len, parts))
    work = partial(_made, lambda part: _read(form, part, on, partners.unwatched), os.getpid())
    for made in processes.in_order(work, parts, count):
        joined += decode(made)
        watcher(len(joined), total)
    return joined


def _made(read: Callable[[Sequence[File]], list[FormT]], parent: int, part: Sequence[File]) -> bytes:
    """Read a part; in the parent that is because another process failed, and what fails there will here."""
    if os.getpid() == parent:
        import logging  # noqa: PLC0415 - it takes milliseconds, and is never needed

        logging.getLogger(__name__).warning(_FAILED)
    return msgspec.msgpack.encode(read(part))


def _read(form: type[FormT], files: Sequence[File], on: dt.date, watcher: Watcher) -> list[FormT]:
    """Read files here; of each only the form is kept, so that memory is used again while it is warm."""
    found = []
    for done, file in enumerate(files):
        watcher(done, len(files))
        found.append(form.of(partners.read(file, on)))
    watcher(len(files), len(files))
    return found
