"""A walk over the schemas of what users write: nothing in them is judged differently by the two validators.

jsonschema is the reference. jsonschema-rs reads patterns with another engine, counts 1.0 as an integer, and
does not look at the keys of an object that nothing is said about.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jsonschema_rs
import mutations
import pytest
from fuzz import KINDS
from fuzzwords import SIGNS, WORDS
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import schemas
from engine.documents import Value
from engine.fast import validity

SAID_ALIKE = {
    *("type", "const", "enum", "properties", "patternProperties", "additionalProperties", "propertyNames"),
    *("required", "minProperties", "items", "minItems", "uniqueItems", "anyOf", "$ref", "$defs"),
    *("minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("pattern", "format"),
}
"""Keywords that both validators understand alike, of values without floats."""

SAID_TO_PEOPLE = {"$schema", "$id", "$comment", "title", "description", "default", "examples"}
FORMATS = {"date", "time-zone", "step"}
OPEN_ON_PURPOSE = {("$defs", "condition"), ("$defs", "comparison")}
"""Definitions that take any fact and any operand; the grammar of rules judges them, behind both tiers."""

# Escapes like \d and \b, flags, and references mean other things to Rust, or are not there.
_CHARACTER = r"\\(?: x[0-9a-f]{2} | u[0-9a-f]{4} | [.\[\]\\] )"
_ALIKE = re.compile(
    rf"""\^ (?: [A-Za-z0-9@:/_=. -]  |  {_CHARACTER}  |  \[ (?: {_CHARACTER} | [^\]\\] )+ \]
              | [()|?*+]  |  \(\?!  |  \{{[0-9]+(?:,[0-9]+)?\}} )* \$?""",
    re.VERBOSE,
)


class Node(NamedTuple):
    """A schema inside a schema file, and the path to where it stands."""

    kind: str
    path: tuple[str, ...]
    schema: Mapping[str, Any]


def nodes(kind: str, path: tuple[str, ...], schema: Any) -> Iterator[Node]:  # noqa: ANN401 - any JSON
    """Yield every schema at or below `path`, whichever keyword leads to it."""
    if isinstance(schema, list):
        for index, inner in enumerate(schema):
            yield from nodes(kind, (*path, str(index)), inner)
    elif isinstance(schema, dict):
        yield Node(kind, path, schema)
        for keyword, inner in schema.items():
            if keyword in {"properties", "patternProperties", "$defs"}:
                for name, named in inner.items():
                    yield from nodes(kind, (*path, keyword, name), named)
            elif keyword in SAID_ALIKE - {"enum", "const"}:
                yield from nodes(kind, (*path, keyword), inner)


NODES = [node for kind in KINDS for node in nodes(kind, (), schemas.schema(kind))]
PATTERNS = sorted(
    {node.schema["pattern"] for node in NODES if "pattern" in node.schema}
    | {pattern for node in NODES for pattern in node.schema.get("patternProperties", {})}
)


# What stands in the schemas


def test_the_walk_sees_every_definition() -> None:
    seen = {(node.kind, node.path[1]) for node in NODES if node.path[:1] == ("$defs",)}

    assert seen == {(kind, name) for kind in KINDS for name in schemas.schema(kind).get("$defs", {})}


def test_every_keyword_is_one_that_both_validators_understand_alike() -> None:
    keywords = {keyword for node in NODES for keyword in node.schema}

    assert keywords == SAID_ALIKE | SAID_TO_PEOPLE


def test_every_format_is_one_of_ours() -> None:
    assert {node.schema["format"] for node in NODES if "format" in node.schema} == FORMATS


def test_every_object_is_closed_or_typed() -> None:
    """An object that is neither may hold what jsonschema-rs never looks at."""
    described = [node for node in NODES if {"properties", "additionalProperties"} & node.schema.keys()]
    open_objects = {
        (node.kind, node.path)
        for node in described
        if node.path not in OPEN_ON_PURPOSE and not _is_closed(node.schema)
    }

    assert open_objects == set()


def _is_closed(schema: Mapping[str, Any]) -> bool:
    others = schema.get("additionalProperties")
    return others is False or (isinstance(others, dict) and bool({"type", "$ref", "anyOf"} & others.keys()))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_of_the_part_that_both_engines_read_alike(pattern: str) -> None:
    assert _ALIKE.fullmatch(pattern)


# What they judge


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_finds_the_same(pattern: str) -> None:
    reference = schemas._compiled(pattern)
    rust = jsonschema_rs.validator_for({"pattern": pattern})
    texts = [*WORDS, *_texts_like(pattern)]

    assert [text for text in texts if rust.is_valid(text) != bool(reference.search(text))] == []


def _texts_like(pattern: str) -> Iterator[str]:
    """Yield texts of the pattern's own characters, and of others: short, so that some of them match."""
    rng = random.Random(pattern)  # noqa: S311 - nothing here is secret
    letters = "".join(sorted(set(re.sub(r"\\x..|\\u....", "", pattern)))) + "aZ09.-_@:/ "
    for _ in range(3_000):
        yield "".join(
            rng.choice(letters if rng.random() < 0.95 else SIGNS) for _ in range(rng.randint(0, 12))
        )


def without_floats(value: Value) -> bool:
    """Whether the guard would let pass what such a value is written as."""
    if isinstance(value, dict | list):
        return all(map(without_floats, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float)


@pytest.mark.parametrize(
    ("kind", "sound"),
    [("partner", mutations.PARTNER), ("vendor", mutations.VENDOR), ("rules", mutations.RULES)],
)
def test_a_value_is_valid_for_both_or_for_neither(kind: str, sound: Value) -> None:
    @settings(deadline=None, max_examples=400)
    @given(mutations.mutated(sound).filter(without_floats))
    def judged(value: Value) -> None:
        assert validity.is_valid(kind, value) == (not any(schemas.violations(kind, value)))

    judged()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [{1: 2}, {True: 2}, [], None, "version", 1])
def test_what_is_no_mapping_of_text_is_not_valid(kind: str, value: Any) -> None:  # noqa: ANN401 - no Value
    assert not validity.is_valid(kind, value)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(KINDS), mutations.VALUES)
def test_no_value_raises(kind: str, value: Value) -> None:
    assert validity.is_valid(kind, value) in {True, False}


WRITTEN_DATES = st.builds(
    "{:04}-{:02}-{:02}".format, st.integers(0, 9999), st.integers(0, 14), st.integers(0, 33)
)
NEARLY_DATES = st.text("0123456789-+/ T\n٣²", min_size=8, max_size=12)


@settings(deadline=None, max_examples=1_000)
@given(WRITTEN_DATES | NEARLY_DATES)
@example("0000-01-01")
@example("+003-01-05")
@example("2027-02-30")
@example("2024-02-29")
@example("2027-01-31\n")
def test_a_text_is_a_date_for_both_or_for_neither(text: str) -> None:
    value: Value = {"version": 1, "partner": "nord", "clients": {"acme": {"until": text}}}

    assert validity.is_valid("partner", value) == schemas.is_date(text)


def test_the_pattern_of_every_date_is_one_that_a_narrower_one_may_stand_for() -> None:
    dates = [node.schema for node in NODES if node.schema.get("format") == "date"]

    assert {date.get("pattern") for date in dates} == {"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
