from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from roots import fact_of, snapshot_of, sources_of
from strategies import DAYS, MODEST, PARTNER, USERS, Question, Root, Situation, situations

from engine import dependents, facts, leaving, planning, snapshot
from engine.decisions import Decision
from engine.dependents import Dependents
from engine.facts import RenewalFact
from engine.leaving import Change, Effect
from engine.snapshot import Snapshot
from engine.trees import File

ON = dt.date(2026, 11, 23)
NOW = dt.datetime(ON.year, ON.month, ON.day, 12, tzinfo=dt.UTC)
HEAD = """\
version: 1
partner: nord
users:
  jana: {name: Jana, email: jana@nord.example}
  tom: {name: Tom, email: tom@nord.example}
"""


def changes(user: str, text: str, rules: str | None = None, **fact: Any) -> list[Change]:  # noqa: ANN401 - any JSON
    """Return what changes when a user of nord leaves; their file goes on with the text in line 6."""
    root = snapshot_of({"nord": f"{HEAD}{text}"}, rules=rules)
    return changes_in(root, user, fact_of(partner="nord", **fact))


def changes_in(root: Snapshot, user: str, fact: RenewalFact) -> list[Change]:
    (leaver,) = dependents.find(root, (fact,), dependents.Question(user=user, on=ON), NOW)
    return leaving.changes(root, leaver)


def told(found: list[Change]) -> list[str]:
    """Return each change as one line; a place is its line in the file."""
    return [
        f"{change.subject.send_on:%m-%d} {change.effect}: {_who(change.before)} -> {_who(change.after)}, "
        f"line {change.origin.location.line}"
        for change in found
    ]


def _who(decision: Decision | None) -> str:
    if decision is None:
        return "not due"
    if decision.outcome != "send":
        return " ".join([task.code for task in decision.tasks]) or decision.outcome
    people = (*decision.to, *decision.cc)
    return " ".join(recipient.person.email.partition("@")[0] for recipient in people)


def test_a_partner_owned_notice_that_nobody_else_can_receive_is_lost() -> None:
    found = changes("jana", "default: {owner: partner, contact: jana}\n", acknowledged=True)

    assert told(found) == [
        "12-11 lost: jana -> OWNER_FAILSAFE_TO_VENDOR, line 6",
        "12-25 lost: jana -> OWNER_FAILSAFE_TO_VENDOR, line 6",
        "02-08 lost: jana -> OWNER_FAILSAFE_TO_VENDOR, line 6",
    ]


def test_a_backup_contact_receives_in_their_place() -> None:
    text = "default:\n  owner: partner\n  contact: jana\n  backup_contacts: [tom]\n"

    found = changes("jana", text, acknowledged=True)

    assert told(found)[0] == "12-11 to: jana -> tom, line 8"


def test_a_copy_that_goes_to_nobody_is_lost_with_them() -> None:
    found = changes("jana", "default: {owner: hubspot, contact: jana}\n")

    assert told(found)[0] == "12-11 cc: ada jana -> ada, line 6"


def test_the_override_is_the_line_to_change_where_it_names_them() -> None:
    text = "default: {owner: partner, contact: jana}\nclients:\n  acme:\n    override:\n"
    override = "      owner: partner\n      contact: tom\n"

    found = changes("tom", f"{text}{override}", acknowledged=True)

    assert told(found)[0] == "12-11 to: tom -> jana, line 11"


def test_who_is_covered_by_them_receives_again_and_the_cover_is_the_line_to_change() -> None:
    text = (
        "default: {owner: partner, contact: jana}\n"
        "covers:\n  - {user: jana, cover: tom, from: 2026-12-01, until: 2026-12-20}\n"
    )

    found = changes("tom", text, acknowledged=True)

    assert told(found) == ["12-11 to: tom -> jana, line 8"]


def test_a_copy_to_a_backup_contact_is_traced_to_where_they_are_named() -> None:
    text = "default:\n  owner: partner\n  contact: jana\n  backup_contacts:\n    - tom\n"

    found = changes("tom", text)

    assert told(found) == ["12-18 cc: jana tom -> jana, line 10"]


BEN = "  ben: {name: Ben, email: ben@nord.example, admin: true}\n"


def test_each_notice_is_traced_to_the_line_that_counted_for_it() -> None:
    text = (
        f"{BEN}default:\n  owner: partner\n  contact: jana\n  backup_contacts: [ben]\n"
        "covers:\n  - {user: jana, cover: ben, from: 2026-12-10, until: 2026-12-12}\n"
    )

    found = changes("ben", text)

    assert told(found) == [
        "12-11 to: ben -> jana, line 12",
        "12-18 cc: jana ben -> jana, line 10",
        "12-25 cc: jana ben -> jana, line 6",
    ]


def test_a_line_that_no_longer_counts_that_day_is_not_named() -> None:
    text = (
        "default:\n"
        "  - {owner: partner, contact: jana, backup_contacts: [tom], until: 2026-12-15}\n"
        "  - {owner: partner, contact: jana, backup_contacts: [tom], from: 2026-12-15}\n"
    )

    found = changes("tom", text)

    assert told(found) == ["12-18 cc: jana tom -> jana, line 8"]


