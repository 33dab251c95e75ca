"""Partner files, each read and checked by itself: the definition that every quicker way has to equal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TypeAlias

from msgspec import structs

from engine.checks.partnerchecks import check_partner
from engine.checks.partnerfiles import Outline, PartnerFile
from engine.diagnostics import Diagnostic
from engine.model import Dated, Partner, entries
from engine.reading import files
from engine.reading.files import Read
from engine.trees import File

Watcher: TypeAlias = Callable[[int, int], None]
"""Told how many files are done of how many: what a progress bar shows."""

PartnerRead: TypeAlias = Read[PartnerFile | None]

PartnerReader: TypeAlias = Callable[[Sequence[File], dt.date, Watcher], Sequence[PartnerRead]]
"""Reads and checks partner files, and returns them in their order."""


def unwatched(done: int, total: int) -> None:
    """Show nothing."""


def in_process(some: Sequence[File], on: dt.date, watcher: Watcher) -> Sequence[PartnerRead]:
    """Read one file after another."""
    found = []
    for done, file in enumerate(some):
        watcher(done, len(some))
        found.append(read(file, on))
    watcher(len(some), len(some))
    return found


def read(file: File, on: dt.date) -> PartnerRead:
    """Read a partner file, and check what can be said of it by itself."""
    problems: list[Diagnostic] = []
    partner = _written(file, problems)
    if partner is None:
        return Read(None, tuple(problems))
    problems += check_partner(partner, on)
    return Read(replace(partner, document=partner.document.released()), tuple(problems))


def holds_on(read: PartnerRead, before: dt.date, on: dt.date) -> bool:
    """Whether what was found of a file on the day `before` is what would be found on this one.

    Where nothing was wrong, something can be so only from a day on that is written in the file. Where
    something was, it may be told with another day in its message.
    """
    if before == on:
        return True
    if read.problems or read.value is None or isinstance(read.value, Outline):
        return False
    first, last = sorted((before, on))
    return not any(first < day <= last for day in _days(read.value.record))


def _days(partner: Partner) -> Iterator[dt.date]:
    """Yield every day from which something in a partner's file is otherwise."""
    dated: list[Dated] = [entry for field in (partner.default, partner.covers) for _, entry in entries(field)]
    for client in partner.clients.values():
        dated.append(client)
        if client.override or client.hold:
            dated += (entry for field in (client.override, client.hold) for _, entry in entries(field))
    return (day for entry in dated for day in (entry.starts, entry.until) if day is not None)


def record(file: File) -> Partner:
    """Return what a file says that is known to say something."""
    partner = _written(file, [])
    if partner is None:
        raise ValueError(file.path)
    return partner.record


def _written(file: File, problems: list[Diagnostic]) -> PartnerFile | None:
    written = next(files.records(Partner, "partner", [file], problems), None)
    return None if written is None else _named(written)


def _named(file: PartnerFile) -> PartnerFile:
    """Give a partner whose id is missing or faulty that of its file, so that the rest can be checked."""
    if file.record.partner:
        return file
    return replace(file, record=structs.replace(file.record, partner=PurePosixPath(file.document.path).stem))
