"""Shares of a delivery: what each of several processes reads of files that nobody holds in memory.

Files that are lines are cut between these, others are read as wholes. Who has a share of a file reads all of
it, which takes little beside making facts, and so sees for himself that the file is what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from engine.feeds import factfiles, jsonfacts
from engine.feeds.judging import Item
from engine.trees import File


class Share(NamedTuple):
    """What begins between two bytes of the files, counted from the first byte of the first file."""

    begin: int
    end: int


def cut(files: Iterable[File], count: int) -> list[Share]:
    """Return so many shares of about the same size; one after another they are the files."""
    total = sum(map(_width, files))
    return [Share(*edges) for edges in pairwise(total * number // count for number in range(count + 1))]


def items(files: Iterable[File], share: Share) -> Iterator[Item]:
    """Yield what a share holds."""
    at = 0
    for file in files:
        begin, end = share.begin - at, share.end - at
        at += _width(file)
        if begin < _width(file) and end > 0:
            yield from _items(file, begin, end)


def _items(file: File, begin: int, end: int) -> Iterator[Item]:
    if file.path.endswith(".jsonl"):
        return jsonfacts.read_between(file, begin, end)
    return factfiles.items([file] if begin <= 0 else [])


def _width(file: File) -> int:
    """Return how much of a share a file is: of an empty one somebody has to see that it is empty."""
    return max(file.size, 1)
