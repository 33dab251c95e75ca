"""Writes decisions as JSON (schemas/decision.schema.json), and what many of them share only once.

A decision is put together out of pieces that are JSON already: most of it follows from its mailing, which
several notices share, and the rest is short. A test holds the bytes against those of `reports.decisions`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import msgspec

from engine import identity
from engine.bounded import Bounded
from engine.decisions import Decision
from engine.envelopes import Recipient
from engine.facts import Renewal
from engine.identity import Occasion, Subject
from engine.mailings import Mailing, Task
from engine.model import Vendor
from engine.notices import Notice
from engine.ownership import Standing
from engine.ruleset import Step
from engine.snapshot import Revision, Snapshot
from engine.vocabulary import RENEWAL_MANAGER

_REMEMBERED = 20_000
"""Mailings, settings and traces of which the JSON is kept: more than a partner has, less than all clients."""

_LATELY = 64
"""Renewals of which it is kept: decisions about one come one after another."""

_DAYS = 4_096
"""Days, and notices on them, that recur: those of some years."""

_encode = msgspec.json.Encoder().encode


class _About(NamedTuple):
    """The JSON that all decisions about a renewal share, and what their keys do."""

    renewal: Renewal
    client: bytes
    text: bytes
    subject: Subject


class _Written(NamedTuple):
    """The JSON that all decisions with a mailing share: the partner, and all from `outcome` to `trace`."""

    mailing: Mailing
    partner: bytes
    text: bytes
    recipients_digest: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes decisions of one snapshot as JSON, the same as `to_builtins` says and many times as fast."""

    vendor: Vendor
    end: bytes
    """What every decision ends with: the revision."""
    _mailings: Bounded[int, _Written] = field(default_factory=lambda: Bounded(_REMEMBERED))
    """By identity, as all that follow: what is remembered holds the object, so that no other can have it."""
    _renewals: Bounded[int, _About] = field(default_factory=lambda: Bounded(_LATELY))
    _settings: Bounded[int, tuple[Standing, bytes]] = field(default_factory=lambda: Bounded(_REMEMBERED))
    _traces: Bounded[int, tuple[tuple[Step, ...], bytes]] = field(
        default_factory=lambda: Bounded(_REMEMBERED)
    )

    @classmethod
    def of(cls, snapshot: Snapshot) -> Writer:
        """Return the snapshot's writer, which ends with it."""
        known = _WRITERS.get(snapshot)
        if known is None:
            end = b',"revision":%b}' % _encode(revision(snapshot.revision))
            known = _WRITERS[snapshot] = cls(snapshot.vendor, end)
        return known

    def encode(self, decision: Decision) -> bytes:
        """Return the decision as JSON."""
        renewal = decision.renewal
        about = self._renewals.get(id(renewal)) or self._renewals.keep(id(renewal), _about(renewal))
        written = self._mailings.get(id(decision.mailing)) or self._write(decision)
        notice, occasion = _notice(decision.notice, decision.send_on)
        keys = _keys(decision, about.subject, occasion, written.recipients_digest)
        return b"".join((about.client, written.partner, about.text, notice, written.text, keys, self.end))

    def _write(self, decision: Decision) -> _Written:
        """Write what the decision shares with all of its mailing."""
        mailing, standing = decision.mailing, decision.standing
        parts = (
            b',"outcome":',
            _encode(mailing.outcome),
            b",",
            self._settings_of(mailing.like),
            b",",
            _encode(_sending(mailing, self.vendor))[1:-1],
            b',"trace":',
            self._trace_of(mailing.trace),
        )
        recipients = identity.recipients_digest(decision)
        partner = b',"partner":%b,"renewal":' % _encode(standing.partner_id)
        return self._mailings.keep(id(mailing), _Written(mailing, partner, b"".join(parts), recipients))

    def _settings_of(self, standing: Standing) -> bytes:
        """Return the members about who is responsible; clients that follow a default share them."""
        known = self._settings.get(id(standing))
        if known is None:
            known = self._settings.keep(id(standing), (standing, _encode(settings(standing))[1:-1]))
        return known[1]

    def _trace_of(self, steps: tuple[Step, ...]) -> bytes:
        """Return the trace: one object for all of a verdict, where nothing but the rules led to it."""
        known = self._traces.get(id(steps))
        if known is None:
            known = self._traces.keep(id(steps), (steps, _encode(trace(steps))))
        return known[1]


