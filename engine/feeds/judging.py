"""A value is a renewal fact, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from engine import facts, schemas
from engine.diagnostics import Diagnostic, Location
from engine.documents import Value
from engine.facts import FactError, RenewalFact
from engine.sentences import Violation

Placer: TypeAlias = Callable[[Violation], Location]
"""Says where a violation stands."""


@dataclass(frozen=True, slots=True)
class Item:
    """One renewal as delivered: the fact, or its text and what is wrong with it."""

    place: Location
    fact: RenewalFact | None = None
    text: bytes = b""
    problems: tuple[Diagnostic, ...] = ()


def from_value(value: Value, place: Placer, *, text: bytes, at: Location) -> Item:
    """Make the item of a decoded value, which stands there as this text."""
    found = judge(value, place)
    return Item(at, found) if isinstance(found, RenewalFact) else Item(at, text=text, problems=found)


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
