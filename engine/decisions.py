"""One decision: from a renewal, a notice and a day to who receives it, and why. Pure: no clock, no file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from engine import people
from engine.facts import Renewal
from engine.model import Record, Vendor
from engine.notices import Notice
from engine.ownership import Standing
from engine.persons import Person, Reached
from engine.ruleset import Rule, Step, Target, Verdict
from engine.snapshot import Snapshot
from engine.vocabulary import CLIENT_ROLES

Outcome: TypeAlias = Literal["send", "suppress", "unroutable"]
Purpose: TypeAlias = Literal["action", "information", "copy"]


class Recipient(Record, frozen=True, gc=False):
    """A person, and what the mail is to them: a task (`action`), for `information`, or a `copy`."""

    person: Person
    purpose: Purpose


class Task(Record, frozen=True, gc=False):
    """Something for the vendor's renewal manager to do, and whom they should inform."""

    code: str
    inform: tuple[Recipient, ...] = ()


class Decision(Record, frozen=True, kw_only=True, gc=False):
    """Who receives a notice that is sent on a day, and every reason (schemas/decision.schema.json)."""

    renewal: Renewal
    notice: Notice
    send_on: dt.date
    standing: Standing
    outcome: Outcome
    to: tuple[Recipient, ...]
    cc: tuple[Recipient, ...]
    tasks: tuple[Task, ...]
    locale: str | None
    reasons: tuple[str, ...]
    trace: tuple[Step, ...]


def decide(snapshot: Snapshot, renewal: Renewal, notice: Notice, on: dt.date) -> Decision:
    """Decide who receives `notice` about `renewal` when it is sent on that day."""
    standing, mismatch = snapshot.place(renewal, notice, on)
    verdict = snapshot.rulebook.verdict(standing, renewal, notice, on.toordinal())
    delivery = _deliver(_Case(standing, renewal, snapshot.vendor), verdict)
    reasons = _rules(mismatch) + standing.reasons + verdict.reasons + delivery.reasons
    return Decision(
        renewal=renewal,
        notice=notice,
        send_on=on,
        standing=standing,
        outcome=delivery.outcome,
        to=delivery.to,
        cc=delivery.cc,
        tasks=delivery.tasks,
        locale=delivery.locale or renewal.locale or snapshot.vendor.locale,
        reasons=tuple(dict.fromkeys(reasons)) if reasons else (),
        trace=mismatch + standing.trace + verdict.trace + delivery.steps,
    )


class _Case(Record, frozen=True, gc=False):
    """What a verdict is about."""

    standing: Standing
    renewal: Renewal
    vendor: Vendor

    def reach(self, target: Target) -> Reached:
        """Return the people of the first role of the target that reaches anybody."""
        return people.reach(target, self.standing, self.renewal, self.vendor)


class _Delivery(Record, frozen=True, gc=False):
    """What becomes of the notice, with the reasons and steps that this last stage adds."""

    outcome: Outcome
    to: tuple[Recipient, ...] = ()
    cc: tuple[Recipient, ...] = ()
    tasks: tuple[Task, ...] = ()
    reasons: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    locale: str | None = None


def _rules(steps: tuple[Step, ...]) -> tuple[str, ...]:
    return tuple(step.rule for step in steps) if steps else ()


def _deliver(case: _Case, verdict: Verdict) -> _Delivery:
    """Suppress beats unroutable beats send (docs/requirements.md, suppression)."""
    if verdict.suppressions:
        return _Delivery("suppress", tasks=_tasks(verdict.suppressed_tasks), reasons=verdict.suppressions)
    if case.standing.owner is None:
        return _unroutable(verdict, "UNKNOWN_PARTNER")
    if verdict.route is None:
        return _unroutable(verdict, "NO_ROUTE")
    return _send(case, verdict, verdict.route)


def _tasks(codes: Iterable[str]) -> tuple[Task, ...]:
    return tuple(map(Task, codes))


