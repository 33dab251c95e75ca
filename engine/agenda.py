"""Whose notices are coming, and in which days: what somebody asks of the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine import inquiry, planning, workloads
from engine.configuration import Watcher, unwatched
from engine.decisions import Decision
from engine.diagnostics import InputError, suggest
from engine.facts import Renewal, RenewalFact
from engine.inquiry import Question
from engine.persons import normalised
from engine.planning import Window
from engine.snapshot import Snapshot
from engine.workloads import Dated


@dataclass(frozen=True, slots=True)
class Agenda:
    """Which notices are meant: those that fit everything that is given.

    `client` is an id or a website, `contact` is PARTNER/USER, or the user alone. Without `since` the days
    begin today, where each client is. `sent` are the keys of what went out already.
    """

    client: str | None = None
    partner: str | None = None
    contact: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    sent: Collection[str] | None = None

    @property
    def question(self) -> Question:
        """What to ask for renewals: those of which a notice may be meant are among the answers."""
        return Question(client=self.client, partner=self.partner)

    def window(self, today: dt.date) -> Window:
        """Return the days that are meant."""
        return planning.window(self.since or today, self.until)


def upcoming(
    snapshot: Snapshot,
    known: Sequence[RenewalFact],
    agenda: Agenda,
    now: dt.datetime,
    watcher: Watcher = unwatched,
    *,
    selected: bool = False,
) -> list[Decision]:
    """Return the notices that are meant, each with its decision, by send date, client and renewal.

    `selected` says that `known` holds only what `question` asks for.
    """
    calendar = calendar_of(snapshot, known, agenda, now)
    if selected and agenda.partner and agenda.client is None and not known:
        return []
    renewals = inquiry.renewals(snapshot, known, Question(client=agenda.client), now)
    return workloads.in_order(calendar.of, renewals, watcher)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Notices that are meant, of whatever renewals are theirs."""

    snapshot: Snapshot
    agenda: Agenda
    now: dt.datetime
    users: _Users | None = None

    def of(self, renewal: Renewal) -> Iterable[Dated]:
        """Return the notices of a renewal that are meant, each with its day.

        Whose a notice is, its decision says: until it is sent, a client may move to another partner.
        """
        partner, users = self.agenda.partner, self.users
        if partner is None and users is None:
            return self._planned(renewal)
        if not self._is_possible(renewal):
            return ()
        return [dated for dated in self._planned(renewal) if _is_meant(dated[1], partner, users)]

    def _window(self, renewal: Renewal) -> Window:
        return self.agenda.window(self.agenda.since or inquiry.today(self.snapshot, renewal, self.now))

    def _planned(self, renewal: Renewal) -> Iterable[Dated]:
        """Plan day by day, unless what is caught up depends on everything that was due before."""
        window, sent = self._window(renewal), self.agenda.sent
        if sent is None:
            return planning.day_by_day(self.snapshot, renewal, window)
        planned = planning.plan_one(self.snapshot, renewal, window, sent)
        return ((decision.send_on.toordinal(), decision) for decision in planned)

    def _is_possible(self, renewal: Renewal) -> bool:
        """Whether a notice of it may be meant: planning one costs far more than a look at it."""
        partners = _partners(self.snapshot, renewal)
        is_of_partner = self.agenda.partner is None or self.agenda.partner in partners
        return is_of_partner and (self.users is None or not self.users.keys().isdisjoint(partners))


def calendar_of(
    snapshot: Snapshot, known: Sequence[RenewalFact], agenda: Agenda, now: dt.datetime
) -> Calendar:
    """Return the calendar of whom the agenda names."""
    _check_days(agenda, now)
    _check_partner(snapshot, known, agenda.partner)
    users = _users(snapshot, agenda.contact) if agenda.contact is not None else None
    return Calendar(snapshot, agenda, now, users)


class _User(NamedTuple):
    """A partner's user, whom the role of a recipient may not name: the address does."""

    user: str
    address: str

    def is_concerned(self, decision: Decision) -> bool:
        """Whether the user is the contact or receives the notice, be it as a cover or as decision maker."""
        if decision.standing.contact == self.user:
            return True
        return any(one.person.address == self.address for one in (*decision.to, *decision.cc))


_Users = Mapping[str, _User]
"""By partner."""


def _check_days(agenda: Agenda, now: dt.datetime) -> None:
    since, until = agenda.since or now.date(), agenda.until
    if until is not None and until <= since:
        begin = "today" if agenda.since is None else f"--from {since}"
        raise InputError(f"--until {until} is not after {begin}", "it is the first day that is left out")


def _check_partner(snapshot: Snapshot, known: Sequence[RenewalFact], partner: str | None) -> None:
    if partner is None or partner in snapshot.partners:
        return
    if not any(fact.partner == partner for fact in known):
        raise InputError(f"there is no partner {partner}", suggest(partner, snapshot.partners))


def _users(snapshot: Snapshot, contact: str) -> _Users:
    """Return whom `PARTNER/USER` names, or every user of that id."""
    partner, slash, user = contact.rpartition("/")
    _check_partner(snapshot, (), partner if slash else None)
    files = [snapshot.partners[partner]] if slash else list(snapshot.partners.values())
    found = {
        file.record.partner: _User(user, normalised(file.record.users[user].email))
        for file in files
        if user in file.record.users
    }
    if not found:
        message = f"{user} is not a user of {partner}" if slash else f"no partner has a user {user}"
        raise InputError(message, suggest(user, {name for file in files for name in file.record.users}))
    return found


def _partners(snapshot: Snapshot, renewal: Renewal) -> list[str]:
    """Return every partner of record that the renewal may have, on whatever day."""
    if renewal.partner is not None:
        return [renewal.partner]
    return [file.record.partner for file in snapshot.listings.get(renewal.client, ())]


def _is_meant(decision: Decision, partner: str | None, users: _Users | None) -> bool:
    partner_id = decision.standing.partner_id
    if partner is not None and partner_id != partner:
        return False
    if users is None:
        return True
    user = users.get(partner_id) if partner_id else None
    return user is not None and user.is_concerned(decision)
