"""What a revision decides about a client by today's facts; what revisions have in common is built once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from engine import configuration, planning, snapshot
from engine.changes import views
from engine.changes.causes import Side
from engine.changes.views import View
from engine.configuration import Memory
from engine.decisions import Decision, decide
from engine.diagnostics import ConfigurationError, Diagnostic
from engine.facts import Renewal, RenewalFact
from engine.notices import RENEWAL_NOTICE
from engine.snapshot import Snapshot
from engine.sources import Sources

Step: TypeAlias = tuple[str, str | None]
"""The type of a notice and its step of the schedule."""


class Answer(NamedTuple):
    """A decision, and what counts of it."""

    decision: Decision
    view: View


class Answers(NamedTuple):
    """What is decided about a renewal: for a notice sent on the day, and for each that is due after it."""

    asked: Answer
    to_come: Mapping[Step, Answer]

    @property
    def views(self) -> tuple[View, Mapping[Step, View]]:
        """What counts of all of it."""
        return self.asked.view, {step: answer.view for step, answer in self.to_come.items()}


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a revision comes to: the answers for each renewal, or what stops them."""

    side: Side | None = None
    answers: tuple[Answers, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether anything could be decided."""
        return self.side is not None

    def is_like(self, other: Verdict) -> bool:
        """Whether both decide alike; two that cannot be used do."""
        return (self.is_usable, self._views) == (other.is_usable, other._views)

    @cached_property
    def _views(self) -> list[tuple[View, Mapping[Step, View]]]:
        return [answers.views for answers in self.answers]


class Hindsight:
    """Decides about the renewals of one client for revision after revision: on one day, and what is due then.

    The notices to come are those that `diff` compares too: what an entry says from a later day on counts.
    """

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
        return Verdict(Side(used, files), tuple(self._answers(used, renewal) for renewal in renewals))

    def _answers(self, used: Snapshot, renewal: Renewal) -> Answers:
        asked = decide(used, renewal, RENEWAL_NOTICE, self._on)
        planned = planning.plan(used, [renewal], planning.window(self._on))
        return Answers(
            _answer(used, asked),
            {(one.notice.type, one.notice.step): _answer(used, one) for one in planned},
        )

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


def _answer(used: Snapshot, decision: Decision) -> Answer:
    return Answer(decision, views.of_decision(decision, used.vendor))
