"""Warnings of what is live: about configuration and facts together, and about the rules as a whole.

`renewctl validate` says the same of a root, but reads all of it. A daemon takes up one file at a time, so
what was found of a partner's file is kept until that file, or the facts, are others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from engine.checks.partnerfiles import PartnerFile, listed
from engine.checks.rulechecks import check_reach
from engine.daemon.knownfacts import KnownFacts
from engine.daemon.loading import Loaded
from engine.diagnostics import Diagnostic, Location, warning
from engine.ruleset import Ruleset
from engine.sources import PARTNERS
from engine.validation import unknown_client, unknown_partner

MOST = 1_000
"""Clients without a renewal that get a warning each; where facts are few, nearly all clients are such."""

_FEW = 5_000
"""So many clients are looked up one by one; for more, it is faster to go through the ids of all."""


class _Stranger(NamedTuple):
    """A client of which no renewal is known, whatever the day, and the file that lists it."""

    client: str
    file: PartnerFile


class _Said(NamedTuple):
    """The warnings about two that may be, or are, live."""

    loaded: Loaded
    facts: KnownFacts
    warnings: tuple[Diagnostic, ...]


class Crosschecks:
    """Judges one state of the root after the other, one at a time."""

    def __init__(self) -> None:
        self._facts: KnownFacts | None = None
        self._judged: dict[str, PartnerFile] = {}
        self._strangers: dict[str, list[_Stranger]] = {}
        """Those of each partner that has some."""
        self._ruleset: Ruleset | None = None
        self._reach: tuple[Diagnostic, ...] = ()
        self._said: _Said | None = None

    def warnings(self, loaded: Loaded, facts: KnownFacts) -> tuple[Diagnostic, ...]:
        """Return the warnings about what is to be live; who asks again of the same is told the same."""
        said = self._said
        if said is None or said.loaded is not loaded or said.facts is not facts:
            self._said = said = _Said(loaded, facts, self._find(loaded, facts))
        return said.warnings

    def _find(self, loaded: Loaded, facts: KnownFacts) -> tuple[Diagnostic, ...]:
        partners = loaded.snapshot.partners
        return tuple(
            sorted(
                {
                    *self._of_rules(loaded.ruleset),
                    *_of_orphans(partners, facts),
                    *self._of_clients(partners, facts, loaded.on),
                }
            )
        )

    def _of_rules(self, ruleset: Ruleset) -> tuple[Diagnostic, ...]:
        if ruleset is not self._ruleset:
            self._reach, self._ruleset = tuple(check_reach(ruleset)), ruleset
        return self._reach

    def _of_clients(
        self, partners: Mapping[str, PartnerFile], facts: KnownFacts, on: dt.date
    ) -> Iterator[Diagnostic]:
        if not facts.renewals:
            return
        self._judge(partners, facts)
        unknown = [
            stranger
            for partner in sorted(self._strangers)
            for stranger in self._strangers[partner]
            if not _has_ended(stranger, on)
        ]
        yield from (unknown_client(file, client, ()) for client, file in unknown[:MOST])
        if len(unknown) > MOST:
            message = f"no renewal is known of {len(unknown) - MOST:,} more clients"
            yield warning(Location(PARTNERS), "unknown-client", message, "`renewctl validate` names them")

    def _judge(self, partners: Mapping[str, PartnerFile], facts: KnownFacts) -> None:
        """Judge the files that are others than before."""
        if facts is not self._facts:
            self._facts, self._judged, self._strangers = facts, {}, {}
        for gone in self._judged.keys() - partners.keys():
            del self._judged[gone]
            self._strangers.pop(gone, None)
        others = {name: file for name, file in partners.items() if self._judged.get(name) is not file}
        found = _found(frozenset().union(*map(listed, others.values())), facts)
        for name, file in others.items():
            self._judged[name] = file
            strangers = [_Stranger(client, file) for client in sorted(listed(file).keys() - found)]
            if strangers:
                self._strangers[name] = strangers
            else:
                self._strangers.pop(name, None)


def _of_orphans(partners: Mapping[str, PartnerFile], facts: KnownFacts) -> Iterator[Diagnostic]:
    """Say where renewals name partners that have no file."""
    for partner in facts.partners.keys() - partners.keys():
        named = facts.partners[partner]
        yield unknown_partner(partner, named.renewals, named.first, partners)


def _found(clients: frozenset[str], facts: KnownFacts) -> Collection[str]:
    """Return those of the clients of which a renewal is known, be it one that cannot be used."""
    if len(clients) <= _FEW:
        return {client for client in clients if client in facts.words or client in facts.by_client}
    return clients.intersection(facts.client_ids()) | (clients & facts.words)


def _has_ended(stranger: _Stranger, on: dt.date) -> bool:
    until = listed(stranger.file)[stranger.client].until
    return until is not None and until <= on
