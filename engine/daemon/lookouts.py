"""Looks at a root: at everything, or at what was told of, where somebody tells of all that happens.

That nobody was told of something is not known at once. So whoever has time looks at everything now and then;
what is found then, and was not told of, shows that too little is told, and every look is at everything until
one has shown that all is told again; or until it is told: where many ask for decisions, who tells is late.

Thousands of files take a while, much longer where many ask for decisions, and no edit is to wait for that.
So as long as there is no doubt, whoever has time goes the rounds: it looks at everything in pieces, between
which what is told of comes first. Only if that shows something untold, everything is looked at in one go.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeAlias

from engine.daemon import fingerprints, glances
from engine.daemon.fingerprints import Look

_MOST = 1_000
"""Changes between two looks after which some may have been lost: what keeps them has its limits."""

Rounds: TypeAlias = Generator[None, None, bool]
"""A look at everything in pieces; at the end it says whether all that was found is what was told of."""


class Lookout:
    """Looks at one root, for one at a time; anybody may tell of changes meanwhile."""

    def __init__(self, root: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._root = root
        self._now = now
        self._looking = threading.Lock()
        self._last: Look | None = None
        self._missed: set[str] = set()
        """The places that were found to have changed, and that nobody has told of."""
        self._telling = threading.Lock()
        self._is_told = False
        self._told: set[str] = set()
        self._told_on_rounds: set[str] = set()
        self._times = 0
        self._told_at = 0.0
        self._has_glanced = False

    def tell(self, place: str | None = None) -> None:
        """Tell of a change at a place, or anywhere."""
        with self._telling:
            self._told_at = self._now()
            self._times = _MOST + 1 if place is None else self._times + 1
            if place is not None:
                self._told.add(place)
                self._told_on_rounds.add(place)
                self._missed.discard(place)

    def rely(self) -> None:
        """Know that all changes are told of from now on; those of before have yet to be looked for."""
        self.tell()
        self._is_told = True

    def rely_no_more(self) -> None:
        """Know that changes are not told of."""
        self._is_told = False

    @property
    def may_glance(self) -> bool:
        """Whether the next look may be at what was told of alone, which takes no time."""
        return self._is_told and not self._is_doubted

    def look(self) -> Look:
        """Look at what was told of since the last look, if that is all that may have changed."""
        with self._looking:
            before, told = self._take()
            found = None if self._is_doubted else self._glance(before, told)
            self._has_glanced = found is not None
            self._last = found or fingerprints.look(self._root)
            return self._last

    def unmoved_since(self, at: float) -> float:
        """Return since when the root has been as the last look shows it, which began at that moment."""
        return self._told_at if self._has_glanced else at

    def look_everywhere(self) -> Look:
        """Look at everything, and see whether all that has changed was told of."""
        with self._looking:
            before, told = self._take()
            found = fingerprints.look(self._root)
            expected = self._glance(before, told)
            self._doubt(expected, found)
            self._has_glanced = False
            self._last = expected if expected and expected.tells_the_same(found) else found
            return self._last

    def rounds(self) -> Rounds:
        """Look at everything in pieces, for one at a time; others may look at what is told of meanwhile.

        What is told of from here on was perhaps seen before, perhaps after: these places show nothing.
        """
        with self._telling:
            self._told_on_rounds = {*self._told}
        found = yield from fingerprints.looking(self._root)
        with self._looking, self._telling:
            last, may_glance = self._last, self.may_glance and self._times <= _MOST
            told, self._told_on_rounds = self._told_on_rounds, set()
        return (
            last is not None and may_glance and last.has_the_frame_of(found) and _between(last, found) <= told
        )

    @property
    def _is_doubted(self) -> bool:
        return bool(self._missed)

    def _doubt(self, expected: Look | None, found: Look) -> None:
        """Note what was found that nobody has told of."""
        missed = _between(expected, found) if expected else frozenset()
        with self._telling:
            self._missed = {*missed} - self._told

    def _glance(self, before: Look | None, told: frozenset[str] | None) -> Look | None:
        return None if before is None or told is None else glances.glance(self._root, before, told)

    def _take(self) -> tuple[Look | None, frozenset[str] | None]:
        """Return the last look and what was told of since, None if anything may have changed.

        Neither is there for another look, should this one fail.
        """
        before, self._last = self._last, None
        with self._telling:
            told, times = frozenset(self._told), self._times
            self._told, self._times = set(), 0
        return before, told if self._is_told and times <= _MOST else None


def _between(expected: Look, found: Look) -> frozenset[str]:
    """Return the places in which two looks at one root differ."""
    paths = fingerprints.moved(expected, found) | (expected.strays ^ found.strays)
    return frozenset(f"{found.top}/{path}" for path in paths)
