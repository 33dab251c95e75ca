"""The facts that a comparison needs: all about those whom it may concern, of everybody else the name.

Of a large delivery in JSON Lines few lines matter. Whether any other can be used is for `validate` to say.
Where a line does not even say whose renewal it is, or a renewal is delivered twice, everything is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from engine.changes.affected import Affected
from engine.facts import RenewalFact
from engine.feeds import factfiles, jsonfacts, picking
from engine.feeds.factfiles import Facts
from engine.feeds.picking import Picked, Wanted
from engine.trees import File

LEAST_BYTES = 8_000_000
"""Below that all are judged: it takes a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of those whom a change may concern, and of which clients any renewal is known."""

    scope: Affected
    facts: Sequence[RenewalFact]
    clients: frozenset[str]


class Selector:
    """Reads facts, and notes of which other clients there are any."""

    def __init__(self, scope: Affected) -> None:
        self._scope = scope
        self._others: frozenset[str] = frozenset()

    def known(self, facts: Sequence[RenewalFact]) -> Known:
        """Keep of the facts what matters, after those of files were read."""
        concerned = [fact for fact in facts if self._scope.has(fact.client, fact.partner)]
        return Known(self._scope, concerned, self._others.union(fact.client for fact in facts))

    def read(self, files: Sequence[File]) -> Facts:
        """Read what can matter, where that is less than everything."""
        found = self._pick(files) if self._is_worth_it(files) else None
        if found is None:
            return factfiles.read(files)
        self._others = frozenset().union(*(picked.clients for picked in found))
        lines = (picked.lines for picked in found)
        paths = (file.path for file in files)
        return factfiles.collect(chain.from_iterable(map(jsonfacts.read_numbered, paths, lines)))

    def _is_worth_it(self, files: Sequence[File]) -> bool:
        is_large = sum(file.size for file in files) >= LEAST_BYTES
        return is_large and not self._scope.everybody and all(map(factfiles.is_lines, files))

    def _pick(self, files: Sequence[File]) -> list[Picked] | None:
        """Pick lines from every file, unless it takes more than one line to know what counts."""
        wanted = Wanted(frozenset(self._scope.clients), frozenset(self._scope.partners))
        found = []
        for file in files:
            picked = picking.pick(file, wanted)
            if picked is None:
                return None
            found.append(picked)
        renewals = [renewal for picked in found for renewal in picked.renewals]
        return found if len(set(renewals)) == len(renewals) else None
