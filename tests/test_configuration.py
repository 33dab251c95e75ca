from __future__ import annotations

import json

import pytest
from roots import ON, SHIPPED_RULES, sources_of

from engine import configuration
from engine.configuration import Configuration
from engine.diagnostics import Diagnostic, Location
from engine.sources import VENDOR, Sources
from engine.trees import File

MANAGED = {"renewal_manager": {"name": "Rita Moss", "email": "rita@vendor.example"}}
JANA = {"jana": {"name": "Jana Weber", "email": "jana@nord.example"}}
SOUND = {"users": JANA, "default": {"owner": "hubspot", "contact": "jana"}}


def load(*partners: File, vendor: str | None = None, rules: str | None = None) -> Configuration:
    """Check a root of these partner files; without more, its vendor file is sound."""
    return configuration.load(
        Sources(
            partners=partners,
            vendor=File(VENDOR, (json.dumps(MANAGED) if vendor is None else vendor).encode()),
            rules=() if rules is None else (File("rules/mine.yaml", rules.encode()),),
            shipped_rules=SHIPPED_RULES,
        ),
        ON,
    )


def partner(name: str, folder: str = "config/partners", **parts: object) -> File:
    """Return a partner file, sound but for these parts."""
    content = {"version": 1, "partner": name, **SOUND, **parts}
    return File(f"{folder}/{name}.yaml", json.dumps(content).encode())


def codes(checked: Configuration) -> list[str]:
    """Return path and code of each diagnostic."""
    return [f"{problem.location.path} {problem.code}" for problem in checked.diagnostics]


def test_a_sound_root_may_decide() -> None:
    checked = load(partner("nord"), partner("south"))

    assert checked.diagnostics == ()
    assert checked.may_decide
    assert [file.record.partner for file in checked.partners] == ["nord", "south"]


# One mistake does not hide another


def test_a_problem_in_one_file_does_not_keep_the_others_from_being_checked() -> None:
    unread = File("config/partners/a.yaml", b"users: [")
    faulty = partner("b", default={"owner": "hubspot", "contact": "janna"})

    checked = load(unread, faulty, partner("c", colour="red"), vendor="[", rules="[")

    assert codes(checked) == [
        "config/partners/a.yaml yaml-syntax",
        "config/partners/b.yaml unknown-contact",
        "config/partners/c.yaml schema-additionalProperties",
        "config/vendor.yaml yaml-syntax",
        "rules/mine.yaml yaml-syntax",
    ]


def test_a_file_with_a_mistake_of_each_kind_shows_them_all() -> None:
    text = """\
version: 1
partner: nord
users: {jana: {name: Jana Weber, email: jana@nord.example}, jana: {}}
default: {owner: hubspot, contact: janna, from: soon}
"""

    checked = load(File("config/partners/nord.yaml", text.encode()))

    assert [problem.code for problem in checked.diagnostics] == [
        "yaml-duplicate-key",
        "unknown-contact",
        "invalid-date",
    ]


@pytest.mark.parametrize("name", [None, "Nord", "", 5.5])
def test_a_partner_whose_id_is_faulty_is_checked_under_the_name_of_its_file(name: object) -> None:
    content = {
        "version": 1,
        "partner": name,
        "default": {"contact": "tom", "owner": "partner"},
        "users": JANA,
    }

    checked = load(File("config/partners/nord.yaml", json.dumps(content).encode()))

    assert "contact tom is not a user of nord" in [problem.message for problem in checked.diagnostics]
    assert "partner-id-mismatch" not in [problem.code for problem in checked.diagnostics]


def test_what_the_dialect_refuses_is_not_refused_a_second_time() -> None:
    text = "version: 1\npartner: nord\nusers: {jana: {name: Jana, email: j@nord.example}}\ndefault: *jana\n"

    checked = load(File("config/partners/nord.yaml", text.encode()))

    assert [
        problem.code for problem in checked.diagnostics if problem.code.startswith(("yaml", "schema"))
    ] == ["yaml-alias"]


