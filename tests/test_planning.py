from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roots import renewal_of, snapshot_of
from strategies import MODEST

from engine import inquiry, planning, schedule
from engine.decisions import Decision
from engine.facts import Renewal
from engine.identity import idempotency_key
from engine.planning import Window
from engine.snapshot import Snapshot

USERS: Mapping[str, Any] = {
    "jana": {"name": "Jana Weber", "email": "jana@nordlicht.example", "admin": True},
    "tom": {"name": "Tom Kern", "email": "tom@nordlicht.example"},
}
BY_HUBSPOT: Mapping[str, Any] = {
    "users": USERS,
    "default": {"owner": "hubspot", "contact": "jana", "backup_contacts": ["tom"]},
}
BY_PARTNER: Mapping[str, Any] = {
    "users": USERS,
    "default": {"owner": "partner", "contact": "jana", "backup_contacts": ["tom"]},
}
RENEWAL_DATE = dt.date(2027, 2, 15)
ALL = Window(dt.date(2026, 1, 1), dt.date(2027, 3, 1))
A_DAY = dt.timedelta(days=1)


@cache
def used(owner: str = "hubspot") -> Snapshot:
    """Return a root whose one partner, or HubSpot, owns every renewal."""
    return snapshot_of({"nordlicht": BY_HUBSPOT if owner == "hubspot" else BY_PARTNER})


def scheduled(*steps: Mapping[str, Any], partner: Mapping[str, Any] = BY_HUBSPOT) -> Snapshot:
    """Return a root in which every tier has these steps."""
    tiers: dict[str, list[object]] = {"enterprise": [], "professional": [], "starter": [], "monthly": []}
    return snapshot_of({"nordlicht": partner}, schedule={"tiers": tiers, "every_tier": list(steps)})


def acme(**fields: Any) -> Renewal:  # noqa: ANN401 - any JSON
    """Return a renewal of the partner's client, whose deadline is 2027-01-01."""
    return renewal_of(**{"partner": "nordlicht", "tier": "professional", **fields})


def on(month: int, day: int, days: int = 1) -> Window:
    """Return the window that begins on that day between July 2026 and June 2027."""
    since = dt.date(2026 if month > 6 else 2027, month, day)
    return Window(since, since + dt.timedelta(days))


def told(decisions: Iterable[Decision]) -> list[str]:
    """Return send date, step, outcome and reasons of each decision."""
    return [
        " ".join([one.send_on.isoformat(), one.notice.step or "-", one.outcome, *one.reasons])
        for one in decisions
    ]


def keys(decisions: Iterable[Decision]) -> set[str]:
    """Return the keys of what is sent."""
    return {idempotency_key(one) for one in decisions if one.outcome == "send"}


def key_of(step: str, renewal: Renewal | None = None) -> str:
    """Return the key of a step of the renewal's notices."""
    return next(
        idempotency_key(one)
        for one in planning.plan(used(), [renewal or acme()], ALL)
        if one.notice.step == step
    )


# What is due


def test_a_window_holds_its_first_day_and_not_its_last() -> None:
    window = on(12, 25, 2)

    assert [day in window for day in (window.since - A_DAY, window.since, window.until)] == [
        False,
        True,
        False,
    ]
    assert "2026-12-25" not in window


def test_each_notice_is_decided_on_its_own_day() -> None:
    handover = [
        {**BY_HUBSPOT["default"], "until": "2026-12-20"},
        {**BY_PARTNER["default"], "from": "2026-12-20"},
    ]
    moving = snapshot_of({"nordlicht": {**BY_HUBSPOT, "default": handover}})

    found = planning.plan(moving, [acme(acknowledged=True)], ALL)

    assert [(one.notice.step, one.to[0].person.role) for one in found] == [
        ("D-45", "decision_maker"),
        ("D-20", "decision_maker"),
        ("D-7", "partner_contact"),
        ("R-7", "partner_contact"),
    ]


def test_notices_come_by_send_date_then_client_then_renewal() -> None:
    renewals = [acme(renewal=name, client=client) for client in ("globex", "acme") for name in ("b", "a")]

    found = planning.plan(used(), renewals, ALL)

    order = [(one.send_on, one.renewal.client, one.renewal.renewal) for one in found]
    assert len(order) == 16
    assert order == sorted(order, key=str)


