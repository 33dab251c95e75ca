"""Documents put together from parts of others: what counts, and where it is written."""

from __future__ import annotations

import pytest

from engine import documents
from engine.cases.layers import Layer, assemble, merged
from engine.documents import Document, Path, Value

TEXT = """\
common:
  default: {owner: hubspot, contact: jana}
  users: {jana: {name: Jana}}
case:
  default: {contact: tom}
  override: {owner: partner}
"""
OVERRIDE = ("clients", "acme", "override")


@pytest.fixture
def document() -> Document:
    parsed, _ = documents.parse("some_test.yaml", TEXT.encode())
    assert parsed is not None
    return parsed


@pytest.fixture
def layers(document: Document) -> tuple[Layer, ...]:
    return (
        Layer(document, ("common",)),
        Layer(document, ("case", "default"), ("default",)),
        Layer(document, ("case", "override"), OVERRIDE),
    )


def test_later_layers_lie_over_earlier_ones(layers: tuple[Layer, ...]) -> None:
    assert assemble("whole", layers, {"version": 1}).value == {
        "version": 1,
        "default": {"owner": "hubspot", "contact": "tom"},
        "users": {"jana": {"name": "Jana"}},
        "clients": {"acme": {"override": {"owner": "partner"}}},
    }


@pytest.mark.parametrize(
    ("at", "place"),
    [
        (("default", "owner"), "2:20"),
        (("default", "contact"), "5:22"),
        (("users", "jana", "name"), "3:24"),
        ((*OVERRIDE, "owner"), "6:21"),
        ((*OVERRIDE, "contact"), "6:13"),
        (("covers",), "2:3"),
        (("clients", "acme"), "2:3"),
        ((), "2:3"),
    ],
)
def test_a_value_is_placed_where_it_is_written(layers: tuple[Layer, ...], at: Path, place: str) -> None:
    assert str(assemble("whole", layers).locate(at)) == f"some_test.yaml:{place}"


def test_a_key_is_placed_where_it_is_written(layers: tuple[Layer, ...]) -> None:
    whole = assemble("whole", layers)

    assert str(whole.locate_key(("default", "contact"))) == "some_test.yaml:5:13"
    assert str(whole.locate_key(("users", "jana"))) == "some_test.yaml:3:11"


def test_merging_changes_neither_of_the_two() -> None:
    base: Value = {"a": {"b": 1, "c": 2}}
    change: Value = {"a": {"b": None, "d": [1]}}

    assert merged(base, change) == {"a": {"c": 2, "d": [1]}}
    assert (base, change) == ({"a": {"b": 1, "c": 2}}, {"a": {"b": None, "d": [1]}})


def test_a_list_replaces_a_list() -> None:
    assert merged({"a": [1, 2]}, {"a": [3]}) == {"a": [3]}
