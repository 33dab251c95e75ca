from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roots import renewal_of, snapshot_of
from strategies import MODEST

from engine import agenda, planning, workloads
from engine.agenda import Agenda
from engine.decisions import Decision
from engine.facts import Renewal
from engine.planning import Window
from engine.snapshot import Snapshot
from engine.workloads import Decider

PARTNER: Mapping[str, Any] = {
    "users": {"jana": {"name": "Jana Weber", "email": "jana@nordlicht.example"}},
    "default": {"owner": "partner", "contact": "jana"},
    "clients": {"acme": {"override": {"owner": "hubspot", "from": "2027-01-05"}}},
}
USED = snapshot_of({"nordlicht": PARTNER})
SAME_DAY = snapshot_of(
    {"nordlicht": PARTNER},
    schedule={
        "tiers": {"enterprise": [], "professional": [], "starter": [], "monthly": []},
        "every_tier": [
            {"step": "R-7", "kind": "notice"},
            {"step": "R-8", "kind": "reminder"},
            {"step": "R-8", "kind": "reminder", "type": "overage"},
            {"step": "R-30", "kind": "escalation", "when": {"owner": "partner"}},
        ],
    },
)
FIRST = dt.date(2026, 11, 1)
RENEWALS = st.fixed_dictionaries(
    {
        "client": st.sampled_from(["acme", "globex", "acme-2", "acme.b"]),
        "renewal_date": st.dates(dt.date(2026, 12, 1), dt.date(2027, 4, 1)).map(str),
        "tier": st.sampled_from([None, "enterprise", "starter"]),
        "acknowledged": st.booleans(),
        "country": st.sampled_from([None, "DE"]),
    }
)


def renewals_of(facts: Iterable[dict[str, Any]]) -> list[Renewal]:
    """Return renewals in order, which those of a workload are."""
    found = [
        renewal_of(renewal=f"rn_{number}", partner="nordlicht", **fields)
        for number, fields in enumerate(facts)
    ]
    return sorted(found, key=workloads.key)


def day_by_day(used: Snapshot, renewals: list[Renewal], window: Window) -> list[Decision]:
    """Plan each day by itself."""
    days = (window.since + dt.timedelta(number) for number in range((window.until - window.since).days))
    return [one for day in days for one in planning.plan(used, renewals, planning.day(day))]


def decider(used: Snapshot, window: Window) -> Decider:
    asked = Agenda(since=window.since, until=window.until)
    return agenda.calendar_of(used, (), asked, dt.datetime(2026, 11, 23, tzinfo=dt.UTC)).of


@MODEST
@given(
    st.sampled_from([USED, SAME_DAY]),
    st.lists(RENEWALS, max_size=6),
    st.integers(0, 100),
    st.integers(1, 120),
)
def test_a_calendar_renewal_by_renewal_is_that_of_its_days(
    used: Snapshot, facts: list[dict[str, Any]], begin: int, days: int
) -> None:
    since = FIRST + dt.timedelta(begin)
    window, renewals = Window(since, since + dt.timedelta(days)), renewals_of(facts)

    found = workloads.in_order(decider(used, window), renewals)

    assert found == day_by_day(used, renewals, window)


def test_progress_is_told_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workloads, "_TOLD_AFTER", 3)
    renewals = renewals_of([{"renewal_date": f"2027-02-{day:02}"} for day in range(10, 20)])
    told: list[tuple[int, int]] = []

    workloads.in_order(decider(USED, planning.window(FIRST)), renewals, lambda *both: told.append(both))

    assert told == [(0, 10), (3, 10), (6, 10), (9, 10), (10, 10)]
