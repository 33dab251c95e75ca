"""Reads the rows of a table as renewal facts: a column is a field, a cell has the type of the driver."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec

from engine.diagnostics import Diagnostic, Location
from engine.documents import Path
from engine.facts import RenewalFact
from engine.feeds import fields, judging
from engine.feeds.judging import Item
from engine.sentences import shown

_DATES = frozenset({"renewal_date", "term_start"})
_LISTS = frozenset({"products", "flags", "billing_contacts"})
_SEPARATOR = ";"
_PLACES = 6
"""Decimal places that a fact keeps of an amount of money."""

_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?(Z|[+-]00(:?00)?)?\Z")
"""What a day carries when it is kept as a moment; any other moment is not the same day everywhere."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column, the field that it holds, and how to write its cells as CSV has them, where they fit."""

    name: str
    at: Path
    write: Callable[[object], str | None]


def columns(names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of those names, which are fields, as `fields.check_columns` verifies."""
    return tuple(_column(name, fields.find(name) or ()) for name in names)


def read(header: Sequence[Column], cells: Sequence[object], place: Location) -> Item:
    """Make the fact of a row, or say everything that is wrong with it and name the renewal."""
    value: dict[str, Any] = {}
    misfits = []
    for column, cell in zip(header, cells, strict=True):
        if cell is None:
            continue
        text = column.write(cell)
        if text is None:
            misfits.append(_misfit(column, cell, place))
        else:
            fields.put(value, column.at, text)
    judged = tuple(misfits) or judging.judge(value, lambda _: place)
    if isinstance(judged, RenewalFact):
        return Item.good(place, judged)
    problems = _named(judged, value.get("renewal"))
    return Item.bad(place, msgspec.json.encode(value), problems)


def _column(name: str, at: Path) -> Column:
    if not _LISTS.isdisjoint(at):
        return Column(name, at, _list)
    return Column(name, at, _day if at and at[-1] in _DATES else _text)


def _named(problems: Sequence[Diagnostic], renewal: str | None) -> tuple[Diagnostic, ...]:
    """Name the renewal: the database knows no row by its number."""
    if renewal is None:
        return tuple(problems)
    return tuple(
        replace(problem, message=f"renewal {shown(renewal)}: {problem.message}") for problem in problems
    )


def _text(cell: object) -> str | None:
    writer = _WRITERS.get(type(cell))
    return None if writer is None else writer(cell)


def _day(cell: object) -> str | None:
    text = _text(cell)
    return None if text is None else _MIDNIGHT.sub("", text)


def _list(cell: object) -> str | None:
    """Write an array, JSON, or text that has a `;` between its parts already."""
    if isinstance(cell, str) and cell.lstrip().startswith("["):
        cell = _unpacked(cell)
    return _joined(cell) if isinstance(cell, list) else _text(cell)


def _unpacked(text: str) -> object:
    """Read a list that a database without arrays keeps as JSON."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _joined(elements: Iterable[object]) -> str | None:
    """Write a list, unless an element of it has a `;` itself."""
    texts = ["" if element is None else _text(element) for element in elements]
    if any(text is None or _SEPARATOR in text for text in texts):
        return None
    return _SEPARATOR.join(text or "" for text in texts)


def _from_bytes(cell: bytes) -> str | None:
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return None


def _from_float(cell: float) -> str:
    """Write 45.0 as 45: whole numbers with gaps between them come out of many tools as floats."""
    return str(int(cell)) if cell.is_integer() else _from_decimal(Decimal(str(cell)))


def _from_decimal(cell: Decimal) -> str:
    """Write an amount without exponent, rounded where a fact keeps no more places."""
    text = f"{cell:f}"
    return f"{cell:.{_PLACES}f}" if len(text.partition(".")[2]) > _PLACES else text


def _from_moment(cell: dt.datetime) -> str:
    return cell.isoformat(" ")


_WRITERS: Mapping[type, Callable[[Any], str | None]] = MappingProxyType(
    {
        str: str,
        bytes: _from_bytes,
        bool: lambda cell: "true" if cell else "false",
        int: str,
        float: _from_float,
        Decimal: _from_decimal,
        dt.date: dt.date.isoformat,
        dt.datetime: _from_moment,
        UUID: str,
    }
)
"""How to write what drivers return."""


def _misfit(column: Column, cell: object, place: Location) -> Diagnostic:
    if isinstance(cell, bytes):
        message = f"`{column.name}` is not UTF-8"
        return Diagnostic(place, "yaml-encoding", message, hint="store it as text in UTF-8")
    if column.write is _list and isinstance(cell, str | list):
        message = f"`{column.name}` has an element that is not text, or that has a `;` in it"
    else:
        message = f"`{column.name}` cannot be {shown(cell)}"
    return Diagnostic(place, "schema-type", message, hint="make a view with text in its place")
