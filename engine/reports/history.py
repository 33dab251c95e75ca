"""The history of a client's decision for people and programs: what changed, by which line and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from engine.changes.views import Receiver, View
from engine.model import VendorContact
from engine.reports import commits
from engine.reports.changes import view_to_builtins
from engine.reports.problems import FORMAT_VERSION, counted
from engine.reports.styles import Paint, plain

if TYPE_CHECKING:  # it needs pygit2, which not everybody has
    from engine.git import Commit
    from engine.past.history import Change, Entry, Subject

_WIDE = 72
"""Up to here what was and what is stand in one line."""


class Told(NamedTuple):
    """A history, or as much of it as was asked for, and why it may not be all."""

    subject: Subject
    entries: tuple[Entry, ...]
    is_cut: bool = False
    is_shallow: bool = False


def text(told: Told, paint: Paint = plain) -> str:
    """Return a paragraph for each revision, the newest first."""
    parts = [_heading(told, paint), *("\n".join(_entry(entry, paint)) for entry in told.entries)]
    return "\n\n".join((*parts, *_notes(told)))


def _heading(told: Told, paint: Paint) -> str:
    client, facts, on = told.subject
    renewals = ", ".join(fact.renewal for fact in facts)
    asked = f"by the facts of {renewals}: the notice of {on} and those due after it"
    return f"{paint(client, 'strong')}, {asked}"


def _notes(told: Told) -> Iterator[str]:
    if told.is_cut:
        yield "older changes are not shown"
    elif told.is_shallow:
        yield "history is shallow: older revisions are not here (`git fetch --unshallow` gets them)"


def _entry(entry: Entry, paint: Paint) -> Iterator[str]:
    yield _signed(entry.commit, paint) if entry.commit else paint(commits.NOT_COMMITTED, "warning")
    for commit in entry.made_by:
        yield f"  by {_signed(commit, plain)}"
    match entry.kind:
        case "unusable":
            yield f"  {paint(_unusable(entry), 'error')}"
        case "first":
            yield "  first known"
            yield from _changes(entry, paint)
        case _:
            yield from _changes(entry, paint)


def _signed(commit: Commit, paint: Paint) -> str:
    """Return a commit as one line: which, when, whose, and what they said."""
    return f"{paint(commits.dated(commit), 'strong')}  {commits.author(commit)}  {commits.subject(commit)}"


def _unusable(entry: Entry) -> str:
    errors = entry.verdict.problems
    return f"the configuration could not be used: {counted(len(errors), 'error')}, the first at {errors[0]}"


def _changes(entry: Entry, paint: Paint) -> Iterator[str]:
    """Yield what changed; of renewals that changed alike, once."""
    alike = _alike(entry.changes)
    for lines, renewals in alike.items():
        indent = "  " if len(alike) == 1 else "    "
        if len(alike) > 1:
            yield f"  {', '.join(renewals)}"
        yield from (f"{indent}{line}" for line in lines)
    for place in dict.fromkeys(_place(change) for change in entry.changes if change.cause):
        yield f"  {paint(f'at {place}', 'faint')}"


def _alike(changes: Iterable[Change]) -> dict[tuple[str, ...], list[str]]:
    alike: dict[tuple[str, ...], list[str]] = {}
    for change in changes:
        alike.setdefault(tuple(_lines(change)), []).append(change.renewal)
    return alike


def _moment(change: Change) -> str | None:
    """Say from when a change counts that does not yet: the first notice that is decided otherwise."""
    days = [view.send_on for view in (change.before, change.after) if view and view.send_on]
    return f"as from {change.step} on {min(days)}" if change.step else None


def _lines(change: Change) -> Iterator[str]:
    """Yield each aspect that changed; of what is first known, those that say something."""
    moment = _moment(change)
    if moment:
        yield moment
    if change.before and change.after:
        yield from _differences(change.before, change.after)
    elif change.after:
        yield from (f"{name:<8}  {value}" for name, value in aspects(change.after).items() if value)
    else:
        yield "no longer due"


def _differences(before: View, after: View) -> Iterator[str]:
    if before.send_on != after.send_on:
        yield from _became("sent on", str(before.send_on), str(after.send_on))
    is_now = aspects(after)
    for name, was in aspects(before).items():
        if was != is_now[name]:
            yield from _became(name, was or "none", is_now[name] or "none")


def _became(name: str, was: str, is_now: str) -> Iterator[str]:
    if len(was) + len(is_now) <= _WIDE:
        yield f"{name:<8}  {was} → {is_now}"
    else:
        yield f"{name:<8}  {was}"
        yield f"{'':8}  → {is_now}"


def aspects(view: View) -> dict[str, str]:
    """Return everything that counts of a decision in words; two that differ differ in one of these."""
    return {
        "partner": view.partner or "",
        "owner": _sourced(view.owner, view.owner_source),
        "contact": _sourced(view.contact, view.contact_source),
        "outcome": view.outcome or "",
        "to": _receivers(view.to),
        "cc": _receivers(view.cc),
        "tasks": "; ".join(_task(task.code, task.manager, task.inform) for task in view.tasks),
        "language": view.locale or "",
        "reasons": ", ".join(view.reasons),
    }


def _sourced(value: str | None, source: str | None) -> str:
    if value is None:
        return ""
    return f"{value} ({source.replace('_', ' ')})" if source else value


def _receivers(receivers: Iterable[Receiver]) -> str:
    return ", ".join(f"{_address(one.name, one.email)} ({one.role}, {one.purpose})" for one in receivers)


def _task(code: str, manager: VendorContact | None, inform: Iterable[Receiver]) -> str:
    whose = f" for {_address(manager.name, manager.email)}" if manager else ""
    informed = _receivers(inform)
    return f"{code}{whose}{f', inform {informed}' if informed else ''}"


def _address(name: str | None, email: str) -> str:
    return f"{name} <{email.strip()}>" if name else email.strip()


def _place(change: Change) -> str:
    if change.cause is None:
        return ""
    return f"{change.cause.location}{' (removed)' if change.cause.is_removed else ''}"


def json(told: Told) -> str:
    """Return the history as one object."""
    report = {
        "format_version": FORMAT_VERSION,
        "client": told.subject.client,
        "on": told.subject.on.isoformat(),
        "complete": not (told.is_cut or told.is_shallow),
        "shallow": told.is_shallow,
        "entries": [_entry_object(entry) for entry in told.entries],
    }
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def _entry_object(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind.value,
        "commit": entry.commit and _commit_object(entry.commit),
        "made_by": [_commit_object(commit) for commit in entry.made_by],
        "changes": [_change_object(change) for change in entry.changes],
        "problems": [str(problem) for problem in entry.verdict.problems],
    }


def _commit_object(commit: Commit) -> dict[str, Any]:
    return {
        "id": commit.id,
        "author": {"name": commit.author.name, "email": commit.author.email},
        "date": commit.authored.isoformat(),
        "subject": commit.subject,
    }


def _change_object(change: Change) -> dict[str, Any]:
    cause = change.cause
    return {
        "renewal": change.renewal,
        "step": change.step,
        "before": view_to_builtins(change.before),
        "after": view_to_builtins(change.after),
        "cause": cause
        and {
            "file": cause.location.path,
            "line": cause.location.line,
            "column": cause.location.column,
            "removed": cause.is_removed,
        },
    }
