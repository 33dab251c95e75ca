from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine import documents, model
from engine.documents import Document
from engine.model import Cover, Dated, Default, Override, Partner, Vendor, VendorContact, Written

DAYS = [dt.date(2027, 1, day) for day in range(1, 8)]


def intervals() -> st.SearchStrategy[Dated]:
    end = st.none() | st.sampled_from(DAYS)
    return st.builds(Dated, starts=end, until=end)


def document_of(text: str) -> Document:
    document, problems = documents.parse("config/partners/nordlicht.yaml", text.encode())
    assert document is not None
    assert problems == ()
    return document


def partner_of(value: Any) -> Partner:  # noqa: ANN401 - any YAML
    return model.from_value(Partner, value)


def test_an_interval_begins_on_its_first_day_and_ends_before_its_last() -> None:
    interval = Dated(starts=DAYS[1], until=DAYS[3])

    assert [day for day in DAYS if interval.in_force(day)] == [DAYS[1], DAYS[2]]


def test_an_interval_without_ends_is_always_in_force() -> None:
    assert Dated().in_force(dt.date.min)
    assert Dated().in_force(dt.date.max)
    assert Dated(starts=dt.date.max).in_force(dt.date.max)
    assert not Dated(until=dt.date.min).in_force(dt.date.min)


@given(intervals())
def test_an_empty_interval_is_in_force_on_no_day(interval: Dated) -> None:
    assert interval.is_empty == (not any(map(interval.in_force, [dt.date.min, *DAYS, dt.date.max])))


@given(intervals(), intervals())
def test_two_intervals_overlap_when_they_share_a_day(one: Dated, other: Dated) -> None:
    assume(not one.is_empty and not other.is_empty)
    days = [dt.date.min, *DAYS, dt.date.max]
    is_shared = any(one.in_force(day) and other.in_force(day) for day in days)

    assert one.overlaps(other) == other.overlaps(one) == is_shared


@pytest.mark.parametrize(
    ("owner", "pinned"),
    [(None, None), ("default", None), ("hubspot", "hubspot"), ("partner", "partner")],
)
def test_an_override_pins_the_two_owners_and_nothing_else(owner: Any, pinned: str | None) -> None:  # noqa: ANN401 - a table's column
    assert Override(owner=owner).pins == pinned


def test_dates_are_read_from_text() -> None:
    default = model.from_value(Default, {"owner": "partner", "from": "2027-01-31", "until": "2028-02-29"})

    assert default == Default(owner="partner", starts=dt.date(2027, 1, 31), until=dt.date(2028, 2, 29))


@pytest.mark.parametrize("section", ["users", "default", "covers", "clients", "labels"])
def test_an_empty_section_is_the_same_as_none(section: str) -> None:
    assert partner_of({"version": 1, "partner": "nordlicht", section: None}) == Partner(partner="nordlicht")


def test_a_client_without_content_is_listed_all_the_same() -> None:
    assert partner_of({"partner": "nordlicht", "clients": {"acme": None}}).clients == {"acme": model.Client()}


def test_empty_fields_of_an_entry_count_as_left_out() -> None:
    entry = {"website": "acme.example", "override": None, "hold": None, "labels": None}

    partner = partner_of({"partner": "nordlicht", "clients": {"acme": entry}})

    assert partner.clients["acme"] == model.Client(website="acme.example")


def test_portal_numbers_are_ids_like_any_other() -> None:
    value = {
        "partner": 4711,
        "users": {"7": {"name": "Jana", "email": "jana@nordlicht.example"}},
        "default": {"owner": "hubspot", "contact": 7, "backup_contacts": [8, "tom"]},
        "covers": [{"user": 7, "cover": 8}],
        "clients": {"12": {"override": {"owner": "partner", "contact": 9}}},
    }

    partner = partner_of(value)

    assert partner.partner == "4711"
    assert partner.default == Default(owner="hubspot", contact="7", backup_contacts=("8", "tom"))
    assert partner.covers == (Cover(user="7", cover="8"),)
    assert partner.clients["12"].override == Override(owner="partner", contact="9")


def test_a_user_is_active_and_no_admin_unless_the_file_says_so() -> None:
    users = {"jana": {"name": "Jana", "email": "jana@nordlicht.example"}}

    jana = partner_of({"partner": "nordlicht", "users": users}).users["jana"]

    assert jana.active
    assert not jana.admin


def test_a_vendor_without_a_file_has_every_default() -> None:
    vendor = Vendor()

    assert vendor.deadline_lead_days == 45
    assert vendor.time_zone == "UTC"
    assert len(vendor.notice_types_following_override) == 5


def test_the_people_of_the_vendor_have_a_name_and_an_address() -> None:
    person: Any = {"name": "Claire Dubois", "email": "claire@vendor.example"}

    vendor = model.from_value(Vendor, {"renewal_manager": person, "roles": {"legal": person}})

    assert vendor.renewal_manager == vendor.roles["legal"] == VendorContact(**person)


def test_a_single_entry_stands_at_the_field_itself_and_others_at_their_index() -> None:
    first, second = Override(owner="hubspot"), Override(owner="partner")

    assert list(model.entries(first)) == [((), first)]
    assert list(model.entries((first, second))) == [((0,), first), ((1,), second)]
    assert list(model.entries(())) == []


def test_the_entry_in_force_is_found_with_its_path() -> None:
    past, current = Override(owner="hubspot", until=DAYS[1]), Override(owner="partner", starts=DAYS[1])

    assert model.in_force((past, current), DAYS[0]) == ((0,), past)
    assert model.in_force((past, current), DAYS[1]) == ((1,), current)
    assert model.in_force(past, DAYS[1]) is None
    assert model.in_force((), DAYS[1]) is None


def test_a_value_knows_where_it_is_written() -> None:
    document = document_of("partner: nordlicht\ndefault:\n  owner: partner\n")
    file = Written(document, model.from_value(Partner, document.value))

    assert str(file.origin("default", "owner")) == "config/partners/nordlicht.yaml:3:10"


def test_a_value_that_was_not_written_is_placed_at_what_it_would_be_in() -> None:
    document = document_of("partner: nordlicht\ndefault:\n  owner: partner\n")
    file = Written(document, model.from_value(Partner, document.value))

    assert str(file.origin("default", "contact")) == "config/partners/nordlicht.yaml:3:3"


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Override(owner="hubspot").owner = "partner"  # type: ignore[misc]  # that is the point


def test_what_is_never_in_force_overlaps_nothing() -> None:
    never = Dated(starts=dt.date(2027, 2, 1), until=dt.date(2027, 1, 1))

    assert not never.overlaps(Dated())
    assert not Dated().overlaps(never)
