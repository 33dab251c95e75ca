from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from roots import ON, decided, fact_of, renewal_of, snapshot_of, sources_of

from engine import configuration, snapshot
from engine.decisions import Decision, decide
from engine.notices import RENEWAL_NOTICE, Notice

USERS: dict[str, Any] = {
    "jana": {"name": "Jana Weber", "email": "jana@nordlicht.example"},
    "tom": {"name": "Tom Kern", "email": "tom@nordlicht.example"},
    "ines": {"name": "Ines Maier", "email": "ines@nordlicht.example", "admin": True},
}
HUBSPOT = {"owner": "hubspot", "contact": "jana"}
PARTNER = {"owner": "partner", "contact": "jana"}
VENDOR = {"renewal_manager": {"name": "Claire Dubois", "email": "claire@vendor.example"}}


def decision_of(
    fact: dict[str, Any] | None = None,
    *,
    rules: dict[str, Any] | None = None,
    notice: Notice = RENEWAL_NOTICE,
    **sections: Any,  # noqa: ANN401 - any YAML
) -> Decision:
    file = {"users": USERS, "default": HUBSPOT, **sections}
    used = snapshot_of({"nordlicht": file}, VENDOR, rules)
    return decided(used, notice, fact=fact_of(partner="nordlicht", **(fact or {})))


def to(decision: Decision) -> list[str | None]:
    return [recipient.person.user or recipient.person.email for recipient in decision.to]


def cc(decision: Decision) -> list[str | None]:
    return [recipient.person.user or recipient.person.email for recipient in decision.cc]


def route(**targets: Any) -> dict[str, Any]:  # noqa: ANN401 - any YAML
    return {"routes": [{"rule": "own", **targets}]}


def test_a_decision_says_what_it_is_about() -> None:
    notice = Notice(type="overage", kind="reminder", step="D-7")

    decision = decision_of({"renewal": "rn_7"}, notice=notice)

    assert (decision.renewal.renewal, decision.notice, decision.send_on) == ("rn_7", notice, ON)
    assert decision.standing.partner_id == "nordlicht"


def test_the_trace_goes_from_the_partner_over_the_settings_to_the_rules_and_the_people() -> None:
    users = {**USERS, "jana": {**USERS["jana"], "active": False}}
    used = snapshot_of(
        {
            "nordlicht": {
                "users": users,
                "default": {**HUBSPOT, "backup_contacts": ["tom"]},
                "covers": [{"user": "tom", "cover": "ines"}],
            },
            "suedwind": {"clients": {"acme": None}},
        },
        rules={"adjustments": [{"rule": "note", "reason": "NOTED"}]},
    )

    decision = decided(used, fact=fact_of(partner="nordlicht"))

    traced = [(step.kind, step.rule) for step in decision.trace]
    assert traced == [
        ("partner", "PARTNER_MISMATCH"),
        ("fallback", "CONTACT_FALLBACK"),
        ("route", "hubspot-owned"),
        ("adjustment", "note"),
        ("cover", "COVERED"),
    ]
    assert decision.reasons == ("PARTNER_MISMATCH", "CONTACT_FALLBACK", "NOTED", "COVERED")


def test_every_target_of_a_route_is_reached_in_order() -> None:
    decision = decision_of(rules=route(to=["renewal_manager", "partner_contact", "decision_maker"]))

    assert to(decision) == ["claire@vendor.example", "jana", "ada@acme.example"]


def test_one_target_that_reaches_somebody_is_enough() -> None:
    decision = decision_of({"contacts": None}, rules=route(to=["decision_maker", "partner_contact"]))

    assert (decision.outcome, to(decision)) == ("send", ["jana"])


def test_the_copies_of_who_is_in_to_come_first_in_cc() -> None:
    decision = decision_of(
        rules=route(to=["partner_contact"], cc=["partner_admins"]),
        covers=[{"user": "jana", "cover": "tom", "mode": "copy"}],
    )

    assert (to(decision), cc(decision)) == (["jana"], ["tom", "ines"])


def test_a_copy_for_somebody_who_is_in_to_anyway_is_dropped() -> None:
    decision = decision_of(
        rules=route(to=["partner_contact", "partner_admins"]),
        covers=[{"user": "jana", "cover": "ines", "mode": "copy"}],
    )

    assert (to(decision), cc(decision)) == (["jana", "ines"], [])
    assert decision.reasons == ("COVERED", "CC_DEDUPED")


