"""Texts of several lines after `|` or `>`: the lines move as a whole, every blank beyond is the text's."""

from __future__ import annotations

import re
from dataclasses import dataclass

INDENT = 2

_HEADER = re.compile(r"([|>])([-+0-9]*)[ \t]*(#[^\n]*)?[ \t]*")


@dataclass(frozen=True, slots=True)
class BlockText:
    """A text without its indentation, and how many blank lines follow that do not belong to it."""

    header: str
    comment: str | None
    lines: tuple[str, ...]
    blank_lines: int


def read(written: str, column: int) -> BlockText:
    """Read a text as written, in a collection that begins in that column."""
    head, *lines = written.removesuffix("\n").split("\n")
    header = _HEADER.fullmatch(head)
    assert header is not None, head  # noqa: S101 - the parser has taken it for one
    style, indicators, comment = header.groups()
    lines = _unindented(lines, indicators, column)
    ends = written.endswith("\n")
    kept = lines if "+" in indicators and ends else _without_blank_end(lines)
    # A text that ends with the file has no line feed of its own; it must not get the one that comes now.
    chomping = re.sub("[0-9]", "", indicators) if ends or not kept else "-"
    header_now = f"{style}{_indentation(kept)}{chomping}"
    return BlockText(header_now, comment and comment.rstrip(), tuple(kept), len(lines) - len(kept))


def _unindented(lines: list[str], indicators: str, column: int) -> list[str]:
    explicit = re.search("[1-9]", indicators)
    first = next((line for line in lines if line.strip(" ")), "")
    width = column + int(explicit[0]) if explicit else len(first) - len(first.lstrip(" "))
    return [line[width:] for line in lines]


def _without_blank_end(lines: list[str]) -> list[str]:
    filled = [number for number, line in enumerate(lines, start=1) if line]
    return lines[: max(filled, default=0)]


def _indentation(lines: list[str]) -> str:
    """Return the number that says where the lines begin, if the first of them does not show it."""
    first = next(filter(None, lines), "")
    return str(INDENT) if first.startswith((" ", "\t")) else ""
