from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nord import DEFAULT, ON, file, told
from strategies import MODEST

from engine.checks.datechecks import check_gaps, check_overlaps
from engine.checks.examined import Examined
from engine.checks.partnerchecks import check_partner
from engine.diagnostics import Diagnostic

DAYS = [dt.date(2027, 1, 1) + dt.timedelta(days) for days in range(6)]


def test_an_entry_may_begin_on_the_day_on_which_another_ends() -> None:
    entries = """\
default:
  - {owner: hubspot, contact: jana, until: 2027-01-01}
  - {owner: hubspot, contact: tom, from: 2027-01-01}
"""

    assert told(entries) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("until: 2027-01-02", "from: 2027-01-01"),
        ("from: 2027-01-01", "until: 2027-01-02"),
        ("from: 2027-01-01", "from: 2028-01-01"),
        ("from: 2027-01-01, until: 2027-02-01", "from: 2027-01-01, until: 2027-02-01"),
    ],
)
def test_two_entries_that_share_a_day_overlap(first: str, second: str) -> None:
    clients = f"""\
clients:
  acme:
    override:
      - {{owner: hubspot, {first}}}
      - {{owner: partner, {second}}}
"""

    assert [line.split()[1] for line in told(DEFAULT + clients)] == ["overlapping-dates"]


def test_a_long_entry_overlaps_every_later_one_within_it() -> None:
    clients = """\
clients:
  acme:
    override:
      - {owner: hubspot, from: 2027-02-01, until: 2027-03-01}
      - {owner: partner, from: 2027-01-01, until: 2028-01-01}
      - {owner: hubspot, from: 2027-10-01, until: 2027-11-01}
      - {owner: hubspot, from: 2028-01-01}
"""

    assert told(DEFAULT + clients) == ["10 overlapping-dates error", "12 overlapping-dates error"]


def test_the_cure_of_an_overlap_leaves_no_empty_entry() -> None:
    clients = """\
clients:
  acme:
    override:
      - {owner: hubspot, from: 2027-01-01, until: 2027-03-01}
      - {owner: hubspot, from: 2027-02-01, until: 2027-05-01}
      - {owner: partner, from: 2027-02-01}
"""

    hints = [problem.hint for problem in sorted(check_partner(file(DEFAULT + clients), ON))]

    assert hints == [
        "write `until: 2027-02-01` in the entry at line 10",
        "remove one of them, or give them dates that do not overlap",
    ]


def test_an_entry_that_is_never_in_force_overlaps_nothing() -> None:
    clients = """\
clients:
  acme:
    override:
      - {owner: hubspot}
      - {owner: partner, from: 2027-02-01, until: 2027-02-01}
"""

    assert told(DEFAULT + clients) == ["11 empty-interval error"]


def test_a_client_named_default_has_nothing_to_do_with_the_default() -> None:
    assert told(f"{DEFAULT}clients: {{default: {{override: {{owner: partner}}}}}}\n") == []


def test_covers_of_different_users_may_overlap() -> None:
    covers = "covers: [{user: jana, cover: tom}, {user: tom, cover: jana}]\n"

    assert told(DEFAULT + covers) == []


def test_two_covers_or_holds_at_one_time_overlap() -> None:
    rest = """\
covers:
  - {user: jana, cover: tom}
  - {user: jana, cover: tom, from: 2027-01-01}
clients:
  acme:
    hold:
      - {until: 2027-01-02, reason: merger, by: jana}
      - {from: 2027-01-01, until: 2027-02-01, reason: audit, by: jana}
"""

    assert told(DEFAULT + rest) == ["9 overlapping-dates error", "14 overlapping-dates error"]


@pytest.mark.parametrize(
    "entries",
    [
        "default: [{owner: hubspot, contact: jana}, {owner: partner, contact: jana}]\n",
        f"{DEFAULT}covers: [{{user: jana, cover: tom}}, {{user: jana, cover: tom}}]\n",
        f"{DEFAULT}clients: {{acme: {{override: [{{owner: partner}}, {{owner: hubspot}}]}}}}\n",
        f"{DEFAULT}clients: {{acme: {{hold: [{{reason: a, by: jana}}, {{reason: b, by: jana}}]}}}}\n",
    ],
    ids=["default", "covers", "override", "hold"],
)
def test_entries_overlap_in_a_file_with_a_single_list(entries: str) -> None:
    found = check_overlaps(Examined.of(file(entries)))

    assert [problem.code for problem in found] == ["overlapping-dates"]


# Gaps


def gaps_in(text: str) -> list[Diagnostic]:
    return list(check_gaps(Examined.of(file(text)), ON))


def gaps(*defaults: str) -> list[str]:
    """Return the messages about a list of defaults with these dates."""
    entries = "".join(f"  - {{owner: hubspot, contact: jana{dates}}}\n" for dates in defaults)
    return [problem.message for problem in gaps_in(f"default:\n{entries}")]


