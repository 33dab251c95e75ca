"""Remembers who is responsible for a client until a date on which something in its partner's file changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from engine import ownership, teams
from engine.model import Client, Dated, Partner, Written, entries
from engine.ownership import Standing
from engine.ruleset import Step
from engine.teams import Team

_LIMIT = 300_000
"""Standings remembered: every client of the largest root that the design counts on, and some."""

_MOST_PLACEMENTS = 100_000
"""Placements remembered; a plan asks about one client after another, so that they need not all be there."""

ValueT = TypeVar("ValueT")

Asked: TypeAlias = tuple[str, str | None, bool]
"""A client, the partner that its fact names, and whether the notice follows the client's override."""


class Known(NamedTuple, Generic[ValueT]):
    """Something resolved, and the ordinal days from and until which it holds."""

    since: int
    until: int
    value: ValueT


class Placement(NamedTuple):
    """A client's standing; `mismatch` says so where its fact and a file name two partners."""

    standing: Standing
    mismatch: tuple[Step, ...] = ()


class Standings:
    """Resolved once, valid until the next date boundary; used from any thread."""

    def __init__(self) -> None:
        self._teams: dict[str, Known[Team]] = {}
        self._standings: dict[Asked, Known[Standing]] = {}
        self._placements: dict[Asked, Known[Placement]] = {}

    def of(self, file: Written[Partner], client_id: str, on: dt.date, *, follows_override: bool) -> Standing:
        """Return the same as `ownership.resolve`; clients that the file does not list share one standing."""
        return self.known(file, client_id, on, follows_override=follows_override).value

    def known(
        self, file: Written[Partner], client_id: str, on: dt.date, *, follows_override: bool
    ) -> Known[Standing]:
        """Return the same, with the days on which it holds."""
        partner = file.record
        key = (client_id if client_id in partner.clients else "", partner.partner, follows_override)
        day = on.toordinal()
        known = self._standings.get(key)
        if known is None or not known.since <= day < known.until:
            standing = ownership.resolve_in(
                self._team(file, on), client_id, on, follows_override=follows_override
            )
            known = until_next_date(
                standing, chain(_team_dates(partner), _client_dates(partner, client_id)), day
            )
            _remember(self._standings, key, known, _LIMIT)
        return known

    def placement(self, asked: Asked, day: int, place: Callable[[Asked, int], Known[Placement]]) -> Placement:
        """Return what `place` finds, or found for a day from which nothing has changed until this one."""
        known = self._placements.get(asked)
        if known is None or not known.since <= day < known.until:
            known = place(asked, day)
            _remember(self._placements, asked, known, _MOST_PLACEMENTS)
        return known.value

    def _team(self, file: Written[Partner], on: dt.date) -> Team:
        partner, day = file.record, on.toordinal()
        known = self._teams.get(partner.partner)
        if known is None or not known.since <= day < known.until:
            known = until_next_date(teams.on_day(file, on), _team_dates(partner), day)
            self._teams[partner.partner] = known
        return known.value


def until_next_date(value: ValueT, entries_with_dates: Iterable[Dated], day: int) -> Known[ValueT]:
    """Return the value with the days between which none of the entries begins or ends."""
    since, until = dt.date.min.toordinal(), dt.date.max.toordinal() + 1
    for entry in entries_with_dates:
        for boundary in (entry.starts, entry.until):
            if boundary is None:
                continue
            if boundary.toordinal() <= day:
                since = max(since, boundary.toordinal())
            else:
                until = min(until, boundary.toordinal())
    return Known(since, until, value)


def _remember(memory: dict[Asked, Known[ValueT]], key: Asked, known: Known[ValueT], limit: int) -> None:
    if len(memory) >= limit:
        memory.clear()
    memory[key] = known


def _team_dates(partner: Partner) -> Iterator[Dated]:
    for field in (partner.default, partner.covers):
        yield from (entry for _, entry in entries(field))


def _client_dates(partner: Partner, client_id: str) -> Iterator[Dated]:
    client = partner.clients.get(client_id, Client())
    yield client
    for field in (client.override, client.hold):
        yield from (entry for _, entry in entries(field))
