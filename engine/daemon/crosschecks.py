"""Warnings of what is live: about configuration and facts together, and about the rules as a whole.

`renewctl validate` says the same of a root, but reads all of it. A daemon takes up one file at a time, so
what was found of a partner's file is kept until that file, or the facts, are others.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.checks.partnerfiles import PartnerFile, listed
from engine.checks.rulechecks import check_reach
from engine.daemon.knownfacts import KnownFacts
from engine.daemon.loading import Loaded
from engine.diagnostics import Diagnostic, Location, warning
from engine.feeds import factfiles
from engine.ruleset import Ruleset
from engine.sources import FACTS, PARTNERS
from engine.trees import File
from engine.validation import unknown_client, unknown_partner

MOST = 1_000
"""Clients without a renewal that get a warning each; where facts are few, nearly all clients are such."""

_FEW = 1_000
"""So many clients are looked up one by one; for more, it is faster to go through all facts once."""


class _Text(NamedTuple):
    """What only the files of the facts tell: where the first renewal of each partner stands.

    `words` are those of facts that cannot be used: a client among them has a renewal nevertheless.
    """

    places: Mapping[str, Location]
    words: Collection[str]


class _Judged(NamedTuple):
    """The clients of a partner's file of which no renewal is known, whatever the day."""

    file: PartnerFile
    strangers: frozenset[str]


class Crosschecks:
    """Judges one state of the root after the other, one at a time."""

    def __init__(self) -> None:
        self._facts: KnownFacts | None = None
        self._renewals: Mapping[str, int] = {}
        self._text: _Text | None = None
        self._judged: dict[str, _Judged] = {}
        self._ruleset: Ruleset | None = None
        self._reach: tuple[Diagnostic, ...] = ()

    def warnings(self, loaded: Loaded, facts: KnownFacts, files: Sequence[File]) -> tuple[Diagnostic, ...]:
        """Return the warnings; `files` are those of the facts, none if they are no longer there."""
        if facts is not self._facts:
            self._facts, self._text, self._judged = facts, None, {}
            self._renewals = Counter(fact.partner for fact in facts.renewals if fact.partner is not None)
        partners = loaded.snapshot.partners
        orphans = self._renewals.keys() - set(partners)
        if self._text is None and files and (orphans or facts.problems):
            self._text = _read_again(files)
        text = self._text or _Text({}, ())
        return tuple(
            sorted(
                {
                    *self._of_rules(loaded.ruleset),
                    *self._of_orphans(orphans, partners, text),
                    *self._of_clients(partners, facts, text.words, loaded.on),
                }
            )
        )

    def _of_orphans(
        self, orphans: Iterable[str], partners: Collection[str], text: _Text
    ) -> Iterator[Diagnostic]:
        for partner in orphans:
            place = text.places.get(partner, Location(FACTS))
            yield unknown_partner(partner, self._renewals[partner], place, partners)

    def _of_rules(self, ruleset: Ruleset) -> tuple[Diagnostic, ...]:
        if ruleset is not self._ruleset:
            self._reach, self._ruleset = tuple(check_reach(ruleset)), ruleset
        return self._reach

    def _of_clients(
        self, partners: Mapping[str, PartnerFile], facts: KnownFacts, words: Collection[str], on: dt.date
    ) -> Iterator[Diagnostic]:
        if not facts.renewals:
            return
        self._judge(partners, facts)
        unknown = [
            (judged.file, client)
            for judged in self._judged.values()
            for client in sorted(judged.strangers.difference(words))
            if not _has_ended(judged.file, client, on)
        ]
        yield from (unknown_client(file, client, ()) for file, client in unknown[:MOST])
        if len(unknown) > MOST:
            message = f"no renewal is known of {len(unknown) - MOST:,} more clients"
            yield warning(Location(PARTNERS), "unknown-client", message, "`renewctl validate` names them")

    def _judge(self, partners: Mapping[str, PartnerFile], facts: KnownFacts) -> None:
        """Judge the files that are others than before."""
        known = self._judged
        others = {
            name: file for name, file in partners.items() if name not in known or known[name].file is not file
        }
        found = _found(frozenset().union(*map(listed, others.values())), facts)
        judged = {
            name: _Judged(file, frozenset(listed(file).keys() - found)) for name, file in others.items()
        }
        self._judged = {name: judged.get(name) or known[name] for name in partners}


def _read_again(files: Iterable[File]) -> _Text:
    first: dict[str | None, str] = {}
    found = factfiles.sift(factfiles.items(files), lambda fact: first.setdefault(fact.partner, fact.renewal))
    places = {partner: found.places[renewal] for partner, renewal in first.items() if partner is not None}
    return _Text(places, found.words)


def _found(clients: frozenset[str], facts: KnownFacts) -> Collection[str]:
    """Return those of the clients of which a renewal is known."""
    if len(clients) <= _FEW:
        return {client for client in clients if client in facts.by_client}
    return {fact.client for fact in facts.renewals if fact.client in clients}


def _has_ended(file: PartnerFile, client: str, on: dt.date) -> bool:
    until = listed(file)[client].until
    return until is not None and until <= on
