"""Lays out a table, one line a row: cut to a terminal's width, uncut for a file, or as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from functools import partial

_GAP = 2
_UNLIMITED = 100_000
_LEGIBLE = 10
"""As much of a column stays in any terminal: a row that is too long for it goes on in its next line."""


def render(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    width: int | None = None,
    *,
    shrinking: Collection[str] = (),
) -> str:
    """Return the table as text; where it is wider than `width`, the `shrinking` columns are cut first."""
    from rich.console import Console  # noqa: PLC0415 - 65 ms that programs need not spend
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    rows = list(rows)
    cell = partial(Text, no_wrap=True, overflow="ellipsis")
    table = Table(box=None, pad_edge=False, header_style="")
    for name in header:
        table.add_column(cell(name), no_wrap=name not in shrinking)
    for row in rows:
        table.add_row(*map(cell, row))
    least = _least([header, *rows], shrinking) if width else _UNLIMITED
    drawn = io.StringIO()  # not `capture`, which writes to stdout even so: nothing, but to a full disk
    console = Console(file=drawn, width=max(width or 0, least), color_system=None, force_terminal=False)
    console.print(table)
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


def _least(lines: Sequence[Sequence[str]], shrinking: Collection[str]) -> int:
    """Return the width below which a column would vanish, and nobody could see that it is there."""
    from rich.cells import cell_len  # noqa: PLC0415 - as above

    columns = list(zip(*lines, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    kept = [
        min(width, _LEGIBLE) if column[0] in shrinking else width
        for column, width in zip(columns, widths, strict=True)
    ]
    return sum(kept) + _GAP * (len(kept) - 1)


def separated(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Return the table as CSV; None is an empty cell."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return lines.getvalue().removesuffix("\n")
