"""Facts as they are packed: by one process, or a share by each of several, whose piles are put together.

That is the quick way, for facts with which nothing is wrong. It keeps no ids to find renewals that stand
twice: these have one hash, and the few with one hash are compared at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from engine import processes
from engine.daemon.lookup import Index
from engine.daemon.shelf import Packed, Shelf
from engine.diagnostics import Location
from engine.facts import RenewalFact
from engine.feeds import portions, shares
from engine.feeds.judging import Item
from engine.feeds.portions import UnsoundError
from engine.feeds.shares import Share
from engine.inquiry import bare
from engine.trees import File


class Named(NamedTuple):
    """How many renewals name a partner, and where the first of them stands."""

    renewals: int
    first: Location


class _Taken(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A pile as another process gets it."""

    shelf: Packed
    indexes: tuple[memoryview, ...]
    clients: list[str]
    partners: dict[str, Named]


class Pile:
    """Packed facts, the indexes that find them, and who is named in them."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.by_client, self.by_partner = Index(), Index()
        self.by_renewal, self.by_website = Index(), Index()
        self.clients: set[str] = set()
        self._mentions: Counter[str] = Counter()
        self._firsts: dict[str, Location] = {}

    def put(self, fact: RenewalFact, item: Item) -> None:
        """Put the next fact down, and note where it was delivered if its partner was not named before."""
        number = self.shelf.put(fact)
        self.by_client.note(fact.client, number)
        self.by_renewal.note(fact.renewal, number)
        self.by_website.note(website(fact), number)
        self.clients.add(fact.client)
        if fact.partner is not None:
            self.by_partner.note(fact.partner, number)
            if fact.partner not in self._firsts:
                self._firsts[fact.partner] = item.place
            self._mentions[fact.partner] += 1

    def close(self) -> None:
        """Make what was put down findable."""
        self.shelf.close()
        for index in self._indexes:
            index.close()

    @property
    def partners(self) -> dict[str, Named]:
        """What is known of each partner.

        Their ids are copies, and their counts made now: those of before lie among what is freed, and would
        keep ten times their memory.
        """
        return {
            partner.encode().decode(): Named(self._mentions[partner], first)
            for partner, first in self._firsts.items()
        }

    def taken(self) -> bytes:
        """Return all of it for another process."""
        indexes = tuple(index.taken() for index in self._indexes)
        return msgspec.msgpack.encode(_Taken(self.shelf.taken(), indexes, list(self.clients), self.partners))

    def add(self, packed: bytes) -> None:
        """Put the pile of another process on this one; both are closed."""
        taken = msgspec.msgpack.decode(packed, type=_Taken)
        for index, entries in zip(self._indexes, taken.indexes, strict=True):
            index.add(entries, len(self.shelf))
        self.shelf.add(taken.shelf)
        self.clients.update(taken.clients)
        for partner, named in taken.partners.items():
            self._mentions[partner] += named.renewals
            self._firsts.setdefault(partner, named.first)

    def check_doubles(self) -> None:
        """Raise UnsoundError if a renewal stands twice."""
        for numbers in self.by_renewal.alike():
            if len({fact.renewal for fact in self.shelf.pick(numbers)}) < len(numbers):
                raise UnsoundError

    @property
    def _indexes(self) -> tuple[Index, ...]:
        return self.by_client, self.by_partner, self.by_renewal, self.by_website


def website(fact: RenewalFact) -> str:
    """Return the website of a renewal, without what people paste along."""
    return bare(fact.website or fact.client)


def of(files: Sequence[File]) -> Pile:
    """Pack the facts of all files; UnsoundError if anything is wrong with them, which this way cannot tell.

    Several processes do so at the start, as long as no thread runs; later it is this one alone.
    """
    count = processes.usable() if portions.is_worth_it(files) else 1
    cut = shares.cut(files, count)
    pile = _alone(files, cut[0]) if count == 1 else _together(files, cut)
    pile.check_doubles()
    return pile


def _alone(files: Sequence[File], share: Share) -> Pile:
    pile = Pile()
    for item in shares.items(files, share):
        if item.fact is None:
            raise UnsoundError
        pile.put(item.fact, item)
    pile.close()
    return pile


def _together(files: Sequence[File], cut: Sequence[Share]) -> Pile:
    pile = Pile()
    for packed in processes.in_order(partial(_packed, files), cut, len(cut)):
        if not packed:
            raise UnsoundError
        pile.add(packed)
    return pile


def _packed(files: Sequence[File], share: Share) -> bytes:
    """Return the pile of a share, nothing if something is wrong with it."""
    try:
        return _alone(files, share).taken()
    except UnsoundError:
        return b""
