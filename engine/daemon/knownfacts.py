"""The renewals that a daemon knows, found by client, by partner, by website and by id."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

import msgspec

from engine.daemon import piles
from engine.daemon.lookup import Lookup
from engine.daemon.piles import Named, Pile
from engine.daemon.shelf import Shelf
from engine.diagnostics import Diagnostic
from engine.facts import RenewalFact
from engine.feeds import factfiles
from engine.feeds.factfiles import Facts
from engine.feeds.portions import UnsoundError
from engine.trees import File

_LEVEL = 1
"""How hard zlib tries on the ids of clients: trying harder takes longer, for little."""


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
        """Read the renewals of the files, and pack them."""
        pile, found = _read(tuple(files))
        return cls(
            renewals=pile.shelf,
            digest=digest,
            by_client=Lookup(pile.shelf, pile.by_client, attrgetter("client"), tuple),
            by_partner=Lookup(pile.shelf, pile.by_partner, attrgetter("partner"), tuple),
            by_renewal=Lookup(pile.shelf, pile.by_renewal, attrgetter("renewal"), _first),
            websites=Lookup(pile.shelf, pile.by_website, piles.website, _clients),
            clients=len(pile.clients),
            partners=pile.partners,
            problems=found.problems,
            bad=found.bad,
            words=found.words,
            _client_ids=zlib.compress(msgspec.msgpack.encode(sorted(pile.clients)), _LEVEL),
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


def _read(files: Sequence[File]) -> tuple[Pile, Facts]:
    """Read the renewals the quick way; where something is wrong, one by one in the way that knows what."""
    try:
        return piles.of(files), Facts()
    except UnsoundError:
        pile = Pile()
        found = factfiles.sift(factfiles.items(files), pile.put)
        pile.close()
        return pile, found


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
