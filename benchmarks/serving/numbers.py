"""Rows of rates, of which more is better, and of waits in milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks import tables, timing
from benchmarks.scale.rows import Aim, Row

_MS = 1e3


def of(several: Sequence[object], name: str) -> list[float]:
    """Return one number of each."""
    return [getattr(one, name) for one in several]


def rates(what: str, ours: Sequence[float], other: str, theirs: Sequence[float], aim: Aim) -> Row:
    """Return the row of two series of rates: ours to theirs, round by round."""
    return _compared(what, ours, other, theirs, aim, rate)


def waits(what: str, ours: Sequence[float], other: str, theirs: Sequence[float], aim: Aim) -> Row:
    """Return the row of two series of seconds: ours to theirs, round by round."""
    return _compared(what, ours, other, theirs, aim, milliseconds)


def rate(measured: Sequence[float]) -> str:
    """Return the median of rates."""
    return f"{timing.spread(measured).median:,.0f}"


def milliseconds(measured: Sequence[float]) -> str:
    """Return the median of seconds."""
    return f"{timing.spread(measured).median * _MS:.1f} ms"


def _compared(
    what: str,
    ours: Sequence[float],
    other: str,
    theirs: Sequence[float],
    aim: Aim,
    say: Callable[[Sequence[float]], str],
) -> Row:
    ratio = timing.ratio(ours, theirs)
    return Row(what, say(ours), f"{other}: {say(theirs)}", tables.times(ratio), aim, ratio.median)
