"""Renewal facts in CSV: a column is a field, a row is a renewal."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from engine.diagnostics import Diagnostic, Location
from engine.documents import Path, Value
from engine.feeds import fields, judging
from engine.feeds.judging import Item, Placer
from engine.sentences import Violation, shown
from engine.trees import File


def read(file: File) -> Iterator[Item]:
    """Yield the renewals of a table; one whose header is wrong is a single bad one."""
    try:
        text = file.data.decode()
    except UnicodeDecodeError as error:
        line = file.data.count(b"\n", 0, error.start) + 1
        at = Location(file.path, line)
        problem = Diagnostic(at, "yaml-encoding", "this is not UTF-8", hint="save the file as UTF-8")
        yield Item.bad(at, file.data, (problem,))
        return
    lines = io.StringIO(text, newline="").readlines()
    rows = csv.reader(lines, strict=True)
    try:
        header = next(rows, [])
        problems = tuple(_check_header(file.path, header))
    except csv.Error as error:
        problems = (_not_csv(Location(file.path), str(error)),)
    if problems:
        yield Item.bad(Location(file.path), file.data, problems)
    else:
        yield from _from_rows(file.path, header, rows, lines)


def _check_header(path: str, header: list[str]) -> Iterator[Diagnostic]:
    """A table is separated by commas, and its columns are fields."""
    places = [Location(path, 1, column) for column in _columns(header)]
    if len(header) == 1 and (other := re.search(r"[;\t|]", header[0])):
        message = f"the columns are separated by {shown(other[0])}, expected a comma"
        yield Diagnostic(places[0], "csv-syntax", message, hint="export the table with commas")
        return
    yield from fields.check_columns(header, Location(path), places)


def _from_rows(path: str, header: list[str], rows: Any, lines: list[str]) -> Iterator[Item]:  # noqa: ANN401 - csv has no type
    paths = [fields.find(name) or () for name in header]
    while True:
        begin = rows.line_num
        at = Location(path, begin + 1)
        try:
            row = next(rows, None)
        except csv.Error as error:
            rest = "".join(lines[begin:]).encode()
            yield Item.bad(at, rest, (_not_csv(at, str(error)),))
            return
        if row is None:
            return
        if not any(cell.strip() for cell in row):
            continue
        text = "".join(lines[begin : rows.line_num])
        if len(row) == len(header):
            place = _places_in_row(at, row, paths, is_plain=text.rstrip("\r\n") == ",".join(row))
            yield judging.from_value(_renewal(paths, row), place, text=text.encode(), at=at)
        else:
            message = f"this row has {len(row)} cells, the header {len(header)}"
            yield Item.bad(at, text.encode(), (Diagnostic(at, "csv-syntax", message),))


def _renewal(paths: list[Path], row: list[str]) -> Value:
    value: dict[str, Any] = {}
    for at, text in zip(paths, row, strict=True):
        fields.put(value, at, text)
    return value


def _places_in_row(row_at: Location, row: list[str], paths: list[Path], *, is_plain: bool) -> Placer:
    """Return how to place violations at their cells; in a row with quotes, at the row."""

    def place(violation: Violation) -> Location:
        at = tuple(step for step in (*violation.path, violation.key) if isinstance(step, str))
        if not is_plain or at not in paths:
            return row_at
        return Location(row_at.path, row_at.line, _columns(row)[paths.index(at)])

    return place


def _columns(cells: list[str]) -> list[int]:
    """Return the column in which each cell of a line without quotes begins."""
    return [len(",".join(cells[:index])) + (2 if index else 1) for index in range(len(cells))]


def _not_csv(at: Location, complaint: str) -> Diagnostic:
    return Diagnostic(at, "csv-syntax", f"this is not CSV: {complaint}")
