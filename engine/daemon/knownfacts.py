"""The renewals that a daemon knows, found by client, by partner, by website and by id."""

from __future__ import annotations

import hashlib
import zlib
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

import msgspec

from engine.daemon.lookup import Lookup
from engine.daemon.shelf import Shelf
from engine.diagnostics import Diagnostic, Location
from engine.facts import RenewalFact
from engine.feeds import factfiles
from engine.inquiry import bare
from engine.trees import File

_LEVEL = 1
"""How hard zlib tries on the ids of clients: trying harder takes longer, for little."""


class Named(NamedTuple):
    """How many renewals name a partner, and where the first of them stands."""

    renewals: int
    first: Location


@dataclass(frozen=True, slots=True, eq=False)
class KnownFacts:
    """One version of the facts: `digest` is equal exactly when paths and bytes of their files are.

    `problems` are those of the `bad` facts that were left out, `words` what stands in them: a client among
    these has a renewal nevertheless.
    """

    renewals: Shelf = field(repr=False)
    digest: str | None
    by_client: Lookup[tuple[RenewalFact, ...]] = field(repr=False)
    by_partner: Lookup[tuple[RenewalFact, ...]] = field(repr=False)
    by_renewal: Lookup[RenewalFact] = field(repr=False)
    websites: Lookup[frozenset[str]] = field(repr=False)
    """The clients of each website, without what people paste along."""
    clients: int
    partners: Mapping[str, Named] = field(repr=False)
    problems: tuple[Diagnostic, ...]
    bad: int
    words: frozenset[str] = field(repr=False)
    _client_ids: bytes = field(repr=False)

    @classmethod
    def of(cls, files: Iterable[File] = (), digest: str | None = None) -> KnownFacts:
        """Read the renewals of the files one by one, and pack them."""
        shelf = Shelf()
        lookups = _Lookups.of(shelf)
        clients: set[str] = set()
        mentions = _Mentions()

        def keep(fact: RenewalFact) -> None:
            number = shelf.put(fact)
            for lookup in lookups:
                lookup.note(fact, number)
            clients.add(fact.client)
            mentions.note(fact)

        found = factfiles.sift(factfiles.items(files), keep)
        for part in (shelf, *lookups):
            part.close()
        return cls(
            renewals=shelf,
            digest=digest,
            **lookups._asdict(),
            clients=len(clients),
            partners=mentions.named(found.places),
            problems=found.problems,
            bad=found.bad,
            words=found.words,
            _client_ids=zlib.compress(msgspec.msgpack.encode(sorted(clients)), _LEVEL),
        )

    def client_ids(self) -> list[str]:
        """Return the id of every client: a large list, made whenever somebody asks."""
        return msgspec.msgpack.decode(zlib.decompress(self._client_ids), type=list[str])

    def that_concern(self, partner: str, listed: Collection[str]) -> Iterator[RenewalFact]:
        """Yield the facts that name the partner and those of the clients that it lists, as delivered."""
        numbers = {*self.by_partner.numbers(partner)}
        for client in listed:
            numbers.update(self.by_client.numbers(client))
        found = self.renewals.pick(sorted(numbers))
        return (fact for fact in found if fact.partner == partner or fact.client in listed)


class _Lookups(NamedTuple):
    """The ways to find a renewal; the fields are those of `KnownFacts`."""

    by_client: Lookup[tuple[RenewalFact, ...]]
    by_partner: Lookup[tuple[RenewalFact, ...]]
    by_renewal: Lookup[RenewalFact]
    websites: Lookup[frozenset[str]]

    @classmethod
    def of(cls, shelf: Shelf) -> _Lookups:
        return cls(
            by_client=Lookup(shelf, attrgetter("client"), tuple),
            by_partner=Lookup(shelf, attrgetter("partner"), tuple),
            by_renewal=Lookup(shelf, attrgetter("renewal"), _first),
            websites=Lookup(shelf, _website, _clients),
        )


class _Mentions:
    """Counts the renewals that name each partner, and remembers the first."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[int, str]] = {}
        self._counts = array("L")

    def note(self, fact: RenewalFact) -> None:
        if fact.partner is not None:
            number, _ = self._first.setdefault(fact.partner, (len(self._counts), fact.renewal))
            if number == len(self._counts):
                self._counts.append(0)
            self._counts[number] += 1

    def named(self, places: Mapping[str, Location]) -> dict[str, Named]:
        """Return what is known of each partner.

        Their ids are copies, and their counts made now: those of before lie among what is freed, and would
        keep ten times their memory.
        """
        return {
            partner.encode().decode(): Named(self._counts[number], places[renewal])
            for partner, (number, renewal) in self._first.items()
        }


def _website(fact: RenewalFact) -> str:
    return bare(fact.website or fact.client)


def _clients(facts: tuple[RenewalFact, ...]) -> frozenset[str]:
    return frozenset(fact.client for fact in facts)


def _first(facts: tuple[RenewalFact, ...]) -> RenewalFact:
    return facts[0]


def digest(files: Iterable[File]) -> str:
    """Return what identifies the facts in these files."""
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.sha256.hex()}  {file.path}\n".encode("utf-8", "surrogateescape"))
    return f"sha256:{total.hexdigest()}"
