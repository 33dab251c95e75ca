from __future__ import annotations

import datetime as dt
import json

import pytest
from commandline import Renewctl
from roots import ON, fact_of, snapshot_of

from engine import agenda, inquiry, processes
from engine.agenda import Agenda
from engine.inquiry import Question
from engine.reports import decisions, lines
from engine.snapshot import Snapshot

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
USED = snapshot_of(
    {
        "nordlicht": {
            "users": {"jana": {"name": "Jana Weber", "email": "jana@nordlicht.example"}},
            "default": {"owner": "partner", "contact": "jana"},
            "clients": {f"client-{number}": None for number in range(40)},
        }
    }
)
KNOWN = [
    fact_of(renewal=f"rn_{number}", client=f"client-{number % 40}", renewal_date=f"2027-0{number % 9 + 1}-15")
    for number in range(2_500)
]


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "SEVERAL", 1)
    monkeypatch.setattr(processes, "usable", lambda: 3)


def all_lines(used: Snapshot = USED) -> list[bytes]:
    question = Question(on=ON)
    return list(
        lines.each(inquiry.shares(KNOWN), lambda share: inquiry.answer_all(used, share, question, NOW), used)
    )


def calendar_lines() -> list[bytes]:
    found = agenda.calendar_of(USED, KNOWN, Agenda(), NOW)
    return list(lines.each(found.shares, found.plan, USED))


def test_all_renewals_are_there_by_client_then_renewal() -> None:
    expected = decisions.jsonl(inquiry.answer(USED, KNOWN, Question(on=ON), NOW), USED)

    assert b"\n".join(all_lines()).decode().split("\n") == list(expected)


def test_a_calendar_in_lines_is_the_calendar() -> None:
    expected = decisions.jsonl(agenda.upcoming(USED, KNOWN, Agenda(), NOW), USED)

    assert b"\n".join(calendar_lines()).decode().split("\n") == list(expected)


@pytest.mark.usefixtures("several")
def test_several_processes_write_what_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    by_several = all_lines(), calendar_lines()
    monkeypatch.setattr(processes, "usable", lambda: 1)

    assert by_several == (all_lines(), calendar_lines())


def test_few_renewals_are_not_worth_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "usable", lambda: pytest.fail("asked"))

    assert all_lines()


def test_the_progress_ends_when_everything_is_done() -> None:
    told: list[tuple[int, int]] = []
    shares = inquiry.shares(KNOWN)

    list(lines.each(shares, lambda _: (), USED, lambda done, total: told.append((done, total))))

    assert told == [(1_000, 2_500), (2_000, 2_500), (2_500, 2_500)]


@pytest.mark.usefixtures("several")
def test_both_commands_write_the_same_with_several_processes(
    renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = (
        ("decide", "--all", "--on", str(ON), "--format", "jsonl"),
        ("upcoming", "--from", str(ON), "--format", "jsonl"),
    )
    by_several = [renewctl(*command).out for command in commands]
    monkeypatch.setattr(processes, "usable", lambda: 1)

    assert [renewctl(*command).out for command in commands] == by_several
    assert all(json.loads(line)["client"] for out in by_several for line in out.splitlines())
