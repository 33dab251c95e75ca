"""What a condition means, written a second time and as plainly as possible, to hold the engine against."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import TypeAlias

from engine.conditions import AllOf, AnyOf, Comparison, Condition, Not

Value: TypeAlias = str | bool | int | Decimal | Collection[str] | None
"""A fact's value; None is absent, as is a fact without an entry."""


def holds(condition: Condition, facts: Mapping[str, Value]) -> bool:
    """Whether the condition is true of these facts."""
    if isinstance(condition, AllOf):
        return all(holds(part, facts) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return any(holds(part, facts) for part in condition.parts)
    if isinstance(condition, Not):
        return not holds(condition.part, facts)
    return _compare(facts.get(condition.fact), condition)


def _compare(value: Value, comparison: Comparison) -> bool:
    operator, operand = comparison.operator, comparison.operand
    if operator == "present":
        return (value is not None) == operand
    if value is None:
        return False
    if operator in {"equals", "in", "not_in"}:
        return _compare_whole(value, operator, operand)
    if operator in {"lt", "lte", "gt", "gte"}:
        return _compare_size(value, operator, operand)
    return _compare_members(value, operator, operand)


def _compare_whole(value: object, operator: str, operand: object) -> bool:
    if operator == "equals":
        return _same(value, operand)
    assert isinstance(operand, tuple)
    is_listed = any(_same(value, listed) for listed in operand)
    return is_listed if operator == "in" else not is_listed


def _same(value: object, constant: object) -> bool:
    """Equality without Python's `True == 1`."""
    return isinstance(value, bool) == isinstance(constant, bool) and value == constant


def _compare_size(value: object, operator: str, operand: object) -> bool:
    assert isinstance(value, int | Decimal)
    assert isinstance(operand, int | Decimal)
    if operator == "lt":
        return value < operand
    if operator == "lte":
        return value <= operand
    if operator == "gt":
        return value > operand
    return value >= operand


def _compare_members(value: object, operator: str, operand: object) -> bool:
    assert isinstance(value, Collection)
    if operator == "contains":
        return operand in value
    assert isinstance(operand, tuple)
    if operator == "contains_any":
        return any(member in value for member in operand)
    if operator == "contains_all":
        return all(member in value for member in operand)
    raise AssertionError(f"no such operator: {operator}")
