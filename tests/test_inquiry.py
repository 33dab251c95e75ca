from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest
from roots import fact_of, snapshot_of

from engine import inquiry
from engine.decisions import Decision
from engine.diagnostics import InputError
from engine.facts import RenewalFact
from engine.inquiry import Question
from engine.notices import Notice
from engine.snapshot import Snapshot

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
ROOT = snapshot_of(
    {
        "nordlicht": {
            "users": {"jana": {"name": "Jana Weber", "email": "jana@nordlicht.example"}},
            "default": {"owner": "hubspot", "contact": "jana"},
            "clients": {
                "acme": {"website": "acme.example"},
                "globex": {"website": "globex.example", "until": "2027-01-01"},
                "wayne": None,
            },
        },
        "suedwind": {
            "users": {"carla": {"name": "Carla Moser", "email": "carla@suedwind.example"}},
            "default": {"owner": "partner", "contact": "carla"},
            "clients": {"globex": {"website": "globex.example", "from": "2027-01-01"}},
        },
    },
    {"time_zone": "Pacific/Auckland"},
)
FACTS = [
    fact_of(renewal="rn_3", client="initech", partner="suedwind", website="initech.example"),
    fact_of(renewal="rn_2", client="acme"),
    fact_of(renewal="rn_4", client="globex"),
    fact_of(renewal="rn_1", client="acme", tier="starter"),
]


def asked(
    *,
    root: Snapshot = ROOT,
    known: Iterable[RenewalFact] = FACTS,
    now: dt.datetime = NOW,
    **question: Any,  # noqa: ANN401 - any field
) -> list[Decision]:
    return list(inquiry.answer(root, list(known), Question(**question), now))


def names(decided: Iterable[Decision]) -> list[tuple[str, str | None]]:
    return [(decision.renewal.client, decision.renewal.renewal) for decision in decided]


def refused(**question: Any) -> InputError:  # noqa: ANN401 - any field
    with pytest.raises(InputError) as error:
        asked(**question)
    return error.value


def test_a_client_has_a_decision_for_each_of_its_renewals_in_order() -> None:
    assert names(asked(client="acme")) == [("acme", "rn_1"), ("acme", "rn_2")]


def test_all_renewals_are_ordered_by_client_and_renewal() -> None:
    everything = [("acme", "rn_1"), ("acme", "rn_2"), ("globex", "rn_4"), ("initech", "rn_3")]

    assert names(asked()) == everything


def test_one_renewal_can_be_meant() -> None:
    assert names(asked(renewal="rn_2")) == [("acme", "rn_2")]


@pytest.mark.parametrize(
    "name",
    [
        "acme",
        "ACME",
        " acme ",
        "acme.example",
        "www.acme.example",
        "https://www.acme.example/pricing",
        "http://ACME.example",
    ],
)
def test_a_client_is_found_by_its_id_or_its_website_as_people_paste_it(name: str) -> None:
    assert names(asked(client=name)) == [("acme", "rn_1"), ("acme", "rn_2")]


def test_a_client_that_no_file_lists_is_found_by_the_website_of_its_fact() -> None:
    assert names(asked(client="initech.example")) == [("initech", "rn_3")]


def test_a_client_that_moved_has_one_website_all_the_same() -> None:
    assert names(asked(client="globex.example")) == [("globex", "rn_4")]


def test_a_website_of_two_clients_is_refused_with_their_ids() -> None:
    twin = fact_of(renewal="rn_9", client="acme-labs", website="acme.example")

    error = refused(client="acme.example", known=[*FACTS, twin])

    assert error.message == "acme.example may be acme or acme-labs"
    assert error.hint == "give the client's id"


def test_an_id_means_its_client_though_it_is_the_website_of_another() -> None:
    odd = fact_of(renewal="rn_9", client="acme.example", website="other.example")

    assert names(asked(client="acme.example", known=[*FACTS, odd])) == [("acme.example", "rn_9")]


def test_an_id_that_looks_like_the_start_of_a_website_is_an_id() -> None:
    odd = fact_of(renewal="rn_9", client="www.odd")

    assert names(asked(client="www.odd", known=[odd])) == [("www.odd", "rn_9")]


