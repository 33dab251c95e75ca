"""Plain tables: the first column is text, the others are numbers and stand to the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.timing import Spread


def lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    table = [header, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    for name, *cells in table:
        aligned = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
        yield "  ".join([name.ljust(widths[0]), *aligned])


def times(spread: Spread) -> str:
    """Return a ratio with the range that half of the rounds were in."""
    return f"{spread.median:.2f} ({spread.low:.2f}-{spread.high:.2f})"
