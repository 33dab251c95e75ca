"""A share of many decisions, as one process makes it: it reads, decides and writes renewal by renewal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

import msgspec

from engine import workloads
from engine.facts import Renewal, RenewalFact
from engine.feeds.portions import UnsoundError
from engine.reports.writer import Writer
from engine.runs import Register, Run
from engine.snapshot import Snapshot
from engine.spills import Spill
from engine.workloads import Decider

_TOLD_AFTER = 500
"""Renewals after which progress is told."""


class Share(NamedTuple):
    """Facts that one process decides about, how many they are, about, and where their lines wait.

    `read` leaves in a set the ids by which is seen whether a renewal is in two shares.
    """

    read: Callable[[set[str]], Iterable[RenewalFact]]
    size: int
    spill: Spill


class Progress(msgspec.Struct, tag=True, gc=False):
    """So many renewals more are done."""

    renewals: int


class Unsound(msgspec.Struct, tag=True, gc=False):
    """Something is wrong with the facts."""


class Made(msgspec.Struct, tag=True, gc=False):
    """All lines are made; those of the renewals that have any come by these keys."""

    renewals: int
    ids: set[str]
    keys: list[str]


class Day(msgspec.Struct, tag=True, gc=False):
    """Where the lines of a day are: by which of the keys each comes, where it begins, and how long it is."""

    day: int
    keys: list[int]
    begins: list[int]
    sizes: list[int]


Piece: TypeAlias = Progress | Unsound | Made | Day
"""What a process tells: its progress, then that all is made and where, day by day; or that it is unsound."""

decode = msgspec.msgpack.Decoder(Piece).decode


def pieces(decider: Decider, snapshot: Snapshot, share: Share) -> Iterator[bytes]:
    """Make the lines of a share, and tell about them."""
    return map(msgspec.msgpack.Encoder().encode, _pieces(decider, snapshot, share))


def runs(made: Made, spill: Spill, days: Iterable[Piece]) -> Iterator[Run]:
    """Yield the lines that were told about, day by day."""
    for piece in days:
        if isinstance(piece, Day):
            keys = [made.keys[number] for number in piece.keys]
            yield Run(piece.day, keys, spill.lines(piece.begins, piece.sizes))


def _pieces(decider: Decider, snapshot: Snapshot, share: Share) -> Iterator[Piece]:
    ids: set[str] = set()
    register, count = Register(), 0
    try:
        for _ in _written(decider, snapshot, share, ids, register):
            count += 1
            if count % _TOLD_AFTER == 0:
                yield Progress(_TOLD_AFTER)
    except UnsoundError:
        yield Unsound()
        return
    keys, days = register.in_order()
    yield Made(count, ids, keys)
    for day, places in days:
        yield Day(day, places.renewals, places.begins, places.sizes)


def _written(
    decider: Decider, snapshot: Snapshot, share: Share, ids: set[str], register: Register
) -> Iterator[Renewal]:
    """Yield each renewal once all about it is written; nothing else of it stays in memory."""
    encode, add_line, add = Writer.of(snapshot).encode, share.spill.add, register.add
    share.spill.begin()
    for fact in share.read(ids):
        renewal = Renewal.from_fact(fact, snapshot.vendor)
        register.keys.append(workloads.key(renewal))
        for day, decision in decider(renewal):
            line = encode(decision)
            add(day, add_line(line), len(line))
        yield renewal
    share.spill.end()
