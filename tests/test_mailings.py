"""What is remembered of mailings is what would be found, whoever asked before."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from roots import ON, decided, fact_of, renewal_of, snapshot_of
from strategies import MODEST, Situation, any_situations

from engine import facts, mailings
from engine.decisions import decide
from engine.facts import Renewal
from engine.mailings import Mailings
from engine.notices import RENEWAL_NOTICE

USERS = {"jana": {"name": "Jana Weber", "email": "jana@nordlicht.example"}}
HUBSPOT = {"owner": "hubspot", "contact": "jana"}
PARTNER = {"owner": "partner", "contact": "jana"}
ADA, BOB = ({"decision_maker": {"email": f"{name}@acme.example"}} for name in ("ada", "bob"))


@MODEST
@given(any_situations())
def test_a_remembered_mailing_is_what_is_found_from_the_clients_own_standing(situation: Situation) -> None:
    root, questions = situation
    snapshot = root.snapshot
    for question in questions + questions:
        renewal = Renewal.from_fact(facts.from_value(question.fact), snapshot.vendor)
        placement = snapshot.place(renewal, question.notice, question.on)
        standing, on = placement.standing, question.on.toordinal()
        verdict = snapshot.rulebook.verdict(standing, renewal, question.notice, on)

        remembered = decide(snapshot, renewal, question.notice, question.on)

        own = placement._replace(like=standing)
        assert remembered.standing == standing
        assert _found(remembered.mailing) == _found(mailings.mailing(own, verdict, renewal, snapshot.vendor))


def test_notices_that_differ_in_nothing_that_counts_share_one() -> None:
    used = snapshot_of({"nordlicht": {"users": USERS, "default": HUBSPOT}})

    one, same, other = (
        decided(used, fact=fact_of(partner="nordlicht", contacts=contacts)) for contacts in (ADA, ADA, BOB)
    )

    assert one.mailing is same.mailing
    assert one.mailing is not other.mailing


def test_where_only_the_partner_hears_of_it_all_clients_share_one() -> None:
    clients = {"acme": {"website": "acme.example"}, "globex": {"labels": {"segment": "small"}}}
    used = snapshot_of({"nordlicht": {"users": USERS, "default": PARTNER, "clients": clients}})

    one, other, unlisted = (
        decided(used, fact=fact_of(client=client, partner="nordlicht", contacts=contacts))
        for client, contacts in (("acme", ADA), ("globex", BOB), ("initech", None))
    )

    assert one.mailing is other.mailing
    assert one.mailing is unlisted.mailing
    assert one.standing.website == "acme.example"
    assert other.standing.client_labels == {"segment": "small"}


def test_a_client_whom_only_an_adjustment_copies_counts_too() -> None:
    rules = {"adjustments": [{"rule": "copy", "add": {"cc": ["decision_maker"]}}]}
    used = snapshot_of({"nordlicht": {"users": USERS, "default": PARTNER}}, rules=rules)

    ada, bob = (
        decided(used, fact=fact_of(partner="nordlicht", contacts=contacts)) for contacts in (ADA, BOB)
    )

    assert [ada.cc[0].person.email, bob.cc[0].person.email] == ["ada@acme.example", "bob@acme.example"]


def test_an_override_stands_by_itself() -> None:
    clients = {"acme": {"override": {"owner": "hubspot"}}, "globex": None}
    used = snapshot_of({"nordlicht": {"users": USERS, "default": PARTNER, "clients": clients}})

    acme, globex = (decided(used, fact=fact_of(client=client)) for client in clients)

    assert [acme.to[0].person.email, globex.to[0].person.email] == [
        "ada@acme.example",
        "jana@nordlicht.example",
    ]


def test_a_snapshot_with_other_partners_remembers_nothing_of_the_first() -> None:
    used = snapshot_of({"nordlicht": {"users": USERS, "default": PARTNER}})
    fact = fact_of(partner="nordlicht")
    before = decided(used, fact=fact)

    emptied = used.with_partners([])

    assert decided(emptied, fact=fact).outcome == "unroutable"
    assert decided(used, fact=fact).mailing is before.mailing
    assert len(used.mailings._known) == 1


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailings, "_REMEMBERED", 2)
    used = snapshot_of({"nordlicht": {"users": USERS, "default": HUBSPOT}})
    remembered = Mailings()

    found = []
    for number in range(9):
        renewal = renewal_of(contacts={"decision_maker": {"email": f"ada{number}@acme.example"}})
        placement = used.place(renewal, RENEWAL_NOTICE, ON)
        verdict = used.rulebook.verdict(placement.standing, renewal, RENEWAL_NOTICE, ON.toordinal())
        found.append(remembered.of(placement, verdict, renewal, used.vendor))

    assert [mailing.to[0].person.email for mailing in found] == [f"ada{n}@acme.example" for n in range(9)]
    assert len(remembered._known) <= 2


def test_a_decision_that_is_noted_or_without_mail_leaves_the_shared_one_as_it_is() -> None:
    used = snapshot_of({"nordlicht": {"users": USERS, "default": HUBSPOT}})
    decision = decided(used)

    noted, silent = decision.noted("CAUGHT_UP"), decision.without_mail("SAME_DAY")

    assert (noted.outcome, noted.reasons) == ("send", (*decision.reasons, "CAUGHT_UP"))
    assert (silent.outcome, silent.to, silent.cc, silent.tasks) == ("suppress", (), (), ())
    assert silent.reasons == (*decision.reasons, "SAME_DAY")
    assert decided(used) == decision


def _found(mailing: mailings.Mailing) -> dict[str, Any]:
    """Return everything but the standing by which it is remembered."""
    return {name: value for name, value in msgspec.structs.asdict(mailing).items() if name != "like"}
