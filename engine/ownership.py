"""Who is responsible for a client on a day: owner and contact, each with the line that set it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from engine import teams
from engine.documents import Path
from engine.model import (
    Client,
    Default,
    Hold,
    Origin,
    Override,
    Owner,
    Partner,
    Record,
    User,
    Written,
    in_force,
)
from engine.persons import NOBODY, Reached
from engine.ruleset import Step
from engine.teams import Team
from engine.vocabulary import PARTNER_ROLES

SYSTEM_DEFAULT: Owner = "hubspot"
"""Who owns a renewal when nobody has set it (docs/requirements.md: R01 and the last row of the matrix)."""

_NO_LABELS: Mapping[str, str] = MappingProxyType({})
_NO_USERS: Mapping[str, User] = MappingProxyType({})
_NO_ROLES: Mapping[str, Reached] = MappingProxyType(dict.fromkeys(PARTNER_ROLES, NOBODY))


class Standing(Record, frozen=True, kw_only=True, gc=False):
    """A client's standing with its partner on a day; the same for all of its renewals.

    `owner` is None only when a fact names a partner that has no file. `contact` is a partner user's id.
    `roles` are the people in each of the partner's roles, with covers applied; `addresses` are those of all
    its users. `reasons` and `trace` say what fell back.
    """

    partner_id: str | None = None
    owner: Owner | None = SYSTEM_DEFAULT
    owner_source: str | None = "system_default"
    owner_origin: Origin | None = None
    contact: str | None = None
    contact_source: str | None = None
    contact_origin: Origin | None = None
    override: str = "default"
    default_owner: Owner | None = SYSTEM_DEFAULT
    default_contact: str | None = None
    users: Mapping[str, User] = _NO_USERS
    roles: Mapping[str, Reached] = _NO_ROLES
    addresses: frozenset[str] = frozenset()
    held: bool = False
    hold: Hold | None = None
    client_name: str | None = None
    website: str | None = None
    client_labels: Mapping[str, str] = _NO_LABELS
    partner_labels: Mapping[str, str] = _NO_LABELS
    reasons: tuple[str, ...] = ()
    trace: tuple[Step, ...] = ()


WITHOUT_PARTNER = Standing()
"""A client that no partner looks after: the vendor writes to it, with nobody in copy."""


def unknown_partner(partner_id: str) -> Standing:
    """Return the standing of a client whose fact names a partner without a file: nobody owns it."""
    return Standing(partner_id=partner_id, owner=None, owner_source=None, default_owner=None)


def resolve(file: Written[Partner], client_id: str, on: dt.date, *, follows_override: bool) -> Standing:
    """Resolve override, default and system default, field by field, for a notice sent on that day.

    `follows_override` is false for the notice types that only the default decides.
    """
    return resolve_in(teams.on_day(file, on), client_id, on, follows_override=follows_override)


def resolve_in(team: Team, client_id: str, on: dt.date, *, follows_override: bool) -> Standing:
    """Return the same where the team of that day is known."""
    file, partner = team.file, team.file.record
    client = _client_in_force(partner, client_id, on)
    settings = _Settings.in_force(team, client_id, client if follows_override else Client(), on)
    owner, owner_source, owner_origin = settings.owner()
    contact, fallback = _choose(settings, partner.users, owner)
    hold = in_force(client.hold, on)
    held = (Step("HOLD", "hold", file.origin("clients", client_id, "hold", *hold[0])),) if hold else ()
    return Standing(
        partner_id=partner.partner,
        owner=owner,
        owner_source=owner_source,
        owner_origin=owner_origin,
        contact=contact.user if contact else None,
        contact_source=contact.source if contact else None,
        contact_origin=contact.origin if contact else None,
        override=settings.override.pins or "default",
        default_owner=team.default.owner or SYSTEM_DEFAULT,
        default_contact=team.default.contact,
        users=partner.users,
        roles={
            "partner_contact": team.contact(contact.user) if contact else NOBODY,
            "backup_contacts": team.backup_contacts,
            "partner_admins": team.admins,
        },
        addresses=team.addresses,
        held=hold is not None,
        hold=hold[1] if hold else None,
        client_name=client.name,
        website=client.website,
        client_labels=client.labels,
        partner_labels=partner.labels,
        reasons=tuple(step.rule for step in fallback),
        trace=fallback + held,
    )


def is_settled(client: Client, on: dt.date, *, follows_override: bool) -> bool:
    """Whether a client's entry says that day who is responsible, or that the client is held."""
    if not client.in_force(on):
        return False
    override = in_force(client.override, on) if follows_override else None
    return in_force(client.hold, on) is not None or (override is not None and override[1].pins is not None)


