from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from roots import ON, renewal_of, snapshot_of
from strategies import CLIENTS, DAYS, MODEST, OTHER_PARTNER, PARTNER, Root, roots

from engine import ownership, standings
from engine.model import Client
from engine.notices import RENEWAL_NOTICE
from engine.standings import Standings


@MODEST
@given(roots(), st.lists(st.sampled_from([DAYS[0] - dt.timedelta(1), *DAYS]), min_size=2))
def test_what_is_remembered_of_a_client_is_what_would_be_resolved(root: Root, days: list[dt.date]) -> None:
    file = root.snapshot.partners[PARTNER]
    remembered = Standings()
    for day in days:
        for client in (*CLIENTS, "not-listed"):
            for follows in (True, False):
                found = remembered.of(file, client, day, follows_override=follows)
                assert found == ownership.resolve(file, client, day, follows_override=follows), (client, day)


@MODEST
@given(roots(), st.sampled_from(DAYS))
def test_what_a_standing_is_like_differs_in_nothing_but_how_the_client_is_described(
    root: Root, day: dt.date
) -> None:
    file, remembered = root.snapshot.partners[PARTNER], Standings()
    for client in (*CLIENTS, "not-listed"):
        found, like, _ = remembered.known(file, client, day, follows_override=True).value

        described = {"client_name": found.client_name, "website": found.website}
        assert msgspec.structs.replace(like, **described, client_labels=found.client_labels) == found


def test_a_standing_is_resolved_once_until_something_changes() -> None:
    override = {"owner": "hubspot", "from": "2026-12-01"}
    file = snapshot_of({"nordlicht": {"clients": {"acme": {"override": override}}}}).partners["nordlicht"]
    remembered = Standings()
    days = [ON, dt.date(2026, 11, 30), dt.date(2026, 12, 1), dt.date.max]

    found = [remembered.of(file, "acme", day, follows_override=True) for day in days]

    assert found[0] is found[1]
    assert found[1] is not found[2]
    assert found[2] is found[3]


def test_who_goes_to_and_fro_between_dates_finds_what_was_resolved_before() -> None:
    entries = [
        {"owner": "hubspot", "from": f"2026-12-{day:02}", "until": f"2026-12-{day + 1:02}"}
        for day in range(1, 20)
    ]
    file = snapshot_of({"nordlicht": {"clients": {"acme": {"override": entries}}}}).partners["nordlicht"]
    remembered = Standings()
    days = [dt.date(2026, 12, day) for day in range(1, 20)]

    found = [remembered.of(file, "acme", day, follows_override=True) for day in (*days, days[-2], days[-1])]

    assert found[-2] is found[-4]
    assert found[-1] is found[-3]
    assert len(remembered._standings[("acme", "nordlicht", True)]) == standings._SPANS


def test_clients_that_the_file_does_not_list_share_one_standing() -> None:
    file = snapshot_of({"nordlicht": {"clients": {"acme": None}}}).partners["nordlicht"]
    remembered = Standings()

    acme, globex, wayne = (
        remembered.of(file, client, ON, follows_override=True) for client in ("acme", "globex", "wayne")
    )

    assert globex is wayne
    assert acme is not globex


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "_LIMIT", 2)
    clients = {f"client-{number}": None for number in range(5)}
    file = snapshot_of({"nordlicht": {"clients": clients}}).partners["nordlicht"]
    remembered = Standings()

    for client in clients:
        remembered.of(file, client, ON, follows_override=True)

    assert len(remembered._standings) <= 2


@MODEST
@given(roots(), st.sampled_from(DAYS), st.sampled_from([None, PARTNER, OTHER_PARTNER, "no-such"]))
def test_a_plain_client_is_placed_as_any_other(root: Root, day: dt.date, named: str | None) -> None:
    used = root.snapshot
    for client in (*CLIENTS, "not-listed"):
        for follows in (True, False):
            quick = used._place((client, named, follows), day.toordinal())
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(Client, "is_plain", False)
                slow = replace(used, standings=Standings())._place((client, named, follows), day.toordinal())

            assert quick == slow


def test_a_client_that_is_listed_for_some_days_is_placed_nowhere_on_others() -> None:
    used = snapshot_of({"nordlicht": {"clients": {"acme": {"from": "2026-12-01", "until": "2027-01-01"}}}})
    days = [dt.date(2026, 12, 1), dt.date(2026, 12, 31), dt.date(2026, 11, 30), dt.date(2027, 1, 1)]

    found = [used.place(renewal_of(), RENEWAL_NOTICE, day).standing.partner_id for day in days]

    assert found == ["nordlicht", "nordlicht", None, None]


def test_prices_that_were_seen_before_are_as_exact_as_the_first_time() -> None:
    for mrr, renewal_mrr in [(1, 2), (1.0, 2.0), ("1.00", "2.50"), (1, 2), ("1.00", None)]:
        renewal = renewal_of(mrr=mrr, renewal_mrr=renewal_mrr)
        before, after = Decimal(str(mrr)), None if renewal_mrr is None else Decimal(str(renewal_mrr))

        assert (str(renewal.mrr), str(renewal.renewal_mrr)) == (str(before), str(after))
        assert renewal.increase_percent == (None if after is None else (after - before) * 100 / before)


def test_an_entry_describes_its_client_only_while_it_counts() -> None:
    entry = {"name": "Acme", "website": "acme.example", "until": "2026-12-01"}
    file = snapshot_of({"nordlicht": {"clients": {"acme": entry}}}).partners["nordlicht"]
    remembered = Standings()

    before, after = (
        remembered.of(file, "acme", day, follows_override=True)
        for day in (dt.date(2026, 11, 30), dt.date(2026, 12, 1))
    )

    assert (before.client_name, before.website) == ("Acme", "acme.example")
    assert (after.client_name, after.website) == (None, None)
