"""One decision: from a renewal, a notice and a day to who receives it, and why. Pure: no clock, no file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from engine import people
from engine.facts import Renewal
from engine.model import Record, Vendor
from engine.notices import Notice
from engine.ownership import Standing
from engine.persons import Person, Reached
from engine.ruleset import Rule, Step, Target, Verdict
from engine.snapshot import Listing, Snapshot
from engine.vocabulary import CLIENT_ROLES

Outcome: TypeAlias = Literal["send", "suppress", "unroutable"]
Purpose: TypeAlias = Literal["action", "information", "copy"]


class Recipient(NamedTuple):
    """A person, and what the mail is to them: a task (`action`), for `information`, or a `copy`."""

    person: Person
    purpose: Purpose


class Task(NamedTuple):
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
    listing = snapshot.listing(renewal.client, on)
    standing = snapshot.standing(renewal, listing, notice, on)
    verdict = snapshot.rulebook.verdict(standing, renewal, notice, on.toordinal())
    delivery = _deliver(_Case(standing, renewal, snapshot.vendor), verdict)
    record = _partner_of_record(renewal, listing)
    reasons = (*(step.rule for step in record), *standing.reasons, *verdict.reasons, *delivery.reasons)
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
        reasons=tuple(dict.fromkeys(reasons)),
        trace=record + standing.trace + verdict.trace + delivery.steps,
    )


class _Case(NamedTuple):
    """What a verdict is about."""

    standing: Standing
    renewal: Renewal
    vendor: Vendor

    def reach(self, targets: Iterable[Target]) -> list[Reached]:
        return [people.reach(target, self.standing, self.renewal, self.vendor) for target in targets]


class _Delivery(NamedTuple):
    """What becomes of the notice, with the reasons and steps that this last stage adds."""

    outcome: Outcome
    to: tuple[Recipient, ...] = ()
    cc: tuple[Recipient, ...] = ()
    tasks: tuple[Task, ...] = ()
    reasons: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    locale: str | None = None


def _partner_of_record(renewal: Renewal, listing: Listing | None) -> tuple[Step, ...]:
    """The fact's partner decides; a file that lists the client elsewhere is said, for one of them is old."""
    if renewal.partner is not None and listing and listing.file.record.partner != renewal.partner:
        return (Step("PARTNER_MISMATCH", "partner", listing.origin),)
    return ()


def _deliver(case: _Case, verdict: Verdict) -> _Delivery:
    """Suppress beats unroutable beats send (docs/requirements.md, suppression)."""
    if verdict.suppressions:
        tasks = tuple(Task(code) for code in verdict.suppressed_tasks)
        return _Delivery("suppress", tasks=tasks, reasons=verdict.suppressions)
    if case.standing.owner is None:
        return _unroutable(verdict, "UNKNOWN_PARTNER")
    if verdict.route is None:
        return _unroutable(verdict, "NO_ROUTE")
    reached = case.reach(verdict.route.to)
    if not any(target.people for target in reached):
        return _nobody_reached(case, verdict)
    return _send(case, verdict, verdict.route, reached)


def _unroutable(
    verdict: Verdict, reason: str, inform: tuple[Recipient, ...] = (), steps: tuple[Step, ...] = ()
) -> _Delivery:
    tasks = (Task(reason, inform), *(Task(code) for code in verdict.tasks))
    reasons = (*(step.rule for step in steps), reason)
    return _Delivery("unroutable", tasks=tasks, reasons=reasons, steps=steps)


def _nobody_reached(case: _Case, verdict: Verdict) -> _Delivery:
    """Never a CC-only mail, never silence: the vendor gets a task."""
    if case.standing.owner == "partner" and not case.standing.roles["partner_contact"].people:
        failsafe = Step("OWNER_FAILSAFE_TO_VENDOR", "fallback", case.standing.owner_origin)
        return _unroutable(verdict, failsafe.rule, steps=(failsafe,))
    (contact,) = case.reach([("partner_contact",)])
    inform = tuple(Recipient(person, "information") for person in (*contact.people, *contact.copies))
    return _unroutable(verdict, "NO_CLIENT_RECIPIENT", inform, contact.steps)


def _send(case: _Case, verdict: Verdict, route: Rule, reached: list[Reached]) -> _Delivery:
    reached_to = reached + case.reach(verdict.add_to) if verdict.add_to else reached
    reached_cc = case.reach(route.cc + verdict.add_cc)
    to, cc, steps = _distinct(reached_to, reached_cc)
    is_task = case.standing.owner == "partner"
    both = to.keys() & cc.keys()
    return _Delivery(
        "send",
        to=tuple([Recipient(person, _purpose(person, is_task=is_task)) for person in to.values()]),
        cc=tuple([Recipient(person, "copy") for address, person in cc.items() if address not in both]),
        tasks=tuple([Task(code) for code in verdict.tasks]),
        reasons=(*(step.rule for step in steps), *_recipient_reasons(case, reached_to, both)),
        steps=steps,
        locale=next(iter(to.values())).locale,
    )


def _purpose(person: Person, *, is_task: bool) -> Purpose:
    """A partner-owned renewal is a task for whoever looks after it, never for the client (R28-29)."""
    return "action" if is_task and person.role not in CLIENT_ROLES else "information"


def _distinct(
    reached_to: list[Reached], reached_cc: list[Reached]
) -> tuple[dict[str, Person], dict[str, Person], tuple[Step, ...]]:
    """Return TO and CC by address, each person in the role that came first, and every cover once.

    Plain loops: this is what most of the time of a decision goes into.
    """
    to: dict[str, Person] = {}
    cc: dict[str, Person] = {}
    steps: dict[Step, None] = {}
    for part, main in ((reached_to, to), (reached_cc, cc)):
        for reached in part:
            for person in reached.people:
                main.setdefault(person.address, person)
            for person in reached.copies:
                cc.setdefault(person.address, person)
            for step in reached.steps:
                steps[step] = None
    return to, cc, tuple(steps)


def _recipient_reasons(case: _Case, to_reached: Iterable[Reached], in_both: Collection[str]) -> Iterator[str]:
    if in_both:
        yield "CC_DEDUPED"
    addressed = {person.role for target in to_reached for person in target.people}
    if "decision_maker" in addressed and people.is_partner_user(case.standing, case.renewal):
        yield "DECISION_MAKER_IS_PARTNER_USER"
