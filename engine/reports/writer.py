"""Writes decisions as JSON (schemas/decision.schema.json), and what many of them share only once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import msgspec

from engine import identity
from engine.decisions import Decision, Recipient, Task
from engine.model import Origin, Vendor
from engine.ownership import Standing
from engine.ruleset import Step
from engine.snapshot import Revision, Snapshot
from engine.vocabulary import RENEWAL_MANAGER

_REMEMBERED = 20_000
"""Settings and traces of which the JSON is kept: more than a partner has, less than all clients have."""

_encode = msgspec.json.Encoder().encode

_Sourced: TypeAlias = tuple[str | None, str | None, Origin | None]
_Settings: TypeAlias = tuple[_Sourced, _Sourced, tuple[str | None, str | None]]
_KeyT = TypeVar("_KeyT")
_ValueT = TypeVar("_ValueT")


class _SettingsParts(NamedTuple):
    """What JSON says about who is responsible."""

    owner: msgspec.Raw
    contact: msgspec.Raw
    default: msgspec.Raw


class _Notice(msgspec.Struct, frozen=True, gc=False):
    type: str
    kind: str
    step: str | None
    send_on: dt.date


class _Person(msgspec.Struct, frozen=True, gc=False):
    role: str
    user: str | None
    name: str | None
    email: str
    purpose: str


class _Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The fields of a decision in their order (schemas/decision.schema.json)."""

    client: str
    partner: str | None
    renewal: str | None
    renewal_date: dt.date
    renewal_deadline: dt.date
    notice: _Notice
    outcome: str
    owner: msgspec.Raw
    contact: msgspec.Raw
    current_default_settings: msgspec.Raw
    to: Sequence[_Person]
    cc: Sequence[_Person]
    tasks: Sequence[dict[str, Any]]
    locale: str | None
    reasons: tuple[str, ...]
    trace: msgspec.Raw
    message: str | None
    idempotency_key: str
    recipients_digest: str
    revision: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes decisions of one snapshot as JSON, the same as `to_builtins` says and several times as fast.

    What many of them share is encoded once: whole settings with their places, traces, and the revision.
    """

    vendor: Vendor
    revision: msgspec.Raw
    _settings: dict[_Settings, _SettingsParts] = field(default_factory=dict)
    _traces: dict[tuple[Step, ...], msgspec.Raw] = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Snapshot) -> Writer:
        """Return the snapshot's writer, which ends with it."""
        known = _WRITERS.get(snapshot)
        if known is None:
            known = _WRITERS[snapshot] = cls(snapshot.vendor, _raw(revision(snapshot.revision)))
        return known

    def encode(self, decision: Decision) -> bytes:
        """Return the decision as JSON."""
        standing, renewal, notice = decision.standing, decision.renewal, decision.notice
        settings, keys = self._settings_of(standing), identity.keys(decision)
        return _encode(
            _Decision(
                client=renewal.client,
                partner=standing.partner_id,
                renewal=renewal.renewal,
                renewal_date=renewal.renewal_date,
                renewal_deadline=renewal.deadline,
                notice=_Notice(notice.type, notice.kind, notice.step, decision.send_on),
                outcome=decision.outcome,
                owner=settings.owner,
                contact=settings.contact,
                current_default_settings=settings.default,
                to=_people(decision.to),
                cc=_people(decision.cc),
                tasks=[task(one, self.vendor) for one in decision.tasks] if decision.tasks else (),
                locale=decision.locale,
                reasons=decision.reasons,
                trace=self._trace_of(decision.trace),
                message=keys.message,
                idempotency_key=keys.idempotency_key,
                recipients_digest=keys.recipients_digest,
                revision=self.revision,
            )
        )

    def _settings_of(self, standing: Standing) -> _SettingsParts:
        """Return the parts about who is responsible; clients that follow a default share them."""
        owner = (standing.owner, standing.owner_source, standing.owner_origin)
        contact = (standing.contact, standing.contact_source, standing.contact_origin)
        default = (standing.default_owner, standing.default_contact)
        known = self._settings.get((owner, contact, default))
        if known is None:
            known = _SettingsParts(
                owner=_raw(sourced(*owner)),
                contact=_raw(sourced(*contact)),
                default=_raw(dict(zip(("owner", "contact"), default, strict=True))),
            )
            _remember(self._settings, (owner, contact, default), known)
        return known

    def _trace_of(self, steps: tuple[Step, ...]) -> msgspec.Raw:
        known = self._traces.get(steps)
        if known is None:
            known = _raw(trace(steps))
            _remember(self._traces, steps, known)
        return known


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


def _people(recipients: tuple[Recipient, ...]) -> list[_Person]:
    """Return the same as `person` makes of each."""
    return [
        _Person(one.person.role, one.person.user, one.person.name, one.person.email, one.purpose)
        for one in recipients
    ]


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(_encode(value))


def _remember(memory: dict[_KeyT, _ValueT], key: _KeyT, value: _ValueT) -> None:
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[key] = value
