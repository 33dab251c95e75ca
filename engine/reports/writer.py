"""Writes decisions as JSON (schemas/decision.schema.json), and what many of them share only once.

A decision is put together out of pieces that are JSON already: most of it follows from its mailing, which
several notices share, and the rest is short. A test holds the bytes against those of `reports.decisions`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import msgspec

from engine import identity
from engine.bounded import Bounded
from engine.decisions import Decision
from engine.envelopes import Recipient
from engine.mailings import Mailing, Task
from engine.model import Origin, Vendor
from engine.notices import Notice
from engine.ownership import Standing
from engine.ruleset import Step
from engine.snapshot import Revision, Snapshot
from engine.vocabulary import RENEWAL_MANAGER

_REMEMBERED = 20_000
"""Mailings, settings and traces of which the JSON is kept: more than a partner has, less than all clients."""

_DAYS = 4_096
"""Days, and notices on them, that recur: those of some years."""

_encode = msgspec.json.Encoder().encode

_Sourced: TypeAlias = tuple[str | None, str | None, Origin | None]
_Settings: TypeAlias = tuple[_Sourced, _Sourced, tuple[str | None, str | None]]


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
    """By their identity: what is remembered holds the mailing, so that no other can have it meanwhile."""
    _settings: Bounded[_Settings, bytes] = field(default_factory=lambda: Bounded(_REMEMBERED))
    _traces: Bounded[tuple[Step, ...], bytes] = field(default_factory=lambda: Bounded(_REMEMBERED))

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
        renewal, mailing = decision.renewal, decision.mailing
        written = self._mailings.get(id(mailing)) or self._write(decision)
        parts = (
            b'{"client":',
            _encode(renewal.client),
            written.partner,
            _encode(renewal.renewal),
            _dates(renewal.renewal_date, renewal.deadline),
            _notice(decision.notice, decision.send_on),
            written.text,
            _keys(decision, written.recipients_digest),
            self.end,
        )
        return b"".join(parts)

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
        owner = (standing.owner, standing.owner_source, standing.owner_origin)
        contact = (standing.contact, standing.contact_source, standing.contact_origin)
        default = (standing.default_owner, standing.default_contact)
        known = self._settings.get((owner, contact, default))
        if known is None:
            members = {
                "owner": sourced(*owner),
                "contact": sourced(*contact),
                "current_default_settings": dict(zip(("owner", "contact"), default, strict=True)),
            }
            known = self._settings.keep((owner, contact, default), _encode(members)[1:-1])
        return known

    def _trace_of(self, steps: tuple[Step, ...]) -> bytes:
        known = self._traces.get(steps)
        return known if known is not None else self._traces.keep(steps, _encode(trace(steps)))


_WRITERS: WeakKeyDictionary[Snapshot, Writer] = WeakKeyDictionary()


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
def _notice(notice: Notice, on: dt.date) -> bytes:
    said = {"type": notice.type, "kind": notice.kind, "step": notice.step, "send_on": on}
    return b',"notice":%b' % _encode(said)


def _keys(decision: Decision, recipients: str) -> bytes:
    """Return the members that tell notices apart; none of these texts needs an escape."""
    message = identity.message(decision, recipients)
    said = f'"{message}"' if message else "null"
    key = identity.idempotency_key(decision)
    return f',"message":{said},"idempotency_key":"{key}","recipients_digest":"{recipients}"'.encode()
