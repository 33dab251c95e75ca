from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roots import ON, snapshot_of
from strategies import CLIENTS, DAYS, MODEST, PARTNER, Root, Written, roots

from engine import ownership
from engine.checks.partnerfiles import PartnerFile
from engine.model import Origin
from engine.ownership import WITHOUT_PARTNER, Standing

USERS: Written = {
    "jana": {"name": "Jana Weber", "email": "jana@nordlicht.example"},
    "tom": {"name": "Tom Kern", "email": "tom@nordlicht.example"},
}
JANA: Written = {"owner": "hubspot", "contact": "jana"}


def file_of(**sections: Any) -> PartnerFile:  # noqa: ANN401 - any YAML
    return snapshot_of({"nordlicht": {"users": USERS, "default": JANA, **sections}}).partners["nordlicht"]


def standing_of(
    entry: Written | None = None,
    *,
    on: dt.date = ON,
    follows: bool = True,
    **sections: Any,  # noqa: ANN401 - any YAML
) -> Standing:
    file = file_of(clients={"acme": entry}, **sections)
    return ownership.resolve(file, "acme", on, follows_override=follows)


class Reading(NamedTuple):
    """Who owns and who is the contact, as another reader of the file sees it."""

    owner: str
    owner_source: str
    contact: str | None
    contact_source: str | None
    reasons: tuple[str, ...]


def read_again(file: Written, client: str, on: dt.date, *, follows: bool) -> Reading:
    """Read docs/requirements.md a second time, as plainly as possible, over the file as it is written."""
    default = current(file.get("default"), on)
    entry = file["clients"].get(client)
    is_listed = entry is not None and is_current(entry, on)
    override = current(entry.get("override"), on) if follows and is_listed else {}
    if override.get("owner") in {"hubspot", "partner"}:
        owner, owner_source = override["owner"], "client_override"
    else:
        override = {}
        owner = default.get("owner") or "hubspot"
        owner_source = "partner_default" if default.get("owner") else "system_default"
    named = [(override.get("contact"), "client_override"), (default.get("contact"), "partner_default")]
    chosen = [candidate for candidate in named if candidate[0]]
    if not chosen and owner == "hubspot":
        return Reading(owner, owner_source, None, None, ())
    chain = [*chosen, *substitutes(file, default)]
    there = [candidate for candidate in chain if file["users"][candidate[0]].get("active", True)]
    if not there:
        exhausted = ("CC_CONTACT_UNREACHABLE",) if owner == "hubspot" else ()
        return Reading(owner, owner_source, None, None, exhausted)
    contact, source = there[0]
    is_first = bool(chosen) and contact == chosen[0][0]
    return Reading(owner, owner_source, contact, source, () if is_first else ("CONTACT_FALLBACK",))


def substitutes(file: Written, default: Written) -> Iterator[tuple[str, str]]:
    for user in default.get("backup_contacts", ()):
        yield user, "backup_contact"
    for user, person in file["users"].items():
        if person.get("admin"):
            yield user, "partner_admin"


def current(entries: Any, on: dt.date) -> Written:  # noqa: ANN401 - any YAML
    listed = entries if isinstance(entries, list) else [entries or {}]
    return next((entry for entry in listed if is_current(entry, on)), {})


def is_current(entry: Written, on: dt.date) -> bool:
    return bool(entry.get("from", "0001-01-01") <= on.isoformat() < entry.get("until", "9999-12-31"))


@MODEST
@given(roots(), st.booleans())
def test_owner_and_contact_are_what_a_second_reader_of_the_file_finds(root: Root, follows: bool) -> None:  # noqa: FBT001 - drawn
    file = root.snapshot.partners[PARTNER]
    for client in CLIENTS:
        for day in (DAYS[0] - dt.timedelta(1), *DAYS, DAYS[-1] + dt.timedelta(1)):
            found = ownership.resolve(file, client, day, follows_override=follows)
            again = read_again(root.partners[PARTNER], client, day, follows=follows)
            assert (found.owner, found.owner_source) == (again.owner, again.owner_source)
            assert (found.contact, found.contact_source) == (again.contact, again.contact_source)
            assert found.reasons == again.reasons


def test_an_override_without_contact_inherits_the_default_contact() -> None:
    standing = standing_of({"override": {"owner": "partner"}})

    assert (standing.contact, standing.contact_source) == ("jana", "partner_default")


def test_to_rules_there_is_no_difference_between_no_override_and_default() -> None:
    default = {"owner": "default", "note": "as agreed"}

    assert standing_of({"override": default}).override == standing_of().override == "default"
    assert standing_of({"override": {"owner": "hubspot"}}).override == "hubspot"