def of_client(standing: Standing, client: Client, on: dt.date) -> Standing:
    """Return the standing that follows the partner's default for a client whose entry settles nothing."""
    entry = client if client.in_force(on) else Client()
    return msgspec.structs.replace(
        standing, client_name=entry.name, website=entry.website, client_labels=entry.labels
    )


class _Candidate(NamedTuple):
    """A partner user who may be the contact: as what, and where that is said."""

    user: str
    source: str
    origin: Origin


class _Settings(NamedTuple):
    """The default and the override in force, and where they stand; empty ones where there is none."""

    file: Written[Partner]
    default: Default
    default_at: Path
    override: Override
    override_at: Path

    @classmethod
    def in_force(cls, team: Team, client_id: str, client: Client, on: dt.date) -> _Settings:
        at, override = in_force(client.override, on) or ((), Override())
        return cls(
            team.file, team.default, team.default_at, override, ("clients", client_id, "override", *at)
        )

    def owner(self) -> tuple[Owner, str, Origin | None]:
        """Return the owner, its source and its place."""
        if self.override.pins:
            return self.override.pins, "client_override", self.file.origin(*self.override_at, "owner")
        if self.default.owner:
            return self.default.owner, "partner_default", self.file.origin(*self.default_at, "owner")
        return SYSTEM_DEFAULT, "system_default", None

    def named(self) -> Iterator[_Candidate]:
        """Yield the contacts that were chosen: the override's before the default's."""
        if self.override.pins and self.override.contact:
            origin = self.file.origin(*self.override_at, "contact")
            yield _Candidate(self.override.contact, "client_override", origin)
        if self.default.contact:
            origin = self.file.origin(*self.default_at, "contact")
            yield _Candidate(self.default.contact, "partner_default", origin)

    def substitutes(self) -> Iterator[_Candidate]:
        """Yield who stands in: the backup contacts in order, then the partner's admins."""
        for index, user in enumerate(self.default.backup_contacts):
            origin = self.file.origin(*self.default_at, "backup_contacts", index)
            yield _Candidate(user, "backup_contact", origin)
        for user, person in self.file.record.users.items():
            if person.admin:
                yield _Candidate(user, "partner_admin", self.file.origin("users", user))


def _client_in_force(partner: Partner, client_id: str, on: dt.date) -> Client:
    client = partner.clients.get(client_id)
    return client if client is not None and client.in_force(on) else Client()


def _choose(
    settings: _Settings, users: Mapping[str, User], owner: Owner
) -> tuple[_Candidate | None, tuple[Step, ...]]:
    """Return the first contact who is still there, and the step that says so when it is not the first.

    Where nobody was chosen and the vendor writes anyway, nobody is guessed; a partner that owns the renewal
    must hear of it, so there the substitutes count all the same.
    """
    chosen = next(settings.named(), None)
    if chosen is None and owner == "hubspot":
        return None, ()
    for candidate in chain(settings.named(), settings.substitutes()):
        user = users.get(candidate.user)
        if user is not None and user.active:
            if chosen is not None and candidate.user == chosen.user:
                return candidate, ()
            return candidate, (_fallback("CONTACT_FALLBACK", chosen or candidate),)
    if chosen is not None and owner == "hubspot":
        return None, (_fallback("CC_CONTACT_UNREACHABLE", chosen),)
    return None, ()


def _fallback(reason: str, because_of: _Candidate) -> Step:
    return Step(reason, "fallback", because_of.origin)
