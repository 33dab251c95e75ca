from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from roots import ON, decided, fact_of, renewal_of, snapshot_of, sources_of

from engine import configuration, snapshot
from engine.diagnostics import ConfigurationError
from engine.notices import RENEWAL_NOTICE, Notice
from engine.ownership import WITHOUT_PARTNER

JANA: dict[str, Any] = {
    "users": {"jana": {"name": "Jana Weber", "email": "jana@nordlicht.example"}},
    "default": {"owner": "partner", "contact": "jana"},
}


def test_errors_are_raised_together_and_nothing_is_built() -> None:
    nobody = {"default": {"owner": "partner"}}

    with pytest.raises(ConfigurationError) as error:
        snapshot_of({"nordlicht": nobody, "suedwind": {**JANA, "default": {"contact": "jna"}}})

    codes = {problem.code for problem in error.value.diagnostics if problem.stops_deciding}
    assert codes == {"missing-contact", "unknown-contact"}


def test_an_inactive_contact_is_the_one_error_with_which_deciding_goes_on() -> None:
    users = {"jana": {**JANA["users"]["jana"], "active": False}}

    used = snapshot_of({"nordlicht": {**JANA, "users": users}})

    assert "inactive-contact" in {problem.code for problem in used.diagnostics}
    assert decided(used, fact=fact_of(partner="nordlicht")).outcome == "unroutable"


def test_the_warnings_of_a_root_are_kept() -> None:
    used = snapshot_of({"nordlicht": {}})

    assert {problem.code for problem in used.diagnostics} == {"missing-contact", "missing-renewal-manager"}


def test_a_configuration_that_may_not_decide_is_refused() -> None:
    checked = configuration.load(sources_of({"nordlicht": {"default": {"owner": "partner"}}}), ON)

    with pytest.raises(ConfigurationError):
        snapshot.from_configuration(checked)


def test_the_revision_is_that_of_the_files() -> None:
    one, same, other = (snapshot_of({"nordlicht": file}).revision for file in (JANA, JANA, {}))

    assert one == same
    assert one.digest != other.digest
    assert one.digest.startswith("sha256:")
    assert (one.commit, one.dirty) == (None, None)


def test_a_client_is_listed_by_one_file_on_each_day() -> None:
    used = snapshot_of(
        {
            "nordlicht": {"clients": {"acme": {"until": "2027-01-01"}}},
            "suedwind": {"clients": {"acme": {"from": "2027-02-01"}}},
        }
    )
    days = [dt.date(2026, 12, 31), dt.date(2027, 1, 1), dt.date(2027, 1, 31), dt.date(2027, 2, 1)]

    listings = [used.listing("acme", day) for day in days]

    assert [one and one.file.record.partner for one in listings] == ["nordlicht", None, None, "suedwind"]
    assert used.listing("globex", days[0]) is None


def test_a_listing_knows_where_the_entry_stands() -> None:
    used = snapshot_of(
        {"nordlicht": "version: 1\npartner: nordlicht\nclients:\n  acme: {website: acme.example}\n"}
    )

    listing = used.listing("acme", ON)

    assert listing is not None
    assert str(listing.origin) == "config/partners/nordlicht.yaml:4:9"


def test_without_partner_and_without_listing_nobody_but_the_vendor_is_responsible() -> None:
    used = snapshot_of({"nordlicht": JANA})

    assert used.place(renewal_of(), RENEWAL_NOTICE, ON).standing is WITHOUT_PARTNER


def test_a_root_without_partners_can_decide() -> None:
    assert decided(snapshot_of({})).outcome == "send"


def test_the_vendors_list_says_which_notices_follow_an_override() -> None:
    override = {"owner": "hubspot"}
    used = snapshot_of(
        {"nordlicht": {**JANA, "clients": {"acme": {"override": override}}}},
        {"notice_types_following_override": ["renewal"]},
    )
    owners = [decided(used, Notice(type=kind)).standing.owner for kind in ("renewal", "overage")]

    assert owners == ["hubspot", "partner"]


def test_two_snapshots_decide_beside_each_other_and_one_outlives_the_other() -> None:
    old, new = snapshot_of({"nordlicht": JANA}), snapshot_of({"nordlicht": {}})
    fact = fact_of(partner="nordlicht")
    assert [decided(used, fact=fact).standing.owner for used in (old, new, old)] == [
        "partner",
        "hubspot",
        "partner",
    ]

    old.close()

    assert decided(new, fact=fact).standing.owner == "hubspot"


def test_the_shipped_rules_hold_in_a_root_without_rules() -> None:
    (step,) = decided(snapshot_of({})).trace

    assert (step.rule, str(step.origin).partition(":")[0]) == (
        "hubspot-owned",
        "rules/recipients.yaml",
    )


def test_the_partner_that_a_fact_names_decides_though_another_lists_the_client_on_every_day() -> None:
    snapshot = snapshot_of({"nordlicht": {"clients": {"acme": {}}}, "oakline": {}})

    placement = snapshot.place(renewal_of(partner="oakline"), RENEWAL_NOTICE, ON)

    assert placement.standing.partner_id == "oakline"
    assert [step.rule for step in placement.mismatch] == ["PARTNER_MISMATCH"]


@pytest.mark.parametrize("days", [(30, 31), (31, 30)])
def test_a_file_contradicts_a_fact_on_the_days_on_which_it_lists_the_client(days: tuple[int, int]) -> None:
    snapshot = snapshot_of({"nordlicht": {"clients": {"acme": {"until": "2026-12-31"}}}, "oakline": {}})
    renewal = renewal_of(partner="oakline")

    found = {
        day: bool(snapshot.place(renewal, RENEWAL_NOTICE, dt.date(2026, 12, day)).mismatch) for day in days
    }

    assert found == {30: True, 31: False}
