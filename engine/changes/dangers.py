"""How dangerous it is that a decision changes: what a reviewer must not overlook, the worst first."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from engine.changes.views import View
from engine.vocabulary import CLIENT_ROLES


class Danger(StrEnum):
    """What a change does, the worst first."""

    LOST = "lost"
    """It was sent, and nobody receives it any more."""
    OWNER = "owner"
    """The renewal goes from the partner to HubSpot, or back."""
    CLIENT_ADDRESS = "client_address"
    """Somebody at the client is written to who was not, or no longer is."""
    DOMAIN = "domain"
    """Mail for the partner or the vendor goes to another domain."""
    MANY_CLIENTS = "many_clients"
    """One edit changes who receives the notices of many clients."""
    RECIPIENT = "recipient"
    """Somebody else is addressed, or in copy."""
    DUE = "due"
    """A notice is due on one side only."""
    OTHER = "other"
    """The task, the language, a reason, the day, or where a value comes from."""


def of(before: View | None, after: View | None) -> Iterator[Danger]:
    """Yield what is dangerous about views that differ; None is a notice that is not due, a client not listed.

    How many clients one edit changes cannot be told from one of them.
    """
    if before is None or after is None:
        is_notice = (before or after or _NOTHING).outcome is not None
        yield Danger.DUE if is_notice else Danger.OTHER
        return
    if before.outcome == "send" != after.outcome:
        yield Danger.LOST
    if before.owner != after.owner:
        yield Danger.OWNER
    if _client_addresses(before) != _client_addresses(after):
        yield Danger.CLIENT_ADDRESS
    if _moves_domain(before, after):
        yield Danger.DOMAIN
    yield Danger.RECIPIENT if _reached(before) != _reached(after) else Danger.OTHER


_NOTHING = View(None, None, None, None, None)


def _client_addresses(view: View) -> frozenset[str]:
    return frozenset(one.address for one in view.receivers if one.role in CLIENT_ROLES)


def _moves_domain(before: View, after: View) -> bool:
    """Whether mail that went to some domain goes to another one, or to that one too."""
    was, is_now = _domains(before), _domains(after)
    return bool(was) and not is_now <= was


def _domains(view: View) -> frozenset[str]:
    others = (one.address for one in view.receivers if one.role not in CLIENT_ROLES)
    return frozenset(address.rpartition("@")[2] for address in others)


def _reached(view: View) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(one.address for one in view.to), frozenset(one.address for one in view.cc)
