from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roots import renewal_of, snapshot_of
from strategies import MODEST

from engine import civil, schedule
from engine.civil import Step
from engine.diagnostics import Location
from engine.facts import Renewal
from engine.notices import Notice
from engine.schedule import Schedule, ScheduledStep

SHIPPED = snapshot_of({}).schedule
HERE = Location("rules/schedule.yaml")


def ladder(*steps: str, valid_until: str | None = None, holidays: bool = True) -> Schedule:
    """Return a schedule in which every tier has these steps."""
    last = Step.parse(valid_until) if valid_until else None
    parsed = [Step.parse(step) for step in steps]
    ladder = tuple(
        ScheduledStep(step, Notice(step=str(step)), HERE, valid_until=last) for step in parsed if step
    )
    tiers = ("enterprise", "professional", "starter", "monthly")
    return Schedule(dict.fromkeys(tiers, ladder), holidays=holidays)


def days(used: Schedule, renewal: Renewal) -> dict[str, str]:
    """Return the send date of each step that is due."""
    return {str(due.step.step): due.send_on.isoformat() for due in schedule.due(used, renewal)}


@pytest.mark.parametrize(
    ("tier", "steps"),
    [
        ("enterprise", ["R-120", "D-45", "D-20", "D-14", "D-7", "D-3", "D-1", "R-7"]),
        ("professional", ["D-45", "D-20", "D-14", "D-7", "D-3", "R-7"]),
        ("starter", ["D-30", "D-14", "D-7", "D-3", "R-7"]),
        (None, ["D-45", "D-20", "D-14", "D-7", "D-3", "R-7"]),
    ],
)
def test_each_tier_has_a_ladder_and_none_means_professional(tier: str | None, steps: list[str]) -> None:
    assert list(days(SHIPPED, renewal_of(tier=tier))) == steps


@pytest.mark.parametrize(("days_before", "is_monthly"), [(31, True), (32, False)])
def test_a_term_under_32_days_takes_the_monthly_ladder_whatever_the_tier(
    days_before: int, *, is_monthly: bool
) -> None:
    starts = dt.date(2027, 2, 15) - dt.timedelta(days_before)
    renewal = renewal_of(tier="enterprise", term_start=starts.isoformat())

    assert renewal.monthly is is_monthly
    assert bool(SHIPPED.ladder(renewal)) is not is_monthly


def test_the_monthly_ladder_of_a_root_is_used() -> None:
    used = Schedule({"monthly": ladder("R-7").tiers["monthly"]}, ladder("R-5").tiers["monthly"])

    assert days(used, renewal_of(term_start="2027-01-15")) == {"R-7": "2027-02-08"}


def test_a_tier_that_the_schedule_leaves_out_has_the_steps_of_every_tier() -> None:
    used = Schedule({}, ladder("D-3").tiers["starter"])

    assert list(days(used, renewal_of(tier="starter"))) == ["D-3"]


# Days


def test_a_step_on_a_weekend_or_on_a_holiday_of_the_country_moves_earlier() -> None:
    weekend = renewal_of(renewal_date="2027-01-09", tier="starter")
    berlin = renewal_of(renewal_date="2027-01-08", country="DE", tier="starter")

    assert days(ladder("R-0"), weekend) == {"R-0": "2027-01-08"}
    assert days(ladder("R-7"), berlin) == {"R-7": "2026-12-31"}
    assert days(ladder("R-7", holidays=False), berlin) == {"R-7": "2027-01-01"}


@pytest.mark.parametrize(
    ("term_start", "steps"),
    [
        ("2027-01-18", ["R-13"]),
        ("2027-01-19", ["R-13"]),
        ("2027-01-20", []),
    ],
)
def test_a_step_before_the_terms_14th_day_is_dropped(term_start: str, steps: list[str]) -> None:
    renewal = renewal_of(renewal_date="2027-02-14", term_start=term_start)

    assert list(days(ladder("R-13"), renewal)) == steps


