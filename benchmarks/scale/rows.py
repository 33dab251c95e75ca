"""A row of the table: what was measured, what it is compared to, and whether that is what was aimed at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from benchmarks import tables, timing


class Aim(NamedTuple):
    """What is aimed at, in words and as a test of the number; an aim without a test is there to be read."""

    text: str
    is_met_by: Callable[[float], bool] | None = None


NONE = Aim("")


def at_most(limit: float, unit: str = "times") -> Aim:
    """Aim at no more than that."""
    return Aim(f"at most {limit:,g} {unit}".rstrip(), lambda value: value <= limit)


def at_least(limit: float, unit: str = "times") -> Aim:
    """Aim at no less than that."""
    return Aim(f"at least {limit:,g} {unit}".rstrip(), lambda value: value >= limit)


class Row(NamedTuple):
    """A line of the table; `value` is held against the aim, None says that there is nothing to hold."""

    what: str
    ours: str = ""
    compared_to: str = ""
    ratio: str = ""
    aim: Aim = NONE
    value: float | None = None

    @property
    def verdict(self) -> str:
        """Whether the aim is met; a row without an aim, or without a value, has no verdict."""
        if self.aim.is_met_by is None or self.value is None:
            return ""
        return "met" if self.aim.is_met_by(self.value) else "NOT MET"


def skipped(what: str, why: str, aim: Aim = NONE) -> Row:
    """Return the row of what could not be measured."""
    return Row(what, "skipped", why, "", aim)


def compared(
    what: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    other: str,
    aim: Aim,
    *,
    is_inverse: bool = False,
) -> Row:
    """Return the row of two series of seconds: the median of the ratio round by round.

    The ratio is ours to theirs, or, inverse, how many times as fast we are.
    """
    ratio = timing.ratio(theirs, ours) if is_inverse else timing.ratio(ours, theirs)
    said = f"{other}: {seconds(theirs)}"
    return Row(what, seconds(ours), said, tables.times(ratio), aim, ratio.median)


def seconds(measured: Sequence[float]) -> str:
    """Return the median in the unit that reads best."""
    median = timing.spread(measured).median
    return f"{median:.2f} s" if median >= 1 else f"{median * 1e3:.0f} ms"


def lines(row: Row) -> Iterator[str]:
    """Yield a row by itself: they are too far apart in time to wait for the width of all."""
    said = (row.ours, row.compared_to, row.ratio, row.aim.text, row.verdict)
    yield row.what
    yield "    " + " | ".join(filter(None, said))
