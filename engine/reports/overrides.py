"""The overrides of a root as a table for spreadsheets, which `import` reads again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from engine.edits.overriderows import COLUMNS, Row, escaped


def table(rows: Iterable[Row]) -> str:
    """Return the rows as CSV."""
    return "\n".join(_line(cells) for cells in (COLUMNS, *(map(escaped, row) for row in rows)))


def _line(cells: Iterable[str]) -> str:
    """Return a line of CSV; the writer's own line end has it quote every kind of line break in a cell."""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n")
