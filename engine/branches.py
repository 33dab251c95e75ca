"""Rules in disjunctive normal form: a rule holds when one of its branches does.

Comparisons are numbered in order of first appearance; bit i of a mask is the truth of number i.
Distribution can explode, so a rule of more than MAX_BRANCHES branches keeps its outermost
disjunctions whole: each becomes a derived condition with a bit of its own after the comparisons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

import msgspec

from engine import conditions
from engine.conditions import AllOf, AnyOf, Comparison, Condition, Not

MAX_BRANCHES = 60
"""More than this and a rule is wide: its disjunctions become derived conditions."""

MAX_EFFORT = 250_000
"""How many pairs of branches one rule may make us compare (some 20 ms) before it counts as wide."""

Predicate: TypeAlias = Callable[[int], bool]


class Branch(NamedTuple):
    """A conjunction: the conditions that must be true and those that must be false, as masks."""

    true: int
    false: int

    def implies(self, other: Branch) -> bool:
        """Whether the other branch holds wherever this one does."""
        return self.true & other.true == other.true and self.false & other.false == other.false


class NormalForm(msgspec.Struct, frozen=True):
    """The branches of every rule; a rule without branches contradicts itself."""

    comparisons: tuple[Comparison, ...]
    derived: tuple[Predicate, ...]
    branches: tuple[tuple[Branch, ...], ...]

    @property
    def conditions(self) -> int:
        """How many conditions a branch may look at."""
        return len(self.comparisons) + len(self.derived)

    def complete(self, mask: int) -> int:
        """Return the mask of the comparisons with the bits of the derived conditions added."""
        complete = mask
        for bit, holds in enumerate(self.derived, len(self.comparisons)):
            complete |= holds(mask) << bit
        return complete


def normal_form(rules: Sequence[Condition]) -> NormalForm:
    """Bring rules into branches: absorbed, without contradictions, always in the same order."""
    comparisons = dict.fromkeys(chain.from_iterable(map(conditions.comparisons, rules)))
    bits: dict[Condition, int] = {comparison: bit for bit, comparison in enumerate(comparisons)}
    narrow = {rule: found for rule in rules if (found := _narrow_branches(rule, bits)) is not None}
    wide = [rule for rule in rules if rule not in narrow]
    groups = dict.fromkeys(group for rule in wide for group in _disjunctions(rule, positive=True))
    group_bits = bits | {group: bit for bit, group in enumerate(groups, len(bits))}
    expanded = narrow | {rule: _Expansion(group_bits).branches(rule, positive=True) for rule in wide}
    return NormalForm(
        comparisons=tuple(comparisons),
        derived=tuple(_predicate(group, bits) for group in groups),
        branches=tuple(expanded[rule] for rule in rules),
    )


class _TooWideError(Exception):
    """A rule takes more than MAX_EFFORT to expand."""


def _narrow_branches(rule: Condition, bits: Mapping[Condition, int]) -> tuple[Branch, ...] | None:
    """Return the branches of a rule, or None when it is wide."""
    try:
        branches = _Expansion(bits).branches(rule, positive=True)
    except _TooWideError:
        return None
    return branches if len(branches) <= MAX_BRANCHES else None


class _Expansion:
    """The distribution of one rule, which stops when it has become too much work.

    A condition that has a bit is a literal, whether it is a comparison or a derived group.
    """

    def __init__(self, bits: Mapping[Condition, int]) -> None:
        self._bits = bits
        self._effort = 0

    def branches(self, condition: Condition, *, positive: bool) -> tuple[Branch, ...]:
        """Return the branches of the condition, or of its negation when not positive."""
        match condition:
            case Not(part):
                return self.branches(part, positive=not positive)
            case AllOf(parts) | AnyOf(parts) if condition not in self._bits:
                expanded = [self.branches(part, positive=positive) for part in parts]
                is_conjunction = isinstance(condition, AllOf) is positive
                return self._conjunction(expanded) if is_conjunction else self._disjunction(expanded)
            case _:
                bit = 1 << self._bits[condition]
                return (Branch(bit, 0) if positive else Branch(0, bit),)

    def _conjunction(self, parts: Iterable[tuple[Branch, ...]]) -> tuple[Branch, ...]:
        product: tuple[Branch, ...] = (Branch(0, 0),)
        for part in sorted(parts, key=len):  # single literals first: they shorten the rest
            self._spend(len(product) * len(part))
            product = _absorb(
                Branch(left.true | right.true, left.false | right.false) for left in product for right in part
            )
        return product

    def _disjunction(self, parts: Sequence[tuple[Branch, ...]]) -> tuple[Branch, ...]:
        self._spend(sum(map(len, parts)))
        return _absorb(branch for part in parts for branch in part)

    def _spend(self, candidates: int) -> None:
        """Account, before they exist, for as many branches as absorption will compare in pairs."""
        self._effort += candidates * (candidates - 1)
        if self._effort > MAX_EFFORT:
            raise _TooWideError


def _absorb(branches: Iterable[Branch]) -> tuple[Branch, ...]:
    """Drop contradictions, and what a shorter branch already covers: `a or (a and b)` is `a`."""
    kept: list[Branch] = []
    for branch in sorted({branch for branch in branches if not branch.true & branch.false}, key=_by_length):
        if not any(branch.implies(shorter) for shorter in kept):
            kept.append(branch)
    return tuple(kept)


def _by_length(branch: Branch) -> tuple[int, Branch]:
    return branch.true.bit_count() + branch.false.bit_count(), branch


def _disjunctions(condition: Condition, *, positive: bool) -> Iterator[Condition]:
    """Yield the outermost groups that hold, or fail when not positive, by any one of their parts."""
    match condition:
        case Not(part):
            yield from _disjunctions(part, positive=not positive)
        case AllOf(parts) | AnyOf(parts):
            if len(parts) > 1 and isinstance(condition, AnyOf) is positive:
                yield condition
            else:
                for part in parts:
                    yield from _disjunctions(part, positive=positive)


def _predicate(condition: Condition, bits: Mapping[Condition, int]) -> Predicate:
    """Compile a derived condition: what it is on a mask of comparisons."""
    match condition:
        case Comparison():
            bit = 1 << bits[condition]
            return lambda mask: mask & bit != 0
        case Not(part):
            holds = _predicate(part, bits)
            return lambda mask: not holds(mask)
        case AllOf(parts):
            every = tuple(_predicate(part, bits) for part in parts)
            return lambda mask: all(holds(mask) for holds in every)
        case AnyOf(parts):
            some = tuple(_predicate(part, bits) for part in parts)
            return lambda mask: any(holds(mask) for holds in some)
