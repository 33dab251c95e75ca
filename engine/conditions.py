"""Condition trees: comparisons of one fact with a constant, combined by all, any and not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from engine.vocabulary import SEND_DAY

Constant: TypeAlias = str | bool | int | Decimal
Operand: TypeAlias = Constant | tuple[str, ...] | tuple[int | Decimal, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison; false when the fact is absent, except `present: false`.

    `operator` is one of vocabulary.OPERATORS. A list operand is sorted and without doubles, so that
    equal comparisons are equal objects.
    """

    fact: str
    operator: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is; without parts: always."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one part is; without parts: never."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is false, so also when the fact in it is absent."""

    part: Condition


Condition: TypeAlias = Comparison | AllOf | AnyOf | Not

ALWAYS = AllOf(())


def within(starts: dt.date | None, until: dt.date | None, condition: Condition) -> Condition:
    """Return the condition, true only for notices sent from `starts` and before `until`."""
    dates = []
    if starts is not None:
        dates.append(Comparison(SEND_DAY.name, "gte", starts.toordinal()))
    if until is not None:
        dates.append(Comparison(SEND_DAY.name, "lt", until.toordinal()))
    return AllOf((*dates, condition)) if dates else condition


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Yield every comparison in the tree, left to right, repeated ones included."""
    match condition:
        case Comparison():
            yield condition
        case Not(part):
            yield from comparisons(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from comparisons(part)
