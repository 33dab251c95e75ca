"""A partner's clients at a glance: who owns each, who is the contact, and when it renews."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine import ownership
from engine.diagnostics import InputError, suggest
from engine.facts import Contact, Renewal, RenewalFact
from engine.feeds.databases import EVERYTHING, Selection
from engine.inquiry import partner_of_record, today
from engine.ownership import Standing
from engine.snapshot import Snapshot

_MOST_CLIENTS = 10_000
"""Clients that a database is asked for by name; SQLite and PostgreSQL take some 30,000 parameters."""


@dataclass(frozen=True, slots=True)
class Row:
    """One client: its standing today, and its next renewal if one is known."""

    client: str
    website: str | None
    standing: Standing
    renewal: Renewal | None
    days_left: int | None

    @property
    def decision_maker(self) -> Contact | None:
        """The user selected in the client's own portal (R26-27)."""
        return self.renewal.contacts.decision_maker if self.renewal else None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The clients of one partner, with the partner's current default settings; None is "no partner"."""

    partner: str | None
    name: str | None
    defaults: Standing
    rows: tuple[Row, ...]


def selection(snapshot: Snapshot, partner: str | None) -> Selection:
    """Return what to ask a database for: the partner's renewals, and all of the clients that it lists.

    Of a listed client that renews with another partner, the rows say so; without them it would show up here.
    """
    file = snapshot.partners.get(partner) if partner else None
    clients = frozenset(file.record.clients) if file else frozenset()
    return EVERYTHING if len(clients) > _MOST_CLIENTS else Selection(partner=partner, clients=clients)


def dashboards(
    snapshot: Snapshot,
    known: Sequence[RenewalFact],
    partner: str | None,
    on: dt.date | None,
    now: dt.datetime,
) -> list[Dashboard]:
    """Return one dashboard, or all of them by partner, as of a day; None is today, where each client is."""
    day = on or now.date()
    clients = _clients(snapshot, known, day)
    partners = {*snapshot.partners, *(name for name in clients if name)}
    if partner is not None and partner not in partners:
        raise InputError(f"there is no partner {partner}", suggest(partner, partners))
    wanted: list[str | None] = [partner] if partner else [*sorted(partners), None]
    found = [_dashboard(snapshot, name, clients.get(name, {}), _Moment(on, now)) for name in wanted]
    return [dashboard for dashboard in found if dashboard.partner or dashboard.rows]


@dataclass(frozen=True, slots=True)
class _Moment:
    """A day that was asked for, or whatever day it is now where somebody is."""

    on: dt.date | None
    now: dt.datetime

    @property
    def day(self) -> dt.date:
        return self.on or self.now.date()

    def where(self, snapshot: Snapshot, renewal: Renewal | None) -> dt.date:
        return self.on or (today(snapshot, renewal, self.now) if renewal else self.day)


_Clients = Mapping[str, list[RenewalFact]]


def _clients(snapshot: Snapshot, known: Iterable[RenewalFact], on: dt.date) -> Mapping[str | None, _Clients]:
    """Return every client by partner of record, with its renewals: the listed and those only facts know."""
    clients: dict[str | None, dict[str, list[RenewalFact]]] = defaultdict(lambda: defaultdict(list))
    for fact in known:
        clients[partner_of_record(snapshot, fact, on)][fact.client].append(fact)
    with_renewals = {fact.client for fact in known}
    for client_id in snapshot.listings:
        listing = snapshot.listing(client_id, on)
        if listing and client_id not in with_renewals:
            clients[listing.file.record.partner][client_id] = []
    return clients


def _dashboard(snapshot: Snapshot, partner: str | None, clients: _Clients, moment: _Moment) -> Dashboard:
    file = snapshot.partners.get(partner) if partner else None
    rows = tuple(_rows(snapshot, partner, clients, moment))
    return Dashboard(
        partner=partner,
        name=file.record.name if file else None,
        defaults=_standing(snapshot, partner, "", moment.day),
        rows=rows,
    )


def _rows(snapshot: Snapshot, partner: str | None, clients: _Clients, moment: _Moment) -> Iterator[Row]:
    for client_id in sorted(clients):
        renewals = [Renewal.from_fact(fact, snapshot.vendor) for fact in clients[client_id]]
        renewal = _next(renewals, moment.day)
        day = moment.where(snapshot, renewal)
        standing = _standing(snapshot, partner, client_id, day)
        yield Row(
            client=client_id,
            website=standing.website or (renewal.website if renewal else None),
            standing=standing,
            renewal=renewal,
            days_left=(renewal.renewal_date - day).days if renewal else None,
        )


def _next(renewals: Iterable[Renewal], day: dt.date) -> Renewal | None:
    """Return the renewal that comes next, else the one that was last."""
    by_date = sorted(renewals, key=lambda renewal: (renewal.renewal_date, renewal.renewal or ""))
    coming = [renewal for renewal in by_date if renewal.renewal_date >= day]
    return coming[0] if coming else by_date[-1] if by_date else None


def _standing(snapshot: Snapshot, partner: str | None, client_id: str, day: dt.date) -> Standing:
    if partner is None:
        return ownership.WITHOUT_PARTNER
    file = snapshot.partners.get(partner)
    if file is None:
        return ownership.unknown_partner(partner)
    return ownership.resolve(file, client_id, day, follows_override=True)
