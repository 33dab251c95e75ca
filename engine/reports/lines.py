"""JSON Lines of many decisions: made by as many processes as may share the work, in the order of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TypeAlias

from engine import collecting, processes, runs
from engine.configuration import Watcher, unwatched
from engine.facts import RenewalFact
from engine.feeds import portions
from engine.feeds.portions import UnsoundError
from engine.reports import shares
from engine.reports.shares import Made, Piece, Progress, Share
from engine.runs import Run
from engine.snapshot import Snapshot
from engine.spills import Spill
from engine.trees import File
from engine.workloads import Decider

SEVERAL = 20_000
"""Of how many fewer renewals one process decides before others were started."""

_AT_ONCE = 1_000
"""Lines that are written together."""

_Reader: TypeAlias = Callable[[set[str]], Iterable[RenewalFact]]


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of all decisions about so many renewals, day by day as each process has them."""

    renewals: int
    streams: Sequence[Iterator[Run]]

    def each(self) -> Iterator[bytes]:
        """Yield all lines in order, some at a time and without the end of the last."""
        lines = runs.merged(self.streams)
        while some := list(islice(lines, _AT_ONCE)):
            yield b"\n".join(some)


@contextmanager
def of_files(
    files: Sequence[File], decider: Decider, snapshot: Snapshot, watcher: Watcher = unwatched
) -> Iterator[Lines]:
    """Read the facts in these files and decide about all; UnsoundError if anything is wrong with them."""
    readers = [
        (partial(portions.read, portion), portions.lines_in(portion))
        for portion in portions.cut(files, processes.usable())
    ]
    with _decided(readers, decider, snapshot, watcher) as lines:
        yield lines


@contextmanager
def of_facts(
    known: Sequence[RenewalFact], decider: Decider, snapshot: Snapshot, watcher: Watcher = unwatched
) -> Iterator[Lines]:
    """Decide about all of these."""
    count = processes.usable() if len(known) >= SEVERAL else 1
    size = -(-len(known) // count) or 1
    parts = [known[begin : begin + size] for begin in range(0, len(known), size)] or [known]
    readers = [(partial(_judged, part), len(part)) for part in parts]
    with _decided(readers, decider, snapshot, watcher) as lines:
        yield lines


def _judged(known: Iterable[RenewalFact], _: set[str]) -> Iterable[RenewalFact]:
    """Return facts of which it is known that none is there twice."""
    return known


@contextmanager
def _decided(
    readers: Iterable[tuple[_Reader, int]], decider: Decider, snapshot: Snapshot, watcher: Watcher
) -> Iterator[Lines]:
    with collecting.paused(), ExitStack() as stack:
        parts = [Share(read, size, stack.enter_context(Spill())) for read, size in readers]
        streams = stack.enter_context(processes.streams(partial(shares.pieces, decider, snapshot), parts))
        told = [map(shares.decode, stream) for stream in streams]
        made = _awaited(told, sum(part.size for part in parts), watcher)
        _check_sound(made)
        runs_of_each = [
            shares.runs(one, part.spill, rest) for one, part, rest in zip(made, parts, told, strict=True)
        ]
        yield Lines(sum(one.renewals for one in made), runs_of_each)


def _awaited(streams: Sequence[Iterator[Piece]], total: int, watcher: Watcher) -> list[Made]:
    """Return what each process has made, once it has; in the meantime tell how much all have done."""
    made: dict[int, Made] = {}
    done = 0
    watcher(done, total)
    while len(made) < len(streams):
        for number in sorted(set(range(len(streams))) - made.keys()):
            match next(streams[number]):
                case Progress(renewals):
                    done += renewals
                case Made() as found:
                    made[number] = found
                case _:
                    raise UnsoundError
        watcher(min(done, total), total)
    watcher(total, total)
    return [made[number] for number in range(len(streams))]


def _check_sound(made: Sequence[Made]) -> None:
    """There are renewals, and none is in two shares."""
    if not any(one.renewals for one in made):
        raise UnsoundError
    seen: set[str] = set()
    for one in made:
        if not seen.isdisjoint(one.ids):
            raise UnsoundError
        seen |= one.ids
