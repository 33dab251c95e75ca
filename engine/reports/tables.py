"""Lays out a table, one line a row: cut to a terminal's width, uncut for a file, or as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from functools import partial

_UNLIMITED = 100_000


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

    cell = partial(Text, no_wrap=True, overflow="ellipsis")
    table = Table(box=None, pad_edge=False, header_style="")
    for name in header:
        table.add_column(cell(name), no_wrap=name not in shrinking)
    for row in rows:
        table.add_row(*map(cell, row))
    console = Console(width=width or _UNLIMITED, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(table)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def separated(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Return the table as CSV; None is an empty cell."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return lines.getvalue().removesuffix("\n")