def test_an_escalation_is_due_only_when_a_partner_owns_the_renewal_and_is_silent() -> None:
    silent, busy = acme(), acme(acknowledged=True)

    steps = [
        [one.notice.step for one in planning.plan(used(owner), [renewal], ALL)]
        for owner, renewal in (("hubspot", silent), ("partner", silent), ("partner", busy))
    ]

    assert steps == [
        ["D-45", "D-20", "D-7", "R-7"],
        ["D-45", "D-20", "D-14", "D-7", "D-3", "R-7"],
        ["D-45", "D-20", "D-7", "R-7"],
    ]


def test_a_step_counts_by_its_send_date() -> None:
    dated = scheduled(
        {"step": "D-8", "kind": "notice", "until": "2026-12-24"},
        {"step": "D-7", "kind": "notice", "from": "2026-12-25"},
        {"step": "D-6", "kind": "notice", "from": "2026-12-26"},
    )

    assert told(planning.plan(dated, [acme()], ALL)) == ["2026-12-25 D-7 send"]


def test_a_renewal_without_a_tier_says_that_it_is_unknown() -> None:
    found = planning.plan(used(), [acme(tier=None)], ALL)

    assert {one.reasons for one in found} == {("TIER_UNKNOWN",)}


def test_a_monthly_term_has_no_notices_and_needs_no_tier() -> None:
    monthly = snapshot_of(
        {"nordlicht": BY_HUBSPOT},
        schedule={
            "tiers": {"enterprise": [], "professional": [], "starter": [], "monthly": [{"step": "R-7"}]}
        },
    )
    renewal = acme(tier=None, term_start="2027-01-15")

    assert planning.plan(used(), [renewal], ALL) == []
    assert told(planning.plan(monthly, [renewal], ALL)) == ["2027-02-08 R-7 send"]


def test_of_two_mails_on_one_day_the_later_step_is_sent() -> None:
    two = scheduled({"step": "R-0"}, {"step": "R-1"}, {"step": "R-1", "type": "price_change"})
    sunday = acme(renewal_date="2027-02-14")

    found = planning.plan(two, [sunday], ALL)

    assert sorted(told(found)) == [
        "2027-02-12 R-0 send",
        "2027-02-12 R-1 send",
        "2027-02-12 R-1 suppress SAME_DAY",
    ]
    assert [one.notice.type for one in found if one.notice.step == "R-1" and one.outcome == "send"] == [
        "price_change"
    ]


def test_a_step_that_is_no_mail_leaves_its_day_to_another() -> None:
    """D-3 makes a task; D-1, on the Sunday after it, is the mail of that Friday."""
    renewal = acme(tier="enterprise", renewal_date="2027-02-18")

    found = planning.plan(used("partner"), [renewal], on(1, 1))

    assert told(found) == ["2027-01-01 D-3 suppress PARTNER_SILENT", "2027-01-01 D-1 send"]


# What was missed


def test_without_what_was_sent_nobody_knows_what_was_missed() -> None:
    assert planning.plan(used(), [acme()], on(12, 29)) == []


def test_what_was_sent_is_not_sent_again() -> None:
    window = on(12, 25)
    sent = keys(planning.plan(used(), [acme()], ALL))

    assert told(planning.plan(used(), [acme()], window)) == ["2026-12-25 D-7 send"]
    assert planning.plan(used(), [acme()], window, sent) == []


def test_of_what_was_missed_the_latest_is_sent_on_the_first_day() -> None:
    found = planning.plan(used(), [acme()], on(12, 28, 60), set())

    assert told(found) == [
        "2026-11-17 D-45 suppress SKIPPED_LATE",
        "2026-12-11 D-20 suppress SKIPPED_LATE",
        "2026-12-28 D-7 send CAUGHT_UP",
        "2027-02-08 R-7 send",
    ]
    assert all(not (one.to or one.cc or one.tasks) for one in found if one.outcome == "suppress")


def test_what_was_missed_before_something_that_was_sent_is_not_caught_up() -> None:
    found = planning.plan(used(), [acme()], on(12, 28), {key_of("D-7"), key_of("D-45")})

    assert told(found) == ["2026-12-11 D-20 suppress SKIPPED_LATE"]


def test_a_missed_notice_is_not_sent_on_the_day_of_the_next() -> None:
    sent = {key_of("D-45")}

    assert told(planning.plan(used(), [acme()], on(12, 25), sent)) == [
        "2026-12-11 D-20 suppress SKIPPED_LATE",
        "2026-12-25 D-7 send",
    ]


