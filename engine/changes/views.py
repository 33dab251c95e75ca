"""What counts of a decision when two are compared: not where its lines stand, nor which revision made it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from engine.decisions import Decision
from engine.envelopes import Recipient
from engine.model import Vendor, VendorContact
from engine.ownership import Standing


class Receiver(NamedTuple):
    """A recipient as two decisions compare them."""

    role: str
    name: str | None
    email: str
    purpose: str
    address: str


class Assigned(NamedTuple):
    """A task of the vendor, whose it is, and whom they should inform."""

    code: str
    manager: VendorContact | None
    inform: tuple[Receiver, ...]


class View(NamedTuple):
    """What counts: two decisions are the same exactly when their views are.

    Without a decision it is what counts of a client of whom no renewal is known: who owns it, who is contact.
    """

    partner: str | None
    owner: str | None
    owner_source: str | None
    contact: str | None
    contact_source: str | None
    outcome: str | None = None
    to: tuple[Receiver, ...] = ()
    cc: tuple[Receiver, ...] = ()
    tasks: tuple[Assigned, ...] = ()
    locale: str | None = None
    reasons: tuple[str, ...] = ()
    send_on: dt.date | None = None

    @property
    def receivers(self) -> tuple[Receiver, ...]:
        """Everybody who gets the mail."""
        return self.to + self.cc


def of_standing(standing: Standing) -> View:
    """Return what counts of who is responsible."""
    return View(
        partner=standing.partner_id,
        owner=standing.owner,
        owner_source=standing.owner_source,
        contact=standing.contact,
        contact_source=standing.contact_source,
    )


def of_decision(decision: Decision, vendor: Vendor) -> View:
    """Return what counts of a decision; a task is for whom the vendor's file names."""
    manager = vendor.renewal_manager
    return of_standing(decision.standing)._replace(
        outcome=decision.outcome,
        to=_receivers(decision.to),
        cc=_receivers(decision.cc),
        tasks=tuple(Assigned(task.code, manager, _receivers(task.inform)) for task in decision.tasks),
        locale=decision.locale,
        reasons=decision.reasons,
        send_on=decision.send_on,
    )


def _receivers(recipients: Iterable[Recipient]) -> tuple[Receiver, ...]:
    return tuple(
        Receiver(one.person.role, one.person.name, one.person.email, one.purpose, one.person.address)
        for one in recipients
    )