def test_somebody_who_covers_for_two_receives_it_once() -> None:
    decision = decision_of(
        rules=route(to=["partner_contact", "backup_contacts"]),
        default={**PARTNER, "backup_contacts": ["tom"]},
        covers=[{"user": "jana", "cover": "ines"}, {"user": "tom", "cover": "ines"}],
    )

    assert to(decision) == ["ines"]
    assert [step.rule for step in decision.trace] == ["own", "COVERED", "COVERED"]
    assert decision.reasons == ("COVERED",)


def test_a_first_of_is_covered_by_the_role_that_was_reached_only() -> None:
    decision = decision_of(
        rules=route(to=[{"first_of": ["decision_maker", "partner_contact"]}]),
        covers=[{"user": "jana", "cover": "tom"}],
    )

    assert (to(decision), decision.reasons) == (["ada@acme.example"], ())


@pytest.mark.parametrize(("default", "purpose"), [(HUBSPOT, "information"), (PARTNER, "action")])
def test_a_mail_is_a_task_for_those_in_to_exactly_where_the_partner_owns(
    default: dict[str, str], purpose: str
) -> None:
    decision = decision_of(default=default, rules=route(to=["partner_contact"], cc=["renewal_manager"]))

    assert [recipient.purpose for recipient in decision.to] == [purpose]
    assert [recipient.purpose for recipient in decision.cc] == ["copy"]


def test_a_route_of_ones_own_that_reaches_nobody_asks_the_vendor_to_inform_the_contact() -> None:
    """The failsafe is for a partner where nobody can be reached, whoever owns the renewal."""
    rules = route(to=["primary_contact"])

    assert decision_of(rules=rules).reasons == ("NO_CLIENT_RECIPIENT",)
    assert decision_of(rules=rules, default=PARTNER).reasons == ("NO_CLIENT_RECIPIENT",)


def test_the_failsafe_is_explained_by_the_line_that_says_who_owns() -> None:
    users = {name: {**user, "active": False} for name, user in USERS.items()}

    decision = decision_of(users=users, default=PARTNER)

    failsafe = decision.trace[-1]
    assert (failsafe.rule, failsafe.kind) == ("OWNER_FAILSAFE_TO_VENDOR", "fallback")
    assert failsafe.origin == decision.standing.owner_origin


def test_the_task_of_a_rule_stands_beside_that_of_the_outcome() -> None:
    rules = {"adjustments": [{"rule": "call", "task": "CALL_THEM"}]}

    sent, unroutable = decision_of(rules=rules), decision_of({"contacts": None}, rules=rules)

    assert [(task.code, task.inform) for task in sent.tasks] == [("CALL_THEM", ())]
    assert [task.code for task in unroutable.tasks] == ["NO_CLIENT_RECIPIENT", "CALL_THEM"]


def test_people_keep_their_name_and_their_language() -> None:
    users = {**USERS, "jana": {**USERS["jana"], "locale": "de-DE"}}

    (recipient,) = decision_of(users=users).cc

    assert (recipient.person.name, recipient.person.locale) == ("Jana Weber", "de-DE")


def test_many_threads_get_the_decisions_that_one_gets() -> None:
    sources = sources_of({"nordlicht": {"users": USERS, "default": HUBSPOT, "clients": {"acme": None}}})
    checked = configuration.load(sources, ON)
    used, fresh = snapshot.from_configuration(checked), snapshot.from_configuration(checked)
    states: list[dict[str, Any]] = [
        {},
        {"status": "churned"},
        {"flags": ["dunning"]},
        {"portal_type": "demo"},
        {"contacts": None},
        {"partner": "westwind"},
    ]
    asked = [renewal_of(renewal=f"rn_{number}", **states[number % 6]) for number in range(600)]

    with ThreadPoolExecutor(max_workers=8) as threads:
        together = list(threads.map(lambda renewal: decide(used, renewal, RENEWAL_NOTICE, ON), asked))

    assert together == [decide(fresh, renewal, RENEWAL_NOTICE, ON) for renewal in asked]


def test_what_is_a_task_for_the_partner_is_information_for_the_client() -> None:
    rules = route(to=["partner_contact", "decision_maker"])

    decision = decision_of(default=PARTNER, rules=rules)

    assert [recipient.purpose for recipient in decision.to] == ["action", "information"]
