from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from hypothesis import given
from roots import ON, decided, fact_of, snapshot_of
from strategies import MODEST, Situation, decisions, same, situations

from engine import facts, identity
from engine.decisions import Decision, decide
from engine.facts import Renewal
from engine.notices import Notice

ROOT = snapshot_of({})


def decision_of(notice: Notice | None = None, *, on: dt.date = ON, **fields: Any) -> Decision:  # noqa: ANN401 - any JSON
    return decided(ROOT, notice or Notice(), on=on, fact=fact_of(**fields))


def by_hand(**fields: Any) -> Decision:  # noqa: ANN401 - any JSON
    value = {"renewal": "made-by-hand", "client": "acme", "renewal_date": "2027-02-15", **fields}
    return decide(ROOT, Renewal.from_fact(facts.from_value(value), ROOT.vendor, by_hand=True), Notice(), ON)


def test_a_key_is_the_same_in_every_version() -> None:
    """Pipelines keep keys for years: were they made in another way, everything would be sent again."""
    assert identity.idempotency_key(decision_of()) == "db424180ca12f26c182f40435cefef80"
    assert identity.idempotency_key(decision_of(Notice(step="R-30"))) == "71399c38b88cd921717790da3fd3c3c2"
    assert identity.idempotency_key(by_hand()) == "cc7e19d9717b15352155506fd37b1527"


def test_a_digest_is_the_same_in_every_version() -> None:
    assert identity.recipients_digest(decision_of()) == "ca58bd190df913f76ea306d7414ffb27"
    assert identity.message(decision_of()) == "098564472d601efc4f001ae054f41f70"
    assert identity.idempotency_key(decision_of(renewal="Größe 契約")) == "3ce58d25fbd8b211ebfb22068f6df0b7"


def test_a_digest_that_is_known_makes_no_difference() -> None:
    for decision in (decision_of(), decision_of(status="churned"), by_hand()):
        known = identity.recipients_digest(decision)

        assert identity.message(decision, known) == identity.message(decision)


def test_a_step_counts_in_place_of_the_send_date() -> None:
    early, late = (decision_of(Notice(step="R-30"), on=day) for day in (ON, ON + dt.timedelta(1)))

    assert identity.idempotency_key(early) == identity.idempotency_key(late)


def test_a_renewal_made_by_hand_is_known_by_its_client() -> None:
    assert identity.idempotency_key(by_hand()) == identity.idempotency_key(by_hand())
    assert identity.idempotency_key(by_hand()) != identity.idempotency_key(by_hand(client="globex"))


def test_a_renewal_named_like_a_client_is_no_renewal_made_by_hand() -> None:
    assert identity.idempotency_key(by_hand()) != identity.idempotency_key(decision_of(renewal="acme"))


def test_parts_do_not_run_into_each_other() -> None:
    assert identity._digest("ab", "c") != identity._digest("a", "bc")
    assert identity._digest("a", "") != identity._digest("a")
    assert identity._digest("1:a") != identity._digest("a")


def test_ids_of_any_script_have_a_key() -> None:
    names = ["Größe", "契約", "\ud800"]

    keys = {identity.idempotency_key(decision_of(renewal=name)) for name in names[:2]}

    assert len(keys) == 2
    assert identity._digest(names[2])


def test_a_message_goes_out_only_when_something_is_sent() -> None:
    assert identity.message(decision_of()) is not None
    assert identity.message(decision_of(status="churned")) is None
    assert identity.message(decision_of(contacts=None)) is None


@MODEST
@given(situations())
def test_each_key_is_the_same_exactly_for_the_same_thing(situation: Situation) -> None:
    listed = [decision for _, decision in decisions(situation)][:40]
    for one, other in itertools.combinations(listed, 2):
        assert (identity.idempotency_key(one) == identity.idempotency_key(other)) == (
            notice_of(one) == notice_of(other)
        )
        assert (identity.recipients_digest(one) == identity.recipients_digest(other)) == (
            recipients_of(one) == recipients_of(other)
        )
        if one.outcome == other.outcome == "send":
            assert (identity.message(one) == identity.message(other)) == (mail_of(one) == mail_of(other))


def notice_of(decision: Decision) -> object:
    renewal, notice = decision.renewal, decision.notice
    return renewal.renewal, renewal.renewal_date, notice.type, notice.step or decision.send_on


def recipients_of(decision: Decision) -> object:
    to, cc = ({same(one.person.email) for one in some} for some in (decision.to, decision.cc))
    return to, cc


def mail_of(decision: Decision) -> object:
    notice = decision.notice
    return decision.renewal.client, notice.type, notice.step, decision.send_on, recipients_of(decision)