def test_a_term_that_does_not_say_when_it_began_was_twelve_months() -> None:
    renewal = renewal_of(renewal_date="2027-03-05")

    assert days(ladder("R-353", "R-352"), renewal) == {"R-352": "2026-03-18"}


def test_the_day_is_where_the_step_falls_before_it_moves() -> None:
    (due,) = schedule.due(ladder("R-0"), renewal_of(renewal_date="2027-01-09"))

    assert (due.day, due.send_on) == (dt.date(2027, 1, 9), dt.date(2027, 1, 8))


@pytest.mark.parametrize(
    ("step", "valid_until", "last_day"),
    [
        ("D-7", None, "2027-01-01"),
        ("R-60", None, "2027-02-15"),
        ("D-7", "D-2", "2026-12-30"),
        ("R-60", "D-0", "2027-01-01"),
        ("D-7", "R-0", "2027-01-01"),
        ("R-7", "R+30", "2027-02-15"),
    ],
)
def test_a_notice_may_be_late_until_its_last_day_and_never_after_what_it_is_about(
    step: str, valid_until: str | None, last_day: str
) -> None:
    (due,) = schedule.due(ladder(step, valid_until=valid_until), renewal_of())

    assert due.last_day.isoformat() == last_day


# Any renewal


@st.composite
def facts(draw: st.DrawFn) -> Mapping[str, Any]:
    """Draw the dates, tier and country of a renewal."""
    renewal_date = draw(st.dates(dt.date(2020, 1, 1), dt.date(2034, 12, 31)))
    term = draw(st.none() | st.integers(1, 800))
    return {
        "renewal_date": renewal_date.isoformat(),
        "term_start": None if term is None else (renewal_date - dt.timedelta(term)).isoformat(),
        "tier": draw(st.sampled_from([None, "enterprise", "professional", "starter"])),
        "country": draw(st.sampled_from([None, "DE", "US", "JP", "XX"])),
        "deadline_lead_days": draw(st.sampled_from([None, 0, 1, 30, 45, 365])),
    }


@MODEST
@given(facts())
def test_no_step_is_late_on_a_free_day_early_in_the_term_or_twice(fields: Mapping[str, Any]) -> None:
    renewal = renewal_of(**fields)
    found = list(schedule.due(SHIPPED, renewal))

    for due in found:
        limit = renewal.deadline if due.step.step.base == "D" else renewal.renewal_date
        assert due.send_on <= due.day <= limit
        assert due.send_on <= due.last_day <= limit
        assert due.send_on.weekday() < civil.SATURDAY
        assert due.send_on not in civil.holidays_around(renewal.country, due.send_on)
        assert renewal.term_start is None or (due.send_on - renewal.term_start).days >= schedule.QUIET_DAYS
    assert len({due.step.notice.step for due in found}) == len(found)


@MODEST
@given(facts())
def test_a_step_moves_no_further_than_it_must(fields: Mapping[str, Any]) -> None:
    for due in schedule.due(SHIPPED, renewal_of(**fields)):
        holidays = civil.holidays_around(fields["country"], due.day)
        between = [due.send_on + dt.timedelta(days) for days in range(1, (due.day - due.send_on).days + 1)]
        assert all(day.weekday() >= civil.SATURDAY or day in holidays for day in between)


@pytest.mark.parametrize("renewal_date", ["0001-01-01", "0001-12-31", "9999-12-31"])
def test_the_ends_of_the_calendar_are_no_trouble(renewal_date: str) -> None:
    for due in schedule.due(SHIPPED, renewal_of(renewal_date=renewal_date, tier="enterprise", country="DE")):
        assert due.send_on.weekday() < civil.SATURDAY


def test_renewals_that_differ_in_their_country_alone_have_their_own_days() -> None:
    used = ladder("R-28")  # a holiday in the United States

    found = [days(used, renewal_of(country=country)) for country in ("US", "DE", "US")]

    assert found == [{"R-28": "2027-01-15"}, {"R-28": "2027-01-18"}, {"R-28": "2027-01-15"}]
