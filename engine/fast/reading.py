"""Reads a file fast, if it is one of those that the strict tier would accept, with the value it would have.

The strict tier is the definition: what this one does not accept is no error, only not for it. yaml-rs is
known to this module only; it reads YAML 1.2, refuses a key written twice, and says nothing about places.
"""

from __future__ import annotations

import yaml_rs

from engine.documents import Value
from engine.fast import guard, validity


def read(kind: str, data: bytes) -> Value:
    """Return what a file says that satisfies the schema `kind`; None hands it over to the strict tier."""
    value = parse(data)
    return value if validity.is_valid(kind, value) else None


def is_sound(kind: str, value: Value) -> bool:
    """Whether a value that the strict tier read surely satisfies the schema `kind`; False says nothing."""
    return not validity.holds_float(value) and validity.is_valid(kind, value)


def parse(data: bytes) -> dict[str, Value] | None:
    """Return the mapping that a file is, if it is written plainly."""
    text = guard.admit(data)
    if text is None:
        return None
    try:
        value = yaml_rs.loads(text, parse_datetime=False)
    except yaml_rs.YAMLDecodeError:
        return None
    return value if isinstance(value, dict) else None
