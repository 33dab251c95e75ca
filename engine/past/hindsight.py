"""What a revision decides about a client by today's facts; what revisions have in common is built once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from engine import configuration, snapshot
from engine.changes import views
from engine.changes.causes import Side
from engine.changes.views import View
from engine.decisions import Decision, decide
from engine.diagnostics import ConfigurationError, Diagnostic
from engine.facts import Renewal, RenewalFact
from engine.memory import Memory
from engine.notices import RENEWAL_NOTICE
from engine.snapshot import Snapshot
from engine.sources import Sources


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a revision comes to: a decision for each renewal, or what stops them."""

    side: Side | None = None
    decisions: tuple[Decision, ...] = ()
    views: tuple[View, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether anything could be decided."""
        return self.side is not None

    def is_like(self, other: Verdict) -> bool:
        """Whether both decide alike; two that cannot be used do."""
        return (self.is_usable, self.views) == (other.is_usable, other.views)


class Hindsight:
    """Decides about the renewals of one client, a notice sent on one day, for revision after revision."""

    def __init__(self, facts: Sequence[RenewalFact], on: dt.date) -> None:
        self._facts = sorted(facts, key=lambda fact: fact.renewal)
        self._on = on
        self._memory = Memory()
        self._last: Snapshot | None = None

    def verdict(self, files: Sources) -> Verdict:
        """Return what these files decide."""
        try:
            used = self._snapshot(files)
        except ConfigurationError as error:
            stopping = tuple(problem for problem in error.diagnostics if problem.stops_deciding)
            return Verdict(problems=stopping)
        renewals = [Renewal.from_fact(fact, used.vendor) for fact in self._facts]
        decisions = tuple(decide(used, renewal, RENEWAL_NOTICE, self._on) for renewal in renewals)
        compared = tuple(views.of_decision(decision, used.vendor) for decision in decisions)
        return Verdict(Side(used, files), decisions, compared)

    def close(self) -> None:
        """Free the rules engine."""
        if self._last:
            self._last.close()
        self._last = None

    def _snapshot(self, files: Sources) -> Snapshot:
        checked = configuration.load(files, self._on, memory=self._memory)
        used = snapshot.from_configuration(checked, previous=self._last)
        if self._last and self._last.rulebook is not used.rulebook:
            self._last.close()
        self._last = used
        return used