_WRITERS: WeakKeyDictionary[Snapshot, Writer] = WeakKeyDictionary()


def settings(standing: Standing) -> dict[str, dict[str, str | None]]:
    """Return the members about who is responsible, and what the partner's default says."""
    return {
        "owner": sourced(standing.owner, standing.owner_source, standing.owner_origin),
        "contact": sourced(standing.contact, standing.contact_source, standing.contact_origin),
        "current_default_settings": {"owner": standing.default_owner, "contact": standing.default_contact},
    }


def sourced(value: str | None, source: str | None, origin: object) -> dict[str, str | None]:
    """Return a value with what it comes from and where that is written."""
    return {"value": value, "source": source, "origin": _text(origin)}


def _text(origin: object) -> str | None:
    return None if origin is None else str(origin)


def trace(steps: Iterable[Step]) -> list[dict[str, str | None]]:
    """Return the steps that led to a decision."""
    return [{"rule": step.rule, "kind": step.kind, "origin": _text(step.origin)} for step in steps]


def person(recipient: Recipient) -> dict[str, str | None]:
    """Return a recipient."""
    who = recipient.person
    return {
        "role": who.role,
        "user": who.user,
        "name": who.name,
        "email": who.email,
        "purpose": recipient.purpose,
    }


def task(one: Task, vendor: Vendor) -> dict[str, Any]:
    """Return the task: it is there also when nobody is named to do it."""
    manager = vendor.renewal_manager
    return {
        "code": one.code,
        "for": {
            "role": RENEWAL_MANAGER,
            "name": manager.name if manager else None,
            "email": manager.email if manager else None,
        },
        "inform": [person(recipient) for recipient in one.inform],
    }


def revision(of: Revision) -> dict[str, Any]:
    """Return what identifies the configuration that decided."""
    return {"digest": of.digest, "commit": of.commit, "dirty": of.dirty}


class _Person(msgspec.Struct, frozen=True, gc=False):
    role: str
    user: str | None
    name: str | None
    email: str
    purpose: str


class _Sending(msgspec.Struct, frozen=True, gc=False):
    to: list[_Person]
    cc: list[_Person]
    tasks: list[dict[str, Any]]
    locale: str | None
    reasons: tuple[str, ...]


def _sending(mailing: Mailing, vendor: Vendor) -> _Sending:
    tasks = [task(one, vendor) for one in mailing.tasks]
    return _Sending(_people(mailing.to), _people(mailing.cc), tasks, mailing.locale, mailing.reasons)


def _people(recipients: tuple[Recipient, ...]) -> list[_Person]:
    """Return the same as `person` makes of each."""
    return [
        _Person(one.person.role, one.person.user, one.person.name, one.person.email, one.purpose)
        for one in recipients
    ]


@lru_cache(_DAYS)
def _dates(renewal_date: dt.date, deadline: dt.date) -> bytes:
    return b',"renewal_date":%b,"renewal_deadline":%b' % (_encode(renewal_date), _encode(deadline))


@lru_cache(_DAYS)
def _notice(notice: Notice, on: dt.date) -> tuple[bytes, Occasion]:
    said = {"type": notice.type, "kind": notice.kind, "step": notice.step, "send_on": on}
    return b',"notice":%b' % _encode(said), identity.occasion(notice, on)


def _about(renewal: Renewal) -> _About:
    dates = _dates(renewal.renewal_date, renewal.deadline)
    client, text = b'{"client":%b' % _encode(renewal.client), _encode(renewal.renewal) + dates
    return _About(renewal, client, text, identity.subject(renewal))


def _keys(decision: Decision, subject: Subject, occasion: Occasion, recipients: str) -> bytes:
    """Return the members that tell notices apart; none of these texts needs an escape."""
    is_sent = decision.mailing.outcome == "send"
    said = f'"{subject.message(occasion, recipients)}"' if is_sent else "null"
    key = subject.key(occasion)
    return f',"message":{said},"idempotency_key":"{key}","recipients_digest":"{recipients}"'.encode()
