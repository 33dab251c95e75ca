"""A root reads the same with the fast tier and without it, to the last diagnostic and place."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import fuzz
import pytest
from fuzz import KINDS, PROJECT, real_files

from engine import configuration, documents, schemas, sources
from engine.configuration import Configuration
from engine.documents import Document
from engine.fast import reading, tier

ON = dt.date(2026, 11, 23)
ROOTS = (PROJECT, PROJECT / "tests" / "root", *sorted(PROJECT.glob("tests/broken/*/")))


def load(root: Path) -> Configuration:
    return configuration.load(sources.read(root), ON)


def everything(loaded: Configuration) -> tuple[object, ...]:
    """Return what a configuration says: documents are compared by what is in them, not by being the same."""
    partners = [(file.document.path, file.document.value, file.record) for file in loaded.partners]
    return (
        *(partners, loaded.vendor.record, loaded.vendor.document.value, loaded.ruleset, loaded.schedule),
        loaded.diagnostics,
    )


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
def test_a_root_loads_the_same_with_both_tiers(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = load(root)
    monkeypatch.setattr(tier, "installed", lambda: None)
    strict = load(root)

    assert repr(everything(fast)) == repr(everything(strict))


def test_places_in_a_file_that_was_read_fast_are_those_of_the_strict_tier() -> None:
    data = (PROJECT / "config" / "partners" / "nordlicht.yaml").read_bytes()
    strict, _ = documents.parse("f.yaml", data)
    value = tier.read("partner", data)
    fast = Document("f.yaml", value, data)

    assert strict is not None
    assert value is not None
    for at in ((), ("users", "tom", "email"), ("clients", "globex", "override", 0, "owner"), ("nobody",)):
        assert fast.locate(at) == strict.locate(at)
        assert fast.locate_key(at) == strict.locate_key(at)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_only_the_strict_tier_reads_is_checked_as_by_the_reference(kind: str) -> None:
    for data in real_files():
        document, _ = documents.parse("f.yaml", data)
        assert document is None or tier.check(kind, document) == schemas.check(kind, document)


def test_a_partner_with_a_mistake_anywhere_is_checked_as_by_the_reference() -> None:
    told = 0
    for data in map(fuzz.file, range(4_000)):
        document, _ = documents.parse("f.yaml", data)
        found = schemas.check("partner", document) if document else ((), None)
        assert document is None or tier.check("partner", document) == found
        told += bool(found[0])

    assert told > 1_000


@pytest.mark.parametrize("place", [0, 7, 500, 999])
def test_one_mistake_among_many_clients_is_found_where_it_is(place: int) -> None:
    clients = [f"  c{number}: {{website: c{number}.example}}" for number in range(1_000)]
    clients[place] = f"  c{place}: {{wesbite: c.example}}"
    data = "\n".join(["version: 1", "partner: nord", "clients:", *clients, ""]).encode()
    document, problems = tier.parse("f.yaml", data)
    assert document is not None
    (problem,), value = tier.check("partner", document)

    assert problems == ()
    assert (problem.location.line, problem.code) == (place + 4, "schema-additionalProperties")
    assert (problem,) == schemas.check("partner", document)[0]
    assert value == schemas.check("partner", document)[1]


@pytest.mark.parametrize("value", [1.0, [1.0], {"a": {"b": [1.5]}}])
def test_a_value_with_a_float_is_left_to_the_reference(value: documents.Value) -> None:
    partner: dict[str, documents.Value] = {"version": 1, "partner": "nord"}

    assert reading.is_sound("partner", partner)
    assert not reading.is_sound("partner", {**partner, "labels": value})
    assert not reading.is_sound("rules", {"version": 1, "routes": [{"rule": 1.0, "to": []}]})


@pytest.mark.parametrize("library", ["yaml_rs", "jsonschema_rs"])
def test_without_a_library_the_strict_tier_reads_everything(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("engine.fast.reading", "engine.fast.validity"):
        monkeypatch.delitem(sys.modules, module)
        monkeypatch.delattr(module)
    monkeypatch.setitem(sys.modules, library, None)
    tier.installed.cache_clear()

    assert tier.read("partner", b"version: 1\npartner: nord\n") is None
    assert tier.check("partner", Document("f.yaml", {"version": 1, "partner": "nord"}, b""))[0] == ()

    tier.installed.cache_clear()
