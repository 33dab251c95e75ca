"""JSON Lines of many decisions: made by as many processes as may share the work, in the order of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeAlias, TypeVar

import msgspec

from engine import collecting, processes, runs
from engine.configuration import Watcher, unwatched
from engine.facts import Renewal, RenewalFact
from engine.feeds import portions
from engine.feeds.portions import Portion, UnsoundError
from engine.model import Vendor
from engine.reports.writer import Writer
from engine.runs import Run
from engine.snapshot import Snapshot
from engine.trees import File
from engine.workloads import Workload, by_key

SEVERAL = 20_000
"""Of how many fewer renewals one process decides before others were started."""

_AT_ONCE = 1_000
"""Lines that are sent together."""

Decider: TypeAlias = Callable[[Iterable[Renewal]], Workload]
"""Says what is to be decided about some renewals."""

ShareT = TypeVar("ShareT")


class _Loaded(NamedTuple):
    """The renewals of a share, and the ids by which it is seen whether one is in two shares."""

    renewals: Sequence[Renewal]
    ids: frozenset[str] = frozenset()


class _Opening(msgspec.Struct, array_like=True):
    """What is known of a share before anything is decided; `ids` is None when something is wrong with it."""

    ids: list[str] | None
    renewals: int = 0
    work: int = 0


class _Piece(msgspec.Struct, array_like=True, gc=False):
    """Some lines of a share in the order of their keys, if any yet, and how much more of the work is done."""

    done: int
    keys: list[str]
    lines: list[bytes]


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of all decisions about so many renewals, which is so much work."""

    renewals: int
    work: int
    streams: Sequence[Iterator[bytes]]

    def each(self, watcher: Watcher = unwatched) -> Iterator[bytes]:
        """Yield the lines of all shares in order, some at a time and without the end of the last."""
        watcher(0, self.work)
        decode, done = msgspec.msgpack.Decoder(_Piece).decode, 0

        def received(stream: Iterator[bytes]) -> Iterator[Run]:
            nonlocal done
            for piece in map(decode, stream):
                done += piece.done
                watcher(done, self.work)
                yield Run(piece.keys, piece.lines)

        for lines in runs.merged([received(stream) for stream in self.streams]):
            yield b"\n".join(lines)
        watcher(self.work, self.work)


@contextmanager
def of_files(files: Sequence[File], decider: Decider, snapshot: Snapshot) -> Iterator[Lines]:
    """Read the facts in these files and decide about all; UnsoundError if anything is wrong with them."""
    shares = portions.cut(files, processes.usable())
    with _opened(shares, partial(_of_portion, snapshot.vendor), decider, snapshot) as lines:
        yield lines


@contextmanager
def of_facts(known: Sequence[RenewalFact], decider: Decider, snapshot: Snapshot) -> Iterator[Lines]:
    """Decide about all of these."""
    count = processes.usable() if len(known) >= SEVERAL else 1
    size = -(-len(known) // count) or 1
    shares = [known[begin : begin + size] for begin in range(0, len(known), size)] or [known]
    with _opened(shares, partial(_of_facts, snapshot.vendor), decider, snapshot) as lines:
        yield lines


def _of_portion(vendor: Vendor, portion: Portion) -> _Loaded:
    renewals: list[Renewal] = []
    ids = portions.read(portion, lambda fact: renewals.append(Renewal.from_fact(fact, vendor)))
    return _Loaded(renewals, ids)


def _of_facts(vendor: Vendor, facts: Iterable[RenewalFact]) -> _Loaded:
    return _Loaded([Renewal.from_fact(fact, vendor) for fact in facts])


@contextmanager
def _opened(
    shares: Sequence[ShareT], load: Callable[[ShareT], _Loaded], decider: Decider, snapshot: Snapshot
) -> Iterator[Lines]:
    work = partial(_pieces, load, decider, snapshot)
    with collecting.paused(), processes.streams(work, shares) as streams:
        openings = [msgspec.msgpack.decode(next(stream), type=_Opening) for stream in streams]
        _check_sound(openings)
        yield Lines(
            sum(opening.renewals for opening in openings),
            sum(opening.work for opening in openings),
            streams,
        )


def _check_sound(openings: Sequence[_Opening]) -> None:
    """There are renewals, and none is in two shares."""
    if not any(opening.renewals for opening in openings):
        raise UnsoundError
    seen: set[str] = set()
    for opening in openings:
        if opening.ids is None or not seen.isdisjoint(opening.ids):
            raise UnsoundError
        seen.update(opening.ids)


def _pieces(
    load: Callable[[ShareT], _Loaded], decider: Decider, snapshot: Snapshot, share: ShareT
) -> Iterator[bytes]:
    """Yield the opening of a share, then its pieces."""
    encode = msgspec.msgpack.Encoder().encode
    try:
        loaded = load(share)
    except UnsoundError:
        yield encode(_Opening(None))
        return
    workload = decider(loaded.renewals)
    yield encode(_Opening(list(loaded.ids), len(loaded.renewals), workload.total))
    yield from map(encode, _written(workload, Writer.of(snapshot)))


def _written(workload: Workload, writer: Writer) -> Iterator[_Piece]:
    """Write each decision as soon as it is made and let go of it; lines come when their stretch is made."""
    for stretch in workload.stretches:
        lines: list[tuple[str, bytes]] = []
        left = stretch.size
        for key, decision in stretch.decisions:
            lines.append((key, writer.encode(decision)))
            if len(lines) % _AT_ONCE == 0:
                done = min(_AT_ONCE, left)
                left -= done
                yield _Piece(done, [], [])
        lines.sort(key=by_key)
        for begin in range(0, len(lines), _AT_ONCE):
            some = lines[begin : begin + _AT_ONCE]
            yield _Piece(0, [key for key, _ in some], [line for _, line in some])
        yield _Piece(left, [], [])
