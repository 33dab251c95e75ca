"""Which element of a list became which: the pairs, in order, that have most in common."""

from __future__ import annotations

from collections.abc import Sequence

from engine.documents import Value

_EQUAL = 1_000
"""More than any number of fields that two elements can share."""


def of(before: Sequence[Value], after: Sequence[Value]) -> dict[int, int]:
    """Return the index before for each index after; what is new has none."""
    best = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for one in reversed(range(len(before))):
        for other in reversed(range(len(after))):
            paired = best[one + 1][other + 1] + _likeness(before[one], after[other])
            best[one][other] = max(paired, best[one + 1][other], best[one][other + 1])
    pairs: dict[int, int] = {}
    one = other = 0
    while one < len(before) and other < len(after):
        if best[one][other] == best[one + 1][other + 1] + _likeness(before[one], after[other]):
            pairs[other] = one
            one, other = one + 1, other + 1
        elif best[one][other] == best[one + 1][other]:
            one += 1
        else:
            other += 1
    return pairs


def _likeness(one: Value, other: Value) -> int:
    if one == other:
        return _EQUAL
    if isinstance(one, dict) and isinstance(other, dict):
        return 1 + sum(key in other and other[key] == value for key, value in one.items())
    return 1
