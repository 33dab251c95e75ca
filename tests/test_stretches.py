from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roots import renewal_of, snapshot_of
from strategies import MODEST

from engine import planning, stretches
from engine.decisions import Decision
from engine.facts import Renewal
from engine.planning import Window
from engine.snapshot import Snapshot
from engine.workloads import Workload

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
    return [
        renewal_of(renewal=f"rn_{number}", partner="nordlicht", **fields)
        for number, fields in enumerate(facts)
    ]


def day_by_day(used: Snapshot, renewals: list[Renewal], window: Window) -> list[Decision]:
    """Plan each day by itself."""
    days = (window.since + dt.timedelta(number) for number in range((window.until - window.since).days))
    return [one for day in days for one in planning.plan(used, renewals, planning.day(day))]


@MODEST
@given(
    st.sampled_from([USED, SAME_DAY]),
    st.lists(RENEWALS, max_size=6),
    st.integers(0, 100),
    st.integers(1, 120),
    st.integers(1, 8),
)
def test_a_calendar_in_stretches_is_that_of_its_days(
    used: Snapshot, facts: list[dict[str, Any]], begin: int, days: int, together: int
) -> None:
    since = FIRST + dt.timedelta(begin)
    window, renewals = Window(since, since + dt.timedelta(days)), renewals_of(facts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretches, "_TOGETHER", together)
        found = list(stretches.workload(used, renewals, lambda _: window).decided())

    assert found == day_by_day(used, renewals, window)


def test_each_renewal_has_its_own_days() -> None:
    renewals = renewals_of([{"client": "acme"}, {"client": "globex"}])
    windows = {
        "acme": Window(FIRST, dt.date(2026, 12, 1)),
        "globex": Window(dt.date(2026, 12, 1), dt.date(2027, 3, 1)),
    }

    found = stretches.workload(USED, renewals, lambda renewal: windows[renewal.client]).decided()

    assert {(one.renewal.client, one.send_on < dt.date(2026, 12, 1)) for one in found} == {
        ("acme", True),
        ("globex", False),
    }


def test_the_stretches_are_all_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "_TOGETHER", 3)

    sizes = [stretch.size for stretch in calendar_of_ten().stretches]

    assert len(sizes) > 3
    assert sum(sizes) == calendar_of_ten().total


def calendar_of_ten() -> Workload:
    facts = [{"renewal_date": f"2027-02-{day:02}"} for day in range(10, 20)]
    return stretches.workload(USED, renewals_of(facts), lambda _: Window(FIRST, dt.date(2027, 3, 1)))


def test_progress_is_told_before_and_after_each_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "_TOGETHER", 3)
    told: list[tuple[int, int]] = []

    list(calendar_of_ten().decided(lambda done, total: told.append((done, total))))

    total = calendar_of_ten().total
    assert told == sorted(told)
    assert (told[0], told[-1]) == ((0, total), (total, total))
    assert len(told) > 4


def test_of_a_workload_only_what_is_meant_is_kept() -> None:
    found = calendar_of_ten().but(lambda decision: decision.notice.step == "R-7")

    assert {decision.notice.step for decision in found.decided()} == {"R-7"}
    assert found.total == calendar_of_ten().total
