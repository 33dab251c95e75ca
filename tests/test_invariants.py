"""What always holds of a decision (docs/requirements.md, invariants), on random roots and random facts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    DEFAULT_WITH_CONTACT,
    MODEST,
    NO_OVERRIDE,
    OVERRIDE_WITH_CONTACT,
    OVERRIDE_WITHOUT_CONTACT,
    PARTNER,
    THOROUGH,
    UNKNOWN_PARTNER,
    Question,
    Root,
    Situation,
    Written,
    any_situations,
    decisions,
    one_or_several,
    questions,
    roots,
    same,
    situations,
)

from engine import reasons, schemas, vocabulary
from engine.decisions import Decision
from engine.envelopes import Recipient
from engine.reports import decisions as reports

SUPPRESSIONS = (
    "TEST_PORTAL",
    "CHURNED",
    "NON_RENEWING",
    "ALREADY_RENEWED",
    "ORDER_IN_PROGRESS",
    "HOLD",
    "DUNNING_ACTIVE",
)
"""The reasons not to send, in the order of docs/requirements.md."""


def addresses(recipients: Iterable[Recipient]) -> list[str]:
    return [same(recipient.person.email) for recipient in recipients]


def seen(root: Root, question: Question) -> dict[str, Any]:
    """Return the decision as JSON has it, without saying where things are written."""
    report = reports.to_builtins(root.decide(question), root.snapshot)
    return {key: _placeless(value) for key, value in report.items() if key != "revision"}


def _placeless(value: object) -> object:
    if isinstance(value, dict):
        return {key: _placeless(item) for key, item in value.items() if key != "origin"}
    return [_placeless(item) for item in value] if isinstance(value, list) else value


@MODEST
@given(any_situations())
def test_a_sent_notice_and_no_other_has_somebody_in_to(situation: Situation) -> None:
    for question, decision in decisions(situation):
        assert (decision.outcome == "send") == bool(decision.to), question


@MODEST
@given(situations())
def test_cc_holds_users_of_the_partner_only(situation: Situation) -> None:
    root, _ = situation
    for question, decision in decisions(situation):
        for recipient in decision.cc:
            if recipient.person.role == vocabulary.RENEWAL_MANAGER:  # of a partner that keeps silent
                assert (decision.standing.owner, decision.notice.step) == ("partner", "D-7"), question
                continue
            user = root.partners[decision.standing.partner_id or ""]["users"][recipient.person.user]
            assert recipient.person.role in vocabulary.PARTNER_ROLES, question
            assert recipient.person.email == user["email"], question


@MODEST
@given(situations())
def test_who_has_left_a_partner_receives_nothing_on_its_behalf(situation: Situation) -> None:
    root, asked = situation
    copy_all = {"rule": "copy-all", "add": {"cc": ["backup_contacts", "partner_admins"]}}
    copying = replace(root, rules={"adjustments": [copy_all]})

    for question, decision in decisions((copying, asked)):
        for recipient in (*decision.to, *decision.cc):
            if recipient.person.role in vocabulary.PARTNER_ROLES:
                user = root.partners[decision.standing.partner_id or ""]["users"][recipient.person.user]
                assert user.get("active", True), question


@MODEST
@given(situations())
def test_no_address_of_the_client_appears_where_the_partner_owns(situation: Situation) -> None:
    root, _ = situation
    for question, decision in decisions(situation):
        if decision.standing.owner == "partner":
            informed = [recipient for task in decision.tasks for recipient in task.inform]
            addressed = {*addresses(decision.to), *addresses(decision.cc), *addresses(informed)}
            assert addressed.isdisjoint(question.client_addresses - root.user_addresses), question
            assert all(recipient.person.role == "partner_contact" for recipient in decision.to), question


@MODEST
@given(situations())
def test_only_the_decision_maker_is_in_to_where_hubspot_owns(situation: Situation) -> None:
    for question, decision in decisions(situation):
        if decision.standing.owner == "hubspot" and decision.outcome == "send":
            decision_maker = question.fact["contacts"]["decision_maker"]
            assert [recipient.person.email for recipient in decision.to] == [decision_maker["email"]]


@MODEST
@given(situations(), one_or_several(NO_OVERRIDE))
def test_the_override_default_is_no_override(situation: Situation, override: object) -> None:
    root, asked = situation
    without, with_default = root.with_entries(override=None), root.with_entries(override=override)

    for question in asked:
        assert seen(with_default, question) == seen(without, question), question


@MODEST
@given(
    roots() | roots(own_rules=True),
    questions(),
    DEFAULT_WITH_CONTACT,
    OVERRIDE_WITH_CONTACT | OVERRIDE_WITHOUT_CONTACT,
)
def test_an_override_does_not_depend_on_the_owner_of_the_default(
    root: Root, asked: list[Question], default: Written, override: Written
) -> None:
    pinned = root.with_entries(override=override)
    sides = [pinned.with_partner(default={**default, "owner": owner}) for owner in ("hubspot", "partner")]
    followed = root.snapshot.vendor.notice_types_following_override

    for question in asked:
        if question.notice.type in followed and _is_listed(root, question):
            one, other = (seen(side, question) for side in sides)
            assert {field for field in one if one[field] != other[field]} == {"current_default_settings"}
            assert one["owner"] == {"value": override["owner"], "source": "client_override"}, question


def _is_listed(root: Root, question: Question) -> bool:
    """Whether the entry of the client is in force, at the partner that the fact names."""
    entry = root.partners[PARTNER]["clients"].get(question.fact["client"])
    is_in_force = entry is not None and question.on.isoformat() < entry.get("until", "9999")
    return is_in_force and question.fact["partner"] == PARTNER


@MODEST
@given(any_situations())
def test_nobody_receives_a_notice_twice(situation: Situation) -> None:
    for question, decision in decisions(situation):
        times = Counter(addresses((*decision.to, *decision.cc)))
        assert all(count == 1 for count in times.values()), question


@MODEST
@given(any_situations())
def test_nobody_receives_what_is_not_sent_and_there_is_a_reason(situation: Situation) -> None:
    for question, decision in decisions(situation):
        if decision.outcome != "send":
            assert decision.to == decision.cc == (), question
            assert decision.reasons, question


@MODEST
@given(any_situations())
def test_what_cannot_be_delivered_is_somebodys_task(situation: Situation) -> None:
    for question, decision in decisions(situation):
        if decision.outcome == "unroutable":
            assert decision.tasks[0].code in decision.reasons, question


@MODEST
@given(any_situations())
def test_deciding_is_a_pure_function(situation: Situation) -> None:
    root, asked = situation
    same_root = replace(root)
    first = [reports.to_builtins(root.decide(question), root.snapshot) for question in asked]
    second = [reports.to_builtins(root.decide(question), root.snapshot) for question in reversed(asked)]
    third = [reports.to_builtins(same_root.decide(question), same_root.snapshot) for question in asked]

    assert first == second[::-1] == third


@MODEST
@given(any_situations(), st.dates(), st.dates())
def test_every_question_has_a_decision_on_every_day(
    situation: Situation, on: dt.date, renewal_date: dt.date
) -> None:
    root, asked = situation
    moved = [
        replace(each, fact={**each.fact, "renewal_date": renewal_date.isoformat()}, on=on) for each in asked
    ]
    decided = [reports.to_builtins(root.decide(question), root.snapshot) for question in moved]
    report: Any = {"format_version": "1.0", "decisions": decided[:5]}

    assert list(schemas.violations("decision", report)) == []


@MODEST
@given(situations())
def test_suppression_does_not_depend_on_who_can_be_reached(situation: Situation) -> None:
    root, asked = situation
    users = root.partners[PARTNER]["users"]
    deserted = root.with_partner(users={name: {**user, "active": False} for name, user in users.items()})

    for question in asked:
        before = root.decide(question)
        after = deserted.decide(replace(question, fact={**question.fact, "contacts": None}))
        assert suppressions(before) == suppressions(after), question
        assert (before.outcome == "suppress") == (after.outcome == "suppress"), question


@MODEST
@given(situations())
def test_the_facts_suppress_whether_or_not_the_partner_is_known(situation: Situation) -> None:
    root, asked = situation
    for question in asked:
        known = suppressions(root.decide(question))
        unknown = root.decide(replace(question, fact={**question.fact, "partner": UNKNOWN_PARTNER}))
        by_facts = [reason for reason in known if reason != "HOLD"]
        assert suppressions(unknown) == by_facts, question
        assert unknown.outcome == ("suppress" if by_facts else "unroutable"), question


@MODEST
@given(situations())
def test_the_reasons_to_suppress_are_in_order_and_nothing_else_suppresses(situation: Situation) -> None:
    for question, decision in decisions(situation):
        listed = suppressions(decision)
        assert listed == sorted(listed, key=SUPPRESSIONS.index), question
        assert bool(listed) == (decision.outcome == "suppress"), question


def suppressions(decision: Decision) -> list[str]:
    return [reason for reason in decision.reasons if reason in SUPPRESSIONS]


@MODEST
@given(situations())
def test_every_reason_has_a_meaning_and_is_given_once(situation: Situation) -> None:
    for question, decision in decisions(situation):
        assert set(decision.reasons) <= reasons.REASONS.keys(), question
        assert len(set(decision.reasons)) == len(decision.reasons), question


@MODEST
@given(situations())
def test_every_fallback_is_in_the_reasons_and_in_the_trace(situation: Situation) -> None:
    for question, decision in decisions(situation):
        traced = {step.rule for step in decision.trace}
        fallbacks = {step.rule for step in decision.trace if step.kind in {"fallback", "cover", "partner"}}
        assert fallbacks <= set(decision.reasons), question
        if decision.standing.contact_source in {"backup_contact", "partner_admin"}:
            assert "CONTACT_FALLBACK" in traced, question
        for recipient in decision.to + decision.cc:
            if recipient.person.role == "partner_contact":
                assert recipient.person.user == decision.standing.contact or "COVERED" in traced, question


@pytest.mark.slow
@pytest.mark.timeout(600)
@THOROUGH
@given(any_situations())
def test_all_at_once_for_long(situation: Situation) -> None:
    root, _ = situation
    for question, decision in decisions(situation):
        addressed = addresses((*decision.to, *decision.cc))
        assert (decision.outcome == "send") == bool(decision.to), question
        assert len(set(addressed)) == len(addressed), question
        assert bool(decision.tasks) or decision.outcome != "unroutable", question
        assert root.decide(question) == decision, question
