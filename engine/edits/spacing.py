"""Lines of pieces, and the blanks between them: a wide gap stays where it aligns a column, else it goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Piece:
    """A text and the blanks before it; `least` is how many there are at least.

    Pieces are aligned with others of their `kind` only: a comment with a comment, a value with a value.
    """

    text: str
    gap: int = 0
    least: int = 0
    kind: str = ""


@dataclass(slots=True)
class Line:
    """A line as it is to be; a `fixed` one belongs to a text and is kept even when it is empty."""

    pieces: list[Piece] = field(default_factory=list)
    fixed: bool = False

    def __str__(self) -> str:
        return "".join(" " * piece.gap + piece.text for piece in self.pieces)

    @property
    def is_blank(self) -> bool:
        """Whether it does nothing but to set off its neighbours."""
        return not self.pieces and not self.fixed

    def columns(self) -> Iterator[tuple[Piece, int]]:
        """Yield every piece with the column in which it begins."""
        column = 0
        for piece in self.pieces:
            column += piece.gap
            yield piece, column
            column += len(piece.text)


def close_gaps(lines: list[Line]) -> None:
    """Narrow every wide gap that aligns nothing.

    A narrowed gap moves what follows it, so the neighbours are looked at again. Every gap is narrowed at most
    once, which is why this ends; and what is left is aligned, which is why doing it twice changes nothing.
    """
    pending = list(range(len(lines)))[::-1]
    while pending:
        index = pending.pop()
        if _narrow(lines, index):
            pending.extend(near for near in (index - 1, index, index + 1) if 0 <= near < len(lines))


def without_surplus(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines with no more than one blank line in a row, and none at the beginning and the end."""
    pending: Line | None = None
    begun = False
    for line in lines:
        if line.is_blank:
            pending = line if begun else None
            continue
        if pending is not None:
            yield pending
        pending, begun = None, True
        yield line


def _narrow(lines: list[Line], index: int) -> bool:
    """Narrow the first gap of a line that aligns nothing, if there is one."""
    for piece, column in lines[index].columns():
        if piece.gap > piece.least and not _is_aligned(lines, index, piece, column):
            piece.gap = piece.least
            return True
    return False


def _is_aligned(lines: list[Line], index: int, piece: Piece, column: int) -> bool:
    neighbours = (lines[near] for near in (index - 1, index + 1) if 0 <= near < len(lines))
    return any(
        (other.kind, begin) == (piece.kind, column) for line in neighbours for other, begin in line.columns()
    )
