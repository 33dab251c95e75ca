"""The renewals that a daemon knows, found by client, by partner, by website and by id."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from engine.daemon.lookup import Lookup
from engine.daemon.shelf import Shelf
from engine.diagnostics import Diagnostic
from engine.facts import RenewalFact
from engine.feeds import factfiles
from engine.inquiry import bare
from engine.trees import File


@dataclass(frozen=True, slots=True, eq=False)
class KnownFacts:
    """One version of the facts: `digest` is equal exactly when paths and bytes of their files are.

    `problems` are those of the facts that were left out.
    """

    renewals: Shelf = field(repr=False)
    digest: str | None
    by_client: Lookup[tuple[RenewalFact, ...]] = field(repr=False)
    by_partner: Lookup[tuple[RenewalFact, ...]] = field(repr=False)
    by_renewal: Lookup[RenewalFact] = field(repr=False)
    websites: Lookup[frozenset[str]] = field(repr=False)
    """The clients of each website, without what people paste along."""
    clients: int
    problems: tuple[Diagnostic, ...]

    @classmethod
    def of(cls, files: Iterable[File] = (), digest: str | None = None) -> KnownFacts:
        """Read the renewals of the files one by one, and pack them."""
        shelf = Shelf()
        by_client = Lookup(shelf, attrgetter("client"), tuple)
        by_partner = Lookup(shelf, attrgetter("partner"), tuple)
        by_renewal = Lookup(shelf, attrgetter("renewal"), _first)
        websites = Lookup(shelf, _website, _clients)
        lookups = (by_client, by_partner, by_renewal, websites)
        clients = set()

        def keep(fact: RenewalFact) -> None:
            number = shelf.put(fact)
            clients.add(fact.client)
            for lookup in lookups:
                lookup.note(fact, number)

        problems = factfiles.sift(factfiles.items(files), keep).problems
        for part in (shelf, *lookups):
            part.close()
        return cls(
            renewals=shelf,
            digest=digest,
            by_client=by_client,
            by_partner=by_partner,
            by_renewal=by_renewal,
            websites=websites,
            clients=len(clients),
            problems=problems,
        )

    def that_concern(self, partner: str, listed: Collection[str]) -> Iterator[RenewalFact]:
        """Yield the facts that name the partner and those of the clients that it lists, as delivered."""
        numbers = {*self.by_partner.numbers(partner)}
        for client in listed:
            numbers.update(self.by_client.numbers(client))
        found = self.renewals.pick(sorted(numbers))
        return (fact for fact in found if fact.partner == partner or fact.client in listed)


def _website(fact: RenewalFact) -> str:
    return bare(fact.website or fact.client)


def _clients(facts: tuple[RenewalFact, ...]) -> frozenset[str]:
    return frozenset(fact.client for fact in facts)


def _first(facts: tuple[RenewalFact, ...]) -> RenewalFact:
    return facts[0]


class Websites(Mapping[str, frozenset[str]]):
    """The clients of each website; most have one, which needs no set, but a portal may have thousands."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._first: dict[str, str] = {}
        self._all: dict[str, set[str]] = {}
        for website, client in pairs:
            name = bare(website)
            first = self._first.setdefault(website if name == website else name, client)
            if first != client:
                self._all.setdefault(name, {first}).add(client)

    def __getitem__(self, website: str) -> frozenset[str]:
        return frozenset(self._all.get(website) or (self._first[website],))

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)


def digest(files: Iterable[File]) -> str:
    """Return what identifies the facts in these files."""
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.sha256.hex()}  {file.path}\n".encode("utf-8", "surrogateescape"))
    return f"sha256:{total.hexdigest()}"
