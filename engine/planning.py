"""The calendar of notices: which are due in a window of days, each with its decision on its own day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from engine import identity, schedule
from engine.conditions import ALWAYS
from engine.decisions import Decision, decide
from engine.facts import Renewal
from engine.schedule import Due
from engine.snapshot import Snapshot

DAYS_AHEAD = 120
"""How far a calendar looks when nobody says."""

_WINDOWS = 100
"""Windows remembered: each renewal has one, and there are few."""


class Window(NamedTuple):
    """The days from `since` (inclusive) until `until` (exclusive)."""

    since: dt.date
    until: dt.date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.since <= day < self.until


@lru_cache(_WINDOWS)
def window(since: dt.date, until: dt.date | None = None) -> Window:
    """Return the days from `since` until that day, else as far ahead as a calendar looks."""
    last = min(since.toordinal() + DAYS_AHEAD, dt.date.max.toordinal())
    return Window(since, until or dt.date.fromordinal(last))


def day(day: dt.date) -> Window:
    """Return the window that is one day."""
    return Window(day, day + dt.timedelta(days=1))


def plan(
    snapshot: Snapshot, renewals: Iterable[Renewal], window: Window, sent: Collection[str] | None = None
) -> list[Decision]:
    """Return the decision for every notice due in the window, by send date, client and renewal.

    `sent` are the keys of what was sent already: those are left out, and of the notices that were due before
    the window and are not among them the latest is caught up on its first day. Without it nobody knows what
    was missed, and nothing is caught up.
    """
    planned = [decision for renewal in renewals for decision in plan_one(snapshot, renewal, window, sent)]
    return sorted(planned, key=lambda one: (one.send_on, one.renewal.client, one.renewal.renewal or ""))


def day_by_day(snapshot: Snapshot, renewal: Renewal, window: Window) -> Iterator[tuple[int, Decision]]:
    """Yield the same for one renewal without `sent`, where no day depends on another; with ordinal days."""
    since, until = window.since.toordinal(), window.until.toordinal()
    for day in schedule.days(snapshot.schedule, renewal):
        if since <= day.ordinal < until:
            for decision in _on_day(snapshot, renewal, day.due):
                yield day.ordinal, decision


def _on_day(snapshot: Snapshot, renewal: Renewal, due: Sequence[Due]) -> list[Decision]:
    wanted = [one for one in due if one.step.condition is ALWAYS or snapshot.is_due(one, renewal)]
    if len(wanted) > 1:
        return [planned.decision for ladder in _ladders(snapshot, renewal, wanted) for planned in ladder]
    return [_decide(snapshot, renewal, one, one.send_on) for one in wanted]


class _Planned(NamedTuple):
    """A due step with the decision on its own day."""

    due: Due
    decision: Decision

    @property
    def is_mail(self) -> bool:
        """Whether something goes out, so that an earlier notice of the same type has become pointless."""
        return self.decision.outcome == "send"

    @property
    def key(self) -> str:
        """What the keys of what was sent hold, once it was."""
        return identity.idempotency_key(self.decision)


def plan_one(
    snapshot: Snapshot, renewal: Renewal, window: Window, sent: Collection[str] | None
) -> Iterator[Decision]:
    """Yield the decision for every notice of one renewal, in no order."""
    for ladder in _ladders(
        snapshot, renewal, _due(snapshot, renewal, window, is_past_wanted=sent is not None)
    ):
        if sent is not None:
            yield from _catch_up(snapshot, renewal, ladder, window.since, sent)
        for planned in ladder:
            if planned.due.send_on in window and (sent is None or planned.key not in sent):
                yield planned.decision


def _due(snapshot: Snapshot, renewal: Renewal, window: Window, *, is_past_wanted: bool) -> Iterator[Due]:
    """Yield what is due before the window's end, in order."""
    first, last = (dt.date.min, max(window)) if is_past_wanted else window
    for due in schedule.due(snapshot.schedule, renewal):
        if first <= due.send_on < last and snapshot.is_due(due, renewal):
            yield due


def _ladders(snapshot: Snapshot, renewal: Renewal, due: Iterable[Due]) -> Iterator[list[_Planned]]:
    """Yield the steps of each notice type.

    A notice makes those before it pointless only when it is about the same thing.
    """
    ladders: dict[str, list[_Planned]] = defaultdict(list)
    for one in due:
        planned = _Planned(one, _decide(snapshot, renewal, one, one.send_on))
        ladders[one.step.notice.type].append(planned)
    for ladder in ladders.values():
        yield _one_a_day(ladder)


def _one_a_day(ladder: list[_Planned]) -> list[_Planned]:
    """Of several mails that fall on one day, as before a weekend, only the last step's is sent."""
    last = {planned.due.send_on: planned for planned in ladder if planned.is_mail}
    if len(last) == len(ladder):
        return ladder
    return [
        planned._replace(decision=planned.decision.without_mail("SAME_DAY"))
        if planned.is_mail and last[planned.due.send_on] is not planned
        else planned
        for planned in ladder
    ]


def _catch_up(
    snapshot: Snapshot, renewal: Renewal, ladder: Sequence[_Planned], today: dt.date, sent: Collection[str]
) -> Iterator[Decision]:
    """Send the latest of the missed notices once, today, if it is not too late for it.

    None is sent late after a later one was sent, or on the day of one: nobody need get both.
    """
    if today > renewal.renewal_date:
        return
    is_overtaken = False
    for planned in reversed([one for one in ladder if one.is_mail and one.due.send_on <= today]):
        if planned.due.send_on == today or planned.key in sent:
            is_overtaken = True
        elif is_overtaken or not _still_counts(snapshot, renewal, planned.due, today):
            yield planned.decision.without_mail("SKIPPED_LATE")
        else:
            is_overtaken = True
            yield _late(snapshot, renewal, planned, today)


def _late(snapshot: Snapshot, renewal: Renewal, planned: _Planned, today: dt.date) -> Decision:
    if today > planned.due.last_day:
        return planned.decision.without_mail("SKIPPED_LATE")
    return _decide(snapshot, renewal, planned.due, today).noted("CAUGHT_UP")


def _still_counts(snapshot: Snapshot, renewal: Renewal, due: Due, today: dt.date) -> bool:
    """Whether the step's condition and dates hold today: no escalation once the client is HubSpot's."""
    return snapshot.is_due(due._replace(send_on=today), renewal)


def _decide(snapshot: Snapshot, renewal: Renewal, due: Due, on: dt.date) -> Decision:
    decision = decide(snapshot, renewal, due.step.notice, on)
    return decision.noted("TIER_UNKNOWN") if renewal.tier is None and not renewal.monthly else decision
