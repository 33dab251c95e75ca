"""The canonical layout of a text: two spaces for each level, one between words, quotes where they are needed.

The lines stay the author's: nothing is moved, joined or broken, so a comment stays with what it is about.
Only events and what stands between them are looked at, so that no value is ever read and written anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.edits import blocktexts, spacing, wording
from engine.edits.blocktexts import INDENT
from engine.edits.spacing import Line, Piece
from engine.strict import events
from engine.strict.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    Mark,
    ScalarEvent,
)

BEFORE_COMMENT = 2

_BETWEEN = re.compile(r"[ \t]+|\n|#[^\n]*|%[^\n]*|---|\.\.\.|[-?:,]")
"""What stands between the scalars and brackets of a file."""


def laid_out(text: str) -> str:
    """Return the text of a file, in which nothing is wrong with the YAML, in its canonical layout."""
    return _Walk(text.replace("\r\n", "\n")).result()


@dataclass(slots=True)
class _Level:
    """A collection that is open: where its parts began, where they begin now, and how many there were."""

    column: int
    indent: int
    is_mapping: bool
    bracket: bool | None = None
    """Whether a flow collection has one of its own; None: it is a block."""

    closing: int = 0
    parts: int = 0

    @property
    def expects_key(self) -> bool:
        return self.is_mapping and self.parts % 2 == 0


class _Walk:
    """One walk over the events of a text, with everything between them, which lays out the lines anew."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._levels: list[_Level] = []
        self._deepest: list[tuple[int, int]] = []
        self._lines: list[Line] = [Line()]
        self._last = ""
        self._blanks = 0

    def result(self) -> str:
        for event in events.read(self._text):
            self._take(event)
        self._pass(len(self._text), 0)
        spacing.close_gaps(self._lines)
        return "".join(f"{line}\n" for line in spacing.without_surplus(self._lines))

    def _take(self, event: Event) -> None:
        if isinstance(event, CollectionStartEvent):
            self._open(event)
        elif isinstance(event, CollectionEndEvent):
            self._close(event)
        elif isinstance(event, ScalarEvent):
            self._scalar(event)

    def _open(self, event: CollectionStartEvent) -> None:
        start = _begin(event)
        self._pass(start.index, start.column)
        level = _Level(start.column, self._indent(), isinstance(event, MappingStartEvent))
        if event.flow_style:
            level.bracket = self._text[start.index] in "{["
            self._open_flow(level)
        self._count()
        self._levels.append(level)

    def _open_flow(self, level: _Level) -> None:
        """Begin a flow collection; its parts are indented from where the line begins that it stands on."""
        if level.bracket:
            begins_line = not self._lines[-1].pieces
            parent = self._levels[-1] if self._levels else None
            in_value = parent is not None and parent.bracket is None and parent.is_mapping
            level.closing = level.indent if begins_line or not in_value else level.indent - INDENT
            level.indent = level.closing + INDENT
            self._add(self._text[self._position], "{", level.closing)
            self._position += 1

    def _close(self, event: Event) -> None:
        level = self._levels[-1]
        if level.bracket:
            self._pass(_begin(event).index, _begin(event).column)
            self._add(self._text[self._position], "}", level.closing)
            self._position += 1
        self._levels.pop()

    def _scalar(self, event: ScalarEvent) -> None:
        start, end = _begin(event), _end(event)
        self._pass(start.index, start.column)
        if end > start.index:
            written = self._text[start.index : end]
            if event.style in ("|", ">"):
                self._block_text(written)
            else:
                self._flow_scalar(event, written)
            self._position = end
        self._count()

    def _flow_scalar(self, event: ScalarEvent, written: str) -> None:
        first, *others = written.split("\n")
        if event.style and not others:
            is_key = bool(self._levels and self._levels[-1].expects_key)
            first = (wording.key if is_key else wording.scalar)(event.value)
        self._add(_stripped(first, event.style) if others else first, "text", self._indent())
        for index, line in enumerate(others, start=1):
            self._lines.append(Line(fixed=True))
            content = line.lstrip(" \t")
            if index < len(others):
                content = _stripped(content, event.style)
            if content:
                self._add(content, "text", self._indent(of_value=True))

    def _block_text(self, written: str) -> None:
        text = blocktexts.read(written, self._levels[-1].column if self._levels else 0)
        self._add(text.header, "|", self._indent())
        if text.comment:
            self._add(text.comment, "#", 0)
        indent = self._indent(of_value=True)
        for line in text.lines:
            self._lines.append(Line([Piece(line, indent, indent)] if line else [], fixed=True))
        self._lines.extend(Line() for _ in range(text.blank_lines + 1))

    def _pass(self, end: int, column: int) -> None:
        """Lay out what stands before the next scalar or bracket, which was written in that column."""
        between = list(_BETWEEN.finditer(self._text, self._position, end))
        marks = [match.start() for match in between if match[0] in "-?:"]
        for match in between:
            piece = match[0]
            if piece == "\n":
                self._lines.append(Line())
                self._blanks = 0
            elif piece.isspace():
                self._blanks = 1 if "\t" in piece else len(piece)
            elif piece.startswith("#"):
                mark = marks[-1] if marks and match.start() < marks[-1] else None
                self._comment(piece.rstrip(), self._column(match.start()), column, mark)
            elif piece.startswith("%"):
                self._add(piece.rstrip(), "text", 0)
            else:
                self._add(piece, piece, self._levels[-1].indent if self._levels else 0)
        self._position = end

    def _comment(self, text: str, at: int, column: int, mark: int | None) -> None:
        """Add a comment; on a line of its own it stays on a level that ends here, or goes with what follows.

        That is the dash or question mark at `mark`, or what was written in `column`.
        """
        indent = self._indent()
        if self._levels and (mark is not None or self._last == "|"):
            indent = self._levels[-1].indent
        if mark is not None:
            column = self._column(mark)
        if not self._in_flow and at > column:
            ending = [new for old, new in self._deepest if column < old <= at and new > indent]
            indent = max(ending, default=indent)
        self._add(text, "#", indent)

    def _add(self, text: str, kind: str, indent: int) -> None:
        line = self._lines[-1]
        if line.pieces:
            least = _least(self._last, kind)
            may_align = kind == "#" or (kind in ("text", "{", "|") and self._last in (":", ","))
            gap = max(least, self._blanks) if may_align else least
            line.pieces.append(Piece(text, gap, least, "#" if kind == "#" else self._last))
        else:
            line.pieces.append(Piece(text, indent, indent, "first"))
        self._blanks = 0
        if kind != "#":
            self._last = kind
            self._deepest = [(level.column, level.indent) for level in self._levels if level.bracket is None]

    def _indent(self, *, of_value: bool = False) -> int:
        """Return where the next part of the innermost collection begins if it begins a line."""
        if not self._levels:
            return INDENT if of_value else 0
        level = self._levels[-1]
        is_inside = level.bracket is None and (of_value or not level.expects_key or self._last == "?")
        return level.indent + (INDENT if is_inside else 0)

    def _count(self) -> None:
        if self._levels:
            self._levels[-1].parts += 1

    @property
    def _in_flow(self) -> bool:
        return bool(self._levels) and self._levels[-1].bracket is not None

    def _column(self, index: int) -> int:
        return index - self._text.rfind("\n", 0, index) - 1


def _begin(event: Event) -> Mark:
    assert event.start_mark is not None  # noqa: S101 - a parser's event has marks, though its type allows none
    return event.start_mark


def _end(event: Event) -> int:
    assert event.end_mark is not None  # noqa: S101 - likewise
    return event.end_mark.index


def _least(before: str, kind: str) -> int:
    """Return how many blanks stand at least between two pieces of a line."""
    if kind == "#":
        return BEFORE_COMMENT
    if before == "{":
        return 0
    if kind in (",", ":", "}"):
        return 1 if before == ":" else 0  # `{a: , b: }`: without the blank the colon belongs to the key
    return 1


def _stripped(line: str, style: str | None) -> str:
    """Return a line of a text that goes on below, without the blanks that end it and mean nothing."""
    stripped = line.rstrip(" \t")
    return line if style == '"' and stripped.endswith("\\") else stripped
