"""What becomes of a notice: sent, and to whom, or not, and why; remembered, for many notices share it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from engine.bounded import Bounded
from engine.envelopes import Case, Envelope, Recipient
from engine.facts import Contacts, Renewal
from engine.model import Record, Vendor
from engine.ownership import Standing
from engine.ruleset import Rule, Step, Verdict
from engine.standings import Placement

_REMEMBERED = 20_000
"""Mailings remembered: more than the partners of a root have, less than all clients of it."""

Outcome: TypeAlias = Literal["send", "suppress", "unroutable"]


class Task(Record, frozen=True, gc=False):
    """Something for the vendor's renewal manager to do, and whom they should inform."""

    code: str
    inform: tuple[Recipient, ...] = ()


class Mailing(Record, frozen=True, kw_only=True, gc=False):
    """What becomes of every notice that `verdict` is about where somebody stands like `like`."""

    like: Standing
    verdict: Verdict
    outcome: Outcome
    to: tuple[Recipient, ...]
    cc: tuple[Recipient, ...]
    tasks: tuple[Task, ...]
    locale: str | None
    reasons: tuple[str, ...]
    trace: tuple[Step, ...]


_Asked: TypeAlias = tuple[int, int, tuple[Step, ...], str | None, Contacts | None]
"""Everything that a mailing follows from. Standing and verdict are told by their identity: who remembers a
mailing holds both, so that no other can have it meanwhile; comparing them would take longer than deciding."""


class Mailings:
    """What was found for one vendor; used from any thread."""

    def __init__(self) -> None:
        self._known: Bounded[_Asked, Mailing] = Bounded(_REMEMBERED)

    def of(self, placement: Placement, verdict: Verdict, renewal: Renewal, vendor: Vendor) -> Mailing:
        """Return the same as `mailing`; the client's people count only where the verdict writes to them."""
        asked = (
            id(placement.like),
            id(verdict),
            placement.mismatch,
            renewal.locale,
            renewal.contacts if verdict.addresses_client else None,
        )
        known = self._known.get(asked)
        if known is None:
            known = self._known.keep(asked, mailing(placement, verdict, renewal, vendor))
        return known

    def forgetting(self) -> Iterator[None]:
        """Forget everything, some at a time."""
        return self._known.forgetting()


def mailing(placement: Placement, verdict: Verdict, renewal: Renewal, vendor: Vendor) -> Mailing:
    """Find what becomes of a notice that `verdict` is about."""
    standing, mismatch = placement.like, placement.mismatch
    fate = _fate(Case(standing, renewal, vendor), verdict)
    reasons = _rules(mismatch) + standing.reasons + verdict.reasons + fate.reasons
    return Mailing(
        like=standing,
        verdict=verdict,
        outcome=fate.outcome,
        to=fate.to,
        cc=fate.cc,
        tasks=fate.tasks,
        locale=fate.locale or renewal.locale or vendor.locale,
        reasons=tuple(dict.fromkeys(reasons)) if reasons else (),
        trace=mismatch + standing.trace + verdict.trace + fate.steps,
    )


class _Fate(Record, frozen=True, gc=False):
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


def _fate(case: Case, verdict: Verdict) -> _Fate:
    """Suppress beats unroutable beats send (docs/requirements.md, suppression)."""
    if verdict.suppressions:
        return _Fate("suppress", tasks=_tasks(verdict.suppressed_tasks), reasons=verdict.suppressions)
    if case.standing.owner is None:
        return _unroutable(verdict, "UNKNOWN_PARTNER")
    if verdict.route is None:
        return _unroutable(verdict, "NO_ROUTE")
    return _send(case, verdict, verdict.route)


def _tasks(codes: Iterable[str]) -> tuple[Task, ...]:
    return tuple(map(Task, codes))


def _unroutable(
    verdict: Verdict, reason: str, inform: tuple[Recipient, ...] = (), steps: tuple[Step, ...] = ()
) -> _Fate:
    tasks = (Task(reason, inform), *_tasks(verdict.tasks))
    return _Fate("unroutable", tasks=tasks, reasons=(*_rules(steps), reason), steps=steps)


def _nobody_reached(case: Case, verdict: Verdict) -> _Fate:
    """Never a CC-only mail, never silence: the vendor gets a task."""
    if case.standing.owner == "partner" and not case.standing.roles["partner_contact"].people:
        failsafe = Step("OWNER_FAILSAFE_TO_VENDOR", "fallback", case.standing.owner_origin)
        return _unroutable(verdict, failsafe.rule, steps=(failsafe,))
    contact = case.reach(("partner_contact",))
    inform = tuple(Recipient(person, "information") for person in (*contact.people, *contact.copies))
    return _unroutable(verdict, "NO_CLIENT_RECIPIENT", inform, contact.steps)


def _send(case: Case, verdict: Verdict, route: Rule) -> _Fate:
    envelope = Envelope(case)
    envelope.address(route.to)
    if not envelope.to:
        return _nobody_reached(case, verdict)
    envelope.address(verdict.add_to)
    envelope.copy(route.cc)
    envelope.copy(verdict.add_cc)
    steps = tuple(envelope.steps)
    return _Fate(
        "send",
        to=tuple(envelope.to.values()),
        cc=envelope.copied(),
        tasks=_tasks(verdict.tasks),
        reasons=(*_rules(steps), *envelope.reasons()),
        steps=steps,
        locale=next(iter(envelope.to.values())).person.locale,
    )
