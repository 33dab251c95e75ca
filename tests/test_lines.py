from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import Renewctl, Run
from deliveries import line
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from roots import ON, fact_of, snapshot_of

from engine import agenda, inquiry, planning, processes
from engine.agenda import Agenda
from engine.facts import Renewal
from engine.feeds import portions
from engine.feeds.portions import UnsoundError
from engine.inquiry import Question
from engine.reports import decisions, lines, shares
from engine.reports.lines import Lines
from engine.trees import File
from engine.workloads import Decider

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
    fact_of(
        renewal=f"rn_{number}",
        client=f"client-{number * 7 % 40}",
        renewal_date=f"2027-0{number % 9 + 1}-15",
        time_zone="Pacific/Kiritimati" if number % 5 else None,
    )
    for number in range(2_500)
]
EVERYBODY = inquiry.decider(USED, Question(on=ON), NOW)
ALL = ("decide", "--all", "--on", str(ON), "--format", "jsonl")
UPCOMING = ("upcoming", "--format", "jsonl")


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    share_everything(monkeypatch)


def share_everything(patch: pytest.MonkeyPatch) -> None:
    """Share out whatever there is, in small pieces."""
    patch.setattr(lines, "SEVERAL", 1)
    patch.setattr(lines, "_AT_ONCE", 7)
    patch.setattr(shares, "_TOLD_AFTER", 7)
    patch.setattr(portions, "LEAST_BYTES", 0)
    patch.setattr(portions, "_PIECE", 3_000)
    patch.setattr(processes, "usable", lambda: 3)


def calendar(asked: Agenda | None = None) -> Decider:
    return agenda.calendar_of(USED, (), asked or Agenda(), NOW).of


def written(decider: Decider) -> list[str]:
    with lines.of_facts(KNOWN, decider, USED) as found:
        return told(found)


def told(found: Lines) -> list[str]:
    return b"\n".join(found.each()).decode().split("\n")


def test_all_renewals_are_there_by_client_then_renewal() -> None:
    expected = decisions.jsonl(inquiry.answer(USED, KNOWN, Question(on=ON), NOW), USED)

    assert written(EVERYBODY) == list(expected)


@pytest.mark.parametrize("asked", [Agenda(), Agenda(since=ON), Agenda(sent=frozenset())])
def test_a_calendar_in_lines_is_the_calendar(asked: Agenda) -> None:
    expected = decisions.jsonl(agenda.upcoming(USED, KNOWN, asked, NOW), USED)

    assert written(calendar(asked)) == list(expected)


def test_with_keys_of_what_was_sent_the_order_is_that_of_the_plan() -> None:
    asked = Agenda(since=dt.date(2027, 1, 1), until=dt.date(2027, 3, 1), sent=frozenset())
    renewals = [Renewal.from_fact(fact, USED.vendor) for fact in KNOWN]
    window = planning.window(dt.date(2027, 1, 1), dt.date(2027, 3, 1))

    found = agenda.upcoming(USED, KNOWN, asked, NOW)

    assert found == planning.plan(USED, renewals, window, frozenset())


def test_notices_of_one_renewal_and_day_stay_in_the_order_of_the_schedule() -> None:
    steps = [{"step": "R-8", "kind": "notice", "type": kind} for kind in ("renewal", "overage")]
    tiers: dict[str, list[object]] = {"enterprise": [], "professional": [], "starter": [], "monthly": []}
    used = snapshot_of({}, schedule={"tiers": tiers, "every_tier": steps})
    decider = agenda.calendar_of(used, (), Agenda(), NOW).of

    with lines.of_facts([fact_of()], decider, used) as found:
        types = [json.loads(one)["notice"]["type"] for one in told(found)]

    assert types == ["renewal", "overage"]


@pytest.mark.parametrize("asked", [None, Agenda(), Agenda(sent=frozenset()), Agenda(contact="jana")])
def test_several_processes_write_what_one_does(asked: Agenda | None, monkeypatch: pytest.MonkeyPatch) -> None:
    decider = calendar(asked) if asked else EVERYBODY
    by_one = written(decider)
    share_everything(monkeypatch)

    assert written(decider) == by_one


def test_few_renewals_are_not_worth_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "usable", lambda: pytest.fail("asked"))

    assert written(EVERYBODY)


@pytest.mark.usefixtures("several")
def test_the_progress_ends_when_everything_is_done() -> None:
    seen: list[tuple[int, int]] = []

    with lines.of_facts(KNOWN, EVERYBODY, USED, lambda done, total: seen.append((done, total))):
        pass

    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == ((0, 2_500), (2_500, 2_500))
    assert len({done for done, _ in seen}) > 100


