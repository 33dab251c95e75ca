"""Whose notices are coming, and in which days: what somebody asks of the calendar."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine import inquiry, planning, schedule
from engine.configuration import Watcher, unwatched
from engine.decisions import Decision
from engine.diagnostics import InputError, suggest
from engine.facts import Renewal, RenewalFact
from engine.inquiry import Question
from engine.persons import normalised
from engine.planning import Window
from engine.snapshot import Snapshot


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
    return calendar_of(snapshot, known, agenda, now, selected=selected).planned(watcher)


@dataclass(frozen=True, slots=True)
class Share:
    """Renewals by the days of which their notices are wanted."""

    renewals: Mapping[Window, Sequence[Renewal]]

    def __len__(self) -> int:
        return sum(map(len, self.renewals.values()))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Notices in shares, each of which can be planned by itself; one after another they are in order."""

    snapshot: Snapshot
    agenda: Agenda
    shares: Sequence[Share] = ()
    users: _Users | None = None

    def planned(self, watcher: Watcher = unwatched) -> list[Decision]:
        """Return all notices that are meant."""
        found: list[Decision] = []
        done, total = 0, sum(map(len, self.shares))
        for share in self.shares:
            found += self.plan(share)
            done += len(share)
            watcher(done, total)
        return found

    def plan(self, share: Share) -> list[Decision]:
        """Return the notices of a share that are meant.

        Whose a notice is, its decision says: until it is sent, a client may move to another partner.
        """
        found = [
            decision
            for window, renewals in share.renewals.items()
            for decision in planning.plan(self.snapshot, renewals, window, self.agenda.sent)
            if _is_meant(decision, self.agenda.partner, self.users)
        ]
        return sorted(found, key=_by_day) if len(share.renewals) > 1 else found


def calendar_of(
    snapshot: Snapshot,
    known: Sequence[RenewalFact],
    agenda: Agenda,
    now: dt.datetime,
    *,
    selected: bool = False,
) -> Calendar:
    """Return the calendar of what `upcoming` is asked for, of which nothing is decided yet."""
    _check_days(agenda, now)
    _check_partner(snapshot, known, agenda.partner)
    users = _users(snapshot, agenda.contact) if agenda.contact is not None else None
    if selected and agenda.partner and agenda.client is None and not known:
        return Calendar(snapshot, agenda)
    wanted: dict[dt.date, list[Renewal]] = defaultdict(list)
    for renewal in _renewals(snapshot, known, agenda, users, now):
        wanted[agenda.since or inquiry.today(snapshot, renewal, now)].append(renewal)
    windows = {agenda.window(today): renewals for today, renewals in wanted.items()}
    shares = [Share(windows)] if agenda.sent is not None else _day_by_day(snapshot, windows)
    return Calendar(snapshot, agenda, shares, users)


def _day_by_day(snapshot: Snapshot, wanted: Mapping[Window, Iterable[Renewal]]) -> list[Share]:
    """Return a share for each day on which something may be due.

    What is caught up depends on what was due before; without that, no day depends on another.
    """
    days: dict[dt.date, list[Renewal]] = defaultdict(list)
    for window, renewals in wanted.items():
        for renewal in renewals:
            for day in {due.send_on for due in schedule.due(snapshot.schedule, renewal)}:
                if window.since <= day < window.until:
                    days[day].append(renewal)
    return [Share({planning.day(day): days[day]}) for day in sorted(days)]


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


def _by_day(decision: Decision) -> tuple[dt.date, str, str]:
    return decision.send_on, decision.renewal.client, decision.renewal.renewal or ""


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


def _renewals(
    snapshot: Snapshot,
    known: Sequence[RenewalFact],
    agenda: Agenda,
    users: _Users | None,
    now: dt.datetime,
) -> list[Renewal]:
    """Return the renewals of which a notice may be meant: planning one costs far more than a look at it."""
    renewals = inquiry.renewals(snapshot, known, Question(client=agenda.client), now)
    for partners in ([agenda.partner] if agenda.partner else None, users):
        if partners is not None:
            renewals = [one for one in renewals if any(who in partners for who in _partners(snapshot, one))]
    return renewals


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