def _unroutable(
    verdict: Verdict, reason: str, inform: tuple[Recipient, ...] = (), steps: tuple[Step, ...] = ()
) -> _Delivery:
    tasks = (Task(reason, inform), *_tasks(verdict.tasks))
    return _Delivery("unroutable", tasks=tasks, reasons=(*_rules(steps), reason), steps=steps)


def _nobody_reached(case: _Case, verdict: Verdict) -> _Delivery:
    """Never a CC-only mail, never silence: the vendor gets a task."""
    if case.standing.owner == "partner" and not case.standing.roles["partner_contact"].people:
        failsafe = Step("OWNER_FAILSAFE_TO_VENDOR", "fallback", case.standing.owner_origin)
        return _unroutable(verdict, failsafe.rule, steps=(failsafe,))
    contact = case.reach(("partner_contact",))
    inform = tuple(Recipient(person, "information") for person in (*contact.people, *contact.copies))
    return _unroutable(verdict, "NO_CLIENT_RECIPIENT", inform, contact.steps)


def _send(case: _Case, verdict: Verdict, route: Rule) -> _Delivery:
    envelope = _Envelope(case)
    envelope.address(route.to)
    if not envelope.to:
        return _nobody_reached(case, verdict)
    envelope.address(verdict.add_to)
    envelope.copy(route.cc)
    envelope.copy(verdict.add_cc)
    steps = tuple(envelope.steps)
    return _Delivery(
        "send",
        to=tuple(envelope.to.values()),
        cc=envelope.copied(),
        tasks=_tasks(verdict.tasks),
        reasons=(*_rules(steps), *envelope.reasons()),
        steps=steps,
        locale=next(iter(envelope.to.values())).person.locale,
    )


class _Envelope:
    """TO and CC by address, each person in the role that came first, and every cover once.

    Its loops are plain ones: they are what most of the time of a decision goes into.
    """

    __slots__ = ("_case", "_cc", "_is_to_partner_user", "steps", "to")

    def __init__(self, case: _Case) -> None:
        self.to: dict[str, Recipient] = {}
        self.steps: dict[Step, None] = {}
        self._cc: dict[str, Recipient] = {}
        self._case = case
        self._is_to_partner_user = False

    def address(self, targets: Iterable[Target]) -> None:
        """Write to whom these targets reach."""
        standing = self._case.standing
        for target in targets:
            reached = self._case.reach(target)
            for person in reached.people:
                if person.address not in self.to:
                    self.to[person.address] = Recipient(person, _purpose(person, standing.owner))
                if person.role == "decision_maker" and person.address in standing.addresses:
                    self._is_to_partner_user = True
            if reached.steps:
                self._cover(reached)

    def copy(self, targets: Iterable[Target]) -> None:
        """Copy the notice to whom these targets reach."""
        for target in targets:
            reached = self._case.reach(target)
            for person in reached.people:
                if person.address not in self._cc:
                    self._cc[person.address] = Recipient(person, "copy")
            if reached.steps:
                self._cover(reached)

    def copied(self) -> tuple[Recipient, ...]:
        """Return who is in CC, of whom nobody is in TO."""
        if self._cc.keys().isdisjoint(self.to):
            return tuple(self._cc.values())
        return tuple(one for address, one in self._cc.items() if address not in self.to)

    def reasons(self) -> Iterator[str]:
        """Yield what is noteworthy about who is where."""
        if not self._cc.keys().isdisjoint(self.to):
            yield "CC_DEDUPED"
        if self._is_to_partner_user:
            yield "DECISION_MAKER_IS_PARTNER_USER"

    def _cover(self, reached: Reached) -> None:
        self.steps |= dict.fromkeys(reached.steps)
        for person in reached.copies:
            self._cc.setdefault(person.address, Recipient(person, "copy"))


def _purpose(person: Person, owner: str | None) -> Purpose:
    """A partner-owned renewal is a task for whoever looks after it, never for the client (R28-29)."""
    return "action" if owner == "partner" and person.role not in CLIENT_ROLES else "information"
