"""The finitely many classes of facts that a set of comparisons can tell apart, each by an example.

Facts that hang together are one variable, and its classes are the combinations that real facts can have:
whatever is picked from a variable can happen.
"""

from __future__ import annotations

import datetime as dt
import math
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import islice, pairwise, product
from types import MappingProxyType
from typing import Any, TypeAlias, cast

import msgspec

from engine.conditions import ALWAYS, AllOf, AnyOf, Comparison, Condition, Constant, Not
from engine.vocabulary import OWNERS, SEND_DAY, Fact, Kind, find

FactValue: TypeAlias = str | bool | int | Decimal | frozenset[str]
Values: TypeAlias = tuple[FactValue | None, ...]
Number: TypeAlias = int | Decimal
Key: TypeAlias = tuple[str, ...]
"""The name of a variable: its facts, or a fact that is a set and one member."""

OWNERSHIP = ("owner", "owner_source", "override")
DAYS = ("days_until_renewal", "days_until_deadline")
PRICES = ("renewal.mrr", "renewal.renewal_mrr", "renewal.increase_percent")

OWNERSHIPS = (
    ("hubspot", "system_default", "default"),
    *((owner, "partner_default", "default") for owner in OWNERS),
    *((owner, "client_override", owner) for owner in OWNERS),
    (None, None, "default"),
)
"""All there are; the last is that of a client whose fact names a partner without a file."""

LAST_DAY = dt.date.max.toordinal()
PLAUSIBLE_DAY = dt.date(2026, 1, 1).toordinal()
LONGEST_LEAD, USUAL_LEAD = 365, 45

MOST_CANDIDATES = 20_000
"""How many combinations are tried for one variable; past it some of its classes may be missing."""


class Variable(msgspec.Struct, frozen=True):
    """Facts that vary together, with one example of each class; `complete` says that no class is missing.

    A set of texts has a variable for every member: the empty set and `{member}`.
    """

    facts: Key
    classes: tuple[Values, ...]
    complete: bool = True

    def where(self, comparison: Comparison) -> int:
        """Return the classes in which the comparison holds, as a mask."""
        place = self.facts.index(comparison.fact)
        return sum(1 << bit for bit, values in enumerate(self.classes) if holds(comparison, values[place]))


def by_member(condition: Condition) -> Condition:
    """Return the condition with each comparison of a set taken apart into `contains`."""
    match condition:
        case Comparison():
            return _by_member(condition)
        case Not(part):
            return Not(by_member(part))
        case AllOf(parts):
            return AllOf(tuple(map(by_member, parts)))
        case AnyOf(parts):
            return AnyOf(tuple(map(by_member, parts)))


def key(comparison: Comparison) -> Key:
    """Return which variable the comparison is about."""
    if comparison.operator == "contains":
        return comparison.fact, cast("str", comparison.operand)
    return _TOGETHER.get(comparison.fact, (comparison.fact,))


def partition(comparisons: Iterable[Comparison]) -> dict[Key, Variable]:
    """Return the variables that the comparisons, taken apart by member, are about."""
    about: defaultdict[Key, list[Comparison]] = defaultdict(list)
    for comparison in dict.fromkeys(comparisons):
        about[key(comparison)].append(comparison)
    return {name: _variable(name, together) for name, together in about.items()}


_TOGETHER = MappingProxyType({fact: facts for facts in (OWNERSHIP, DAYS, PRICES) for fact in facts})

_TRUTHS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": operator.eq,
    "in": lambda value, constants: value in constants,
    "not_in": lambda value, constants: value not in constants,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "contains": operator.contains,
}


def holds(comparison: Comparison, value: FactValue | None) -> bool:
    """Return whether the comparison holds for a value; None is an absent fact."""
    if comparison.operator == "present":
        return (value is not None) is comparison.operand
    return value is not None and _TRUTHS[comparison.operator](value, comparison.operand)


def _by_member(comparison: Comparison) -> Condition:
    fact, operand = comparison.fact, comparison.operand
    if comparison.operator in ("contains_any", "contains_all"):
        members = tuple(Comparison(fact, "contains", member) for member in cast("tuple[str, ...]", operand))
        return AnyOf(members) if comparison.operator == "contains_any" else AllOf(members)
    if comparison.operator == "present" and _fact(fact).kind is Kind.SET:
        return ALWAYS if operand else Not(ALWAYS)  # a set may be empty but is never absent
    return comparison


def _fact(name: str) -> Fact:
    fact = find(name)
    if fact is None:
        raise ValueError(f"{name} is not a fact")
    return fact


def _variable(name: Key, comparisons: Sequence[Comparison]) -> Variable:
    """Keep the first example of every outcome that the comparisons can have."""
    if comparisons[0].operator == "contains":
        fact, member = name
        return Variable((fact,), ((frozenset(),), (frozenset({member}),)))
    candidates = _candidates(name, _constants(comparisons))
    placed = [(comparison, name.index(comparison.fact)) for comparison in comparisons]
    classes: dict[tuple[bool, ...], Values] = {}
    for values in islice(candidates, MOST_CANDIDATES):
        classes.setdefault(tuple(holds(comparison, values[place]) for comparison, place in placed), values)
    return Variable(name, tuple(classes.values()), complete=next(candidates, None) is None)


