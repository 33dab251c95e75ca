"""When notices about a renewal are due: the steps of its tier, each on its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import NamedTuple, TypeAlias

from engine import civil
from engine.civil import Step
from engine.conditions import ALWAYS, Condition
from engine.diagnostics import Location
from engine.facts import Renewal
from engine.notices import Notice

FALLBACK_TIER = "professional"
"""The ladder of a renewal without a tier (docs/requirements.md, schedule)."""

QUIET_DAYS = 13
"""Steps before the term's 14th day are dropped: the client has only just signed."""

_REMEMBERED = 50_000
"""Combinations of dates of which the steps are kept: those of a year, for each tier and many countries."""

_MOST_DAYS = 50_000
"""Days of which it is kept when what falls on them is sent: those of some years, for many countries."""

TERM_MONTHS = 12
"""The term of a renewal that does not say when it began."""


@dataclass(frozen=True, slots=True)
class ScheduledStep:
    """One step: how far before the renewal it falls, what notice it is, and when it counts."""

    step: Step
    notice: Notice
    origin: Location
    condition: Condition = ALWAYS
    valid_until: Step | None = None


@dataclass(frozen=True)
class Schedule:
    """The steps of each tier, and those that every tier but the monthly one has besides."""

    tiers: Mapping[str, tuple[ScheduledStep, ...]] = field(default_factory=dict)
    every_tier: tuple[ScheduledStep, ...] = ()
    holidays: bool = True
    known: dict[_Dates, tuple[Day, ...]] = field(default_factory=dict, compare=False, repr=False)
    """What `days` found: renewals of one tier and country that have the same dates have the same steps."""

    moved: dict[tuple[str | None, int], dt.date] = field(default_factory=dict, compare=False, repr=False)
    """When is sent what falls on an ordinal day, by country."""

    @cached_property
    def steps(self) -> tuple[ScheduledStep, ...]:
        """All steps, in the order of the file."""
        return (*(step for ladder in self.tiers.values() for step in ladder), *self.every_tier)

    def position(self, step: ScheduledStep) -> int:
        """Return which of `steps` it is, told by the object: comparing conditions would take long."""
        return self._positions[id(step)]

    @cached_property
    def _positions(self) -> Mapping[int, int]:
        return {id(step): position for position, step in enumerate(self.steps)}

    def ladder(self, renewal: Renewal) -> tuple[ScheduledStep, ...]:
        """Return the steps that concern a renewal."""
        if renewal.monthly:
            return self.tiers.get("monthly", ())
        return (*self.tiers.get(renewal.tier or FALLBACK_TIER, ()), *self.every_tier)


class Due(NamedTuple):
    """A step of a renewal on its day; `last_day` is the last on which it may be sent late.

    `day` is where the step falls, on a weekend too; it is sent on a day on which mail is read.
    """

    step: ScheduledStep
    send_on: dt.date
    last_day: dt.date
    day: dt.date


class Day(NamedTuple):
    """An ordinal day, and the steps of a renewal that are sent on it."""

    ordinal: int
    due: tuple[Due, ...]


_Dates: TypeAlias = tuple[bool, str | None, dt.date | None, int, int, str | None]
"""Everything of a renewal that its days depend on."""


def due(schedule: Schedule, renewal: Renewal) -> tuple[Due, ...]:
    """Return the steps of a renewal that are not dropped, whatever their condition, by the day of sending."""
    return tuple(due for day in days(schedule, renewal) for due in day.due)


def days(schedule: Schedule, renewal: Renewal) -> tuple[Day, ...]:
    """Return the same, by day."""
    dates = (
        renewal.monthly,
        renewal.tier,
        renewal.term_start,
        renewal.renewal_day,
        renewal.deadline_day,
        renewal.country,
    )
    known = schedule.known.get(dates)
    if known is None:
        in_order = sorted(_due(schedule, renewal), key=lambda due: (due.send_on, due.day))
        by_day = groupby(in_order, key=lambda due: due.send_on)
        known = tuple(Day(day.toordinal(), tuple(steps)) for day, steps in by_day)
        if len(schedule.known) >= _REMEMBERED:
            schedule.known.clear()
        schedule.known[dates] = known
    return known


def _due(schedule: Schedule, renewal: Renewal) -> Iterator[Due]:
    begins = renewal.term_start or civil.months_later(renewal.renewal_date, -TERM_MONTHS)
    first = begins.toordinal() + QUIET_DAYS
    for step in schedule.ladder(renewal):
        day = step.step.day(renewal.renewal_date, renewal.deadline)
        send_on = _sent_on(schedule, renewal.country, day)
        if send_on.toordinal() >= first:
            yield Due(step, send_on, _last_day(step, renewal), day)


def _sent_on(schedule: Schedule, country: str | None, day: dt.date) -> dt.date:
    """Return the day on which is sent what falls on `day`: one on which mail is read."""
    known = schedule.moved.get((country, day.toordinal()))
    if known is None:
        holidays = civil.holidays_around(country, day) if schedule.holidays else ()
        known = civil.working_day(day, holidays)
        if len(schedule.moved) >= _MOST_DAYS:
            schedule.moved.clear()
        schedule.moved[country, day.toordinal()] = known
    return known


def _last_day(step: ScheduledStep, renewal: Renewal) -> dt.date:
    """A D step is never sent after the deadline, nor an R step after the renewal date, whatever it says."""
    last = renewal.deadline if step.step.base == "D" else renewal.renewal_date
    if step.valid_until is None:
        return last
    return min(step.valid_until.day(renewal.renewal_date, renewal.deadline), last)
