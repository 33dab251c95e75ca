"""Rounds in which everybody has a turn, so that what slows the machine down slows everybody down."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

NameT = TypeVar("NameT")
MeasuredT = TypeVar("MeasuredT")


class Spread(NamedTuple):
    """The median of some measurements, and the quartiles below and above it."""

    low: float
    median: float
    high: float


def rounds(turns: Mapping[NameT, Callable[[int], MeasuredT]], count: int) -> dict[NameT, list[MeasuredT]]:
    """Give everybody a turn in each round; a turn is told the round's number and returns a measurement."""
    measured: dict[NameT, list[MeasuredT]] = {name: [] for name in turns}
    for number in range(count):
        for name, turn in turns.items():
            measured[name].append(turn(number))
    return measured


def spread(measurements: Sequence[float]) -> Spread:
    """Summarise measurements; quartiles, because a busy machine makes outliers. Of one they are itself."""
    several = [*measurements, *measurements] if len(measurements) == 1 else measurements
    return Spread(*statistics.quantiles(several, n=4, method="inclusive"))


def ratio(ones: Sequence[float], others: Sequence[float]) -> Spread:
    """Summarise how many times the others each one is, round by round."""
    return spread([one / other for one, other in zip(ones, others, strict=True)])