@pytest.mark.usefixtures("several")
def test_a_renewal_in_two_shares_is_unsound() -> None:
    files = [File(f"facts/{name}.jsonl", line().encode()) for name in ("a", "b", "c")]

    with pytest.raises(UnsoundError), lines.of_files(files, EVERYBODY, USED):
        pytest.fail("opened")


@pytest.mark.usefixtures("several")
def test_what_nobody_wants_to_read_ends_its_processes() -> None:
    with lines.of_facts(KNOWN, EVERYBODY, USED) as found:
        next(found.each())

    assert found.renewals == 2_500


def plainly(renewctl: Renewctl, *arguments: str) -> Run:
    """Run a command in this process alone."""
    return renewctl(*arguments)


def shared(renewctl: Renewctl, *arguments: str) -> Run:
    """Run a command in several processes, whatever there is to do."""
    with pytest.MonkeyPatch.context() as patch:
        share_everything(patch)
        return renewctl(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ALL,
        (*ALL, "--notice", "overage"),
        UPCOMING,
        (*UPCOMING, "--from", "2026-12-24", "--until", "2027-12-24"),
        (*UPCOMING, "--partner", "nordlicht"),
        (*UPCOMING, "--partner", "nobody"),
        (*UPCOMING, "--contact", "nordlicht/jana"),
        (*UPCOMING, "--contact", "nobody"),
        (*UPCOMING, "--until", "2026-01-01"),
    ],
    ids=" ".join,
)
def test_the_commands_write_the_same_with_several_processes(
    renewctl: Renewctl, arguments: tuple[str, ...]
) -> None:
    assert shared(renewctl, *arguments) == plainly(renewctl, *arguments)


FACTS = st.fixed_dictionaries(
    {
        "renewal": st.integers(0, 40).map("rn_{}".format),
        "client": st.sampled_from(["acme", "globex", "initech", "nobody-knows", "zeta"]),
        "renewal_date": st.dates(dt.date(2026, 10, 1), dt.date(2028, 3, 1)).map(str),
    },
    optional={
        "partner": st.sampled_from(["nordlicht", "gone"]),
        "tier": st.sampled_from(["enterprise", "professional", "starter", "gold"]),
        "status": st.sampled_from(["pending", "churned"]),
        "time_zone": st.sampled_from(["Pacific/Kiritimati", "Pacific/Pago_Pago", "Mars/Olympus"]),
        "country": st.sampled_from(["DE", "US"]),
        "acknowledged": st.booleans(),
        "contacts": st.just({"decision_maker": {"email": "ada@acme.example", "name": "Ada Löng"}}),
    },
)
DELIVERIES = st.lists(FACTS, max_size=12).flatmap(
    lambda facts: st.lists(st.sampled_from(["", "{", "null"]), max_size=1).flatmap(
        lambda junk: st.permutations([*map(json.dumps, facts), *junk])
    )
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("deliveries")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    DELIVERIES,
    st.sampled_from(
        [
            ALL,
            ("-v", *UPCOMING),
            (*UPCOMING, "--from", str(ON), "--until", "2028-03-01"),
            (*UPCOMING, "--sent", "SENT", "--from", "2026-12-30", "--until", "2027-06-01"),
        ]
    ),
    st.sampled_from([(), ("--skip-bad-facts",)]),
)
def test_whatever_is_delivered_several_processes_write_and_say_what_one_does(
    renewctl: Renewctl,
    folder: Path,
    delivered: list[str],
    arguments: tuple[str, ...],
    skipping: tuple[str, ...],
) -> None:
    facts, sent = folder / "facts.jsonl", folder / "sent"
    facts.write_text("\n".join(delivered), encoding="utf-8")
    sent.write_text("", encoding="utf-8")
    asked = [str(sent) if one == "SENT" else one for one in arguments]

    by_one = plainly(renewctl, *asked, "--facts", str(facts), *skipping)

    assert told_alike(shared(renewctl, *asked, "--facts", str(facts), *skipping)) == by_one


def told_alike(run: Run) -> Run:
    """Return a run without what only it says: that facts were read twice."""
    kept: Iterator[str] = (one for one in run.err.splitlines(keepends=True) if "read again" not in one)
    return run._replace(err="".join(kept))


def test_a_calendar_of_jsonl_has_the_decisions_of_json(renewctl: Renewctl) -> None:
    arguments = ("upcoming", "--from", str(ON), "--until", "2027-12-01", "--format")

    report = json.loads(renewctl(*arguments, "json").out)

    assert [json.loads(one) for one in renewctl(*arguments, "jsonl").out.splitlines()] == report["decisions"]
