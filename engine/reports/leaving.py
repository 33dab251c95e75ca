"""What breaks when a partner user leaves, for people and programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from engine.decisions import Decision
from engine.dependents import Dependents, Naming, State
from engine.envelopes import Recipient
from engine.leaving import Change, Effect
from engine.reports import contacts, tables
from engine.reports.problems import counted
from engine.reports.styles import Paint, plain

_HEADER = ("effect", "sent on", "client", "notice", "from", "to", "change here")
_SHRINKING = frozenset({"client", "from", "to"})

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
"""The table's columns: lists are separated by `;`."""


class Leaver(NamedTuple):
    """A user with what changes when they leave."""

    dependents: Dependents
    changes: Sequence[Change]


def texts(leavers: Iterable[Leaver], paint: Paint = plain, width: int | None = None) -> str:
    """Return each user at length: where they are named, what they receive, what changes without them."""
    return "\n\n".join("\n".join(_leaver(leaver, paint, width)) for leaver in leavers)


def json(leavers: Iterable[Leaver]) -> str:
    """Return each user as an object with what changes when they leave."""
    return contacts.as_report(
        {**contacts.of_user(one), "leaving": [_change(change) for change in found]} for one, found in leavers
    )


def table(leavers: Iterable[Leaver]) -> str:
    """Return one CSV line a notice that changes when a user leaves."""
    return tables.separated(
        COLUMNS, (_change_cells(one, change) for one, found in leavers for change in found)
    )


def _leaver(leaver: Leaver, paint: Paint, width: int | None) -> Iterator[str]:
    one, changes = leaver
    yield f"{paint(one.name, 'strong')}  {one.user.name} <{one.user.email.strip()}>, {contacts.state(one)}"
    yield ""
    yield "  named as"
    yield from _places(one.namings, paint) if one.namings else ["    nothing"]
    yield ""
    yield f"  contact of  {', '.join(one.clients) or 'no client'}"
    next_on = f"; the next on {one.next_notice}" if one.next_notice else ""
    yield f"  receives    until {one.window.until} {contacts.receives(one.receipts)}{next_on}"
    yield ""
    yield f"  {_consequence(one, changes, paint)}"
    if changes:
        yield ""
        yield tables.render(_HEADER, map(_changed, changes), width, shrinking=_SHRINKING)


def _places(namings: Sequence[Naming], paint: Paint) -> Iterator[str]:
    rows = [(contacts.role(naming), _dates(naming), str(naming.origin)) for naming in namings]
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


def _change(change: Change) -> dict[str, Any]:
    return {
        "effect": change.effect,
        **contacts.of_notice(change.subject),
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


def _change_cells(one: Dependents, change: Change) -> Iterator[object]:
    yield from (one.partner, one.user_id, change.effect)
    subject = contacts.of_notice(change.subject)
    yield from (subject["client"], subject["renewal"], *subject["notice"].values())
    for decision in (change.before, change.after):
        yield decision.outcome if decision else "not_due"
        for recipients in (decision.to, decision.cc) if decision else ((), ()):
            yield ";".join(_emails(recipients))
    yield ";".join(task.code for task in change.after.tasks) if change.after else None
    yield change.origin
