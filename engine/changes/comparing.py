"""Whose decisions two revisions disagree about: what may differ is decided by both, by several processes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine import processes
from engine.changes.causes import Side
from engine.changes.concerned import Known
from engine.changes.dangers import Danger
from engine.changes.differences import Edit
from engine.changes.disagreeing import Asked, Change, Disagreements, Question
from engine.changes.parcels import Parcels
from engine.configuration import Watcher, unwatched
from engine.facts import RenewalFact
from engine.ruleset import NOWHERE

MANY = 10
"""So many clients whose recipients change by one edit are a danger of its own."""

_SHARE = 100
"""Clients whose changes come back together."""

MANY_TO_ASK = 500
"""From so many clients on, other processes spare more time than they cost."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every change, the worst first, and how many listed clients have no renewal that could be decided."""

    changes: tuple[Change, ...]
    undecided: int


def compare(
    base: Side, head: Side, known: Known, question: Question, watcher: Watcher = unwatched
) -> Comparison:
    """Decide by both revisions whatever may differ, from the same facts, and keep what does."""
    silent = {*base.snapshot.listings, *head.snapshot.listings} - known.clients
    asked = [
        *(Asked(client, ()) for client in silent if known.scope.has_client(client)),
        *_by_client(known.facts),
    ]
    found = _found(Disagreements(base, head, question), asked, watcher)
    return Comparison(tuple(sorted(_with_many(found), key=_worst_first)), len(silent))


def _by_client(facts: Iterable[RenewalFact]) -> Iterator[Asked]:
    renewals: dict[str, list[RenewalFact]] = defaultdict(list)
    for fact in facts:
        renewals[fact.client].append(fact)
    return map(Asked, renewals.keys(), renewals.values())


def _found(disagreements: Disagreements, asked: Sequence[Asked], watcher: Watcher) -> Iterator[Change]:
    """Yield what becomes of these clients, whichever process finds it."""
    count = processes.usable() if len(asked) >= MANY_TO_ASK else 1
    parcels = Parcels(disagreements.documents)
    shares = [asked[at : at + _SHARE] for at in range(0, len(asked), _SHARE)]
    made = processes.in_order(lambda share: parcels.packed(disagreements.of(share)), shares, count)
    for done, parcel in enumerate(made, start=1):
        yield from parcels.unpacked(parcel)
        watcher(min(done * _SHARE, len(asked)), len(asked))


def _with_many(changes: Iterable[Change]) -> list[Change]:
    """Mark the changes of recipients that one edit makes to many clients."""
    found = list(changes)
    clients: dict[Edit | None, set[str]] = defaultdict(set)
    for change in found:
        if Danger.RECIPIENT in change.dangers:
            clients[change.cause].add(change.client)
    return [
        _marked(change)
        if Danger.RECIPIENT in change.dangers and len(clients[change.cause]) >= MANY
        else change
        for change in found
    ]


def _marked(change: Change) -> Change:
    return replace(change, dangers=tuple(sorted((*change.dangers, Danger.MANY_CLIENTS), key=_WORST.index)))


_WORST = list(Danger)


def _worst_first(change: Change) -> tuple[int, str, int, str, dt.date]:
    """The worst first; below it what one edit does stands together."""
    place = change.cause.location if change.cause else NOWHERE
    day = change.subjects[0].send_on if change.subjects else dt.date.min
    return _WORST.index(change.danger), place.path, place.line, change.client, day
