"""Remembers who is responsible for a client until a date on which something in its partner's file changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from engine import ownership, teams
from engine.bounded import Bounded
from engine.model import Client, Dated, Partner, Written, entries
from engine.ownership import Standing
from engine.ruleset import Step
from engine.teams import Team

_LIMIT = 300_000
"""Standings remembered: every client of the largest root that the design counts on, and some."""

_MOST_PLACEMENTS = 100_000
"""Placements remembered; a plan asks about one client after another, so that they need not all be there."""

_SPANS = 8
"""Spans of days remembered of each: a calendar goes to and fro between the dates of a partner's file."""

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

Asked: TypeAlias = tuple[str, str | None, bool]
"""A client, the partner that its fact names, and whether the notice follows the client's override."""


class Known(NamedTuple, Generic[ValueT]):
    """Something resolved, and the ordinal days from and until which it holds."""

    since: int
    until: int
    value: ValueT


class Placement(NamedTuple):
    """A client's standing, and the one that it is like: who is responsible, and who is reached, is the same.

    All clients of a partner that follow its default are like one, which is one object for all of them.
    `mismatch` says so where a client's fact and a file name two partners.
    """

    standing: Standing
    like: Standing
    mismatch: tuple[Step, ...] = ()


class _Memory(Bounded[KeyT, tuple[Known[ValueT], ...]]):
    """What was resolved, each for the days on which it holds."""

    def on(self, key: KeyT, day: int) -> Known[ValueT] | None:
        """Return what holds that day, if it is known."""
        for known in self.get(key, ()):
            if known.since <= day < known.until:
                return known
        return None

    def add(self, key: KeyT, known: Known[ValueT]) -> Known[ValueT]:
        """Remember it as well."""
        self.keep(key, (known, *self.get(key, ()))[:_SPANS])
        return known


class Standings:
    """Resolved once for the days until the next date boundary; used from any thread."""

    def __init__(self) -> None:
        self._teams: _Memory[str, Team] = _Memory(_LIMIT)
        self._standings: _Memory[Asked, Placement] = _Memory(_LIMIT)
        """Those of plain clients are not among them: they are made of their partner's sooner than found."""
        self._placements: _Memory[Asked, Placement] = _Memory(_MOST_PLACEMENTS)

    def of(self, file: Written[Partner], client_id: str, on: dt.date, *, follows_override: bool) -> Standing:
        """Return the same as `ownership.resolve`; clients that the file does not list share one standing."""
        return self.known(file, client_id, on, follows_override=follows_override).value.standing

    def known(
        self, file: Written[Partner], client_id: str, on: dt.date, *, follows_override: bool
    ) -> Known[Placement]:
        """Return the same, with the days on which it holds."""
        partner, day = file.record, on.toordinal()
        client = partner.clients.get(client_id)
        if client is not None and client.is_plain:
            since, until, (like, *_) = self.known(file, "", on, follows_override=follows_override)
            return Known(since, until, Placement(ownership.of_client(like, client, on), like))
        key = (client_id if client is not None else "", partner.partner, follows_override)
        known = self._standings.on(key, day)
        if known is None:
            dates = chain(_team_dates(partner), _client_dates(partner, client_id))
            resolved = self._resolve(file, client_id, on, follows_override=follows_override)
            known = self._standings.add(key, until_next_date(resolved, dates, day))
        return known

    def placement(self, asked: Asked, day: int, place: Callable[[Asked, int], Known[Placement]]) -> Placement:
        """Return what `place` finds, or found for a day from which nothing has changed until this one."""
        for known in self._placements.get(asked, ()):  # as `on` does: each decision comes by here
            if known.since <= day < known.until:
                return known.value
        return self._placements.add(asked, place(asked, day)).value

    def forgetting(self) -> Iterator[None]:
        """Forget everything, some at a time."""
        for memory in (self._placements, self._standings, self._teams):
            yield from memory.forgetting()

    def _resolve(
        self, file: Written[Partner], client_id: str, on: dt.date, *, follows_override: bool
    ) -> Placement:
        client = file.record.clients.get(client_id)
        if client is None or ownership.is_settled(client, on, follows_override=follows_override):
            team = self._team(file, on)
            standing = ownership.resolve_in(team, client_id, on, follows_override=follows_override)
            return Placement(standing, standing)
        like = self.of(file, "", on, follows_override=follows_override)
        return Placement(ownership.of_client(like, client, on), like)

    def _team(self, file: Written[Partner], on: dt.date) -> Team:
        partner, day = file.record, on.toordinal()
        known = self._teams.on(partner.partner, day)
        if known is None:
            team = until_next_date(teams.on_day(file, on), _team_dates(partner), day)
            known = self._teams.add(partner.partner, team)
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


def _team_dates(partner: Partner) -> Iterator[Dated]:
    for field in (partner.default, partner.covers):
        yield from (entry for _, entry in entries(field))


def _client_dates(partner: Partner, client_id: str) -> Iterator[Dated]:
    client = partner.clients.get(client_id, Client())
    yield client
    for field in (client.override, client.hold):
        yield from (entry for _, entry in entries(field))
