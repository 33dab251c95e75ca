"""A value is a renewal fact, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from engine import facts, schemas
from engine.diagnostics import Diagnostic, Location
from engine.documents import Value
from engine.facts import FactError, RenewalFact
from engine.sentences import Violation

Placer: TypeAlias = Callable[[Violation], Location]
"""Says where a violation stands."""


class Item(msgspec.Struct, frozen=True, gc=False):
    """One renewal as delivered: the fact, or its text and what is wrong with it.

    Its place is kept in parts, for it is rarely asked and hundreds of thousands of items go by.
    """

    fact: RenewalFact | None
    path: str
    line: int = 1
    column: int = 1
    text: bytes = b""
    problems: tuple[Diagnostic, ...] = ()

    @classmethod
    def good(cls, place: Location, fact: RenewalFact) -> Item:
        """Return the item of a fact."""
        return cls(fact, place.path, place.line, place.column)

    @classmethod
    def bad(cls, place: Location, text: bytes, problems: tuple[Diagnostic, ...]) -> Item:
        """Return the item of a text that is no fact."""
        return cls(None, place.path, place.line, place.column, text, problems)

    @property
    def place(self) -> Location:
        """Where it begins."""
        return Location(self.path, self.line, self.column)


def from_value(value: Value, place: Placer, *, text: bytes, at: Location) -> Item:
    """Make the item of a decoded value, which stands there as this text."""
    found = judge(value, place)
    return Item.good(at, found) if isinstance(found, RenewalFact) else Item.bad(at, text, found)


def judge(value: Value, place: Placer) -> RenewalFact | tuple[Diagnostic, ...]:
    """Make the fact of a decoded value, or say everything that is wrong with it."""
    try:
        return facts.from_value(value)
    except FactError as error:
        found = schemas.violations("renewal", value)
        problems = {schemas.describe(violation, place(violation)) for violation in found}
        if not problems:  # the two readers of a fact disagree; a test holds them together
            raise AssertionError("the schema accepts what cannot be read") from error
        return tuple(sorted(problems))