def test_the_default_is_known_beside_an_override() -> None:
    standing = standing_of({"override": {"owner": "partner", "contact": "tom"}})

    assert (standing.default_owner, standing.default_contact) == ("hubspot", "jana")


def test_a_notice_that_does_not_follow_overrides_sees_none() -> None:
    standing = standing_of({"override": {"owner": "partner", "contact": "tom"}}, follows=False)

    assert (standing.owner, standing.contact, standing.override) == ("hubspot", "jana", "default")


def test_an_entry_gives_website_labels_and_hold_only_while_it_is_in_force() -> None:
    entry = {
        "website": "acme.example",
        "labels": {"segment": "strategic"},
        "hold": {"until": "2027-06-01", "reason": "merger", "by": "jana"},
        "until": "2027-01-01",
    }

    during, after = standing_of(entry), standing_of(entry, on=dt.date(2027, 1, 1))

    assert (during.website, dict(during.client_labels), during.held) == (
        "acme.example",
        {"segment": "strategic"},
        True,
    )
    assert (after.website, dict(after.client_labels), after.held) == (None, {}, False)


def test_the_labels_of_the_partner_hold_for_every_client() -> None:
    assert standing_of(labels={"tier": "platinum"}).partner_labels == {"tier": "platinum"}


def test_a_fallback_is_explained_by_the_line_that_named_who_has_left() -> None:
    users = {**USERS, "jana": {**USERS["jana"], "active": False}}

    standing = standing_of(users=users, default={**JANA, "backup_contacts": ["tom"]})

    (step,) = standing.trace
    assert (step.rule, step.kind) == ("CONTACT_FALLBACK", "fallback")
    assert isinstance(step.origin, Origin)
    assert step.origin.at == ("default", "contact")


def test_who_owns_a_renewal_hears_of_it_even_where_history_names_no_contact() -> None:
    """What `validate` judges by today may be asked about another day, on which nobody was named."""
    past = {"owner": "partner", "until": "2026-01-01"}
    users = {**USERS, "tom": {**USERS["tom"], "admin": True}}

    standing = standing_of(
        default=[past, {**JANA, "from": "2026-01-01"}], users=users, on=dt.date(2025, 12, 31)
    )

    assert (standing.owner, standing.contact, standing.contact_source) == ("partner", "tom", "partner_admin")
    assert standing.reasons == ("CONTACT_FALLBACK",)


def test_an_absence_counts_on_its_days_only() -> None:
    absence = {"user": "jana", "cover": "tom", "from": "2026-11-24", "until": "2026-11-25"}
    days = [dt.date(2026, 11, day) for day in (23, 24, 25)]

    standings = [standing_of(covers=[absence], on=day) for day in days]

    assert [users_in("partner_contact", standing) for standing in standings] == [["jana"], ["tom"], ["jana"]]
    assert [standing.contact for standing in standings] == ["jana", "jana", "jana"]


def users_in(role: str, standing: Standing) -> list[str | None]:
    return [person.user for person in standing.roles[role].people]


def test_the_addresses_are_those_of_all_users_whatever_their_part() -> None:
    users = {**USERS, "ben": {"name": "Ben Roth", "email": "BEN@nordlicht.example", "active": False}}

    addresses = {"jana@nordlicht.example", "tom@nordlicht.example", "ben@nordlicht.example"}
    assert standing_of(users=users).addresses == addresses


def test_a_client_that_the_file_does_not_list_follows_the_default() -> None:
    standing = ownership.resolve(file_of(), "globex", ON, follows_override=True)

    assert (standing.owner, standing.owner_source, standing.contact) == ("hubspot", "partner_default", "jana")


def test_a_client_without_partner_is_hubspots_with_nobody_in_copy() -> None:
    assert (WITHOUT_PARTNER.owner, WITHOUT_PARTNER.owner_source) == ("hubspot", "system_default")
    assert (WITHOUT_PARTNER.partner_id, WITHOUT_PARTNER.contact) == (None, None)


def test_nobody_owns_the_renewal_of_a_partner_without_a_file() -> None:
    standing = ownership.unknown_partner("westwind")

    assert (standing.partner_id, standing.owner, standing.owner_source) == ("westwind", None, None)


@pytest.mark.parametrize(
    ("at", "field"),
    [
        (("clients", "acme", "override", 1, "owner"), "owner"),
        (("clients", "acme", "override", 1, "contact"), "contact"),
    ],
)
def test_owner_and_contact_know_their_place_in_a_list_of_overrides(
    at: tuple[str | int, ...], field: str
) -> None:
    overrides = [
        {"owner": "hubspot", "until": "2026-11-01"},
        {"owner": "partner", "contact": "tom", "from": "2026-11-01"},
    ]

    standing = standing_of({"override": overrides})

    assert getattr(standing, f"{field}_origin").at == at