@pytest.mark.parametrize(
    ("first", "second", "days"),
    [
        (", until: 2027-01-01", ", from: 2027-01-02", "on 2027-01-01"),
        (", until: 2027-01-01", ", from: 2027-02-01", "from 2027-01-01 to 2027-01-31"),
        (", from: 2027-02-01", ", until: 2027-01-01", "from 2027-01-01 to 2027-01-31"),
        (", until: 2026-11-01", ", from: 2026-11-24", "from 2026-11-01 to 2026-11-23"),
    ],
)
def test_days_between_two_defaults_are_named(first: str, second: str, days: str) -> None:
    assert gaps(first, second) == [
        f"no default is in force {days}: clients are hubspot-owned then, with nobody in copy"
    ]


@pytest.mark.parametrize(
    "defaults",
    [
        ("",),
        (", from: 2027-01-01, until: 2027-02-01",),
        (", until: 2027-01-01", ", from: 2027-01-01"),
        (", until: 2026-11-01", ", from: 2026-11-23"),
        (", until: 2027-01-01", ", from: 2026-12-01"),
        (", until: 2027-01-01", ", from: 2027-02-01, until: 2027-02-01"),
        (", until: 2027-01-01", ", from: soon"),
        (", until: 2027-01-01", ", from: 2026-12-01, until: 2026-12-02", ", from: 2027-01-01"),
    ],
    ids=str,
)
def test_there_is_no_gap_without_a_day_to_come_between_two_entries(defaults: tuple[str, ...]) -> None:
    assert gaps(*defaults) == []


def test_the_cure_of_a_gap_leaves_none() -> None:
    broken = "default: [{contact: jana, until: 2027-01-01}, {contact: jana, from: 2027-02-01}]\n"
    (problem,) = gaps_in(broken)

    assert (
        problem.hint == "write `from: 2027-01-01` here, or end the entry before it with `until: 2027-02-01`"
    )
    assert gaps_in(broken.replace("from: 2027-02-01", "from: 2027-01-01")) == []
    assert gaps_in(broken.replace("until: 2027-01-01", "until: 2027-02-01")) == []


# Entries that have ended


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ("default: [{contact: jana, until: 2026-11-23}, {contact: jana, from: 2026-11-23}]\n", 6),
        (DEFAULT + "covers: [{user: jana, cover: tom, until: 2026-11-23}]\n", 7),
        (DEFAULT + "clients: {acme: {override: {owner: hubspot, until: 2026-11-23}}}\n", 7),
        (DEFAULT + "clients: {acme: {hold: {until: 2026-11-23, reason: merger, by: jana}}}\n", 7),
        (DEFAULT + "clients: {acme: {until: 2026-11-23}}\n", 7),
    ],
)
def test_an_entry_that_has_ended_can_be_removed(section: str, line: int) -> None:
    users = "users: {jana: {name: Jana Weber, email: jana@nord.example, admin: true},\n"
    users += "  tom: {name: Tom Kern, email: tom@nord.example, admin: true}}\n\n"

    assert told(section, users=users) == [f"{line} expired-entry warning"]
    assert told(section, users=users, on=dt.date(2026, 11, 22)) == []


def test_what_goes_with_a_clients_entry_is_not_named_by_itself() -> None:
    clients = """\
clients:
  acme:
    until: 2026-11-23
    override: {owner: hubspot, until: 2026-11-01}
    hold: {until: 2026-11-01, reason: merger, by: jana}
"""

    assert told(DEFAULT + clients) == ["8 expired-entry warning"]


def test_an_entry_that_never_was_in_force_has_not_ended() -> None:
    clients = "clients: {acme: {override: {owner: hubspot, from: 2026-03-01, until: 2026-02-01}}}\n"

    assert told(DEFAULT + clients) == ["7 empty-interval error"]


# Any dates


@st.composite
def intervals(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw entries with any dates, that end after they begin."""
    edge = st.none() | st.sampled_from(DAYS)
    drawn = draw(st.lists(st.tuples(edge, edge), min_size=1, max_size=4))
    return [
        {name: str(day) for name, day in (("from", start), ("until", end)) if day is not None}
        for start, end in drawn
        if start is None or end is None or start < end
    ]


@MODEST
@given(intervals())
def test_overlaps_are_reported_exactly_when_two_entries_are_in_force_on_one_day(
    dates: list[dict[str, Any]],
) -> None:
    entries = json.dumps([{"owner": "hubspot", "contact": "jana", **each} for each in dates])
    written = file(f"{DEFAULT}clients: {{acme: {{override: {entries}}}}}\n")
    override: Any = written.record.clients["acme"].override

    edges = [DAYS[0] - dt.timedelta(1), *DAYS]
    is_ambiguous = any(sum(entry.in_force(day) for entry in override) > 1 for day in edges)
    assert bool(list(check_overlaps(Examined.of(written)))) == is_ambiguous


@MODEST
@given(intervals())
def test_a_gap_is_reported_exactly_when_a_day_between_two_defaults_has_none(
    dates: list[dict[str, Any]],
) -> None:
    entries = json.dumps([{"owner": "hubspot", "contact": "jana", **each} for each in dates])
    written = file(f"default: {entries}\n")
    defaults: Any = written.record.default

    bare = [day for day in DAYS if not any(entry.in_force(day) for entry in defaults)]
    between = [
        day
        for day in bare
        if any(entry.until and entry.until <= day for entry in defaults)
        and any(entry.starts and day < entry.starts for entry in defaults)
    ]
    assert bool(list(check_gaps(Examined.of(written), ON))) == bool(between)