def _constants(comparisons: Iterable[Comparison]) -> Mapping[str, set[Constant]]:
    """Return the constants that each fact is compared with."""
    constants: defaultdict[str, set[Constant]] = defaultdict(set)
    for comparison in comparisons:
        operand = comparison.operand
        if comparison.operator != "present":
            constants[comparison.fact].update(operand if isinstance(operand, tuple) else (operand,))
    return constants


def _candidates(facts: Key, constants: Mapping[str, set[Constant]]) -> Iterator[Values]:
    """Yield combinations that the facts can have, at least one of every class."""
    mentioned = [constants.get(fact, set()) for fact in facts]
    if facts == OWNERSHIP:
        return iter(OWNERSHIPS)
    if facts == DAYS:
        return _days(*cast("list[set[Number]]", mentioned))
    if facts == PRICES:
        return _prices(*cast("list[set[Number]]", mentioned))
    return ((value,) for value in _values(_fact(facts[0]), mentioned[0]))


def _values(fact: Fact, constants: set[Constant]) -> Iterator[FactValue | None]:
    """Yield values of a fact that hangs together with no other."""
    match fact.kind:
        case Kind.CHOICE:
            yield from fact.values
        case Kind.FLAG:
            yield from (True, False)
        case Kind.TEXT:
            texts = cast("set[str]", constants)
            yield from (*sorted(texts), _other(texts))
        case Kind.NUMBER if fact == SEND_DAY:
            spans = _spans(cast("set[Number]", constants), 1, LAST_DAY)
            yield from (_nearest(PLAUSIBLE_DAY, *span) for span in spans)
        case _:
            raise ValueError(f"nothing is known about the classes of {fact.name}")
    if fact.optional:
        yield None


def _other(texts: set[str]) -> str:
    """Return a text that no comparison mentions."""
    text = "other"
    while text in texts:
        text += "-other"
    return text


def _days(renewal: set[Number], deadline: set[Number]) -> Iterator[Values]:
    """The deadline is 0 to 365 days before the renewal date."""
    spans = (_spans(constants, -LAST_DAY, LAST_DAY) for constants in (renewal, deadline))
    for (renewal_low, renewal_high), (deadline_low, deadline_high) in product(*spans):
        low = max(deadline_low, renewal_low - LONGEST_LEAD)
        high = min(deadline_high, renewal_high)
        if low <= high:
            until_deadline = _nearest(0, low, high)
            low = max(renewal_low, until_deadline)
            high = min(renewal_high, until_deadline + LONGEST_LEAD)
            yield _nearest(until_deadline + USUAL_LEAD, low, high), until_deadline


def _spans(constants: Iterable[Number], low: int, high: int) -> list[tuple[int, int]]:
    """Cut the whole numbers from low to high into spans on which no comparison changes."""
    starts = {start for constant in constants for start in (math.ceil(constant), math.floor(constant) + 1)}
    cuts = (low, *sorted(start for start in starts if low < start <= high), high + 1)
    return [(start, end - 1) for start, end in pairwise(cuts)]


def _nearest(wish: int, low: int, high: int) -> int:
    return max(low, min(wish, high))


def _prices(old: set[Number], new: set[Number], percent: set[Number]) -> Iterator[Values]:
    """The increase follows from both prices.

    Picture the plane of old and new price, cut by the constants and by one ray for each constant increase.
    Between two neighbours of the old prices at which these lines cross, their order does not
    change, so any old price stands for all.
    """
    rates = [1 + Fraction(increase) / 100 for increase in percent]
    levels = {Fraction(price) for price in new}
    crossings = {level / rate for level in levels for rate in rates if rate}
    for mrr in (*_samples({Fraction(0), *map(Fraction, old), *crossings}), None):
        rays = {Fraction(mrr) * rate for rate in rates} if mrr else set()
        for renewal_mrr in (*_samples(levels | rays), None):
            yield mrr, renewal_mrr, _increase(mrr, renewal_mrr)


def _increase(old: Decimal | None, new: Decimal | None) -> Decimal | None:
    return (new - old) * 100 / old if old is not None and new is not None and old > 0 else None


def _samples(numbers: Iterable[Fraction]) -> list[Decimal]:
    """Return the numbers, one between each two neighbours and one beyond either end.

    A number that no decimal can express, such as a third, is nobody's price and left out.
    """
    points = sorted(set(numbers)) or [Fraction(0)]
    exact = [point for point in points if Fraction(_decimal(point)) == point]
    beyond = [Decimal(math.floor(points[-1]) + 1), Decimal(math.ceil(points[0]) - 1)]
    return [*map(_decimal, exact), *(_between(low, high) for low, high in pairwise(points)), *beyond]


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / number.denominator


def _between(low: Fraction, high: Fraction) -> Decimal:
    """Return the shortest decimal strictly between."""
    scale = 1
    while (candidate := math.floor(low * scale) + 1) >= high * scale:
        scale *= 10
    return Decimal(candidate) / scale
