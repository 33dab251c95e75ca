"""Partner users for people and programs: what depends on each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from engine.decisions import Decision
from engine.dependents import Dependents, Naming, Receipt, Role, State
from engine.reports import tables
from engine.reports.problems import FORMAT_VERSION, counted
from engine.reports.styles import Paint, plain

_HEADER = ("user", "name", "state", "named as", "contact of", "receives", "next on")
_SHRINKING = frozenset({"name", "named as"})

_STYLES = {State.INACTIVE: "error", State.AWAY: "warning", State.ACTIVE: "good"}
_ROLES = {
    Role.DEFAULT_CONTACT: "default contact",
    Role.OVERRIDE_CONTACT: "contact of",
    Role.BACKUP_CONTACT: "backup contact",
    Role.ADMIN: "admin",
    Role.COVER: "cover for",
}

COLUMNS = (
    "partner",
    "user",
    "name",
    "email",
    "state",
    "away_until",
    "named_as",
    "clients",
    "notices_to",
    "notices_cc",
    "next_notice",
)
"""The table's columns: lists are separated by `;`."""


def text(found: Sequence[Dependents], paint: Paint = plain, width: int | None = None) -> str:
    """Return one line a user, and how many cannot be reached."""
    if not found:
        return "no partner users"
    table = tables.render(_HEADER, map(_line, found), width, shrinking=_SHRINKING)
    return f"{table}\n\n{_summary(found, paint)}"


def json(found: Iterable[Dependents]) -> str:
    """Return all users as one object."""
    return as_report({**of_user(one), "leaving": None} for one in found)


def table(found: Iterable[Dependents]) -> str:
    """Return one CSV line a user."""
    return tables.separated(COLUMNS, map(_cells, found))


def state(one: Dependents) -> str:
    """Return whether mail reaches them, and until when it does not."""
    if one.state is State.AWAY and one.away:
        return f"away until {one.away.until}" if one.away.until else "away"
    return one.state.value


def role(naming: Naming) -> str:
    """Return what somebody is named as."""
    return f"{_ROLES[naming.role]} {naming.about}" if naming.about else _ROLES[naming.role]


def receives(receipts: Sequence[Receipt]) -> str:
    """Return how many notices somebody receives, and how many of them only as a copy."""
    copies = sum(receipt.part == "cc" for receipt in receipts)
    noun = counted(len(receipts), "notice")
    if not copies:
        return noun
    return f"{noun}, in copy" if copies == len(receipts) else f"{noun}, {copies:,} in copy"


def of_user(one: Dependents) -> dict[str, Any]:
    """Return a user with all that depends on them."""
    user, away = one.user, one.away
    return {
        "partner": one.partner,
        "user": one.user_id,
        "name": user.name,
        "email": user.email,
        "state": one.state,
        "away": away and {"until": away.until, "cover": away.cover},
        "named_as": [_naming(naming) for naming in one.namings],
        "clients": one.clients,
        "on": one.window.since,
        "until": one.window.until,
        "next_notice": one.next_notice,
        "notices": [{**of_notice(receipt.decision), "in": receipt.part} for receipt in one.receipts],
    }


def of_notice(decision: Decision) -> dict[str, Any]:
    """Return which notice it is, in the words of a decision's JSON."""
    notice = decision.notice
    return {
        "client": decision.renewal.client,
        "renewal": decision.renewal.renewal,
        "notice": {
            "type": notice.type,
            "kind": notice.kind,
            "step": notice.step,
            "send_on": decision.send_on,
        },
    }


def as_report(users: Iterable[dict[str, Any]]) -> str:
    """Return users as one object."""
    report = {"format_version": FORMAT_VERSION, "contacts": list(users)}
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def _line(one: Dependents) -> tuple[str, ...]:
    return (
        one.name,
        one.user.name,
        state(one),
        _named_as(one.namings) or "-",
        counted(len(one.clients), "client") if one.clients else "-",
        receives(one.receipts) if one.receipts else "-",
        str(one.next_notice or "-"),
    )


def _named_as(namings: Iterable[Naming]) -> str:
    """Return each role once; of clients, how many."""
    clients = {naming.about for naming in namings if naming.role is Role.OVERRIDE_CONTACT}
    roles = (
        f"contact of {counted(len(clients), 'client')}"
        if naming.role is Role.OVERRIDE_CONTACT
        else role(naming)
        for naming in namings
    )
    return ", ".join(dict.fromkeys(roles))


def _summary(found: Sequence[Dependents], paint: Paint) -> str:
    states = Counter(one.state for one in found)
    each = (paint(f"{states[state]:,} {state}", _STYLES[state]) for state in State if states[state])
    window = found[0].window
    return (
        f"{counted(len(found), 'user')}: {', '.join(each)}; notices from {window.since} until {window.until}"
    )


def _naming(naming: Naming) -> dict[str, Any]:
    return {
        "role": naming.role,
        "client": naming.about if naming.role is Role.OVERRIDE_CONTACT else None,
        "covers": naming.about if naming.role is Role.COVER else None,
        "from": naming.starts,
        "until": naming.until,
        "origin": str(naming.origin),
    }


def _cells(one: Dependents) -> Iterator[object]:
    parts = Counter(receipt.part for receipt in one.receipts)
    yield from (one.partner, one.user_id, one.user.name, one.user.email, one.state)
    yield one.away.until if one.away else None
    yield ";".join(dict.fromkeys(naming.role for naming in one.namings))
    yield ";".join(one.clients)
    yield from (parts["to"], parts["cc"], one.next_notice)