def test_the_clients_of_a_partner_are_those_of_the_facts_and_of_its_file() -> None:
    assert names(asked(partner="nordlicht")) == [("acme", "rn_1"), ("acme", "rn_2"), ("globex", "rn_4")]
    assert names(asked(partner="suedwind")) == [("initech", "rn_3")]


def test_the_clients_of_a_partner_are_those_of_the_send_date() -> None:
    moved = dt.date(2027, 1, 1)

    assert names(asked(partner="suedwind", on=moved)) == [("globex", "rn_4"), ("initech", "rn_3")]


def test_a_partner_of_whom_no_renewal_is_known_has_no_decisions() -> None:
    assert asked(partner="suedwind", known=FACTS[1:2]) == []


def test_a_partner_that_only_a_fact_names_can_be_asked_about() -> None:
    orphan = fact_of(renewal="rn_9", client="hooli", partner="westwind")

    assert [decision.outcome for decision in asked(partner="westwind", known=[orphan])] == ["unroutable"]


@pytest.mark.parametrize(
    ("question", "message", "hint"),
    [
        ({"client": "acmee"}, "there is no client acmee", "did you mean acme?"),
        ({"client": "acme.exampel"}, "there is no client acme.exampel", "did you mean acme.example?"),
        ({"renewal": "rn_5"}, "there is no renewal rn_5", "did you mean rn_4?"),
        ({"partner": "nordlich"}, "there is no partner nordlich", "did you mean nordlicht?"),
    ],
)
def test_a_name_that_nobody_knows_is_refused_with_a_suggestion(
    question: dict[str, str], message: str, hint: str
) -> None:
    error = refused(**question)

    assert (error.message, (error.hint or "").partition(" Else ")[0]) == (message, hint)


def test_a_client_without_renewals_is_refused_with_an_example() -> None:
    error = refused(client="wayne")

    assert error.message == "no renewal is known of client wayne"
    assert error.hint is not None
    assert "--client wayne --set renewal_date=2027-03-01 --set decision_maker.email=" in error.hint


def test_without_any_facts_only_a_client_can_be_asked_about() -> None:
    assert refused(renewal="rn_1", known=[]).message == "there are no renewal facts"
    assert refused(partner="nordlicht", known=[]).message == "there are no renewal facts"
    assert refused(known=[]).message == "there are no renewal facts"


# --set


def test_what_is_assumed_takes_the_place_of_the_fact() -> None:
    (decision,) = asked(renewal="rn_2", settings=(("status", "churned"),))

    assert (decision.outcome, decision.reasons) == ("suppress", ("CHURNED",))


def test_what_is_assumed_holds_for_every_renewal_that_is_meant() -> None:
    decided = asked(client="acme", settings=(("decision_maker.email", "bob@acme.example"),))

    assert [decision.to[0].person.email for decision in decided] == ["bob@acme.example"] * 2


def test_the_rest_of_the_fact_stays() -> None:
    (decision,) = asked(renewal="rn_1", settings=(("locale", "fr"),))

    assert (decision.renewal.tier, decision.renewal.locale) == ("starter", "fr")


def test_the_partner_can_be_assumed() -> None:
    (decision,) = asked(renewal="rn_2", settings=(("partner", "suedwind"),))

    assert decision.to[0].person.email == "carla@suedwind.example"
    assert decision.reasons == ("PARTNER_MISMATCH",)


BY_HAND = (("renewal_date", "2027-03-01"), ("decision_maker.email", "bob@wayne.example"))


def test_a_renewal_can_be_made_by_hand_for_a_client_without_one() -> None:
    (decision,) = asked(client="wayne", settings=BY_HAND)

    assert names([decision]) == [("wayne", None)]
    assert decision.renewal.renewal_date == dt.date(2027, 3, 1)
    assert [recipient.person.email for recipient in decision.to] == ["bob@wayne.example"]
    assert [recipient.person.email for recipient in decision.cc] == ["jana@nordlicht.example"]


