"""Partner users for people and programs: what depends on each, and what breaks when one leaves."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from engine.decisions import Decision, Recipient
from engine.dependents import Dependents, Naming, Receipt, Role, State
from engine.leaving import Change, Effect
from engine.reports import tables
from engine.reports.problems import FORMAT_VERSION, counted
from engine.reports.styles import Paint, plain

_HEADER = ("user", "name", "state", "named as", "contact of", "receives", "next on")
_SHRINKING = frozenset({"name", "named as", "client", "from", "to"})
_CHANGES = ("effect", "sent on", "client", "notice", "from", "to", "change here")

_STYLES = {State.INACTIVE: "error", State.AWAY: "warning", State.ACTIVE: "good"}
_ROLES = {
    Role.DEFAULT_CONTACT: "default contact",
    Role.OVERRIDE_CONTACT: "contact of",
    Role.BACKUP_CONTACT: "backup contact",
    Role.ADMIN: "admin",
    Role.COVER: "cover for",
}
_EFFECTS = {
    Effect.LOST: "nobody receives it",
    Effect.OUTCOME: "outcome",
    Effect.TO: "recipient",
    Effect.CC: "copy",
    Effect.TASK: "vendor's task",
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
CHANGE_COLUMNS = (
    "partner",
    "user",
    "effect",
    "client",
    "renewal",
    "notice_type",
    "notice_kind",
    "notice_step",
    "send_on",
    "outcome_before",
    "to_before",
    "cc_before",
    "outcome_after",
    "to_after",
    "cc_after",
    "tasks_after",
    "origin",
)
"""The tables' columns: lists are separated by `;`."""


class Leaver(NamedTuple):
    """A user with what changes when they leave."""

    dependents: Dependents
    changes: Sequence[Change]


def text(found: Sequence[Dependents], paint: Paint = plain, width: int | None = None) -> str:
    """Return one line a user, and how many cannot be reached."""
    if not found:
        return "no partner users"
    table = tables.render(_HEADER, map(_line, found), width, shrinking=_SHRINKING)
    return f"{table}\n\n{_summary(found, paint)}"


def texts_leaving(leavers: Iterable[Leaver], paint: Paint = plain, width: int | None = None) -> str:
    """Return each user at length: where they are named, what they receive, what changes without them."""
    return "\n\n".join("\n".join(_leaver(leaver, paint, width)) for leaver in leavers)


def json(found: Iterable[Dependents]) -> str:
    """Return all users as one object."""
    return _json({**_user(one), "leaving": None} for one in found)


def json_leaving(leavers: Iterable[Leaver]) -> str:
    """Return the same with what changes when each of them leaves."""
    return _json({**_user(one), "leaving": [_change(change) for change in found]} for one, found in leavers)


def table(found: Iterable[Dependents]) -> str:
    """Return one CSV line a user."""
    return _csv(COLUMNS, map(_cells, found))


def table_leaving(leavers: Iterable[Leaver]) -> str:
    """Return one CSV line a notice that changes when a user leaves."""
    return _csv(CHANGE_COLUMNS, (_change_cells(one, change) for one, found in leavers for change in found))


def _line(one: Dependents) -> tuple[str, ...]:
    return (
        one.name,
        one.user.name,
        _state(one),
        _named_as(one.namings) or "-",
        counted(len(one.clients), "client") if one.clients else "-",
        _receives(one.receipts) if one.receipts else "-",
        str(one.next_notice or "-"),
    )


def _state(one: Dependents) -> str:
    if one.state is State.AWAY and one.away:
        return f"away until {one.away.until}" if one.away.until else "away"
    return one.state.value


def _named_as(namings: Iterable[Naming]) -> str:
    """Return each role once; of clients, how many."""
    clients = {naming.about for naming in namings if naming.role is Role.OVERRIDE_CONTACT}
    roles = (
        f"contact of {counted(len(clients), 'client')}"
        if naming.role is Role.OVERRIDE_CONTACT
        else _role(naming)
        for naming in namings
    )
    return ", ".join(dict.fromkeys(roles))


def _role(naming: Naming) -> str:
    return f"{_ROLES[naming.role]} {naming.about}" if naming.about else _ROLES[naming.role]


def _receives(receipts: Sequence[Receipt]) -> str:
    copies = sum(receipt.part == "cc" for receipt in receipts)
    noun = counted(len(receipts), "notice")
    if not copies:
        return noun
    return f"{noun}, in copy" if copies == len(receipts) else f"{noun}, {copies:,} in copy"


def _summary(found: Sequence[Dependents], paint: Paint) -> str:
    states = Counter(one.state for one in found)
    each = (paint(f"{states[state]:,} {state}", _STYLES[state]) for state in State if states[state])
    window = found[0].window
    return (
        f"{counted(len(found), 'user')}: {', '.join(each)}; notices from {window.since} until {window.until}"
    )


