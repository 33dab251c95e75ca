"""Shares partner files out to processes; what each found out comes back as data, to be joined here.

The processes see the bytes that were read here, so nothing has to be sent to them. One that fails is a
defect; its share is read here, so nothing depends on it.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate, groupby
from typing import TypeVar

import msgspec

from engine import processes
from engine.reading import partners
from engine.reading.forms import FormT
from engine.reading.partners import Watcher
from engine.trees import File

PartT = TypeVar("PartT")

LEAST_BYTES = 1_500_000
"""Measured: below that the processes cost more than they spare."""

_FAILED = "a process that reads files has failed, a defect of renewctl: its files are read again"

_AT_ONCE = 300_000
"""Bytes of files that come back together: a message a file would take longer, few leave a core idle."""


def is_worth_it(files: Sequence[File]) -> bool:
    """Whether these files are so many that the ways to be quick cost less than they spare."""
    return sum(file.size for file in files) >= LEAST_BYTES


def read(form: type[FormT], files: Sequence[File], on: dt.date, watcher: Watcher) -> list[FormT]:
    """Read and check files, in as many processes as it is worth."""
    count = processes.usable() if is_worth_it(files) else 1
    if count == 1:
        return _read(form, files, on, watcher)
    return _joined(form, parts(files), on, watcher, count)


def parts(files: Sequence[File]) -> list[list[File]]:
    """Cut files into parts of one size in bytes, so that who gets as many parts has as much to do."""
    begins = accumulate((file.size for file in files), initial=0)
    together = groupby(zip(begins, files, strict=False), key=lambda item: item[0] // _AT_ONCE)
    return [[file for _, file in part] for _, part in together]


def _joined(
    form: type[FormT], parts: Sequence[Sequence[File]], on: dt.date, watcher: Watcher, count: int
) -> list[FormT]:
    joined: list[FormT] = []
    decode = msgspec.msgpack.Decoder(list[form]).decode  # type: ignore[valid-type]
    total = sum(map(len, parts))
    work = partial(made, lambda part: _read(form, part, on, partners.unwatched), os.getpid())
    for data in processes.in_order(work, parts, count):
        joined += decode(data)
        watcher(len(joined), total)
    return joined


def made(read: Callable[[PartT], object], parent: int, part: PartT) -> bytes:
    """Read a part, and pack what came of it.

    In the parent that is because another process failed, and what fails there will here.
    """
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
