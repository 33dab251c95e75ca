"""Finds packed facts by a text of theirs: the client's id, a website, their own id."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

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

    def numbers(self, text: str) -> Iterator[int]:
        """Yield the numbers that may be those of the text, all of its own among them, in their order."""
        wanted = hash(text) & _LOW
        for place in range(bisect_left(self._entries, wanted << 32), len(self._entries)):
            entry = self._entries[place]
            if entry >> 32 != wanted:
                return
            yield entry & _LOW


class Lookup(Mapping[str, FoundT], Generic[FoundT]):
    """What `show` makes of the facts whose `text` it is; to go through all of them unpacks every fact."""

    def __init__(
        self,
        shelf: Shelf,
        text: Callable[[RenewalFact], str | None],
        show: Callable[[tuple[RenewalFact, ...]], FoundT],
    ) -> None:
        self._shelf = shelf
        self._text = text
        self._show = show
        self._index = Index()
        self._hot: dict[str, FoundT] = {}
        self._facts_in_hot = 0

    def note(self, fact: RenewalFact, number: int) -> None:
        """Note the number of a fact."""
        text = self._text(fact)
        if text is not None:
            self._index.note(text, number)

    def close(self) -> None:
        """Make what was noted findable."""
        self._index.close()

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