def _leaver(leaver: Leaver, paint: Paint, width: int | None) -> Iterator[str]:
    one, changes = leaver
    yield f"{paint(one.name, 'strong')}  {one.user.name} <{one.user.email.strip()}>, {_state(one)}"
    yield ""
    yield "  named as"
    yield from _places(one.namings, paint) if one.namings else ["    nothing"]
    yield ""
    yield f"  contact of  {', '.join(one.clients) or 'no client'}"
    next_on = f", the next on {one.next_notice}" if one.next_notice else ""
    yield f"  receives    {_receives(one.receipts)} until {one.window.until}{next_on}"
    yield ""
    yield f"  {_consequence(one, changes, paint)}"
    if changes:
        yield ""
        yield tables.render(_CHANGES, map(_changed, changes), width, shrinking=_SHRINKING)


def _places(namings: Sequence[Naming], paint: Paint) -> Iterator[str]:
    rows = [(_role(naming), _dates(naming), str(naming.origin)) for naming in namings]
    roles, dates = (max(len(row[column]) for row in rows) for column in (0, 1))
    for role, when, origin in rows:
        yield f"    {role:<{roles}}  {f'{when:<{dates}}  ' if dates else ''}{paint(origin, 'faint')}"


def _dates(naming: Naming) -> str:
    begins = f"from {naming.starts}" if naming.starts else ""
    ends = f"until {naming.until}" if naming.until else ""
    return " ".join(filter(None, (begins, ends)))


def _consequence(one: Dependents, changes: Sequence[Change], paint: Paint) -> str:
    if one.state is State.INACTIVE:
        return "they have left already: nothing changes any more"
    if not changes:
        return paint("when they leave, no notice changes", "good")
    lost = sum(change.effect is Effect.LOST for change in changes)
    worst = f", {paint(f'{lost:,} of them reach nobody', 'error')}" if lost else ""
    return f"when they leave, {len(changes):,} of {counted(len(one.planned), 'notice')} change{worst}"


def _changed(change: Change) -> tuple[str, ...]:
    subject, effect = change.subject, change.effect
    notice = subject.notice
    return (
        _EFFECTS[effect],
        subject.send_on.isoformat(),
        subject.renewal.client,
        " ".join(filter(None, (notice.type.replace("_", " "), notice.kind, notice.step))),
        _who(effect, change.before),
        _who(effect, change.after),
        str(change.origin),
    )


def _who(effect: Effect, decision: Decision | None) -> str:
    """Return what of a decision the effect is about."""
    if decision is None:
        return "not due"
    if effect is Effect.CC:
        return _shown(decision.cc)
    if decision.outcome == "send":
        return _shown(decision.to)
    tasks = (
        f"task {task.code}{f', inform {_shown(task.inform)}' if task.inform else ''}"
        for task in decision.tasks
    )
    return "; ".join(tasks) or decision.outcome


def _shown(recipients: Sequence[Recipient]) -> str:
    return ", ".join(recipient.person.name or recipient.person.email for recipient in recipients) or "nobody"


def _json(contacts: Iterable[dict[str, Any]]) -> str:
    report = {"format_version": FORMAT_VERSION, "contacts": list(contacts)}
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def _user(one: Dependents) -> dict[str, Any]:
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
        "notices": [{**_notice(receipt.decision), "in": receipt.part} for receipt in one.receipts],
    }


def _naming(naming: Naming) -> dict[str, Any]:
    return {
        "role": naming.role,
        "client": naming.about if naming.role is Role.OVERRIDE_CONTACT else None,
        "covers": naming.about if naming.role is Role.COVER else None,
        "from": naming.starts,
        "until": naming.until,
        "origin": str(naming.origin),
    }


def _notice(decision: Decision) -> dict[str, Any]:
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


def _change(change: Change) -> dict[str, Any]:
    return {
        "effect": change.effect,
        **_notice(change.subject),
        "before": _recipients(change.before),
        "after": _recipients(change.after),
        "origin": str(change.origin),
    }


def _recipients(decision: Decision | None) -> dict[str, Any] | None:
    return (
        None
        if decision is None
        else {
            "outcome": decision.outcome,
            "to": _emails(decision.to),
            "cc": _emails(decision.cc),
            "tasks": [{"code": task.code, "inform": _emails(task.inform)} for task in decision.tasks],
        }
    )


def _emails(recipients: Iterable[Recipient]) -> list[str]:
    return [recipient.person.email for recipient in recipients]


def _csv(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return lines.getvalue().removesuffix("\n")


def _cells(one: Dependents) -> Iterator[object]:
    parts = Counter(receipt.part for receipt in one.receipts)
    yield from (one.partner, one.user_id, one.user.name, one.user.email, one.state)
    yield one.away.until if one.away else None
    yield ";".join(dict.fromkeys(naming.role for naming in one.namings))
    yield ";".join(one.clients)
    yield from (parts["to"], parts["cc"], one.next_notice)


def _change_cells(one: Dependents, change: Change) -> Iterator[object]:
    yield from (one.partner, one.user_id, change.effect)
    subject = _notice(change.subject)
    yield from (subject["client"], subject["renewal"], *subject["notice"].values())
    for decision in (change.before, change.after):
        yield decision.outcome if decision else "not_due"
        for recipients in (decision.to, decision.cc) if decision else ((), ()):
            yield ";".join(_emails(recipients))
    yield ";".join(task.code for task in change.after.tasks) if change.after else None
    yield change.origin
