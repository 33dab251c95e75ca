"""A CSV table as people save it: every cell with its text and its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.diagnostics import Diagnostic, InputError, Location
from engine.trees import File

_SEPARATORS = ";\t"
"""What spreadsheets of some countries separate cells by instead of a comma; the header shows it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell without blanks around it, and where it begins."""

    text: str
    place: Location


Row = tuple[Cell, ...]


def read(file: File) -> list[Row]:
    """Return the header and every row with content, all equally long, or say everything that is wrong."""
    lines = io.StringIO(_decoded(file), newline="").readlines()
    rows = list(_rows(file.path, lines))
    problems = [
        Diagnostic(
            row[0].place,
            "csv-syntax",
            f"this row has {len(row)} cells, the header {len(rows[0])}",
            hint="put a text that holds the separator in quotes",
        )
        for row in rows
        if len(row) != len(rows[0])
    ]
    if problems:
        raise _unreadable(file.path, problems)
    return rows


def _decoded(file: File) -> str:
    try:
        return file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = Location(file.path, file.data.count(b"\n", 0, error.start) + 1)
        hint = "save the file as UTF-8; spreadsheets call it CSV UTF-8"
        problem = Diagnostic(at, "yaml-encoding", "this is not UTF-8", hint=hint)
        raise _unreadable(file.path, [problem]) from error


def _rows(path: str, lines: list[str]) -> Iterator[Row]:
    separator = _separator(lines[0]) if lines else ","
    reader = csv.reader(lines, strict=True, delimiter=separator)
    while True:
        begin = reader.line_num
        try:
            texts = next(reader, None)
        except csv.Error as error:
            problem = Diagnostic(Location(path, begin + 1), "csv-syntax", f"this is not CSV: {error}")
            raise _unreadable(path, [problem]) from error
        if texts is None:
            return
        if any(text.strip() for text in texts):
            places = _places(Location(path, begin + 1), "".join(lines[begin : reader.line_num]), separator)
            yield tuple(Cell(text.strip(), at) for text, at in zip(texts, places, strict=True))


def _separator(header: str) -> str:
    return next((one for one in _SEPARATORS if one in header and "," not in header), ",")


def _places(begin: Location, row: str, separator: str) -> Iterator[Location]:
    """Yield where each cell of a row begins; one in quotes may hold separators and line breaks."""
    yield begin
    in_quotes, line, column = False, begin.line, begin.column
    for character in row:
        column += 1
        if character == '"':
            in_quotes = not in_quotes
        elif character == separator and not in_quotes:
            yield Location(begin.path, line, column)
        elif character == "\n":
            line, column = line + 1, 1


def _unreadable(path: str, problems: Iterable[Diagnostic]) -> InputError:
    return InputError(f"{path} cannot be read as a table; nothing is written", diagnostics=problems)
