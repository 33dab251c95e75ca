from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from roots import ON, fact_of, snapshot_of
from strategies import MODEST, ROLES, Situation, decisions, same, situations

from engine import people
from engine.facts import Renewal
from engine.model import Vendor, VendorContact
from engine.notices import RENEWAL_NOTICE
from engine.ownership import Standing
from engine.persons import NOBODY
from engine.snapshot import Snapshot

VENDOR = Vendor(
    renewal_manager=VendorContact(name="Claire Dubois", email="claire@vendor.example", locale="fr-FR"),
    roles={"legal": VendorContact(name="Rasmus Holt", email="legal@vendor.example")},
)
FILE: dict[str, Any] = {
    "users": {
        "jana": {"name": "Jana Weber", "email": "Jana@nordlicht.example", "locale": "de-DE"},
        "tom": {"name": "Tom Kern", "email": "tom@nordlicht.example", "admin": True},
        "ben": {"name": "Ben Roth", "email": "ben@nordlicht.example", "admin": True},
    },
    "default": {"owner": "partner", "contact": "jana", "backup_contacts": ["ben", "tom"]},
}


def standing_of(**sections: Any) -> Standing:  # noqa: ANN401 - any YAML
    used: Snapshot = snapshot_of({"nordlicht": {**FILE, **sections}})
    return used.place(renewal_of(partner="nordlicht"), RENEWAL_NOTICE, ON).standing


def renewal_of(**fields: Any) -> Renewal:  # noqa: ANN401 - any JSON
    return Renewal.from_fact(fact_of(**fields), VENDOR)


def reached(*target: str, standing: Standing | None = None, **fields: Any) -> list[str]:  # noqa: ANN401 - any JSON
    found = people.reach(target, standing or standing_of(), renewal_of(**fields), VENDOR)
    return [person.email for person in found.people]


def without(*users: str) -> dict[str, Any]:
    return {name: {**user, "active": name not in users} for name, user in FILE["users"].items()}


def test_people_keep_their_address_as_written() -> None:
    (jana,) = people.reach(("partner_contact",), standing_of(), renewal_of(), VENDOR).people

    assert (jana.email, jana.address) == ("Jana@nordlicht.example", "jana@nordlicht.example")
    assert (jana.user, jana.name, jana.locale, jana.role) == (
        "jana",
        "Jana Weber",
        "de-DE",
        "partner_contact",
    )


def test_backup_contacts_come_in_their_order_and_admins_in_that_of_the_file() -> None:
    assert reached("backup_contacts") == ["ben@nordlicht.example", "tom@nordlicht.example"]
    assert reached("partner_admins") == ["tom@nordlicht.example", "ben@nordlicht.example"]


def test_who_has_left_is_in_no_role() -> None:
    standing = standing_of(users=without("ben"))

    assert reached("backup_contacts", standing=standing) == ["tom@nordlicht.example"]
    assert reached("partner_admins", standing=standing) == ["tom@nordlicht.example"]


@pytest.mark.parametrize(
    ("state", "is_live"),
    [
        ({}, True),
        ({"active": True, "bounced": False}, True),
        ({"active": None, "bounced": None}, True),
        ({"active": False}, False),
        ({"bounced": True}, False),
    ],
)
def test_mail_reaches_a_contact_who_is_active_and_has_not_bounced(
    state: dict[str, Any], *, is_live: bool
) -> None:
    emails = reached("decision_maker", decision_maker={"email": "ada@acme.example", **state})

    assert emails == (["ada@acme.example"] if is_live else [])


def test_every_billing_contact_who_is_live_is_reached() -> None:
    billing = [
        {"email": "pay@acme.example"},
        {"email": "old@acme.example", "bounced": True},
        {"email": "b@acme.example"},
    ]

    assert reached("billing_contacts", contacts={"billing_contacts": billing}) == [
        "pay@acme.example",
        "b@acme.example",
    ]


def test_a_client_without_contacts_is_reached_in_no_role() -> None:
    for role in ("decision_maker", "primary_contact", "billing_contacts"):
        assert reached(role, contacts=None) == []
        assert reached(role, contacts={"billing_contacts": None}) == []


def test_the_people_of_the_vendor_are_in_the_roles_of_its_file() -> None:
    assert reached("renewal_manager") == ["claire@vendor.example"]
    assert reached("vendor.legal") == ["legal@vendor.example"]


def test_a_vendor_without_a_file_is_reached_in_no_role() -> None:
    assert people.reach(("renewal_manager",), standing_of(), renewal_of(), Vendor()) == NOBODY
    assert people.reach(("vendor.legal",), standing_of(), renewal_of(), Vendor()) == NOBODY


def test_of_several_roles_the_first_that_reaches_anybody_counts() -> None:
    billing = {"billing_contacts": [{"email": "pay@acme.example"}]}

    assert reached("decision_maker", "billing_contacts", "partner_contact", contacts=billing) == [
        "pay@acme.example"
    ]
    assert reached("decision_maker", "primary_contact", contacts=None) == []


def test_a_cover_stands_in_the_role_of_who_is_away() -> None:
    standing = standing_of(covers=[{"user": "jana", "cover": "ben"}])

    found = people.reach(("partner_contact",), standing, renewal_of(), VENDOR)

    assert [(person.role, person.user) for person in found.people] == [("partner_contact", "ben")]
    assert [(step.rule, step.kind) for step in found.steps] == [("COVERED", "cover")]


def test_a_copy_does_not_take_the_place_of_who_is_away() -> None:
    standing = standing_of(covers=[{"user": "jana", "cover": "ben", "mode": "copy"}])

    found = people.reach(("partner_contact",), standing, renewal_of(), VENDOR)

    assert [person.user for person in found.people] == ["jana"]
    assert [person.user for person in found.copies] == ["ben"]


def test_a_decision_maker_is_a_partner_user_by_the_address_alone() -> None:
    standing = standing_of()

    assert people.is_partner_user(standing, renewal_of(decision_maker={"email": " JANA@nordlicht.example"}))
    assert not people.is_partner_user(
        standing, renewal_of(decision_maker={"email": "ada@acme.example", "user": "jana"})
    )
    assert not people.is_partner_user(standing, renewal_of(contacts=None))


def test_the_roles_of_a_client_without_partner_are_the_clients_and_the_vendors() -> None:
    roles = people.reachable_roles(Standing(), renewal_of(), VENDOR)

    assert roles == {"decision_maker", "renewal_manager", "vendor.legal"}


@MODEST
@given(situations())
def test_a_role_is_reachable_when_somebody_is_reached_in_it(situation: Situation) -> None:
    vendor = situation[0].snapshot.vendor
    for question, decision in decisions(situation):
        reachable = people.reachable_roles(decision.standing, decision.renewal, vendor)
        for role in ROLES:
            found = people.reach((role,), decision.standing, decision.renewal, vendor)
            assert (role in reachable) == bool(found.people), question
            assert all(person.address == same(person.email) for person in found.people), question
