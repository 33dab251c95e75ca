from __future__ import annotations

import calendar
import datetime as dt
import sys
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import MODEST

from engine import civil
from engine.civil import CalendarError, Step, holidays_around, months_later, public_holidays, working_day

DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2150, 12, 31))
COUNTRIES = ("DE", "US", "JP", "CN", "IR", "BR")


# Steps


@pytest.mark.parametrize(
    ("text", "step", "shown"),
    [
        ("R-30", Step("R", -30), "R-30"),
        ("D-7", Step("D", -7), "D-7"),
        ("D-007", Step("D", -7), "D-7"),
        ("R+5", Step("R", 5), "R+5"),
        ("D-0", Step("D", 0), "D-0"),
        ("R+0", Step("R", 0), "R-0"),
    ],
)
def test_a_step_is_read_and_shown_in_one_form(text: str, step: Step, shown: str) -> None:
    assert Step.parse(text) == step
    assert str(step) == shown


@pytest.mark.parametrize(
    "text",
    ["", "D", "D7", "d-7", "X-7", "D-7 ", "D-7\n", "D-1000", "D--7", "D-\N{ARABIC-INDIC DIGIT SEVEN}"],
)
def test_anything_else_is_no_step(text: str) -> None:
    assert Step.parse(text) is None


@MODEST
@given(st.sampled_from("RD"), st.integers(-999, 999))
def test_a_step_survives_being_written(base: str, offset: int) -> None:
    step = Step("R" if base == "R" else "D", offset)

    assert Step.parse(str(step)) == step


def test_a_step_counts_from_the_date_that_it_names() -> None:
    renewal_date, deadline = dt.date(2027, 3, 1), dt.date(2027, 1, 15)

    assert Step("R", -1).day(renewal_date, deadline) == dt.date(2027, 2, 28)
    assert Step("D", -15).day(renewal_date, deadline) == dt.date(2026, 12, 31)


@pytest.mark.parametrize("day", [dt.date.min, dt.date.max])
def test_a_step_stays_within_the_calendar(day: dt.date) -> None:
    for offset in (-999, 0, 999):
        found = Step("R", offset).day(day, day)

        assert dt.date.min < working_day(found) <= found


# Anniversaries


@pytest.mark.parametrize(
    ("months", "day"),
    [
        (0, "2024-02-29"),
        (12, "2025-02-28"),
        (24, "2026-02-28"),
        (48, "2028-02-29"),
        (-12, "2023-02-28"),
        (1, "2024-03-29"),
        (912, "2100-02-28"),
        (-288, "2000-02-29"),
    ],
)
def test_a_29_february_comes_back_in_leap_years(months: int, day: str) -> None:
    assert months_later(dt.date(2024, 2, 29), months).isoformat() == day


def test_the_end_of_a_year_is_crossed_both_ways() -> None:
    assert months_later(dt.date(2026, 12, 31), 2) == dt.date(2027, 2, 28)
    assert months_later(dt.date(2027, 1, 31), -2) == dt.date(2026, 11, 30)


@MODEST
@given(DAYS, st.integers(-600, 600))
def test_an_anniversary_is_on_the_anchors_day_or_the_last_of_a_shorter_month(
    anchor: dt.date, months: int
) -> None:
    found = months_later(anchor, months)

    assert found.year * 12 + found.month == anchor.year * 12 + anchor.month + months
    assert found.day == min(anchor.day, calendar.monthrange(found.year, found.month)[1])


@MODEST
@given(DAYS, st.lists(st.integers(0, 400), min_size=2, max_size=5).map(sorted))
def test_anniversaries_of_one_anchor_keep_their_order(anchor: dt.date, months: list[int]) -> None:
    found = [months_later(anchor, number) for number in months]

    assert found == sorted(found)


def test_an_anniversary_beyond_the_calendar_is_its_end() -> None:
    assert months_later(dt.date(9999, 6, 1), 12) == dt.date.max
    assert months_later(dt.date(1, 6, 1), -12) == dt.date.min


# Working days


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        ("2027-01-01", "2027-01-01"),
        ("2027-01-02", "2027-01-01"),
        ("2027-01-03", "2027-01-01"),
        ("2027-01-04", "2027-01-04"),
        ("2028-01-01", "2027-12-31"),
        ("2020-03-01", "2020-02-28"),
    ],
)
def test_a_day_on_a_weekend_moves_to_the_friday_before(day: str, moved: str) -> None:
    assert working_day(dt.date.fromisoformat(day)).isoformat() == moved


def test_a_holiday_before_a_weekend_moves_a_day_further() -> None:
    christmas = {dt.date(2026, 12, 25), dt.date(2026, 12, 26)}

    assert working_day(dt.date(2026, 12, 27), christmas) == dt.date(2026, 12, 24)


@MODEST
@given(DAYS, st.sets(st.integers(0, 12)))
def test_the_working_day_is_the_last_one_not_after_the_day(day: dt.date, off: set[int]) -> None:
    holidays = {day - dt.timedelta(days) for days in off}
    found = working_day(day, holidays)

    skipped = [day - dt.timedelta(days) for days in range((day - found).days)]
    assert _is_working(found, holidays)
    assert not any(_is_working(each, holidays) for each in skipped)


def _is_working(day: dt.date, holidays: Collection[dt.date]) -> bool:
    return calendar.day_name[day.weekday()] not in {"Saturday", "Sunday"} and day not in holidays


# Public holidays


def test_new_year_is_a_holiday_into_which_no_step_of_the_old_year_moves() -> None:
    holidays = holidays_around("DE", dt.date(2027, 1, 1))

    assert working_day(dt.date(2027, 1, 1), holidays) == dt.date(2026, 12, 31)
    assert working_day(dt.date(2026, 12, 27), holidays) == dt.date(2026, 12, 24)


@pytest.mark.parametrize("country", [None, "XX", "ZZ"])
def test_a_country_that_nobody_knows_has_no_holidays(country: str | None) -> None:
    assert holidays_around(country, dt.date(2027, 1, 1)) == frozenset()


@pytest.mark.parametrize("country", COUNTRIES)
def test_there_is_a_working_day_in_every_fortnight(country: str) -> None:
    first = dt.date(2026, 1, 1)
    days = [first + dt.timedelta(days) for days in range(0, 730, 5)]

    moved = [(day - working_day(day, holidays_around(country, day))).days for day in days]

    assert max(moved) < 14


@pytest.mark.parametrize("day", [dt.date(2, 1, 2), dt.date(9999, 12, 31)])
def test_the_ends_of_the_calendar_have_holidays_that_are_known_or_none(day: dt.date) -> None:
    assert working_day(day, holidays_around("DE", day)) <= day


def test_without_the_package_wanting_holidays_is_an_error_that_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)

    with pytest.raises(CalendarError, match="calendar"):
        public_holidays("DE", 1987)
    assert civil.holidays_around(None, dt.date(1987, 1, 1)) == frozenset()
