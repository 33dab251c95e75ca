"""Decisions for programs: one object (schemas/decision.schema.json), as JSON, JSON Lines or a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from engine import identity
from engine.decisions import Decision
from engine.reports import writer
from engine.reports.problems import FORMAT_VERSION
from engine.reports.writer import Writer
from engine.snapshot import Snapshot

COLUMNS = (
    "client",
    "partner",
    "renewal",
    "renewal_date",
    "renewal_deadline",
    "notice_type",
    "notice_kind",
    "notice_step",
    "send_on",
    "outcome",
    "owner",
    "owner_source",
    "owner_origin",
    "contact",
    "contact_source",
    "contact_origin",
    "default_owner",
    "default_contact",
    "to",
    "cc",
    "tasks",
    "locale",
    "reasons",
    "rules",
    "message",
    "idempotency_key",
    "recipients_digest",
    "revision",
)
"""The table's columns: lists are separated by `;`."""


def to_builtins(decision: Decision, snapshot: Snapshot) -> dict[str, Any]:
    """Return the decision as JSON has it."""
    standing, renewal = decision.standing, decision.renewal
    return {
        "client": renewal.client,
        "partner": standing.partner_id,
        "renewal": renewal.renewal,
        "renewal_date": renewal.renewal_date.isoformat(),
        "renewal_deadline": renewal.deadline.isoformat(),
        "notice": {
            "type": decision.notice.type,
            "kind": decision.notice.kind,
            "step": decision.notice.step,
            "send_on": decision.send_on.isoformat(),
        },
        "outcome": decision.outcome,
        **writer.settings(standing),
        "to": [writer.person(recipient) for recipient in decision.to],
        "cc": [writer.person(recipient) for recipient in decision.cc],
        "tasks": [writer.task(task, snapshot.vendor) for task in decision.tasks],
        "locale": decision.locale,
        "reasons": list(decision.reasons),
        "trace": writer.trace(decision.trace),
        "message": identity.message(decision),
        "idempotency_key": identity.idempotency_key(decision),
        "recipients_digest": identity.recipients_digest(decision),
        "revision": writer.revision(snapshot.revision),
    }


def json(decisions: Iterable[Decision], snapshot: Snapshot) -> str:
    """Return all decisions as one object."""
    report = {
        "format_version": FORMAT_VERSION,
        "decisions": [to_builtins(decision, snapshot) for decision in decisions],
    }
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def jsonl(decisions: Iterable[Decision], snapshot: Snapshot) -> Iterator[str]:
    """Yield one object a decision, each on its line."""
    encode = Writer.of(snapshot).encode
    for decision in decisions:
        yield encode(decision).decode()


def table(decisions: Iterable[Decision], snapshot: Snapshot) -> Iterator[str]:
    """Yield the lines of a CSV table with a header."""
    yield _csv_line(COLUMNS)
    for decision in decisions:
        yield _csv_line(_cells(to_builtins(decision, snapshot)))


def _cells(decision: dict[str, Any]) -> Iterator[str]:
    owner, contact, notice = decision["owner"], decision["contact"], decision["notice"]
    defaults = decision["current_default_settings"]
    yield from (decision[name] or "" for name in COLUMNS[:5])
    yield from (notice[name] or "" for name in ("type", "kind", "step", "send_on"))
    yield decision["outcome"]
    yield from (part or "" for part in (*owner.values(), *contact.values(), *defaults.values()))
    yield from (";".join(person["email"] for person in decision[name]) for name in ("to", "cc"))
    yield ";".join(task["code"] for task in decision["tasks"])
    yield decision["locale"] or ""
    yield ";".join(decision["reasons"])
    yield ";".join(step["rule"] for step in decision["trace"] if step["kind"] in {"route", "adjustment"})
    yield from (decision[name] or "" for name in ("message", "idempotency_key", "recipients_digest"))
    yield decision["revision"]["digest"]


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()
