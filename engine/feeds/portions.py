"""Cuts deliveries of facts into portions that can be read one without the other, as long as nothing is wrong.

What is wrong is told in the order and with the lines of whole files; so whoever finds a portion unsound reads
these in the way that can tell.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from engine.facts import RenewalFact
from engine.feeds import factfiles, jsonfacts
from engine.trees import File

LEAST_BYTES = 10_000_000
"""Of how much less one process reads before others were started."""

_PIECE = 1 << 20
"""Bytes that are cut out of a file at once: as much is in memory twice."""


class Piece(NamedTuple):
    """Whole lines of a file, or all of one whose renewals are not lines."""

    file: File
    begin: int = 0
    end: int | None = None

    def __len__(self) -> int:
        return (self.file.size if self.end is None else self.end) - self.begin

    @property
    def is_lines(self) -> bool:
        """Whether it is cut between lines."""
        return self.end is not None

    @property
    def data(self) -> bytes:
        """Its bytes: a copy, to be let go of soon."""
        return self.file.data[self.begin : self.end]


Portion = Sequence[Piece]


class UnsoundError(Exception):
    """Something is wrong with these facts."""


def lines_in(portion: Portion) -> int:
    """Return how many lines there are: about as many renewals, where these are not lists."""
    return sum(piece.data.count(b"\n") for piece in portion)


def is_worth_it(files: Iterable[File]) -> bool:
    """Whether it takes long to read these files."""
    return sum(file.size for file in files) >= LEAST_BYTES


def cut(files: Iterable[File], count: int) -> list[Portion]:
    """Cut files into so many portions of about the same size; one after another they are the files."""
    pieces = [piece for file in files for piece in _pieces(file)]
    ends = list(accumulate(map(len, pieces)))
    total = ends[-1] if ends else 0
    edges = [0, *(bisect_right(ends, total * number // count) for number in range(1, count)), len(pieces)]
    return [pieces[begin:end] for begin, end in pairwise(edges)]


def read(portion: Portion, ids: set[str]) -> Iterator[RenewalFact]:
    """Yield every renewal, whose id is then among `ids`; raise UnsoundError where anything is wrong."""
    for fact in _facts(portion):
        if fact is None or fact.renewal in ids:
            raise UnsoundError
        ids.add(fact.renewal)
        yield fact


def _facts(portion: Portion) -> Iterator[RenewalFact | None]:
    """Yield the renewals, and None for what is none."""
    yield from jsonfacts.read_blocks(piece.data for piece in portion if piece.is_lines)
    whole = (piece.file for piece in portion if not piece.is_lines)
    yield from (item.fact for item in factfiles.items(whole))


def _pieces(file: File) -> Iterator[Piece]:
    if not factfiles.is_lines(file):
        yield Piece(file)
        return
    begin = 0
    while begin < file.size:
        end = file.data.find(b"\n", begin + _PIECE) + 1 or file.size
        yield Piece(file, begin, end)
        begin = end