@pytest.mark.parametrize(
    ("step", "day", "reason"),
    [
        ({"step": "D-7"}, on(1, 1), "CAUGHT_UP"),
        ({"step": "D-7"}, on(1, 2), "SKIPPED_LATE"),
        ({"step": "D-7", "valid_until": "D-3"}, on(12, 29), "CAUGHT_UP"),
        ({"step": "D-7", "valid_until": "D-3"}, on(12, 30), "SKIPPED_LATE"),
        ({"step": "D-7", "valid_until": "R-0"}, on(1, 2), "SKIPPED_LATE"),
        ({"step": "R-7"}, on(2, 15), "CAUGHT_UP"),
    ],
)
def test_a_notice_is_not_caught_up_when_it_has_become_void(
    step: Mapping[str, Any], day: Window, reason: str
) -> None:
    (found,) = planning.plan(scheduled(step), [acme()], day, set())

    assert found.reasons == (reason,)
    assert (found.outcome == "send") is (reason == "CAUGHT_UP")


def test_after_the_renewal_date_nothing_is_left_to_say() -> None:
    assert planning.plan(used(), [acme()], on(2, 16), set()) == []


def test_what_was_suppressed_on_its_day_was_not_missed() -> None:
    hold = {"from": "2026-12-20", "until": "2026-12-27", "reason": "merger", "by": "jana"}
    held = snapshot_of({"nordlicht": {**BY_HUBSPOT, "clients": {"acme": {"hold": hold}}}})

    found = planning.plan(held, [acme()], on(12, 28), set())

    assert [line for line in told(found) if "D-7" in line] == []


def test_a_notice_that_is_caught_up_during_a_hold_waits() -> None:
    hold = {"from": "2026-12-27", "until": "2026-12-30", "reason": "merger", "by": "jana"}
    held = snapshot_of({"nordlicht": {**BY_HUBSPOT, "clients": {"acme": {"hold": hold}}}})
    sent = {key_of("D-20"), key_of("D-45")}

    assert told(planning.plan(held, [acme()], on(12, 28), sent)) == ["2026-12-28 D-7 suppress HOLD CAUGHT_UP"]
    assert told(planning.plan(held, [acme()], on(12, 30), sent)) == ["2026-12-30 D-7 send CAUGHT_UP"]


def test_an_escalation_is_not_caught_up_once_the_renewal_is_hubspots() -> None:
    override = [
        {"owner": "partner", "contact": "jana", "until": "2026-12-22"},
        {"owner": "hubspot", "contact": "jana", "from": "2026-12-22"},
    ]
    moving = snapshot_of({"nordlicht": {**BY_PARTNER, "clients": {"acme": {"override": override}}}})

    found = planning.plan(moving, [acme()], on(12, 22), {key_of("D-45")})

    assert told(found) == [
        "2026-12-18 D-14 suppress SKIPPED_LATE",
        "2026-12-22 D-20 send CAUGHT_UP",
    ]


# Any window


RENEWALS = st.fixed_dictionaries(
    {
        "renewal_date": st.dates(dt.date(2026, 11, 1), dt.date(2027, 8, 1)).map(str),
        "tier": st.sampled_from([None, "enterprise", "professional", "starter"]),
        "deadline_lead_days": st.sampled_from([None, 0, 7, 30]),
        "acknowledged": st.booleans(),
        "country": st.sampled_from([None, "DE"]),
        "status": st.sampled_from(["pending", "pending", "churned"]),
    }
)
OWNERS = st.sampled_from(["hubspot", "partner"])
FIRST = dt.date(2026, 11, 1)


@MODEST
@given(OWNERS, st.lists(RENEWALS, max_size=3), st.lists(st.integers(0, 300), min_size=2, max_size=6))
def test_the_plan_of_a_window_is_that_of_its_parts(
    owner: str, facts: list[dict[str, Any]], cuts: list[int]
) -> None:
    renewals = [acme(renewal=f"rn_{number}", **fields) for number, fields in enumerate(facts)]
    days = [FIRST + dt.timedelta(cut) for cut in sorted(cuts)]
    parts = [Window(since, until) for since, until in itertools.pairwise(days)]

    whole = planning.plan(used(owner), renewals, Window(days[0], days[-1]))

    assert whole == [one for part in parts for one in planning.plan(used(owner), renewals, part)]


@MODEST
@given(OWNERS, RENEWALS)
def test_no_renewal_gets_two_mails_on_one_day(owner: str, fields: dict[str, Any]) -> None:
    found = planning.plan(used(owner), [acme(**fields)], Window(FIRST, FIRST + 400 * A_DAY))

    mails = Counter(one.send_on for one in found if one.outcome == "send")
    assert all(number == 1 for number in mails.values())


