"""A change from a day on: what is in force on every day, with nothing that overlaps."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from partnertexts import overrides

from engine.diagnostics import InputError
from engine.edits import timeline
from engine.edits.timeline import Entry

TODAY = dt.date(2026, 11, 23)
JANUARY, MARCH, JUNE = dt.date(2027, 1, 1), dt.date(2027, 3, 1), dt.date(2027, 6, 1)
EVERY_DAY = [dt.date(2025, 6, 1) + dt.timedelta(days=31 * month) for month in range(48)]
TOM: Entry = {"owner": "partner", "contact": "tom"}
JANA: Entry = {"owner": "hubspot", "contact": "jana"}
EVA: Entry = {"owner": "partner", "contact": "eva"}
DAYS = st.sampled_from([None, dt.date(2026, 1, 1), JANUARY, MARCH, JUNE])


def set_to(new: Entry, value: Any, **dates: dt.date | None) -> Any:  # noqa: ANN401 - any YAML
    return timeline.changed(value, lambda _: dict(new), today=TODAY, **dates)


def content(value: Any, day: dt.date) -> Entry | None:  # noqa: ANN401 - any YAML
    found = [one for one in timeline.entries(value) if timeline.starts(one) <= day < timeline.ends(one)]
    assert len(found) <= 1
    return {key: item for key, item in found[0].items() if key not in {"from", "until"}} if found else None


@given(st.one_of(st.none(), overrides()), DAYS, DAYS)
def test_a_change_counts_on_its_days_and_changes_no_other(
    value: Any,  # noqa: ANN401 - any YAML
    since: dt.date | None,
    until: dt.date | None,
) -> None:
    try:
        after = set_to(EVA, value, since=since, until=until)
    except InputError:  # it would end before it begins
        return
    new = [day for day in EVERY_DAY if content(after, day) == EVA]

    assert all(content(after, day) == content(value, day) for day in EVERY_DAY if day not in new)
    assert content(after, since or TODAY) == EVA
    assert until is None or max(new, default=dt.date.min) < until
    assert since is None or min(new, default=dt.date.max) >= since


@given(overrides(), st.sampled_from([dt.date(2026, 1, 1), JANUARY, MARCH]))
def test_an_end_changes_nothing_before_it_and_leaves_nothing_after(value: Any, day: dt.date) -> None:  # noqa: ANN401
    after = timeline.ended(value, day)

    assert all(content(after, one) == (content(value, one) if one < day else None) for one in EVERY_DAY)


def test_without_dates_what_is_in_force_is_replaced() -> None:
    assert set_to(JANA, TOM) == JANA
    assert set_to(JANA, [{**TOM, "until": "2027-01-01"}, {**EVA, "from": "2027-01-01"}]) == [
        {**JANA, "until": "2027-01-01"},
        {**EVA, "from": "2027-01-01"},
    ]


def test_from_a_day_on_it_follows_what_is_in_force_until_the_next_begins() -> None:
    value = [{**TOM, "until": "2027-06-01"}, {**EVA, "from": "2027-06-01"}]

    assert set_to(JANA, value, since=MARCH) == [
        {**TOM, "until": "2027-03-01"},
        {**JANA, "from": "2027-03-01", "until": "2027-06-01"},
        {**EVA, "from": "2027-06-01"},
    ]


def test_what_a_change_cuts_short_is_in_force_again_after_it() -> None:
    assert set_to(JANA, TOM, since=JANUARY, until=MARCH) == [
        {**TOM, "until": "2027-01-01"},
        {**JANA, "from": "2027-01-01", "until": "2027-03-01"},
        {**TOM, "from": "2027-03-01"},
    ]


def test_what_is_in_force_already_is_not_split() -> None:
    assert set_to(TOM, TOM, since=JANUARY) is TOM


def test_where_only_the_past_says_something_the_new_begins_today() -> None:
    value = {**TOM, "until": "2026-02-01"}

    assert set_to(JANA, value) == [value, {**JANA, "from": "2026-11-23"}]


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(InputError, match="2027-01-01 is not after 2027-03-01"):
        set_to(JANA, TOM, since=MARCH, until=JANUARY)


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="not a date"):
        set_to(JANA, {**TOM, "until": "2027-02-30"})
