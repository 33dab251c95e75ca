"""Where the schemas and the shipped rules are: bundled in the wheel, or beside the package in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_SCHEMA = ".schema.json"

TEMPLATES = _PACKAGE / "_templates"
"""A root as `init` makes it."""

EXAMPLES = _PACKAGE / "_examples" / "codes.json"
"""What gives each code; `make docs` writes it."""


@cache
def directory(name: str) -> Path:
    """Return the directory of our own `schemas` or `rules`."""
    bundled = _PACKAGE / "_bundled" / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / name


def schema_text(kind: str) -> bytes:
    """Return the JSON Schema of `kind`: partner, vendor, rules, renewal or decision."""
    return schema_path(kind).read_bytes()


def schema_path(kind: str) -> Path:
    """Return the file of that schema."""
    return directory("schemas") / f"{kind}{_SCHEMA}"


def schema_kinds() -> tuple[str, ...]:
    """Return what there are schemas of."""
    return tuple(sorted(path.name.removesuffix(_SCHEMA) for path in directory("schemas").glob(f"*{_SCHEMA}")))
