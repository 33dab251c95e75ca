"""Rules as used: what each does when it holds, and what all that hold come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import msgspec

from engine.conditions import ALWAYS, Condition
from engine.diagnostics import Location
from engine.model import Origin, Record
from engine.vocabulary import CLIENT_ROLES

NOWHERE = Location("rules")
"""The place of rules that nobody has written."""

Target: TypeAlias = tuple[str, ...]
"""Roles of which the first reachable one is meant; a single role is a tuple of one."""


class RuleKind(StrEnum):
    """A route decides TO and CC, the first that holds; every adjustment that holds applies."""

    ROUTE = "route"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when it holds, and what it does then. `origin` is the place of its entry."""

    name: str
    kind: RuleKind
    origin: Location
    condition: Condition = ALWAYS
    to: tuple[Target, ...] = ()
    cc: tuple[Target, ...] = ()
    suppress: str | None = None
    task: str | None = None
    reason: str | None = None
    is_shipped: bool = False

    @property
    def roles(self) -> frozenset[str]:
        """Every role that it may address."""
        return frozenset(role for target in (*self.to, *self.cc) for role in target)


class Ruleset(msgspec.Struct, frozen=True):
    """Routes and adjustments in the order in which they count; `routes_at` is where the routes are given."""

    routes: tuple[Rule, ...] = ()
    adjustments: tuple[Rule, ...] = ()
    routes_at: Location = NOWHERE

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order of the indexes that the engine returns."""
        return (*self.routes, *self.adjustments)


class Step(Record, frozen=True, gc=False):
    """One step of a decision's trace: the rule or reason code, what it is, and the line that caused it."""

    rule: str
    kind: str
    origin: Location | Origin | None


class Verdict(msgspec.Struct, frozen=True):
    """What the rules that hold come to, before roles become people.

    `tasks` are for a notice that is not suppressed; `suppressed_tasks` come with the suppression itself.
    `addresses_client` says whether anybody at the client may receive it; else nobody there matters.
    """

    route: Rule | None
    suppressions: tuple[str, ...]
    add_to: tuple[Target, ...]
    add_cc: tuple[Target, ...]
    tasks: tuple[str, ...]
    suppressed_tasks: tuple[str, ...]
    reasons: tuple[str, ...]
    trace: tuple[Step, ...]
    addresses_client: bool


def fold(rules: Iterable[Rule]) -> Verdict:
    """Combine the rules that hold, in order: the first route, every adjustment."""
    holding = tuple(rules)
    route = next((rule for rule in holding if rule.kind is RuleKind.ROUTE), None)
    adjustments = tuple(rule for rule in holding if rule.kind is RuleKind.ADJUSTMENT)
    applied = (route, *adjustments) if route else adjustments
    suppressions = tuple(rule.suppress for rule in adjustments if rule.suppress)
    return Verdict(
        route=route,
        suppressions=suppressions,
        add_to=tuple(target for rule in adjustments for target in rule.to),
        add_cc=tuple(target for rule in adjustments for target in rule.cc),
        tasks=tuple(rule.task for rule in adjustments if rule.task),
        suppressed_tasks=tuple(rule.task for rule in adjustments if rule.task and rule.suppress),
        reasons=tuple(rule.reason for rule in adjustments if rule.reason),
        trace=tuple(Step(rule.name, rule.kind.value, rule.origin) for rule in applied),
        addresses_client=not suppressions and any(_names_client(rule) for rule in applied),
    )


def _names_client(rule: Rule) -> bool:
    return not rule.roles.isdisjoint(CLIENT_ROLES)
