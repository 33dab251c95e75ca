"""What breaks when a partner user leaves: the same notices decided without them, the worst change first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from msgspec import structs

from engine import planning
from engine.changes import pairing
from engine.changes.pairing import addresses
from engine.checks.partnerfiles import PartnerFile
from engine.decisions import Decision
from engine.dependents import Dependents, Role
from engine.model import Origin
from engine.notices import Notice
from engine.snapshot import Snapshot
from engine.standings import Standings


class Effect(StrEnum):
    """What becomes of a notice, the worst first."""

    LOST = "lost"
    """It was sent, and nobody receives it any more."""
    OUTCOME = "outcome"
    """It was not sent before, and comes to something else."""
    TO = "to"
    """Somebody else is addressed."""
    CC = "cc"
    """Somebody else is in copy, or nobody."""
    TASK = "task"
    """The vendor's task is another, or informs somebody else."""


class Change(NamedTuple):
    """A notice as decided with the user and without, and the line to change so that it is not lost.

    None where it is not due: a step's condition may ask who can be reached.
    """

    effect: Effect
    before: Decision | None
    after: Decision | None
    subject: Decision
    """Whichever there is: what notice it is, about which client."""
    origin: Origin


def changes(snapshot: Snapshot, leaver: Dependents) -> list[Change]:
    """Return every notice that is planned or decided differently once the user is inactive."""
    left = without(snapshot, leaver.file, leaver.user_id)
    replanned = planning.plan(left, leaver.renewals, leaver.window)
    before, after = _by_notice(leaver, leaver.planned), _by_notice(leaver, replanned)
    pairs = pairing.pairs(before, after)
    found = [change for pair in pairs for change in _change(leaver, *pair)]
    worst = list(Effect)
    return sorted(
        found, key=lambda one: (worst.index(one.effect), one.subject.send_on, one.subject.renewal.client)
    )


def without(snapshot: Snapshot, file: PartnerFile, user_id: str) -> Snapshot:
    """Return the snapshot as if the file said `active: false` of the user.

    It shares the rules engine with the one that it is made of, which stays the one to close.
    """
    users = {**file.record.users, user_id: structs.replace(file.record.users[user_id], active=False)}
    changed = replace(file, record=structs.replace(file.record, users=users))
    listings = {
        client_id: tuple(changed if one is file else one for one in snapshot.listings[client_id])
        for client_id in file.record.clients
    }
    return replace(
        snapshot,
        partners={**snapshot.partners, file.record.partner: changed},
        listings={**snapshot.listings, **listings},
        standings=Standings(),  # what is remembered there was resolved with the user
    )


_Key = tuple[str | None, Notice, dt.date]


def _by_notice(leaver: Dependents, decisions: Iterable[Decision]) -> dict[_Key, Decision]:
    """Return the decisions that are the partner's, by what makes a planned notice one."""
    ours = (decision for decision in decisions if decision.standing.partner_id == leaver.partner)
    return {(one.renewal.renewal, one.notice, one.send_on): one for one in ours}


def _change(leaver: Dependents, before: Decision | None, after: Decision | None) -> Iterator[Change]:
    """Yield what becomes of a notice, if it is not the same."""
    effect, subject = _effect(before, after), before or after
    if effect and subject:
        yield Change(effect, before, after, subject, _line(leaver, subject))


def _effect(before: Decision | None, after: Decision | None) -> Effect | None:
    if before is None or after is None or before.outcome != after.outcome:
        return Effect.LOST if before and before.outcome == "send" else Effect.OUTCOME
    if addresses(before.to) != addresses(after.to):
        return Effect.TO
    if addresses(before.cc) != addresses(after.cc):
        return Effect.CC
    return None if _tasks(before) == _tasks(after) else Effect.TASK


def _tasks(decision: Decision) -> list[tuple[str, frozenset[str]]]:
    return [(task.code, addresses(task.inform)) for task in decision.tasks]


_SAID_BY = {"backup_contacts": Role.BACKUP_CONTACT, "partner_admins": Role.ADMIN}
"""What of a file makes somebody a recipient in that role; as the contact it is said by the decision."""


def _line(leaver: Dependents, decision: Decision) -> Origin:
    """Return the line that brought the user into the decision: name somebody else there."""
    standing = decision.standing
    if standing.contact == leaver.user_id and standing.contact_origin:
        return standing.contact_origin
    roles = _roles(leaver, decision)
    counting = [naming for naming in leaver.namings if naming.in_force(decision.send_on)]
    counting.sort(key=lambda naming: naming.role not in roles)
    return counting[0].origin if counting else leaver.file.origin("users", leaver.user_id)


def _roles(leaver: Dependents, decision: Decision) -> set[Role]:
    """Return what the user may have been named as to receive it: that role, or a cover of whoever has it."""
    received = {
        recipient.person.role
        for recipient in (*decision.to, *decision.cc)
        if recipient.person.user == leaver.user_id
    }
    return {Role.COVER, *(_SAID_BY[role] for role in received & _SAID_BY.keys())}
