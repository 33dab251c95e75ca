"""Whether a value has the shape its schema asks for, said by jsonschema-rs: yes or no, and no reasons.

jsonschema-rs is known to this module and to `matching`. It takes 1.0 for an integer, which the reference does
not, so a value with a float in it is left to the reference; and it does not look at the keys of an object
that nothing is said about, so keys have to be text. tests/test_schema_walk.py holds that it agrees on all
else that the schemas use.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import jsonschema_rs

from engine import schemas
from engine.documents import Value

_REMEMBERED = 4_096
"""Time zones recur, within a file and between files."""

_DATE = "^(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-[0-9]{2}-[0-9]{2}$"
"""All but whether the month has that day."""


def is_valid(kind: str, value: Value) -> bool:
    """Whether `value`, which holds no float, satisfies the schema `kind`; a doubt counts as no."""
    try:
        return _validator(kind).is_valid(value)
    except ValueError:
        return False


def holds_float(value: Value) -> bool:
    """Whether there is a float anywhere in `value`."""
    if isinstance(value, dict):
        return any(map(holds_float, value.values()))
    if isinstance(value, list):
        return any(map(holds_float, value))
    return isinstance(value, float)


@cache
def _validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    formats = {"time-zone": schemas.is_time_zone, "step": schemas.is_step}
    return jsonschema_rs.Draft202012Validator(
        _with_dates(schemas.schema(kind)),
        formats={name: lru_cache(_REMEMBERED)(check) for name, check in formats.items()},
        validate_formats=True,
    )


def _with_dates(node: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Return a schema with dates that jsonschema-rs judges alone: an interrupt is lost in a function of ours.

    Its dates may begin with a sign, or be of the year 0, and Python's not.
    """
    if isinstance(node, list):
        return [_with_dates(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    parts = {key: _with_dates(item) for key, item in node.items()}
    return {**parts, "pattern": _DATE} if parts.get("format") == "date" else parts
