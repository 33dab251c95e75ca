"""Remembers who is responsible for a client until a date on which something in its partner's file changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

from engine import ownership, teams
from engine.model import Client, Dated, Partner, Written, entries
from engine.ownership import Standing
from engine.teams import Team

_LIMIT = 300_000
"""Standings remembered: every client of the largest root that the design counts on, and some."""

ValueT = TypeVar("ValueT")


class _Known(NamedTuple, Generic[ValueT]):
    """Something resolved, and the ordinal days from and until which it holds."""

    since: int
    until: int
    value: ValueT


class Standings:
    """Resolved once, valid until the next date boundary; used from any thread."""

    def __init__(self) -> None:
        self._teams: dict[str, _Known[Team]] = {}
        self._standings: dict[tuple[str, str, bool], _Known[Standing]] = {}

    def of(self, file: Written[Partner], client_id: str, on: dt.date, *, follows_override: bool) -> Standing:
        """Return the same as `ownership.resolve`; clients that the file does not list share one standing."""
        partner = file.record
        key = (partner.partner, client_id if client_id in partner.clients else "", follows_override)
        day = on.toordinal()
        known = self._standings.get(key)
        if known is None or not known.since <= day < known.until:
            standing = ownership.resolve_in(
                self._team(file, on), client_id, on, follows_override=follows_override
            )
            known = _until_next_date(
                standing, chain(_team_dates(partner), _client_dates(partner, client_id)), day
            )
            if len(self._standings) >= _LIMIT:
                self._standings.clear()
            self._standings[key] = known
        return known.value

    def _team(self, file: Written[Partner], on: dt.date) -> Team:
        partner, day = file.record, on.toordinal()
        known = self._teams.get(partner.partner)
        if known is None or not known.since <= day < known.until:
            known = _until_next_date(teams.on_day(file, on), _team_dates(partner), day)
            self._teams[partner.partner] = known
        return known.value


def _until_next_date(value: ValueT, entries_with_dates: Iterable[Dated], day: int) -> _Known[ValueT]:
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
    return _Known(since, until, value)


def _team_dates(partner: Partner) -> Iterator[Dated]:
    for field in (partner.default, partner.covers):
        yield from (entry for _, entry in entries(field))


def _client_dates(partner: Partner, client_id: str) -> Iterator[Dated]:
    client = partner.clients.get(client_id, Client())
    yield client
    for field in (client.override, client.hold):
        yield from (entry for _, entry in entries(field))
