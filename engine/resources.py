"""Where the schemas and the shipped rules are: bundled in the wheel, or beside the package in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def directory(name: str) -> Path:
    """Return the directory of our own `schemas` or `rules`."""
    bundled = _PACKAGE / "_bundled" / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / name


def schema_text(kind: str) -> bytes:
    """Return the JSON Schema of `kind`: partner, vendor, rules, renewal or decision."""
    return (directory("schemas") / f"{kind}.schema.json").read_bytes()
