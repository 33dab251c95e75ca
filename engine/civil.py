"""Civil dates: steps relative to a renewal, anniversaries, and days on which nobody reads mail."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Collection
from functools import cache
from typing import Literal, NamedTuple

SATURDAY = 5
_FIRST, _LAST = dt.date.min.toordinal() + 366, dt.date.max.toordinal()
"""The days that a step may fall on, with room for moving it before a weekend or a holiday."""

_STEP = re.compile(r"(?P<base>[DR])(?P<offset>[+-][0-9]{1,3})")


class Step(NamedTuple):
    """Days relative to the renewal date (`R-30`) or the renewal deadline (`D-7`)."""

    base: Literal["R", "D"]
    offset: int

    @classmethod
    def parse(cls, text: str) -> Step | None:
        """Read `D-7` or `R-30`, or return None for anything else."""
        match = _STEP.fullmatch(text)
        if match is None:
            return None
        return cls("R" if match["base"] == "R" else "D", int(match["offset"]))

    def day(self, renewal_date: dt.date, deadline: dt.date) -> dt.date:
        """Return the day that it falls on; the calendar's first or last day where it would leave it."""
        base = renewal_date if self.base == "R" else deadline
        return dt.date.fromordinal(min(max(base.toordinal() + self.offset, _FIRST), _LAST))

    def __str__(self) -> str:
        return f"{self.base}{self.offset:+d}" if self.offset else f"{self.base}-0"


def months_later(anchor: dt.date, months: int) -> dt.date:
    """Return the same day of the month so many months after the anchor, or that month's last day.

    Always reckoned from the anchor, never from an earlier result: a 29 February comes back in leap years.
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return dt.date.min if months < 0 else dt.date.max
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(anchor.day, last))


def working_day(day: dt.date, holidays: Collection[dt.date] = ()) -> dt.date:
    """Return the day itself, or the last one before it that is neither on a weekend nor a holiday."""
    while day.weekday() >= SATURDAY or day in holidays:
        day -= dt.timedelta(days=1)
    return day


class CalendarError(Exception):
    """Public holidays are wanted, and the package that knows them is not installed."""


@cache
def public_holidays(country: str, year: int) -> frozenset[dt.date]:
    """Return the public holidays of a country (ISO 3166-1 alpha-2) that all of it has; none if unknown."""
    try:
        import holidays  # noqa: PLC0415 - 50 ms that only planning needs, and an extra
    except ImportError as error:
        raise CalendarError("public holidays need the extra `calendar`") from error
    if country not in holidays.list_supported_countries(include_aliases=False):
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=[year]))


def holidays_around(country: str | None, day: dt.date) -> frozenset[dt.date]:
    """Return the public holidays of the year of `day` and the year before it, into which a step may move."""
    if country is None:
        return frozenset()
    return _two_years(country, day.year)


@cache
def _two_years(country: str, year: int) -> frozenset[dt.date]:
    return public_holidays(country, year) | public_holidays(country, year - 1)
