"""Runs decision tests: each case decided, and its decision held against what is expected of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.cases.casefiles import Case, Said
from engine.cases.situations import Situation, Situations
from engine.decisions import Decision
from engine.diagnostics import ConfigurationError, Diagnostic, Location
from engine.envelopes import Recipient
from engine.ruleset import RuleKind
from engine.snapshot import Snapshot

_RULES = frozenset(kind.value for kind in RuleKind)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a decision that is not as expected, and the line that expects it."""

    field: str
    expected: Said
    actual: Said
    location: Location


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case: a decision and how it differs, or `problems` for which there is none.

    `used` is the configuration that decided.
    """

    case: Case
    decision: Decision | None = None
    used: Snapshot | None = None
    differences: tuple[Difference, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything is as expected."""
        return not self.differences and not self.problems


def run(case: Case, situations: Situations) -> Result:
    """Decide the case and compare; a situation that makes no sense is a result too."""
    try:
        situation = situations.of(case)
    except ConfigurationError as error:
        return Result(case, problems=error.diagnostics)
    decision = situation.decide()
    return Result(case, decision, situation.used, tuple(_differences(situation, decision)))


def said_of(decision: Decision) -> Mapping[str, Said]:
    """Return a decision in the words of an expectation."""
    standing = decision.standing
    return {
        "outcome": decision.outcome,
        "owner": standing.owner,
        "contact": standing.contact,
        "to": _addresses(decision.to),
        "cc": _addresses(decision.cc),
        "tasks": tuple(task.code for task in decision.tasks),
        "reasons": decision.reasons,
        "rules": tuple(step.rule for step in decision.trace if step.kind in _RULES),
        "locale": decision.locale,
    }


def _differences(situation: Situation, decision: Decision) -> Iterator[Difference]:
    case, actual = situation.case, said_of(decision)
    expected = case.expect
    if expected is None:
        expected = said_of(situation.decide_without_override())
    for field, said in actual.items():
        if expected.get(field, said) != said:
            yield Difference(field, expected[field], said, case.place(field))


def _addresses(recipients: tuple[Recipient, ...]) -> tuple[str, ...]:
    return tuple(recipient.person.email.strip() for recipient in recipients)
