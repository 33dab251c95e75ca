"""Finds packed facts by a text of theirs: the client's id, a website, their own id."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, groupby, pairwise
from typing import Generic, TypeVar

from engine.daemon import shelf
from engine.daemon.shelf import Shelf
from engine.facts import RenewalFact

FoundT = TypeVar("FoundT")

_LOW = (1 << 32) - 1

_HOT = 4_096
"""So many facts are kept unpacked: who asks about a client often asks again at once. They take some MB."""


class Index:
    """The numbers that texts have: by a hash in eight bytes: those of another text may be among them."""

    def __init__(self) -> None:
        self._entries = array("Q")

    def note(self, text: str, number: int) -> None:
        """Note a number of a text."""
        self._entries.append((hash(text) & _LOW) << 32 | number)

    def close(self) -> None:
        """Make what was noted findable."""
        self._entries = array("Q", sorted(self._entries))

    def taken(self) -> memoryview:
        """Return what was noted, as bytes."""
        return memoryview(self._entries)

    def add(self, taken: memoryview, first: int) -> None:
        """Add what another one noted, whose first number is this one here; all of it is findable."""
        others = (entry + first for entry in shelf.numbers("Q", taken))
        self._entries = array("Q", sorted(chain(self._entries, others)))

    def alike(self) -> Iterator[tuple[int, ...]]:
        """Yield the numbers of each two or more texts that have one hash: most of them are equal."""
        for _, group in groupby(self._doubled(), key=_hash):
            yield tuple(entry & _LOW for entry in dict.fromkeys(group))

    def _doubled(self) -> Iterator[int]:
        """Yield the entries that have the hash of the next or of the one before."""
        for entry, following in pairwise(self._entries):
            if entry >> 32 == following >> 32:
                yield entry
                yield following

    def numbers(self, text: str) -> Iterator[int]:
        """Yield the numbers that may be those of the text, all of its own among them, in their order."""
        wanted = hash(text) & _LOW
        for place in range(bisect_left(self._entries, wanted << 32), len(self._entries)):
            entry = self._entries[place]
            if entry >> 32 != wanted:
                return
            yield entry & _LOW


def _hash(entry: int) -> int:
    return entry >> 32


class Lookup(Mapping[str, FoundT], Generic[FoundT]):
    """What `show` makes of the facts whose `text` it is; to go through all of them unpacks every fact."""

    def __init__(
        self,
        shelf: Shelf,
        index: Index,
        text: Callable[[RenewalFact], str | None],
        show: Callable[[tuple[RenewalFact, ...]], FoundT],
    ) -> None:
        self._shelf = shelf
        self._text = text
        self._show = show
        self._index = index
        self._hot: dict[str, FoundT] = {}
        self._facts_in_hot = 0

    def numbers(self, text: str) -> Iterator[int]:
        """Yield the numbers of the facts whose text it is, and rarely that of another one."""
        return self._index.numbers(text)

    def __getitem__(self, text: str) -> FoundT:
        found = self._hot.get(text)
        return self._look_up(text) if found is None else found

    def __contains__(self, text: object) -> bool:
        if not isinstance(text, str):
            return False
        return any(self._text(fact) == text for fact in self._shelf.pick(self.numbers(text)))

    def __iter__(self) -> Iterator[str]:
        texts = map(self._text, self._shelf)
        return iter(dict.fromkeys(text for text in texts if text is not None))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _look_up(self, text: str) -> FoundT:
        found = tuple(fact for fact in self._shelf.pick(self.numbers(text)) if self._text(fact) == text)
        if not found:
            raise KeyError(text)
        shown = self._show(found)
        self._keep(text, shown, len(found))
        return shown

    def _keep(self, text: str, shown: FoundT, facts: int) -> None:
        """Remember what was made of so many facts; a partner may have thousands, so that they are counted."""
        if self._facts_in_hot + facts > _HOT:
            self._hot.clear()
            self._facts_in_hot = 0
        if facts <= _HOT:
            self._hot[text] = shown
            self._facts_in_hot += facts
