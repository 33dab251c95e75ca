"""Formulas over variables with finitely many classes, and the search for classes that make them true.

A variable's domain is the mask of the classes it may still be in. Being in none of some classes is being
in one of the others, so formulas need no negation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple, TypeAlias

import msgspec

Domains: TypeAlias = tuple[int, ...]

Proof: TypeAlias = frozenset[int]
"""The numbers of formulas that cannot all be true, whatever the others are."""


class Open(NamedTuple):
    """Not decided yet: how many literals matter, and the one to decide first. A single one must be true."""

    size: int
    literal: Literal


_size = attrgetter("size")


class Literal(msgspec.Struct, frozen=True):
    """True when the variable is in one of the classes."""

    variable: int
    classes: int

    def truth(self, domains: Domains) -> bool | Open:
        """Return what is known when every variable may be anything in its domain."""
        domain = domains[self.variable]
        within = domain & self.classes
        if not within:
            return False
        return within == domain or Open(1, self)

    def narrow(self, domains: Domains, *, to: bool) -> Domains:
        """Return the domains in which the literal is true, or false."""
        classes = self.classes if to else ~self.classes
        return replaced(domains, self.variable, by=domains[self.variable] & classes)


class Every(msgspec.Struct, frozen=True):
    """True when all parts are."""

    parts: tuple[Formula, ...]

    def truth(self, domains: Domains) -> bool | Open:
        """Return what is known; it takes one part to fail, so the smallest says what is open."""
        undecided = []
        for part in self.parts:
            truth = part.truth(domains)
            if truth is False:
                return False
            if truth is not True:
                undecided.append(truth)
        return min(undecided, key=_size) if undecided else True


class Some(msgspec.Struct, frozen=True):
    """True when at least one part is."""

    parts: tuple[Formula, ...]

    def truth(self, domains: Domains) -> bool | Open:
        """Return what is known; it takes all parts to fail, so together they say what is open."""
        undecided = []
        for part in self.parts:
            truth = part.truth(domains)
            if truth is True:
                return True
            if truth is not False:
                undecided.append(truth)
        if not undecided:
            return False
        return Open(sum(map(_size, undecided)), min(undecided, key=_size).literal)


Formula: TypeAlias = Literal | Every | Some


def solve(formulas: Sequence[Formula], domains: Domains, *, budget: int) -> Domains | Proof | None:
    """Return domains from which every choice makes all formulas true, or a proof that no choice does.

    None says that it takes looking at more nodes of formulas than the budget.
    """
    search = _Search(budget)
    branches = [(domains, [_Goal(number, goal, _nodes(goal)) for number, goal in enumerate(formulas)])]
    while branches:
        domains, goals = branches.pop()
        undecided = search.undecided(domains, goals)
        if search.budget < 0:
            return None
        if undecided is None:
            continue
        if not undecided:
            return domains
        branches += search.branches(domains, undecided)
    return frozenset(search.culprits)


def replaced(domains: Domains, variable: int, *, by: int) -> Domains:
    """Return the domains with that of one variable replaced."""
    return (*domains[:variable], by, *domains[variable + 1 :])


class _Goal(NamedTuple):
    """A formula that must be true, and what it costs to look at it."""

    number: int
    formula: Formula
    nodes: int


class _Search:
    """What a search has left to spend, and the goals at which its branches failed."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.culprits: set[int] = set()

    def undecided(self, domains: Domains, goals: Iterable[_Goal]) -> list[tuple[Open, _Goal]] | None:
        """Return the goals that are still open, or None when one is out of reach."""
        undecided = []
        for goal in goals:
            self.budget -= goal.nodes
            truth = goal.formula.truth(domains)
            if truth is False:
                self.culprits.add(goal.number)
                return None
            if truth is not True:
                undecided.append((truth, goal))
        return undecided

    def branches(
        self, domains: Domains, undecided: Sequence[tuple[Open, _Goal]]
    ) -> Iterator[tuple[Domains, list[_Goal]]]:
        """Yield the two ways to decide one literal, of the goal that leaves least choice; true comes last."""
        (size, literal), chosen = min(undecided, key=lambda pair: pair[0].size)
        goals = [goal for _, goal in undecided]
        if size > 1:
            yield literal.narrow(domains, to=False), goals
        else:  # this goal needs the literal, so the other branch fails at it
            self.culprits.add(chosen.number)
        yield literal.narrow(domains, to=True), goals


def _nodes(formula: Formula) -> int:
    return 1 if isinstance(formula, Literal) else 1 + sum(map(_nodes, formula.parts))
