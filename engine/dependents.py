"""Who depends on a partner user: where they are named, whose contact they are, and what they will receive."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple, TypeVar

from engine import dashboard, planning, teams
from engine.checks import partnerfiles
from engine.checks.partnerfiles import PartnerFile
from engine.decisions import Decision
from engine.diagnostics import InputError, suggest
from engine.facts import Renewal, RenewalFact
from engine.model import Cover, Dated, Origin, User
from engine.persons import normalised
from engine.planning import Window
from engine.snapshot import Snapshot

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class State(StrEnum):
    """Whether mail to a user reaches them, the worst first."""

    INACTIVE = "inactive"
    AWAY = "away"
    """A cover is in force that receives in their place."""
    ACTIVE = "active"


class Role(StrEnum):
    """As what a file names a user."""

    DEFAULT_CONTACT = "default_contact"
    OVERRIDE_CONTACT = "override_contact"
    BACKUP_CONTACT = "backup_contact"
    ADMIN = "admin"
    COVER = "cover"


class Naming(NamedTuple):
    """A place that names a user, as what, and the entries that must all be in force for it to count.

    `about` is the client of an override, or the colleague who is covered.
    """

    role: Role
    user: str
    origin: Origin
    about: str | None = None
    entries: tuple[Dated, ...] = ()

    def in_force(self, on: dt.date) -> bool:
        """Whether it counts for a notice sent on that day."""
        return all(entry.in_force(on) for entry in self.entries)

    @property
    def starts(self) -> dt.date | None:
        """The first day on which it counts; None: since ever."""
        return max((entry.starts for entry in self.entries if entry.starts), default=None)

    @property
    def until(self) -> dt.date | None:
        """The first day on which it no longer does; None: without end."""
        return min((entry.until for entry in self.entries if entry.until), default=None)


class Receipt(NamedTuple):
    """A notice that a user receives, addressed to them or in copy."""

    decision: Decision
    part: Literal["to", "cc"]


@dataclass(frozen=True, slots=True)
class Question:
    """Which users are meant, and the day of the answer; None is today.

    `user` is `PARTNER/USER`, or a bare user id, which every partner may have.
    """

    partner: str | None = None
    user: str | None = None
    on: dt.date | None = None

    @property
    def whose(self) -> str | None:
        """The one partner whose users are meant, if only one's are."""
        return self.partner or (self.user or "").rpartition("/")[0] or None


@dataclass(frozen=True, slots=True)
class Dependents:
    """What depends on one user as of the first day of `window`, and on which notices within it.

    `namings` are those that count or still will. `renewals` are those of the partner's clients, `planned` all
    notices about them, whoever receives these.
    """

    file: PartnerFile
    user_id: str
    window: Window
    away: Cover | None
    namings: tuple[Naming, ...]
    clients: tuple[str, ...]
    receipts: tuple[Receipt, ...]
    renewals: Sequence[Renewal]
    planned: Sequence[Decision]

    @property
    def partner(self) -> str:
        """The partner's id."""
        return self.file.record.partner

    @property
    def name(self) -> str:
        """The user as `--user` takes it."""
        return f"{self.partner}/{self.user_id}"

    @property
    def user(self) -> User:
        """The user as the file describes them."""
        return self.file.record.users[self.user_id]

    @property
    def state(self) -> State:
        """Whether mail reaches them."""
        if not self.user.active:
            return State.INACTIVE
        return State.AWAY if self.away else State.ACTIVE

    @property
    def next_notice(self) -> dt.date | None:
        """The day of the next notice that they receive."""
        return self.receipts[0].decision.send_on if self.receipts else None


def find(
    snapshot: Snapshot, known: Sequence[RenewalFact], question: Question, now: dt.datetime
) -> list[Dependents]:
    """Return what depends on each user who is meant: who cannot be reached first, then by partner and id."""
    meant = _users(snapshot, question)
    partners = frozenset(file.record.partner for file, _ in meant)
    outlook = _Outlook.of(snapshot, known, partners, question.on, now)
    found = [one for file, user_ids in meant for one in outlook.dependents(file, user_ids)]
    worst = list(State)
    return sorted(found, key=lambda one: (worst.index(one.state), one.partner, one.user_id))


def namings(file: PartnerFile) -> Iterator[Naming]:
    """Yield every place that names a user, whenever it counts."""
    for mention in partnerfiles.contacts_of(partnerfiles.defaults(file)):
        origin = file.origin(*mention.at)
        yield Naming(Role.DEFAULT_CONTACT, mention.user, origin, entries=(mention.entry,))
    for mention in partnerfiles.contacts_of(partnerfiles.overrides(file)):
        client_id = str(mention.at[1])
        entries = (file.record.clients[client_id], mention.entry)
        yield Naming(Role.OVERRIDE_CONTACT, mention.user, file.origin(*mention.at), client_id, entries)
    for mention in partnerfiles.backups_of(partnerfiles.defaults(file)):
        origin = file.origin(*mention.at)
        yield Naming(Role.BACKUP_CONTACT, mention.user, origin, entries=(mention.entry,))
    for user_id, user in file.record.users.items():
        if user.admin:
            yield Naming(Role.ADMIN, user_id, file.origin("users", user_id, "admin"))
    for at, cover in partnerfiles.covers(file):
        yield Naming(Role.COVER, cover.cover, file.origin(*at, "cover"), cover.user, (cover,))


