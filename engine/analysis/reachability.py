"""Which routes can never decide, and which facts no route covers: exact, or said to be incomplete.

Both are one question, whether facts that can really occur make a condition true. It is answered by a
search over the classes that the constants make of the facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

import msgspec

from engine import conditions
from engine.analysis.classes import FactValue, by_member, key, partition
from engine.analysis.formulas import Domains, Every, Formula, Literal, Proof, Some, replaced, solve
from engine.conditions import ALWAYS, AllOf, AnyOf, Comparison, Condition, Not
from engine.vocabulary import LABELS, PARTNER_ROLES

BUDGET = 200_000
"""How many nodes of conditions one question may look at; past it the answer is UNKNOWN."""

Example: TypeAlias = Mapping[str, FactValue | None]
"""Values of the facts that matter, None being absent; the condition holds whatever the other facts are."""

HAS_PARTNER = Comparison("partner.id", "present", operand=True)
HAS_OWNER = Comparison("owner", "present", operand=True)
"""Without a file of the partner that the fact names, nobody owns the renewal: then no route decides."""

WITHOUT_FILE = (
    Comparison("held", "equals", operand=False),
    Comparison("decision_maker.is_partner_user", "equals", operand=False),
    Not(Comparison("reachable", "contains_any", PARTNER_ROLES)),
)
"""What is so when no partner's file is about the client. It has no labels either."""


class Verdict(Enum):
    """Why there is no example."""

    NEVER = "no facts that can occur make the condition true"
    UNKNOWN = "it takes more than the budget to tell"


class Analysis(msgspec.Struct, frozen=True):
    """What is wrong with a list of routes, of which the first that holds decides.

    `unreachable` are the routes that never decide, each with earlier routes that together cover it, none
    to spare: no routes when it never holds at all. `gap` is an example for which no route holds, in full
    in `gap_facts`. `incomplete` are the questions that were given up: a route, or None for the gap.
    """

    unreachable: Mapping[int, tuple[int, ...]]
    gap: Example | None
    gap_facts: Mapping[str, FactValue | None] | None
    incomplete: tuple[int | None, ...]


def analyse(routes: Sequence[Condition], *, budget: int = BUDGET) -> Analysis:
    """Find the routes that never decide, and facts that no route covers."""
    facts = _Facts(AllOf(tuple(routes)), budget=budget, given=HAS_OWNER)
    unreachable: dict[int, tuple[int, ...]] = {}
    incomplete: list[int | None] = []
    passed: dict[int, Formula] = {}  # by the routes that may decide; what another one covers, they cover too
    for index, route in enumerate(routes):
        holds = facts.formula(route)
        answer = facts.solve((holds, *passed.values()))
        if isinstance(answer, frozenset):
            unreachable[index] = _cover(facts, holds, passed, answer)
            continue
        if answer is None:
            incomplete.append(index)
        passed[index] = facts.formula(Not(route))
    uncovered = tuple(passed.values())
    gap = facts.solve(uncovered)
    if gap is None:
        incomplete.append(None)
    return Analysis(
        MappingProxyType(unreachable),
        gap=facts.essential(uncovered, gap) if isinstance(gap, tuple) else None,
        gap_facts=facts.example(gap) if isinstance(gap, tuple) else None,
        incomplete=tuple(incomplete),
    )


def witness(condition: Condition, *, budget: int = BUDGET) -> Example | Verdict:
    """Return facts that can occur and make the condition true."""
    facts = _Facts(condition, budget=budget)
    question = (facts.formula(condition),)
    answer = facts.solve(question)
    if isinstance(answer, tuple):
        return facts.essential(question, answer)
    return Verdict.UNKNOWN if answer is None else Verdict.NEVER


def _cover(facts: _Facts, holds: Formula, passed: Mapping[int, Formula], proof: Proof) -> tuple[int, ...]:
    """Return the earlier routes of the proof without those that can be spared."""
    needed = {index: passed[index] for number, index in enumerate(passed, 1) if number in proof}
    for index in tuple(needed):
        fewer = {other: formula for other, formula in needed.items() if other != index}
        if isinstance(facts.solve((holds, *fewer.values())), frozenset):
            needed = fewer
    return tuple(needed)


class _Facts:
    """Every fact that a condition mentions, in classes, for questions that are made of its comparisons."""

    def __init__(self, condition: Condition, *, budget: int, given: Condition = ALWAYS) -> None:
        self._budget = budget
        self._mentioned = {comparison.fact for comparison in conditions.comparisons(condition)}
        law = AllOf((_law(self._mentioned), given))
        variables = partition(conditions.comparisons(by_member(AllOf((condition, law)))))
        self._places = {name: place for place, name in enumerate(variables)}
        self._variables = tuple(variables.values())
        self._complete = all(variable.complete for variable in self._variables)
        self._all_classes = tuple((1 << len(variable.classes)) - 1 for variable in self._variables)
        self._law = self.formula(law)

    def formula(self, condition: Condition) -> Formula:
        """Return the condition as a formula over the classes."""
        return self._translate(by_member(condition), negated=False)

    def solve(self, formulas: Sequence[Formula]) -> Domains | Proof | None:
        """Return domains in which all formulas are true, the proof that there are none, or None: unknown."""
        answer = solve((*formulas, self._law), self._all_classes, budget=self._budget)
        return answer if isinstance(answer, tuple) or self._complete else None

    def essential(self, formulas: Sequence[Formula], domains: Domains) -> Example:
        """Return the example without the facts that make no difference to the formulas."""
        essential: set[str] = set()
        wide = domains
        for place, variable in enumerate(self._variables):
            wider = replaced(wide, place, by=self._all_classes[place])
            if variable.complete and all(formula.truth(wider) is True for formula in formulas):
                wide = wider
            else:
                essential.update(variable.facts)
        example = self.example(domains)
        return MappingProxyType({fact: value for fact, value in example.items() if fact in essential})

    def example(self, domains: Domains) -> Example:
        """Pick the first class of every variable from the domains."""
        example: dict[str, FactValue | None] = {}
        for variable, domain in zip(self._variables, domains, strict=True):
            first = (domain & -domain).bit_length() - 1
            for fact, value in zip(variable.facts, variable.classes[first], strict=True):
                members = example.get(fact)
                if isinstance(value, frozenset) and isinstance(members, frozenset):
                    example[fact] = members | value
                elif fact in self._mentioned:
                    example[fact] = value
        return MappingProxyType(example)

    def _translate(self, condition: Condition, *, negated: bool) -> Formula:
        match condition:
            case Comparison():
                place = self._places[key(condition)]
                classes = self._variables[place].where(condition)
                return Literal(place, self._all_classes[place] & ~classes if negated else classes)
            case Not(part):
                return self._translate(part, negated=not negated)
            case AllOf(parts) | AnyOf(parts):
                translated = tuple(self._translate(part, negated=negated) for part in parts)
                return Every(translated) if isinstance(condition, AllOf) is not negated else Some(translated)


def _law(mentioned: Iterable[str]) -> Condition:
    """Return what is so whatever happens, beyond how the facts of one variable hang together."""
    labels = (fact for fact in sorted(mentioned) if fact.startswith(tuple(LABELS)))
    unlabelled = (Comparison(fact, "present", operand=False) for fact in labels)
    without_file = AllOf((*WITHOUT_FILE, *unlabelled))
    without_partner = AllOf((Comparison("owner_source", "equals", "system_default"), without_file))
    without_owner = AllOf((HAS_PARTNER, without_file))
    return AllOf((AnyOf((HAS_PARTNER, without_partner)), AnyOf((HAS_OWNER, without_owner))))
