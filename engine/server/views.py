"""What is shown of everybody at once, as JSON: partners, a partner's clients, the calendar."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import msgspec

from engine import agenda as agendas
from engine import dashboard, ownership
from engine.agenda import Agenda
from engine.checks.partnerfiles import PartnerFile
from engine.civil import CalendarError
from engine.configuration import Watcher
from engine.daemon.service import Live
from engine.decisions import Decision
from engine.diagnostics import InputError, suggest
from engine.facts import RenewalFact
from engine.reports import clients as reports
from engine.reports.problems import FORMAT_VERSION
from engine.server import answers
from engine.server.faults import FaultError
from engine.server.parameters import Query


class GivenUpError(Exception):
    """Nobody waits for the answer any more."""


def partners(live: Live, on: dt.date) -> bytes:
    """Return every partner with its current default settings."""
    files = sorted(live.snapshot.partners.items())
    return _encode(partners=[_partner(partner, file, on) for partner, file in files])


def clients(live: Live, partner: str, on: dt.date | None, now: dt.datetime) -> bytes:
    """Return the dashboard of a partner."""
    _check_partner(live, partner)
    known = _that_may_concern(live, partner)
    found = dashboard.dashboards(live.snapshot, known, partner, on, now)
    return _encode(partners=[reports.to_builtins(one) for one in found])


def agenda(query: Query, today: dt.date) -> Agenda:
    """Return what is asked of the calendar."""
    since, until = query.day("from"), query.day("until")
    if until is not None and until <= (since or today):
        detail = f"until {until} is not after {since or 'today'}; it is the first day that is left out"
        errors = [{"parameter": "until", "detail": detail}]
        raise FaultError(HTTPStatus.BAD_REQUEST, "invalid-parameter", detail, errors=errors)
    return Agenda(
        client=query.text("client"),
        partner=query.text("partner"),
        contact=query.text("contact"),
        since=since,
        until=until,
    )


def upcoming(live: Live, asked: Agenda, now: dt.datetime, most: int, given_up: threading.Event) -> bytes:
    """Return the calendar, unless it has too many notices."""

    def watch(*_: object) -> None:
        if given_up.is_set():
            raise GivenUpError

    found = _planned(live, asked, now, watch)
    if len(found) > most:
        detail = f"these are {len(found):,} notices, and at most {most:,} are answered; ask for fewer days"
        raise FaultError(HTTPStatus.UNPROCESSABLE_ENTITY, "too-many-notices", detail)
    return answers.document(answers.encode(live, found))


def _planned(live: Live, asked: Agenda, now: dt.datetime, watch: Watcher) -> list[Decision]:
    """Plan for those whom it may concern: to look at everybody takes longer than to plan for a few."""
    if asked.partner is not None:
        _check_partner(live, asked.partner)
    known: Sequence[RenewalFact] = live.facts.renewals
    if asked.client is not None:
        known, asked = _of_client(live, asked.client), replace(asked, client=None)
    elif asked.partner is not None:
        known = _that_may_concern(live, asked.partner)
    if not known and asked.contact is None:
        return []
    try:
        return agendas.upcoming(live.snapshot, known, asked, now, watch, selected=True)
    except InputError as error:
        raise _unknown("contact", error.message, error.hint) from error
    except CalendarError as error:
        raise FaultError(HTTPStatus.NOT_IMPLEMENTED, "calendar", str(error)) from error


def _of_client(live: Live, name: str) -> tuple[RenewalFact, ...]:
    try:
        return answers.of_client(live, name)
    except FaultError as fault:
        raise fault.of_parameters() from fault


def _that_may_concern(live: Live, partner: str) -> tuple[RenewalFact, ...]:
    """Return the facts that name the partner, and those of clients that it lists."""
    file = live.snapshot.partners.get(partner)
    listed = file.record.clients if file else {}
    return tuple(live.facts.that_concern(partner, listed))


def _check_partner(live: Live, partner: str) -> None:
    known = live.snapshot.partners
    if partner not in known and partner not in live.facts.by_partner:
        raise _unknown("partner", f"there is no partner {partner}", suggest(partner, known))


def _unknown(what: str, detail: str, hint: str | None) -> FaultError:
    errors = [{"parameter": what, "detail": detail, **({"hint": hint} if hint else {})}]
    return FaultError(HTTPStatus.NOT_FOUND, f"unknown-{what}", detail, errors=errors)


def _partner(partner: str, file: PartnerFile, on: dt.date) -> dict[str, Any]:
    defaults = ownership.resolve(file, "", on, follows_override=True)
    return {
        "partner": partner,
        "name": file.record.name,
        "time_zone": file.record.time_zone,
        "labels": file.record.labels,
        "current_default_settings": {"owner": defaults.default_owner, "contact": defaults.default_contact},
        "clients": len(file.record.clients),
        "users": len(file.record.users),
    }


def _encode(**members: object) -> bytes:
    return msgspec.json.encode({"format_version": FORMAT_VERSION, **members})