def test_a_renewal_can_be_made_by_hand_without_any_facts() -> None:
    assert names(asked(client="wayne", known=[], settings=BY_HAND)) == [("wayne", None)]


def test_a_renewal_can_be_made_by_hand_for_a_client_that_nobody_knows_yet() -> None:
    (decision,) = asked(client="newco", settings=(*BY_HAND, ("partner", "suedwind")))

    assert (decision.renewal.client, decision.standing.partner_id) == ("newco", "suedwind")


def test_a_client_named_by_its_website_keeps_its_id_when_the_renewal_is_made_by_hand() -> None:
    assert names(asked(client="acme.example", known=[], settings=BY_HAND)) == [("acme", None)]


def test_a_real_renewal_is_not_made_by_hand_because_its_date_is_assumed() -> None:
    decided = asked(client="acme", settings=(("renewal_date", "2027-03-01"),))

    assert names(decided) == [("acme", "rn_1"), ("acme", "rn_2")]


@pytest.mark.parametrize(
    ("setting", "part"),
    [
        (("statsu", "churned"), "--set statsu: there is no such field"),
        (("status", "gone"), "status"),
        (("renewal_date", "2027-02-30"), "renewal_date"),
        (("decision_maker.email", "nobody"), "email"),
        (("time_zone", "Europe/Berlim"), "time_zone"),
    ],
)
def test_what_makes_no_sense_to_assume_is_refused(setting: tuple[str, str], part: str) -> None:
    error = refused(client="acme", settings=(setting,))

    assert error.message.startswith("--set")
    assert part in f"{error.message} {error.hint}"


def test_a_mistyped_field_comes_with_a_suggestion() -> None:
    assert refused(client="acme", settings=(("statsu", "x"),)).hint == "did you mean status?"


# the notice and its day


def test_notice_and_day_are_those_of_the_question() -> None:
    notice, day = Notice(type="overage", step="D-7"), dt.date(2027, 2, 1)

    (decision,) = asked(renewal="rn_1", notice=notice, on=day)

    assert (decision.notice, decision.send_on) == (notice, day)


LATE = dt.datetime(2026, 11, 23, 23, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("client_zone", "partner_zone", "vendor_zone", "today"),
    [
        ("America/New_York", "Europe/Berlin", "Asia/Tokyo", 23),
        ("Europe/Berlin", "America/New_York", "America/New_York", 24),
        (None, "Europe/Berlin", "America/New_York", 24),
        (None, "America/New_York", "Asia/Tokyo", 23),
        (None, None, "Asia/Tokyo", 24),
        (None, None, "America/New_York", 23),
        (None, None, None, 23),
    ],
)
def test_today_is_the_day_where_the_client_is_else_the_partner_else_the_vendor(
    client_zone: str | None, partner_zone: str | None, vendor_zone: str | None, today: int
) -> None:
    file = {"time_zone": partner_zone} if partner_zone else {}
    vendor = {"time_zone": vendor_zone} if vendor_zone else {}
    root = snapshot_of({"nordlicht": file}, vendor)
    fact = fact_of(partner="nordlicht", time_zone=client_zone)

    (decision,) = asked(root=root, known=[fact], now=LATE)

    assert decision.send_on == dt.date(2026, 11, today)


def test_the_zone_of_the_partner_is_that_of_the_file_that_lists_the_client() -> None:
    root = snapshot_of({"nordlicht": {"time_zone": "Europe/Berlin", "clients": {"acme": None}}})

    assert [decision.send_on for decision in asked(root=root, known=[fact_of()], now=LATE)] == [
        dt.date(2026, 11, 24)
    ]


def test_the_partner_of_record_is_the_facts_else_the_listing_ones_else_none() -> None:
    day = dt.date(2026, 12, 1)

    assert inquiry.partner_of_record(ROOT, fact_of(client="acme", partner="suedwind"), day) == "suedwind"
    assert inquiry.partner_of_record(ROOT, fact_of(client="acme"), day) == "nordlicht"
    assert inquiry.partner_of_record(ROOT, fact_of(client="hooli"), day) is None
