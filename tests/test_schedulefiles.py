from __future__ import annotations

import pytest
from roots import ON, SHIPPED_SCHEDULE, sources_of

from engine import configuration, documents, schedulefiles, schemas
from engine.civil import Step
from engine.conditions import ALWAYS, AllOf, Comparison
from engine.diagnostics import Diagnostic
from engine.grammar import Reader
from engine.notices import Notice
from engine.schedule import Schedule


def read(text: str) -> tuple[Schedule, list[Diagnostic]]:
    """Read a schedule with this text below `version`, and what only its meaning gets wrong."""
    document, _ = documents.parse("rules/schedule.yaml", f"version: 1\n{text}".encode())
    assert document is not None
    _, value = schemas.check("schedule", document)
    assert isinstance(value, dict)
    reader = Reader(document, ())
    return schedulefiles.read(reader, value), reader.problems


def read_steps(*steps: str) -> tuple[Schedule, list[str]]:
    """Read a schedule whose starters have these steps, and line, code and message of its problems."""
    entries = "".join(f"  - {step}\n" for step in steps)
    used, problems = read(f"tiers:\n  starter:\n{entries}")
    lines = [f"{problem.location.line - 3} {problem.code}: {problem.message}" for problem in problems]
    return used, lines


def test_a_step_says_its_notice_and_where_it_stands() -> None:
    used, problems = read_steps("{step: D-07, kind: reminder, type: price_change, formal: true}")

    (step,) = used.tiers["starter"]
    assert problems == []
    assert step.step == Step("D", -7)
    assert step.notice == Notice(type="price_change", kind="reminder", step="D-7", formal=True)
    assert (step.condition, step.valid_until) == (ALWAYS, None)
    assert str(step.origin) == "rules/schedule.yaml:4:5"


def test_a_step_is_a_first_notice_about_the_renewal_unless_it_says_otherwise() -> None:
    used, _ = read_steps("{step: R-30}")

    assert [step.notice for step in used.steps] == [Notice(step="R-30")]


def test_the_condition_of_a_step_is_that_of_its_dates_too() -> None:
    used, _ = read_steps("{step: R-30, from: 2027-01-01, when: {owner: partner}}")

    (step,) = used.steps
    assert isinstance(step.condition, AllOf)
    assert [part.fact for part in step.condition.parts if isinstance(part, Comparison)] == [
        "notice.send_on",
        "owner",
    ]


def test_the_steps_of_every_tier_come_after_those_of_the_tiers() -> None:
    used, _ = read("tiers: {enterprise: [{step: R-9}], starter: null}\nevery_tier: [{step: R-8}]\n")

    assert [str(step.step) for step in used.steps] == ["R-9", "R-8"]
    assert [str(step.step) for step in used.every_tier] == ["R-8"]


@pytest.mark.parametrize(
    ("text", "wanted"), [("", True), ("holidays: true", True), ("holidays: false", False)]
)
def test_public_holidays_count_unless_they_are_turned_off(text: str, *, wanted: bool) -> None:
    used, _ = read(f"{text}\ntiers: {{}}\n")

    assert used.holidays is wanted


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("{step: D+1}", "invalid-step: the step D+1 is after the renewal deadline"),
        ("{step: R+30}", "invalid-step: the step R+30 is after the renewal date"),
        (
            "{step: D-7, valid_until: D-8}",
            "invalid-step: the notice would be void from D-8 on, before it is due at D-7",
        ),
        (
            "{step: D-7, from: 2027-01-01, until: 2027-01-01}",
            "empty-interval: the step ends on 2027-01-01, not after it begins on 2027-01-01",
        ),
        ("{step: R-30, when: {ownr: partner}}", "unknown-fact: there is no fact `ownr`"),
    ],
)
def test_a_step_that_makes_no_sense_is_reported(step: str, problem: str) -> None:
    _, problems = read_steps("{step: R-99}", step)

    assert problems == [f"2 {problem}"]


@pytest.mark.parametrize("step", ["{step: D-0}", "{step: R+0}", "{step: D-7, valid_until: D-7}"])
def test_the_day_itself_is_not_too_late(step: str) -> None:
    assert read_steps(step)[1] == []


def test_what_the_schema_refuses_is_left_to_it() -> None:
    used, problems = read_steps("{step: soon}", "{step: D-7, valid_until: soon}", "{kind: notice}")

    assert [str(step.step) for step in used.steps] == ["D-7"]
    assert problems == []


# Twice


@pytest.mark.parametrize(
    "second", ["{step: D-7}", "{step: D-007, kind: reminder}", "{step: D-7, from: 2027-01-01}"]
)
def test_a_step_stands_once(second: str) -> None:
    _, problems = read_steps("{step: D-7}", second)

    assert problems == ["2 duplicate-step: the step D-7 stands twice"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{step: D-7}", "{step: D-8}"),
        ("{step: D-7}", "{step: R-7}"),
        ("{step: D-7}", "{step: D-7, type: price_change}"),
        ("{step: D-7, until: 2027-01-01}", "{step: D-7, from: 2027-01-01, formal: true}"),
    ],
)
def test_steps_that_are_never_due_together_are_no_doubles(first: str, second: str) -> None:
    assert read_steps(first, second)[1] == []


# In a root


def test_the_shipped_schedule_has_no_problem() -> None:
    assert SHIPPED_SCHEDULE is not None
    text = SHIPPED_SCHEDULE.data.decode().split("version: 1\n")[1]

    assert read(text)[1] == []


def test_a_schedule_with_an_error_keeps_a_root_from_deciding() -> None:
    broken = sources_of({"nordlicht": {}}, schedule={"tiers": {"starter": [{"step": "D+1"}]}})

    checked = configuration.load(broken, ON)

    assert not checked.may_decide


def test_a_step_of_every_tier_is_not_also_one_of_a_tier() -> None:
    _, problems = read("tiers:\n  starter:\n  - {step: D-14}\nevery_tier:\n- {step: D-14}\n")

    assert [(str(problem.location), problem.code) for problem in problems] == [
        ("rules/schedule.yaml:6:10", "duplicate-step")
    ]


def test_monthly_terms_do_not_have_the_steps_of_every_tier() -> None:
    _, problems = read("tiers:\n  monthly:\n  - {step: D-3}\nevery_tier:\n- {step: D-3}\n")

    assert problems == []


def test_a_faulty_entry_does_not_keep_the_others_from_being_read() -> None:
    used, problems = read_steps("5", "{step: D-7}")

    assert [str(step.step) for step in used.steps] == ["D-7"]
    assert problems == []
