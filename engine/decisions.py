"""One decision: from a renewal, a notice and a day to who receives it, and why. Pure: no clock, no file."""

from __future__ import annotations

import datetime as dt

import msgspec

from engine.envelopes import Recipient
from engine.facts import Renewal
from engine.mailings import Mailing, Outcome, Task
from engine.model import Record
from engine.notices import Notice
from engine.ownership import Standing
from engine.ruleset import Step
from engine.snapshot import Snapshot


class Decision(Record, frozen=True, gc=False):
    """Who receives a notice that is sent on a day, and every reason (schemas/decision.schema.json)."""

    renewal: Renewal
    notice: Notice
    send_on: dt.date
    standing: Standing
    mailing: Mailing

    @property
    def outcome(self) -> Outcome:
        """Whether it is sent."""
        return self.mailing.outcome

    @property
    def to(self) -> tuple[Recipient, ...]:
        """Whom it is written to."""
        return self.mailing.to

    @property
    def cc(self) -> tuple[Recipient, ...]:
        """Who gets a copy."""
        return self.mailing.cc

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What the vendor has to do."""
        return self.mailing.tasks

    @property
    def locale(self) -> str | None:
        """The language to write it in."""
        return self.mailing.locale

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of what is noteworthy, in order."""
        return self.mailing.reasons

    @property
    def trace(self) -> tuple[Step, ...]:
        """The steps that led here."""
        return self.mailing.trace

    def noted(self, reason: str) -> Decision:
        """Return the decision with one more reason."""
        return self._with(reasons=(*self.reasons, reason))

    def without_mail(self, reason: str) -> Decision:
        """Return the decision suppressed for that reason; there is nothing to do about it either."""
        reasons = (*self.reasons, reason)
        return self._with(outcome="suppress", to=(), cc=(), tasks=(), reasons=reasons)

    def _with(self, **changes: object) -> Decision:
        mailing = msgspec.structs.replace(self.mailing, **changes)
        return msgspec.structs.replace(self, mailing=mailing)


def decide(snapshot: Snapshot, renewal: Renewal, notice: Notice, on: dt.date) -> Decision:
    """Decide who receives `notice` about `renewal` when it is sent on that day."""
    placement = snapshot.place(renewal, notice, on)
    standing = placement.standing
    verdict = snapshot.rulebook.verdict(standing, renewal, notice, on.toordinal())
    mailing = snapshot.mailings.of(placement, verdict, renewal, snapshot.vendor)
    return Decision(renewal, notice, on, standing, mailing)
