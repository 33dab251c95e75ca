"""Decisions about many renewals: made one renewal after another, and put in order afterwards.

All of a renewal is decided together, for on most days most of what a decision is made of is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from operator import itemgetter
from typing import TypeAlias

from engine.configuration import Watcher, unwatched
from engine.decisions import Decision
from engine.facts import Renewal

Dated: TypeAlias = tuple[int, Decision]
"""A decision, and the ordinal day by which it comes; of one day they come by client, then renewal."""

Decider: TypeAlias = Callable[[Renewal], Iterable[Dated]]
"""Says what is decided about a renewal."""

_TOLD_AFTER = 256
"""Renewals after which progress is told again."""

_by_day = itemgetter(0)


def in_order(decider: Decider, renewals: Collection[Renewal], watcher: Watcher = unwatched) -> list[Decision]:
    """Return what is decided about renewals that are in order, by day, then renewal."""
    found: list[Dated] = []
    for done, renewal in enumerate(renewals):
        if done % _TOLD_AFTER == 0:
            watcher(done, len(renewals))
        found.extend(decider(renewal))
    watcher(len(renewals), len(renewals))
    return [decision for _, decision in sorted(found, key=_by_day)]


def key(renewal: Renewal) -> str:
    """Return the key by client, then renewal; no character of either comes before the one between them."""
    return f"{renewal.client}\0{renewal.renewal or ''}"
