"""The documents say what the code says: their generated parts, and the table of codes."""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from engine import schemas
from engine.codes import CODES

ROOT = Path(__file__).parent.parent

CLAIMS = {"Diagnostic", "warning"}
"""What makes a diagnostic of a code."""

KEYWORDS = {
    *("type", "anyOf", "enum", "const", "required", "pattern", "uniqueItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength", "minItems", "minProperties"),
}
"""What a schema may demand of a value; besides, it may allow no other keys."""


def test_the_generated_parts_are_up_to_date() -> None:
    pages = runpy.run_path(str(ROOT / "docs" / "generate.py"))["pages"]()
    stale = [page.name for page, text in pages.items() if page.read_text(encoding="utf-8") != text]

    assert stale == [], "run `make docs`"


def test_every_code_of_the_engine_is_in_the_table() -> None:
    codes = {text for text in _claimed() if re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", text)}

    assert len(codes) > 30
    assert codes - CODES.keys() == set()


def test_every_code_that_a_schema_can_lead_to_is_in_the_table() -> None:
    assert _codes_of_schemas() - CODES.keys() == set()


def test_every_code_of_the_table_is_in_the_engine_or_comes_from_a_schema() -> None:
    assert CODES.keys() - set(_texts()) - _codes_of_schemas() == set()


def _claimed() -> Iterator[str]:
    """Yield every text that stands in the making of a diagnostic."""
    for node in _nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLAIMS:
            yield from _constants(ast.walk(node))


def _texts() -> Iterator[str]:
    """Yield every text in the engine, but for the table itself."""
    yield from _constants(_nodes())


def _constants(nodes: Iterable[ast.AST]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _nodes() -> Iterator[ast.AST]:
    for file in (ROOT / "engine").rglob("*.py"):
        if file.name != "codes.py":
            yield from ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def _codes_of_schemas() -> set[str]:
    kinds = ("partner", "vendor", "rules", "schedule", "renewal")
    keywords = {keyword for kind in kinds for keyword in _keywords(schemas.schema(kind))}
    return {f"schema-{keyword}" for keyword in keywords - {"anyOf"}}  # a union is judged by its branches


def _keywords(schema: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a schema
    """Yield every keyword by which a schema can refuse a value."""
    yield from KEYWORDS & schema.keys()
    for key, below in schema.items():
        if key == "additionalProperties" and below is False:
            yield key
        elif key in {"items", "additionalProperties", "propertyNames"}:
            yield from _keywords(below)
        elif key in {"properties", "patternProperties", "$defs"}:
            yield from (keyword for part in below.values() for keyword in _keywords(part))
        elif key == "anyOf":
            yield from (keyword for part in below for keyword in _keywords(part))
