"""JSON Lines of many decisions: made part by part, by as many processes as may share the work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from typing import TypeVar

from engine import collecting, processes
from engine.configuration import Watcher, unwatched
from engine.decisions import Decision
from engine.reports.writer import Writer
from engine.snapshot import Snapshot

SEVERAL = 20_000
"""Of how much less one process does the work before others were started."""

PartT = TypeVar("PartT", bound=Sized)


def each(
    parts: Sequence[PartT],
    decide: Callable[[PartT], Iterable[Decision]],
    snapshot: Snapshot,
    watcher: Watcher = unwatched,
) -> Iterator[bytes]:
    """Yield the lines of one part after another, without the end of the last; nothing for an empty part."""
    writer, total = Writer.of(snapshot), sum(map(len, parts))

    def write(part: PartT) -> bytes:
        return b"\n".join(map(writer.encode, decide(part)))

    several = processes.usable() if total >= SEVERAL else 1
    done = 0
    with collecting.paused():
        for part, written in zip(parts, processes.in_order(write, parts, several), strict=True):
            done += len(part)
            watcher(done, total)
            if written:
                yield written
