"""Collects the renewal facts of files in every format; every bad fact is named by its place."""

from __future__ import annotations

import codecs
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from engine.diagnostics import Diagnostic, Location
from engine.facts import RenewalFact
from engine.feeds.judging import Item
from engine.sentences import shown
from engine.sources import FACTS_SUFFIXES
from engine.trees import File

_WORD = re.compile(r"[a-z0-9._-]+")


class Places(Mapping[str, Location]):
    """Where each renewal stands, by its id, in the order of delivery; a place is made once it is asked."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._lines, self._columns = array("I"), array("I")
        self._paths: list[str] = [""]
        self._begins: list[int] = [0]

    def note(self, renewal: str, item: Item) -> bool:
        """Note the next renewal, and say whether it was not there before."""
        numbers = self._numbers
        number = len(numbers)
        if numbers.setdefault(renewal, number) != number:
            return False
        self._lines.append(item.line)
        self._columns.append(item.column)
        if self._paths[-1] != item.path:
            self._paths.append(item.path)
            self._begins.append(number)
        return True

    def __getitem__(self, renewal: str) -> Location:
        number = self._numbers[renewal]
        path = self._paths[bisect_right(self._begins, number) - 1]
        return Location(path, self._lines[number], self._columns[number])

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


@dataclass(frozen=True, slots=True)
class Facts:
    """The renewals that were delivered, in order; where each stands; what is wrong with the `bad` others.

    `words` are those of the bad ones: a client among them has a renewal, if one that cannot be used.
    """

    renewals: tuple[RenewalFact, ...] = ()
    places: Mapping[str, Location] = field(default_factory=dict)
    problems: tuple[Diagnostic, ...] = ()
    bad: int = 0
    words: frozenset[str] = frozenset()


def read(files: Iterable[File]) -> Facts:
    """Read every renewal of the files."""
    return collect(items(files))


def items(files: Iterable[File]) -> Iterator[Item]:
    """Yield what the files hold, one by one."""
    return chain.from_iterable(map(_items, files))


def collect(items: Iterable[Item]) -> Facts:
    """Tell the renewals that can be used from the bad ones; the id of a renewal may stand there once."""
    renewals: list[RenewalFact] = []
    found = sift(items, lambda fact, _: renewals.append(fact))
    return Facts(tuple(renewals), found.places, found.problems, found.bad, found.words)


def sift(items: Iterable[Item], keep: Callable[[RenewalFact, Item], object]) -> Facts:
    """Do the same, and hand over the renewals that can be used instead of keeping them all in memory.

    Each comes with the item that it is of.
    """
    places = Places()
    problems: list[Diagnostic] = []
    words: set[str] = set()
    bad = 0
    for item in items:
        fact = item.fact
        if fact is not None and places.note(fact.renewal, item):
            keep(fact, item)
            continue
        bad += 1
        words.update(_WORD.findall(item.text.decode("utf-8", "replace")))
        problems.extend(item.problems)
        if fact is not None:
            problems.append(_duplicate(fact, item.place, places))
    return Facts((), places, tuple(problems), bad, frozenset(words))


def is_lines(file: File) -> bool:
    """Whether each line of the file is a renewal, from its first byte on."""
    return _format(file) == ".jsonl" and not file.data.startswith(codecs.BOM_UTF8)


def _items(file: File) -> Iterator[Item]:
    """Read a file as what it is; the readers are imported when there is something to read."""
    suffix = _format(file)
    if suffix == ".csv":
        from engine.feeds import csvfacts  # noqa: PLC0415 - see above

        return csvfacts.read(File(file.path, _unmarked(file)))
    from engine.feeds import jsonfacts  # noqa: PLC0415 - see above

    if suffix == ".jsonl":
        return jsonfacts.read_lines(file)
    return jsonfacts.read_document(File(file.path, _unmarked(file)))


def _format(file: File) -> str:
    """Return the suffix, or guess it by the first character: a list, a mapping on each line, or a table."""
    for suffix in FACTS_SUFFIXES:
        if file.path.endswith(suffix):
            return suffix
    text = _unmarked(file).lstrip()
    if text.partition(b"\n")[0].rstrip() == b"{":
        return ".json"  # one mapping over several lines
    return {b"[": ".json", b"{": ".jsonl", b"": ".jsonl"}.get(text[:1], ".csv")


def _unmarked(file: File) -> bytes:
    return file.data.removeprefix(codecs.BOM_UTF8)


def _duplicate(fact: RenewalFact, place: Location, places: Mapping[str, Location]) -> Diagnostic:
    message = f"renewal {shown(fact.renewal)} is already at {places[fact.renewal]}"
    return Diagnostic(place, "duplicate-renewal", message, hint="a renewal is delivered once: remove one")
