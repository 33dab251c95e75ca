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
    return validity.is_valid(kind, value) and not validity.holds_float(value)


def suspected(kind: str, value: Value) -> Value:
    """Return a partner without sections and clients that surely satisfy the schema, each by itself.

    The reference takes its time for each entry, and few of thousands have a mistake.
    """
    if kind != "partner" or not isinstance(value, dict) or validity.holds_float(value):
        return value
    left = {key: item for key, item in value.items() if key in _REQUIRED or not _is_sound(key, item)}
    if isinstance(clients := left.get("clients"), dict):
        left["clients"] = _suspected_of(clients)
    return left


_REQUIRED: dict[str, Value] = {"version": 1, "partner": "nord"}


def _is_sound(section: str, item: Value) -> bool:
    return validity.is_valid("partner", {**_REQUIRED, section: item})


def _suspected_of(clients: dict[str, Value]) -> dict[str, Value]:
    """Leave out whole halves that are sound."""
    if _is_sound("clients", clients):
        return {}
    if len(clients) == 1:
        return clients
    entries = list(clients.items())
    middle = len(entries) // 2
    return {**_suspected_of(dict(entries[:middle])), **_suspected_of(dict(entries[middle:]))}


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
