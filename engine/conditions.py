"""Condition trees: comparisons of one fact with a constant, combined by all, any and not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import TypeAlias

import msgspec

from engine.vocabulary import SEND_DAY

Constant: TypeAlias = str | bool | int | Decimal
Operand: TypeAlias = Constant | tuple[str, ...] | tuple[int | Decimal, ...]


class Comparison(msgspec.Struct, frozen=True):
    """One comparison; false when the fact is absent, except `present: false`.

    `operator` is one of vocabulary.OPERATORS. A list operand is sorted and without doubles, so that
    equal comparisons are equal objects.
    """

    fact: str
    operator: str
    operand: Operand


class AllOf(msgspec.Struct, frozen=True):
    """True when every part is; without parts: always."""

    parts: tuple[Condition, ...]


class AnyOf(msgspec.Struct, frozen=True):
    """True when at least one part is; without parts: never."""

    parts: tuple[Condition, ...]


class Not(msgspec.Struct, frozen=True):
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