def _users(snapshot: Snapshot, question: Question) -> list[tuple[PartnerFile, list[str]]]:
    """Return the users who are meant, by file; one that nobody has is the mistake of who asks."""
    whose, _, user_id = (question.user or "").rpartition("/")
    files = _files(snapshot, question.whose)
    if question.user is None:
        return [(file, list(file.record.users)) for file in files]
    fitting = (file for file in files if whose in ("", file.record.partner))
    meant = [(file, [user_id]) for file in fitting if user_id in file.record.users]
    if not meant:
        who = question.user if question.partner else user_id
        message = (
            f"{who} is not a user of {question.whose}" if question.whose else f"no partner has a user {who}"
        )
        raise InputError(message, suggest(user_id, {name for file in files for name in file.record.users}))
    return meant


def _files(snapshot: Snapshot, partner: str | None) -> list[PartnerFile]:
    if partner is None:
        return list(snapshot.partners.values())
    if partner not in snapshot.partners:
        raise InputError(f"there is no partner {partner}", suggest(partner, snapshot.partners))
    return [snapshot.partners[partner]]


def _partners(snapshot: Snapshot, fact: RenewalFact) -> list[str]:
    """Return every partner of record that the renewal may have, on whatever day."""
    if fact.partner is not None:
        return [fact.partner]
    return [file.record.partner for file in snapshot.listings.get(fact.client, ())]


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What is known of all users together: clients by contact, the rest by partner and by recipient."""

    window: Window
    clients: Mapping[tuple[str, str], list[str]]
    renewals: Mapping[str, list[Renewal]]
    planned: Mapping[str, list[Decision]]
    receipts: Mapping[tuple[str, str], list[Receipt]]

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        known: Sequence[RenewalFact],
        partners: frozenset[str],
        on: dt.date | None,
        now: dt.datetime,
    ) -> _Outlook:
        """Look at the clients on that day, and ahead from there."""
        window = planning.window(on or now.date())
        concerning = (fact for fact in known if not partners.isdisjoint(_partners(snapshot, fact)))
        renewals = [(fact, Renewal.from_fact(fact, snapshot.vendor)) for fact in concerning]
        planned = planning.plan(snapshot, (renewal for _, renewal in renewals), window)
        only = next(iter(partners)) if len(partners) == 1 else None
        return cls(
            window=window,
            clients=_by_contact(dashboard.dashboards(snapshot, known, only, on, now)),
            renewals=_grouped((who, one) for fact, one in renewals for who in _partners(snapshot, fact)),
            planned=_grouped((one.standing.partner_id or "", one) for one in planned),
            receipts=_grouped(_receipts(planned)),
        )

    def dependents(self, file: PartnerFile, user_ids: Iterable[str]) -> Iterator[Dependents]:
        """Yield what of it concerns each of a partner's users."""
        partner, today = file.record.partner, self.window.since
        covers = teams.on_day(file, today).covers
        named: dict[str, list[Naming]] = defaultdict(list)
        for naming in namings(file):
            if naming.until is None or today < naming.until:
                named[naming.user].append(naming)
        for user_id in user_ids:
            address = normalised(file.record.users[user_id].email)
            cover, _ = covers.get(user_id, (None, None))
            yield Dependents(
                file=file,
                user_id=user_id,
                window=self.window,
                away=cover if cover and cover.mode == "replace" else None,
                namings=tuple(named[user_id]),
                clients=tuple(self.clients.get((partner, user_id), ())),
                receipts=tuple(self.receipts.get((partner, address), ())),
                renewals=self.renewals.get(partner, ()),
                planned=self.planned.get(partner, ()),
            )


def _by_contact(boards: Iterable[dashboard.Dashboard]) -> Mapping[tuple[str, str], list[str]]:
    return _grouped(
        ((board.partner, row.standing.contact), row.client)
        for board in boards
        for row in board.rows
        if board.partner and row.standing.contact
    )


def _receipts(planned: Iterable[Decision]) -> Iterator[tuple[tuple[str, str], Receipt]]:
    """Yield what each address receives from a partner, for that is who a person is, whatever the role."""
    for decision in planned:
        partner = decision.standing.partner_id or ""
        for recipient in decision.to:
            yield (partner, recipient.person.address), Receipt(decision, "to")
        for recipient in decision.cc:
            yield (partner, recipient.person.address), Receipt(decision, "cc")


def _grouped(pairs: Iterable[tuple[KeyT, ValueT]]) -> Mapping[KeyT, list[ValueT]]:
    groups: dict[KeyT, list[ValueT]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups
