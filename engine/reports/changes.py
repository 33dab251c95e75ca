"""What changes between two revisions, for people and for programs: the worst first, each with its cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from engine.changes.comparing import Comparison
from engine.changes.dangers import Danger
from engine.changes.disagreeing import Change, Subject
from engine.changes.views import Receiver, View
from engine.reports.problems import FORMAT_VERSION, counted
from engine.reports.styles import Paint, plain
from engine.snapshot import Revision

HEADINGS = {
    Danger.LOST: "nobody receives it any more",
    Danger.OWNER: "the owner changes",
    Danger.CLIENT_ADDRESS: "an address of the client comes or goes",
    Danger.DOMAIN: "mail goes to another domain",
    Danger.MANY_CLIENTS: "many clients by one edit",
    Danger.RECIPIENT: "the recipients change",
    Danger.DUE: "a notice is due on one side only",
    Danger.OTHER: "something else changes",
}
_STYLES = {Danger.LOST: "error", Danger.OTHER: "faint", Danger.DUE: "faint"}


class Compared(NamedTuple):
    """A revision by the name that it was asked for; None is the working tree."""

    rev: str | None
    revision: Revision


class Row(NamedTuple):
    """What one edit does to one client: its worst change, and how many notices change differently."""

    change: Change
    others: int

    @property
    def amount(self) -> str:
        """Return how many notices change, and how many of them not like the one that is shown."""
        alike = len(self.change.subjects)
        if not alike:
            return "no renewal"
        said = counted(alike + self.others, "notice")
        return f"{said}, {self.others:,} of them differently" if self.others else said


def rows(found: Iterable[Change]) -> list[Row]:
    """Return one row for a client and an edit: changes of the same cause come with the worst of them."""
    together: dict[tuple[object, ...], list[Change]] = {}
    for change in found:
        together.setdefault((change.client, change.cause), []).append(change)
    return [Row(changes[0], sum(len(one.subjects) for one in changes[1:])) for changes in together.values()]


def summary(comparison: Comparison) -> str:
    """Return how many clients change, in one line that a program can read too: always these three first."""
    counts = counts_of(comparison)
    recipients, lost, owner = counts["recipients"], counts["lose_all"], counts["owner"]
    said = [
        f"{recipients} client{'' if recipients == 1 else 's'} {_verb('change', recipients)} recipient",
        f"{lost} {_verb('lose', lost)} all recipients",
        f"{owner} {_verb('change', owner)} owner",
    ]
    if counts["otherwise"]:
        said.append(f"{counts['otherwise']} {_verb('change', counts['otherwise'])} otherwise")
    return f"Decisions: {', '.join(said)}"


def _verb(verb: str, number: int) -> str:
    return f"{verb}s" if number == 1 else verb


def counts_of(comparison: Comparison) -> dict[str, int]:
    """Return how many clients change, and how many of them in which way."""
    clients = {change.client for change in comparison.changes}
    ways = {
        "recipients": _clients_in(comparison, Danger.RECIPIENT),
        "lose_all": _clients_in(comparison, Danger.LOST),
        "owner": _clients_in(comparison, Danger.OWNER),
    }
    otherwise = clients.difference(*ways.values())
    numbers = {name: len(found) for name, found in ways.items()}
    return {
        "clients_changed": len(clients),
        **numbers,
        "otherwise": len(otherwise),
        "undecided": comparison.undecided,
    }


def _clients_in(comparison: Comparison, danger: Danger) -> set[str]:
    return {change.client for change in comparison.changes if danger in change.dangers}


def undecided(comparison: Comparison) -> str:
    """Return of how many clients nothing is known but who is responsible; nothing where there are none."""
    if not comparison.undecided:
        return ""
    have = "has" if comparison.undecided == 1 else "have"
    return f"{counted(comparison.undecided, 'listed client')} {have} no known renewal to decide about"


def text(comparison: Comparison, paint: Paint = plain) -> str:
    """Return the rows under what is dangerous about them, and the summary; of no change, only that."""
    return "\n".join((*_sections(rows(comparison.changes), paint), summary(comparison)))


def _sections(found: Sequence[Row], paint: Paint) -> Iterator[str]:
    for danger, of_danger in groupby(found, lambda row: row.change.danger):
        yield paint(HEADINGS[danger], _STYLES.get(danger, "warning"))
        for cause, of_cause in groupby(of_danger, lambda row: place(row.change)):
            yield f"  {paint(cause, 'strong')}"
            for row in of_cause:
                yield from _lines(row, paint)
        yield ""


def _lines(row: Row, paint: Paint) -> Iterator[str]:
    change = row.change
    partner = change.partner or "no partner"
    yield f"    {paint(change.client, 'strong')}  {partner}, {row.amount}"
    before, after = words(change)
    yield f"      - {before}"
    yield f"      + {after}"


def place(change: Change, prefix: str = "") -> str:
    """Return the line to look at; of what was removed, where it stood."""
    if change.cause is None:
        return "-"
    where = change.cause.location
    return f"{prefix}{where.path}:{where.line}{' (removed)' if change.cause.is_removed else ''}"


def words(change: Change) -> tuple[str, str]:
    """Return what was and what is in words: who owns and who receives; where that is the same, the rest."""
    before, after = _main(change.before, change.after), _main(change.after, change.before)
    if before != after or change.before is None or change.after is None:
        return before, after
    was, is_now = _details(change.before), _details(change.after)
    differing = [name for name in was if was[name] != is_now[name]]
    return _listed(was, differing), _listed(is_now, differing)


def _listed(details: dict[str, str], names: Iterable[str]) -> str:
    return ", ".join(f"{name} {details[name]}" for name in names)


def _main(view: View | None, other: View | None) -> str:
    if view is None:
        return "not listed" if other and other.outcome is None else "not due"
    whose = f"{view.owner}-owned" if view.owner else "owned by nobody"
    partner = f"{view.partner or 'no partner'}: " if other and view.partner != other.partner else ""
    return f"{partner}{whose}, {_delivery(view)}"


def _delivery(view: View) -> str:
    """Return who receives; of a client without renewal, who would be the contact."""
    if view.outcome is None:
        return f"contact {view.contact or '-'}"
    if view.outcome != "send":
        return f"{view.outcome} ({_tasks(view) or ', '.join(view.reasons)})"
    copies = f", cc {_emails(view.cc)}" if view.cc else ""
    return f"to {_emails(view.to)}{copies}"


def _tasks(view: View) -> str:
    return "; ".join(
        f"task {task.code}{f', inform {_emails(task.inform)}' if task.inform else ''}" for task in view.tasks
    )


def _emails(receivers: Iterable[Receiver]) -> str:
    return ", ".join(receiver.email for receiver in receivers)


def _details(view: View) -> dict[str, str]:
    """Return in words what the main line leaves out."""
    managers = {task.manager.email for task in view.tasks if task.manager}
    return {
        "sent on": str(view.send_on),
        "contact": view.contact or "-",
        "owner from": _source(view.owner_source),
        "contact from": _source(view.contact_source),
        "language": view.locale or "-",
        "because of": ", ".join(view.reasons) or "-",
        "tasks": _tasks(view) or "-",
        "tasks for": ", ".join(sorted(managers)) or "-",
        "people": ", ".join(f"{one.name or one.email} ({one.role}, {one.purpose})" for one in view.receivers),
        "task people": ", ".join(str(one.name) for task in view.tasks for one in task.inform) or "-",
        "task manager": ", ".join(str(task.manager and task.manager.name) for task in view.tasks) or "-",
    }


def _source(source: str | None) -> str:
    return (source or "-").replace("_", " ")


def json(comparison: Comparison, base: Compared, head: Compared) -> str:
    """Return all of it as one object; of a client and an edit every change by itself."""
    report = {
        "format_version": FORMAT_VERSION,
        "base": _revision(base),
        "head": _revision(head),
        "summary": counts_of(comparison),
        "changes": [_change(change) for change in comparison.changes],
    }
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def _revision(compared: Compared) -> dict[str, Any]:
    revision = compared.revision
    return {
        "rev": compared.rev,
        "commit": revision.commit,
        "dirty": revision.dirty,
        "digest": revision.digest,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "client": change.client,
        "partner": change.partner,
        "dangers": change.dangers,
        "notices": [_notice(subject) for subject in change.subjects],
        "before": view_to_builtins(change.before),
        "after": view_to_builtins(change.after),
        "cause": _cause(change),
    }


def _notice(subject: Subject) -> dict[str, Any]:
    notice = subject.notice
    return {
        "renewal": subject.renewal,
        "type": notice.type,
        "kind": notice.kind,
        "step": notice.step,
        "send_on": subject.send_on,
    }


def view_to_builtins(view: View | None) -> dict[str, Any] | None:
    """Return what counts of a decision as JSON has it."""
    if view is None:
        return None
    return {
        "partner": view.partner,
        "owner": {"value": view.owner, "source": view.owner_source},
        "contact": {"value": view.contact, "source": view.contact_source},
        "outcome": view.outcome,
        "to": [_receiver(one) for one in view.to],
        "cc": [_receiver(one) for one in view.cc],
        "tasks": [
            {"code": task.code, "inform": [_receiver(one) for one in task.inform]} for task in view.tasks
        ],
        "locale": view.locale,
        "reasons": view.reasons,
    }


def _receiver(receiver: Receiver) -> dict[str, str | None]:
    return {
        "role": receiver.role,
        "name": receiver.name,
        "email": receiver.email,
        "purpose": receiver.purpose,
    }


def _cause(change: Change) -> dict[str, Any] | None:
    if change.cause is None:
        return None
    where = change.cause.location
    side = "base" if change.cause.is_removed else "head"
    return {"file": where.path, "line": where.line, "column": where.column, "side": side}
