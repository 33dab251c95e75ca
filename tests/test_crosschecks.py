from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import copy_of_root
from daemons import read
from hypothesis import given
from hypothesis import strategies as st
from repositories import NORD
from test_loading import partner
from test_service import LINE, NOON, SOUND, Root, Running, made, started

from engine import validation
from engine.daemon import crosschecks
from engine.daemon.crosschecks import Crosschecks
from engine.daemon.knownfacts import KnownFacts
from engine.daemon.loading import Loaded
from engine.daemon.service import Service
from engine.diagnostics import Diagnostic, Location
from engine.sources import FACTS

NORDLICHT = "config/partners/nordlicht.yaml"
OAKLINE = "config/partners/americas/oakline.yaml"
ROUTES = "rules/10-routes.yaml"


def facts(*pairs: tuple[str, str | None]) -> bytes:
    """Renewals of clients, each with the partner that its fact names."""
    rows = (
        {"renewal": f"rn_9{number}", "client": client, "renewal_date": "2027-02-15", "partner": partner}
        for number, (client, partner) in enumerate(pairs)
    )
    return b"".join(json.dumps({k: v for k, v in row.items() if v}).encode() + b"\n" for row in rows)


def codes(running: Running) -> list[str]:
    return [one.code for one in running.live.warnings]


def remove_a_partner(root: Path) -> None:
    (root / NORDLICHT).unlink()


def list_a_stranger(root: Path) -> None:
    file = root / NORDLICHT
    file.write_text(file.read_text().replace("clients:\n", "clients:\n  nobody-knows-it: {}\n", 1))


def list_a_stranger_until_today(root: Path) -> None:
    file = root / NORDLICHT
    entry = f"nobody-knows-it: {{until: {NOON.date()}}}"
    file.write_text(file.read_text().replace("clients:\n", f"clients:\n  {entry}\n", 1))


def forget_the_facts(root: Path) -> None:
    for file in (root / FACTS).iterdir():
        file.unlink()


def move_facts_down(root: Path) -> None:
    file = root / "facts/renewals.jsonl"
    file.write_text("\n\n" + file.read_text())


def leave_it(root: Path) -> None:
    del root


CHANGES = (
    remove_a_partner,
    list_a_stranger,
    list_a_stranger_until_today,
    forget_the_facts,
    move_facts_down,
    leave_it,
)


def said(root: Path) -> set[Diagnostic]:
    """What `validate` says of a root."""
    return set(validation.validate(root, NOON.date()).diagnostics)


@pytest.mark.parametrize("change", CHANGES)
def test_a_start_knows_every_warning_that_validate_has(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    root = copy_of_root(tmp_path)
    change(root)
    service = Service(root, lambda _: read(root), clock=lambda: NOON)

    service.start()

    assert set(service.live.diagnostics) == said(root)


@pytest.mark.parametrize("change", [remove_a_partner, list_a_stranger, move_facts_down])
def test_a_change_brings_every_warning_that_validate_has_and_takes_it_away(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    root = copy_of_root(tmp_path)
    before = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
    service = Service(root, lambda _: read(root), clock=lambda: NOON)
    service.start()
    good = service.live.diagnostics

    change(root)
    attempt = service.reload("change")
    assert set(service.live.diagnostics) == said(root)
    assert set(service.live.warnings) <= set(attempt.diagnostics)

    for file, content in before.items():
        file.write_bytes(content)
    service.reload("change")
    assert service.live.diagnostics == good


def test_a_partner_without_a_file_is_told_at_its_first_renewal() -> None:
    running = started()

    attempt = running.delivers(LINE + b"\n" + facts(("beta", "sud"), ("gamma", "sud")))

    assert attempt.is_success
    (one,) = [one for one in running.live.warnings if one.code == "unknown-partner"]
    assert one.location == Location("facts/a.jsonl", 3, one.location.column)
    assert one.message.startswith("2 renewals name partner sud")
    assert one in attempt.diagnostics


@pytest.mark.parametrize("few", [0, 1_000])
def test_a_client_that_a_bad_fact_names_is_not_unknown(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(crosschecks, "_FEW", few)
    root = Root(facts=LINE + b'{"renewal": "rn_2", "client": "globex"}\n')
    service = made(root, skip_bad_facts=True)
    service.start()

    assert codes(Running(root, service)) == []


clients = st.sampled_from(["acme", "globex", "gamma", "delta"])
deliveries = st.lists(st.tuples(clients, st.sampled_from([None, "nord", "sud", "west"])), max_size=6)


@given(st.lists(deliveries, min_size=1, max_size=4), st.sampled_from([0, 1, 1_000]))
def test_whatever_was_live_before_and_however_clients_are_found_the_warnings_are_the_same(
    some: list[list[tuple[str, str | None]]], few: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crosschecks, "_FEW", few)
        running = started()
        for delivery in some:
            running.delivers(facts(*delivery) or LINE)
        fresh = made(Root(facts=running.root.facts))
        fresh.start()

    assert running.live.warnings == fresh.live.warnings


def test_what_was_judged_while_a_reading_was_proved_is_not_judged_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running = started()
    judged: list[Loaded] = []
    find = Crosschecks._find

    def noted(self: Crosschecks, loaded: Loaded, known: KnownFacts) -> tuple[Diagnostic, ...]:
        judged.append(loaded)
        return find(self, loaded, known)

    monkeypatch.setattr(Crosschecks, "_find", noted)
    running.root.files = {**SOUND, NORD: partner("nord", "tom")}
    reading = running.root.read("change")
    monkeypatch.setattr(running.service, "_read", lambda _: reading)
    running.service.prepare(reading)
    assert len(judged) == 1
    running.service.reload("change")
    assert judged == [running.live.loaded]


def test_of_very_many_unknown_clients_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crosschecks, "MOST", 1)
    running = started()

    running.delivers(facts(("gamma", None)))

    unknown = [one.message for one in running.live.warnings if one.code == "unknown-client"]
    assert len(unknown) == 2
    assert "1 more" in " ".join(unknown)


def test_nothing_is_counted_where_every_unknown_client_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crosschecks, "MOST", 2)
    running = started()

    running.delivers(facts(("gamma", None)))

    unknown = [one.message for one in running.live.warnings if one.code == "unknown-client"]
    assert len(unknown) == 2
    assert "more" not in " ".join(unknown)


def test_a_partner_that_is_gone_takes_its_unknown_clients_along() -> None:
    running = started()
    before = codes(running)
    users = b"users: {jana: {name: Jana Weber, email: jana@sud.example}}\n"
    sud = (
        b"version: 1\npartner: sud\n"
        + users
        + b"default: {owner: partner, contact: jana}\nclients: {gamma: {}}\n"
    )

    running.becomes({**SOUND, "config/partners/sud.yaml": sud})
    assert codes(running) == [*before, "unknown-client"]

    running.becomes(SOUND)
    assert codes(running) == before


def test_a_defect_in_finding_warnings_keeps_no_change_from_being_live(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    running = started()
    monkeypatch.setattr(crosschecks, "listed", None)

    attempt = running.becomes(
        {**SOUND, "config/partners/nord.yaml": SOUND["config/partners/nord.yaml"] + b"\n"}
    )

    assert attempt.outcome == "loaded"
    assert "cannot be checked together" in caplog.text
