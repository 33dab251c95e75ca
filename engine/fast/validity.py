"""Whether a value has the shape its schema asks for, said by jsonschema-rs: yes or no, and no reasons.

jsonschema-rs is known to this module and to `matching`. It takes 1.0 for an integer, which the reference does
not, so a value with a float in it is left to the reference; and it does not look at the keys of an object
that nothing is said about, so keys have to be text. tests/test_schema_walk.py holds that it agrees on all
else that the schemas use.
"""

from __future__ import annotations

from functools import cache, lru_cache

import jsonschema_rs

from engine import schemas
from engine.documents import Value

_REMEMBERED = 4_096
"""Dates and time zones recur, within a file and between files."""


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
    formats = {"date": schemas.is_date, "time-zone": schemas.is_time_zone, "step": schemas.is_step}
    return jsonschema_rs.Draft202012Validator(
        dict(schemas.schema(kind)),
        formats={name: lru_cache(_REMEMBERED)(check) for name, check in formats.items()},
        validate_formats=True,
    )
