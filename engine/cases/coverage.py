"""What of a root's rules and overrides its decision tests have exercised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine import conditions
from engine.cases.runs import Result
from engine.checks import partnerfiles
from engine.conditions import Comparison
from engine.decisions import Decision
from engine.diagnostics import Location
from engine.documents import Document, Path
from engine.ruleset import Rule, RuleKind, Ruleset
from engine.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that no case has exercised: a rule, a client's override, or a side of a comparison."""

    location: Location
    name: str
    comparison: Comparison | None = None
    truth: bool | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """How much of one kind of thing is exercised; nothing of nothing is everything."""

    kind: str
    total: int
    missing: tuple[Missing, ...]

    @property
    def covered(self) -> int:
        """How many are exercised."""
        return self.total - len(self.missing)

    @property
    def percent(self) -> float:
        """The share, rounded down to a tenth: only everything is 100."""
        return percentage(self.covered, self.total)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The measures by kind; the total is of the rules alone, for overrides are data and often thousands."""

    rules: Measure
    routes: Measure
    conditions: Measure
    overrides: Measure

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every measure."""
        return (self.rules, self.routes, self.conditions, self.overrides)

    @property
    def percent(self) -> float:
        """Rules, routes and conditions together."""
        counted = (self.rules, self.routes, self.conditions)
        return percentage(sum(one.covered for one in counted), sum(one.total for one in counted))


@dataclass(slots=True)
class Seen:
    """What the cases so far have exercised."""

    holding: set[str] = field(default_factory=set)
    routes: set[str] = field(default_factory=set)
    truths: set[tuple[Comparison, bool]] = field(default_factory=set)
    overrides: set[tuple[Document, Path]] = field(default_factory=set)

    def add(self, result: Result) -> None:
        """Take what a case has exercised, whether it passed or not."""
        if result.decision is None or result.used is None:
            return
        self._add_rules(result.decision, result.used)
        owner = result.decision.standing
        if owner.owner_source == "client_override" and owner.owner_origin is not None:
            self.overrides.add((owner.owner_origin.document, owner.owner_origin.at[:-1]))

    def _add_rules(self, decision: Decision, used: Snapshot) -> None:
        considered = used.rulebook.consider(
            decision.standing, decision.renewal, decision.notice, decision.send_on.toordinal()
        )
        self.truths.update(considered.truths.items())
        self.holding.update(rule.name for rule, holds in considered.rules if holds)
        self.routes.update(step.rule for step in decision.trace if step.kind == RuleKind.ROUTE.value)


def measure(results: Iterable[Result], ruleset: Ruleset, own: Snapshot) -> Coverage:
    """Return what the cases have exercised of these rules, and of the overrides of the root itself."""
    seen = Seen()
    for result in results:
        seen.add(result)
    compared = list(_comparisons(ruleset.rules))
    overrides = list(_overrides(own))
    return Coverage(
        rules=_measure("rules", ruleset.rules, seen.holding),
        routes=_measure("routes", ruleset.routes, seen.routes),
        conditions=Measure("conditions", 2 * len(compared), tuple(_unseen(compared, seen))),
        overrides=Measure(
            "overrides",
            len(overrides),
            tuple(
                Missing(document.locate(at), str(at[1]))
                for document, at in overrides
                if (document, at) not in seen.overrides
            ),
        ),
    )


def percentage(covered: int, total: int) -> float:
    """Return a share in percent, rounded down to a tenth."""
    return covered * 1000 // total / 10 if total else 100.0


def _measure(kind: str, rules: Iterable[Rule], seen: set[str]) -> Measure:
    listed = tuple(rules)
    missing = (Missing(rule.origin, rule.name) for rule in listed if rule.name not in seen)
    return Measure(kind, len(listed), tuple(missing))


def _comparisons(rules: Iterable[Rule]) -> Iterator[tuple[Comparison, Rule]]:
    """Yield each comparison once, with the first rule that makes it."""
    first: dict[Comparison, Rule] = {}
    for rule in rules:
        for comparison in conditions.comparisons(rule.condition):
            first.setdefault(comparison, rule)
    yield from first.items()


def _unseen(compared: Iterable[tuple[Comparison, Rule]], seen: Seen) -> Iterator[Missing]:
    for comparison, rule in compared:
        for truth in (True, False):
            if (comparison, truth) not in seen.truths:
                yield Missing(rule.origin, rule.name, comparison, truth)


def _overrides(own: Snapshot) -> Iterator[tuple[Document, Path]]:
    """Yield every override that sets an owner; another changes nothing that could be seen."""
    for file in own.partners.values():
        for at, override in partnerfiles.overrides(file):
            if override.pins:
                yield file.document, at
