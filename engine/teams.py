"""A partner on a day: the default in force and who can be reached, the same for all of its clients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from engine.documents import Path
from engine.model import Cover, Default, Origin, Partner, Record, User, Written, in_force
from engine.persons import Person, Reached, normalised
from engine.ruleset import Step

Covers = Mapping[str, tuple[Cover, Origin]]
"""The absences in force, by the user who is away, with their places."""


class Team(Record, frozen=True, kw_only=True, gc=False):
    """What of a partner's file holds for all clients; `addresses` are those of all users, active or not."""

    file: Written[Partner]
    default: Default
    default_at: Path
    covers: Covers
    addresses: frozenset[str]
    backup_contacts: Reached
    admins: Reached

    def contact(self, user_id: str) -> Reached:
        """Return whom that user reaches as contact."""
        return _reached("partner_contact", (user_id,), self.file.record.users, self.covers)


def on_day(file: Written[Partner], on: dt.date) -> Team:
    """Return the team of a partner for notices sent on that day."""
    users = file.record.users
    at, default = in_force(file.record.default, on) or ((), Default())
    admins = (user_id for user_id, user in users.items() if user.admin)
    covers = _covers_in_force(file, on)
    return Team(
        file=file,
        default=default,
        default_at=("default", *at),
        covers=covers,
        addresses=frozenset(normalised(user.email) for user in users.values()),
        backup_contacts=_reached("backup_contacts", default.backup_contacts, users, covers),
        admins=_reached("partner_admins", admins, users, covers),
    )


def _covers_in_force(file: Written[Partner], on: dt.date) -> Covers:
    """Return the absences on that day; a cover who has left falls back to the user covered."""
    covers: dict[str, tuple[Cover, Origin]] = {}
    for index, cover in enumerate(file.record.covers):
        substitute = file.record.users.get(cover.cover)
        if cover.in_force(on) and substitute is not None and substitute.active:
            covers.setdefault(cover.user, (cover, file.origin("covers", index)))
    return covers


def _reached(role: str, ids: Iterable[str], users: Mapping[str, User], covers: Covers) -> Reached:
    """Return the active users among `ids`; who is away is replaced by their cover, or copied to them."""
    people: list[Person] = []
    copies: list[Person] = []
    steps: list[Step] = []
    for user_id in ids:
        user = users.get(user_id)
        if user is None or not user.active:
            continue
        person = _person(role, user_id, user)
        if user_id not in covers:
            people.append(person)
            continue
        cover, origin = covers[user_id]
        substitute = _person(role, cover.cover, users[cover.cover])
        steps.append(Step("COVERED", "cover", origin))
        if cover.mode == "replace":
            people.append(substitute)
        else:
            people.append(person)
            copies.append(substitute)
    return Reached(tuple(people), tuple(copies), tuple(steps))


def _person(role: str, user_id: str, user: User) -> Person:
    return Person(
        role=role,
        user=user_id,
        name=user.name,
        email=user.email,
        address=normalised(user.email),
        locale=user.locale,
    )