@MODEST
@given(OWNERS, RENEWALS)
def test_run_daily_without_an_outage_every_notice_is_sent_on_its_day(
    owner: str, fields: dict[str, Any]
) -> None:
    renewal, sent, found = acme(**fields), set[str](), list[Decision]()
    sent |= keys(planning.plan(used(owner), [renewal], Window(FIRST - 400 * A_DAY, FIRST)))
    for today in (FIRST + day * A_DAY for day in range(120)):
        found += planning.plan(used(owner), [renewal], Window(today, today + A_DAY), sent)
        sent |= keys(found)

    assert found == planning.plan(used(owner), [renewal], Window(FIRST, FIRST + 120 * A_DAY))


@MODEST
@given(OWNERS, RENEWALS, st.sets(st.integers(0, 119), max_size=110))
def test_run_daily_with_outages_every_notice_is_sent_once_or_skipped_with_a_reason(
    owner: str, fields: dict[str, Any], outages: set[int]
) -> None:
    renewal = acme(**fields)
    up = [FIRST + day * A_DAY for day in range(120) if day not in outages]
    sent: set[str] = set()
    mails: list[tuple[dt.date, Decision]] = []
    skipped: set[str] = set()
    for today in up:
        found = planning.plan(used(owner), [renewal], Window(today, today + A_DAY), sent)
        mails += [(today, one) for one in found if one.outcome == "send"]
        skipped |= {idempotency_key(one) for one in found if one.outcome == "suppress" and one.reasons}
        sent |= keys(found)

    _assert_in_time_and_once(used(owner), renewal, mails)
    planned = planning.plan(used(owner), [renewal], Window(FIRST, FIRST + 120 * A_DAY))
    seen = [
        one
        for one in planned
        if one.outcome == "send" and any(one.send_on <= day <= renewal.renewal_date for day in up)
    ]
    assert {idempotency_key(one) for one in seen} <= sent | skipped
    assert not sent & skipped


def _assert_in_time_and_once(
    snapshot: Snapshot, renewal: Renewal, mails: list[tuple[dt.date, Decision]]
) -> None:
    last_days = {due.step.notice.step: due.last_day for due in schedule.due(snapshot.schedule, renewal)}
    assert max(Counter(idempotency_key(one) for _, one in mails).values(), default=0) <= 1
    assert max(Counter(today for today, _ in mails).values(), default=0) <= 1
    for today, one in mails:
        assert one.send_on == today
        assert today <= last_days[one.notice.step]


# Today


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Pacific/Kiritimati", "2026-12-31T10:00", "2027-01-01"),
        ("Pacific/Kiritimati", "2026-12-31T09:59", "2026-12-31"),
        ("Pacific/Pago_Pago", "2027-01-01T10:59", "2026-12-31"),
        ("Pacific/Pago_Pago", "2027-01-01T11:00", "2027-01-01"),
        ("Europe/Berlin", "2027-03-27T23:00", "2027-03-28"),
        ("Europe/Berlin", "2027-03-28T21:59", "2027-03-28"),
        ("Europe/Berlin", "2027-03-28T22:00", "2027-03-29"),
        ("Europe/Berlin", "2027-10-31T22:59", "2027-10-31"),
        ("America/New_York", "2027-11-07T04:59", "2027-11-07"),
        ("America/New_York", "2027-11-08T04:59", "2027-11-07"),
        ("Australia/Lord_Howe", "2027-04-03T13:00", "2027-04-04"),
        ("Asia/Kathmandu", "2028-02-28T18:15", "2028-02-29"),
        ("Asia/Kathmandu", "2027-02-28T18:15", "2027-03-01"),
    ],
)
def test_today_is_the_date_where_the_client_is(zone: str, moment: str, day: str) -> None:
    now = dt.datetime.fromisoformat(f"{moment}+00:00")

    assert inquiry.today(used(), acme(time_zone=zone), now).isoformat() == day


@MODEST
@given(
    st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2030, 1, 1)),  # noqa: DTZ001 - given a zone below
    st.sampled_from(["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "America/St_Johns"]),
)
def test_today_never_goes_back_and_is_at_most_a_day_from_the_date_in_utc(
    moment: dt.datetime, zone: str
) -> None:
    renewal, now = acme(time_zone=zone), moment.replace(tzinfo=zoneinfo.ZoneInfo("UTC"))

    day = inquiry.today(used(), renewal, now)

    assert abs((day - now.date()).days) <= 1
    assert day <= inquiry.today(used(), renewal, now + dt.timedelta(hours=1))
