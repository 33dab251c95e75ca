"""What tells one renewctl from another as far as it reads partners: its own code, its schemas, its libraries.

A developer's checkout changes without a new version number, and so the content counts. Time zones are checked
against the database of the machine, which is another with each update.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import zoneinfo
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from engine import __version__, resources
from engine.stamps import stamp

_PACKAGE = Path(__file__).resolve().parent.parent
_PACKAGES = (".", "strict", "fast", "checks", "reading")
"""What reading and checking a partner file depends on; the rest of the engine comes later."""

_LIBRARIES = ("msgspec", "yaml", "yaml_rs", "jsonschema", "jsonschema_rs", "tzdata")


@cache
def digest() -> bytes:
    """Return what is equal exactly when partner files are read and checked alike."""
    total = hashlib.sha256(f"{__version__} {sys.version}".encode())
    for path in _files():
        total.update(hashlib.sha256(path.read_bytes()).digest())
    for place in _places():
        total.update(f"{place} {stamp(place)}".encode())
    return total.digest()


def _files() -> Iterator[Path]:
    yield resources.schema_path("partner")
    for package in _PACKAGES:
        yield from sorted((_PACKAGE / package).glob("*.py"))


def _places() -> Iterator[str]:
    """Yield what is replaced when a library is, or the time zones are."""
    for library in _LIBRARIES:
        found = importlib.util.find_spec(library)
        yield os.path.dirname(found.origin) if found and found.origin else library  # noqa: PTH120 - as text
    yield from zoneinfo.TZPATH
