"""The fast tier as the engine sees it: there with the extra `fast`, and missed by nothing but the clock."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from engine import documents, schemas
from engine.diagnostics import Diagnostic
from engine.documents import Document, Value


class Tier(Protocol):
    """What `engine.fast.reading` can do."""

    def read(self, kind: str, data: bytes) -> Value:
        """Return what a file says that satisfies the schema `kind`; None says nothing."""

    def parse(self, data: bytes) -> Value:
        """Return the mapping that a file is; None says nothing."""

    def is_sound(self, kind: str, value: Value) -> bool:
        """Whether a value surely satisfies the schema `kind`; False says nothing."""

    def suspected(self, kind: str, value: Value) -> Value:
        """Return a value without parts that surely satisfy the schema `kind`."""


def read(kind: str, data: bytes) -> Value:
    """Return what a file says that satisfies the schema `kind`; None hands it over to the strict tier."""
    fast = installed()
    return fast.read(kind, data) if fast else None


def check(kind: str, document: Document) -> tuple[tuple[Diagnostic, ...], Value]:
    """Check as `schemas.check` does; what is sound does not take the time of the reference validator."""
    fast = installed()
    if fast and fast.is_sound(kind, document.value):
        return (), document.value
    return schemas.check(kind, document, fast.suspected(kind, document.value) if fast else None)


def parse(path: str, data: bytes) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """Parse as `documents.parse` does; what is written plainly does not take the time of its parser."""
    fast = installed()
    value = fast.parse(data) if fast else None
    return documents.parse(path, data) if value is None else (Document(path, value, data), ())


@cache
def installed() -> Tier | None:
    """Return the fast tier, if its libraries are there for this machine."""
    try:
        from engine.fast import reading  # noqa: PLC0415 - its libraries may be missing
    except ImportError:
        return None
    return reading
