"""Dashboards for people and programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from engine.dashboard import Dashboard, Row
from engine.facts import Contact
from engine.ownership import Standing
from engine.reports import tables
from engine.reports.problems import FORMAT_VERSION
from engine.reports.styles import Paint, plain

_HEADER = ("client", "website", "owner", "set by", "contact", "renews on", "days", "decision maker")
_SHRINKING = frozenset({"client", "website", "decision maker"})
"""The columns that are cut where the terminal is too narrow; the others are short."""

_SOURCES = {"client_override": "override", "partner_default": "default", "system_default": "nobody"}
COLUMNS = (
    "partner",
    "default_owner",
    "default_contact",
    "client",
    "website",
    "owner",
    "owner_source",
    "contact",
    "contact_source",
    "renewal",
    "renewal_date",
    "days_left",
    "decision_maker",
    "decision_maker_state",
)


def text(dashboards: Iterable[Dashboard], paint: Paint = plain, width: int | None = None) -> str:
    """Return each partner with its current default settings, and a table of its clients."""
    return "\n\n".join(_text(dashboard, paint, width) for dashboard in dashboards)


def json(dashboards: Iterable[Dashboard]) -> str:
    """Return all dashboards as one object."""
    report = {
        "format_version": FORMAT_VERSION,
        "partners": [to_builtins(dashboard) for dashboard in dashboards],
    }
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def to_builtins(dashboard: Dashboard) -> dict[str, Any]:
    """Return a partner as JSON has it."""
    defaults = dashboard.defaults
    return {
        "partner": dashboard.partner,
        "name": dashboard.name,
        "current_default_settings": {"owner": defaults.default_owner, "contact": defaults.default_contact},
        "clients": [_client(row) for row in dashboard.rows],
    }


def table(dashboards: Iterable[Dashboard]) -> str:
    """Return all clients as one CSV table."""
    rows = (_cells(dashboard, row) for dashboard in dashboards for row in dashboard.rows)
    return tables.separated(COLUMNS, rows)


def _text(dashboard: Dashboard, paint: Paint, width: int | None) -> str:
    heading = "\n".join(_heading(dashboard, paint))
    if not dashboard.rows:
        return f"{heading}\nno clients are known"
    return f"{heading}\n\n{tables.render(_HEADER, map(_line, dashboard.rows), width, shrinking=_SHRINKING)}"


def _heading(dashboard: Dashboard, paint: Paint) -> Iterator[str]:
    title = paint(dashboard.partner or "no partner", "strong")
    yield f"{title}  {dashboard.name}" if dashboard.name else title
    if dashboard.partner and dashboard.defaults.default_owner is None:
        yield "this partner has no file; renewals name it"
    elif dashboard.partner:
        yield f"current default settings: {_defaults(dashboard.defaults)}"


def _defaults(standing: Standing) -> str:
    contact = standing.default_contact
    user = standing.users.get(contact) if contact else None
    who = f"{contact} ({user.name})" if user else contact or "nobody"
    return f"owner {standing.default_owner}, contact {who}"


def _line(row: Row) -> tuple[str, ...]:
    standing = row.standing
    return (
        row.client,
        row.website or "-",
        standing.owner or "unknown",
        _SOURCES.get(standing.owner_source or "", "-"),
        standing.contact or "nobody",
        row.renewal.renewal_date.isoformat() if row.renewal else "-",
        str(row.days_left) if row.days_left is not None else "-",
        _decision_maker(row.decision_maker),
    )


def _decision_maker(contact: Contact | None) -> str:
    if contact is None:
        return "missing"
    shown = f"{contact.name} <{contact.email.strip()}>" if contact.name else contact.email.strip()
    state = _state(contact)
    return shown if state == "live" else f"({state}) {shown}"


def _state(contact: Contact | None) -> str:
    if contact is None:
        return "missing"
    if contact.active is False:
        return "inactive"
    return "bounced" if contact.bounced else "live"


def _client(row: Row) -> dict[str, Any]:
    standing, contact = row.standing, row.decision_maker
    return {
        "client": row.client,
        "website": row.website,
        "owner": {"value": standing.owner, "source": standing.owner_source},
        "contact": {"value": standing.contact, "source": standing.contact_source},
        "renewal": row.renewal.renewal if row.renewal else None,
        "renewal_date": row.renewal.renewal_date.isoformat() if row.renewal else None,
        "days_left": row.days_left,
        "decision_maker": contact and {"user": contact.user, "name": contact.name, "email": contact.email},
        "decision_maker_state": _state(contact),
    }


def _cells(dashboard: Dashboard, row: Row) -> Iterator[str]:
    standing, renewal, contact = row.standing, row.renewal, row.decision_maker
    cells = (
        dashboard.partner,
        dashboard.defaults.default_owner,
        dashboard.defaults.default_contact,
        row.client,
        row.website,
        standing.owner,
        standing.owner_source,
        standing.contact,
        standing.contact_source,
        renewal and renewal.renewal,
        renewal and renewal.renewal_date.isoformat(),
        None if row.days_left is None else str(row.days_left),
        contact and contact.email,
        _state(contact),
    )
    yield from (cell or "" for cell in cells)