def test_diagnostics_come_in_the_order_of_their_places() -> None:
    checked = load(partner("b", users={}), partner("a", colour="red", users={}))

    assert list(checked.diagnostics) == sorted(checked.diagnostics)


# Partners and clients


def test_of_two_files_of_one_partner_both_are_reported() -> None:
    checked = load(partner("nord"), partner("nord", "config/partners/dach"))

    assert codes(checked) == [
        "config/partners/dach/nord.yaml duplicate-partner",
        "config/partners/nord.yaml duplicate-partner",
    ]


def test_a_client_may_change_partners_on_a_day() -> None:
    before, after = {"acme": {"until": "2027-01-01"}}, {"acme": {"from": "2027-01-01"}}

    assert load(partner("a", clients=before), partner("b", clients=after)).diagnostics == ()


def test_a_client_of_two_partners_on_one_day_is_reported_in_both_files() -> None:
    before, after = {"acme": {"until": "2027-01-02"}}, {"acme": {"from": "2027-01-01"}}

    checked = load(partner("a", clients=before), partner("b", clients=after))

    assert codes(checked) == [
        "config/partners/a.yaml duplicate-client",
        "config/partners/b.yaml duplicate-client",
    ]


def test_a_client_in_three_files_is_reported_for_each_pair() -> None:
    checked = load(*(partner(name, clients={"acme": None}) for name in ("a", "b", "c")))

    assert [problem.code for problem in checked.diagnostics] == ["duplicate-client"] * 6


def test_a_listing_whose_dates_are_faulty_is_nobodys_double() -> None:
    checked = load(partner("a", clients={"acme": {"until": "soon"}}), partner("b", clients={"acme": None}))

    assert codes(checked) == ["config/partners/a.yaml invalid-date"]


# The vendor


@pytest.mark.parametrize("vendor", ["version: 1", "renewal_manager: null", "{}"])
def test_without_a_renewal_manager_there_is_a_warning(vendor: str) -> None:
    checked = load(partner("nord"), vendor=vendor)

    assert codes(checked) == ["config/vendor.yaml missing-renewal-manager"]
    assert checked.may_decide


def test_without_a_vendor_file_the_warning_names_it() -> None:
    [problem] = configuration.load(sources_of({"nord": SOUND}), ON).diagnostics

    assert (problem.code, problem.location) == ("missing-renewal-manager", Location("config/vendor.yaml"))


@pytest.mark.parametrize("vendor", ["renewal_manager: {name: Rita", "[]", "renewal_manager: Rita", ""])
def test_a_vendor_file_with_a_mistake_lacks_no_renewal_manager(vendor: str) -> None:
    checked = load(partner("nord"), vendor=vendor)

    assert "missing-renewal-manager" not in [problem.code for problem in checked.diagnostics]


def test_rules_may_name_a_role_of_a_vendor_file_that_cannot_be_read() -> None:
    rules = "version: 1\nadjustments: [{rule: a, add: {cc: [vendor.legal]}}]"

    assert codes(load(partner("nord"), vendor="[", rules=rules)) == ["config/vendor.yaml yaml-syntax"]


def test_an_unreadable_vendor_file_is_not_a_missing_one() -> None:
    unreadable = Diagnostic(Location(VENDOR), "unreadable-file", "it is a pipe")
    read = Sources((partner("nord"),), shipped_rules=SHIPPED_RULES, diagnostics=(unreadable,))

    assert configuration.load(read, ON).diagnostics == (unreadable,)


# Deciding


def test_an_inactive_contact_stops_neither_deciding_nor_reload() -> None:
    gone = {"jana": {**JANA["jana"], "active": False}}

    checked = load(partner("nord", users=gone))

    assert [problem.code for problem in checked.diagnostics] == ["inactive-contact"]
    assert checked.may_decide


def test_any_other_error_stops_deciding() -> None:
    assert not load(partner("nord", users={})).may_decide


def test_a_watcher_hears_of_every_partner_file() -> None:
    heard: list[tuple[int, int]] = []

    configuration.load(
        sources_of({"a": SOUND, "b": SOUND}), ON, lambda done, total: heard.append((done, total))
    )

    assert heard == [(0, 2), (1, 2), (2, 2)]