def test_the_cover_of_a_backup_contact_is_traced_to_the_cover() -> None:
    text = (
        f"{BEN}default:\n  owner: partner\n  contact: jana\n  backup_contacts: [tom]\n"
        "covers:\n  - {user: tom, cover: ben, from: 2026-12-10, until: 2026-12-20}\n"
    )

    found = changes("ben", text)

    assert told(found)[0] == "12-18 cc: jana ben -> jana tom, line 12"


def test_whom_the_vendor_shall_inform_changes_too() -> None:
    found = changes("jana", "default: {owner: hubspot, contact: jana}\n", decision_maker=None)

    assert {change.effect for change in found} == {Effect.TASK}


def test_the_worst_comes_first() -> None:
    rules = """\
version: 1
routes:
  - {rule: first, when: {notice.step: D-20}, to: [decision_maker], cc: [partner_contact]}
  - {rule: rest, to: [partner_contact]}
"""

    found = changes("jana", "default: {owner: partner, contact: jana}\n", rules, acknowledged=True)

    assert [f"{change.subject.send_on:%m-%d} {change.effect}" for change in found] == [
        "12-25 lost",
        "02-08 lost",
        "12-11 cc",
    ]


def test_a_step_that_asks_who_can_be_reached_is_no_longer_due_or_becomes_so() -> None:
    text = f"{HEAD}default: {{owner: hubspot, contact: jana}}\n"
    schedule = (
        b"version: 1\ntiers:\n  enterprise: []\n  starter: []\n  monthly: []\n  professional:\n"
        b"    - {step: D-20, when: {reachable: {contains: partner_contact}}}\n"
        b"    - {step: D-7, when: {not: {reachable: {contains: partner_contact}}}}\n"
    )
    sources = replace(sources_of({"nord": text}), schedule=File("rules/schedule.yaml", schedule))

    found = changes_in(snapshot.build(sources, ON), "jana", fact_of(partner="nord"))

    assert told(found) == [
        "12-11 lost: ada jana -> not due, line 6",
        "12-25 outcome: not due -> ada, line 6",
    ]


def test_who_has_left_already_leaves_no_second_time() -> None:
    ben = "  ben: {name: Ben, email: ben@nord.example, active: false}\n"

    assert changes("ben", f"{ben}default: {{owner: hubspot, contact: ben, backup_contacts: [jana]}}\n") == []


def test_the_snapshot_that_was_asked_stays_as_it_was() -> None:
    root = snapshot_of({"nord": f"{HEAD}default: {{owner: hubspot, contact: jana}}\n"})

    left = leaving.without(root, root.partners["nord"], "jana")

    assert root.partners["nord"].record.users["jana"].active
    assert not left.partners["nord"].record.users["jana"].active


# Random roots: leaving is what the file would say.


def _known(questions: list[Question]) -> list[RenewalFact]:
    """Return the renewals that are asked about, moved so that notices fall on the days that matter."""
    return [
        facts.from_value(
            {
                **question.fact,
                "renewal": f"rn_{number}",
                "renewal_date": str(DAYS[number % len(DAYS)] + dt.timedelta(90)),
            }
        )
        for number, question in enumerate(questions)
    ]


def _leaver(root: Root, questions: list[Question], user: str) -> Dependents:
    asked = dependents.Question(user=f"{PARTNER}/{user}", on=min(DAYS))
    (one,) = dependents.find(root.snapshot, _known(questions), asked, NOW)
    return one


def _planned(used: Snapshot, leaver: Dependents) -> list[Any]:
    """Return all notices as decided; not the places, which move when a file gets another line."""
    return [
        (
            one.renewal,
            one.notice,
            one.send_on,
            one.outcome,
            one.to,
            one.cc,
            one.tasks,
            one.locale,
            one.reasons,
        )
        for one in planning.plan(used, leaver.renewals, leaver.window)
    ]


def _inactive(root: Root, user: str) -> Root:
    users: Mapping[str, Any] = root.partners[PARTNER]["users"]
    return root.with_partner(users={**users, user: {**users[user], "active": False}})


@MODEST
@given(situations(), st.sampled_from(USERS))
def test_leaving_decides_as_a_file_does_that_says_active_false(situation: Situation, user: str) -> None:
    root, questions = situation
    leaver = _leaver(root, questions, user)

    left = leaving.without(root.snapshot, leaver.file, user)

    assert _planned(left, leaver) == _planned(_inactive(root, user).snapshot, leaver)


@MODEST
@given(situations(), st.sampled_from(USERS))
def test_whom_nothing_names_leaves_without_a_change(situation: Situation, user: str) -> None:
    root, questions = situation
    leaver = _leaver(root, questions, user)

    if not leaver.namings:
        assert leaving.changes(root.snapshot, leaver) == []


@MODEST
@given(situations(), st.sampled_from(USERS))
def test_a_leaver_receives_nothing_more_as_a_user(situation: Situation, user: str) -> None:
    root, questions = situation
    leaver = _leaver(root, questions, user)

    left = leaving.without(root.snapshot, leaver.file, user)

    roles = {
        recipient.person.role
        for decision in planning.plan(left, leaver.renewals, leaver.window)
        if decision.standing.partner_id == PARTNER
        for recipient in (*decision.to, *decision.cc)
        if recipient.person.user == user
    }
    assert roles <= {"decision_maker", "primary_contact", "billing_contacts"}
