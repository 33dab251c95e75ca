"""Rules compiled for deciding: facts to a mask, the mask to the rules that fire, those to one verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.bounded import Bounded
from engine.conditions import Comparison, Condition
from engine.facts import Renewal
from engine.inference import Engine
from engine.masks import compile_mask, compile_reader
from engine.notices import Notice
from engine.ownership import Standing
from engine.ruleset import Rule, Ruleset, Verdict, fold

_MEMO_LIMIT = 100_000
"""Masks remembered. 60,000 realistic renewals gave a prototype 1,977; this only bounds an attack."""


class Considered(NamedTuple):
    """Everything that led to a verdict: facts by name, each rule and whether it holds, each comparison."""

    facts: tuple[tuple[str, object], ...]
    rules: tuple[tuple[Rule, bool], ...]
    truths: Mapping[Comparison, bool]


class Matcher:
    """Which of several conditions hold for a notice; ready to be asked from any thread until it is closed.

    Those that hold are a function of the mask alone, so remembering them by mask is exact.
    """

    def __init__(self, conditions: Sequence[Condition], functions: Mapping[str, object]) -> None:
        self._engine = Engine(conditions)
        self.mask = compile_mask(self._engine.comparisons, functions)
        self._holding: Bounded[int, frozenset[int]] = Bounded(_MEMO_LIMIT)

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Every comparison; bit i of a mask is the truth of the i-th."""
        return self._engine.comparisons

    def holding(self, mask: int) -> frozenset[int]:
        """Return the indexes of the conditions that hold."""
        known = self._holding.get(mask)
        return known if known is not None else self._holding.keep(mask, frozenset(self._engine.fired(mask)))

    def close(self) -> None:
        """Free the engine; afterwards only what is remembered can be had."""
        self._engine.close()


class Rulebook:
    """One version of the rules, each verdict remembered by its mask.

    Where the same rules hold the verdict is the same object: what follows from it is found only once.
    """

    def __init__(self, ruleset: Ruleset, functions: Mapping[str, object]) -> None:
        self.rules = ruleset.rules
        self._matcher = Matcher([rule.condition for rule in self.rules], functions)
        self._mask = self._matcher.mask
        self._functions = functions
        self._verdicts: Bounded[int, Verdict] = Bounded(_MEMO_LIMIT)
        self._folded: Bounded[frozenset[int], Verdict] = Bounded(_MEMO_LIMIT)

    def verdict(self, standing: Standing, renewal: Renewal, notice: Notice, on: int) -> Verdict:
        """Return what the rules come to for a notice sent on the ordinal day `on`."""
        mask = self._mask(standing, renewal, notice, on)
        known = self._verdicts.get(mask)
        return known if known is not None else self._decide(mask)

    def consider(self, standing: Standing, renewal: Renewal, notice: Notice, on: int) -> Considered:
        """Return what the rules looked at, and which of them hold: the long answer to "why"."""
        mask = self._mask(standing, renewal, notice, on)
        comparisons = self._matcher.comparisons
        names = tuple(dict.fromkeys(comparison.fact for comparison in comparisons))
        values = compile_reader(names, self._functions)(standing, renewal, notice, on)
        holding = self._matcher.holding(mask)
        return Considered(
            facts=tuple(zip(names, values, strict=True)),
            rules=tuple((rule, index in holding) for index, rule in enumerate(self.rules)),
            truths={comparison: bool(mask >> bit & 1) for bit, comparison in enumerate(comparisons)},
        )

    def close(self) -> None:
        """Free the engine; afterwards only verdicts already remembered can be had."""
        self._matcher.close()

    def _decide(self, mask: int) -> Verdict:
        holding = self._matcher.holding(mask)
        verdict = self._folded.get(holding)
        if verdict is None:
            verdict = self._folded.keep(holding, fold(self.rules[index] for index in sorted(holding)))
        return self._verdicts.keep(mask, verdict)
