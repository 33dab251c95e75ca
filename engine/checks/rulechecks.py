"""What rules may say and yet cannot mean: a route that never decides, facts that no route covers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from engine.analysis import classes, reachability
from engine.analysis.reachability import Example, Verdict
from engine.branches import normal_form
from engine.conditions import AllOf, Comparison, Condition, Not
from engine.diagnostics import Diagnostic, Location, warning
from engine.inference import MAX_CONDITIONS, Engine
from engine.ruleset import Rule, Ruleset
from engine.vocabulary import CLIENT_ROLES, SEND_DAY

_PARTNER_OWNED = Comparison("owner", "equals", "partner")


def check_complexity(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """The rules engine takes so many conditions and no more."""
    needed = normal_form([rule.condition for rule in ruleset.rules]).conditions
    if needed > MAX_CONDITIONS:
        message = f"the rules come to {needed} conditions; at most {MAX_CONDITIONS} are possible"
        hint = "compare a fact with a list (`in: […]`) where rules repeat themselves"
        own = [rule for rule in ruleset.rules if not rule.is_shipped]
        yield Diagnostic((own or ruleset.rules)[0].origin, "rules-too-complex", message, hint=hint)


def check_reach(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Yield what an exact analysis finds in rules that each make sense by themselves."""
    with Engine([rule.condition for rule in ruleset.rules]) as engine:
        yield from check_routes(ruleset, engine)
    yield from check_adjustments(ruleset.adjustments)
    yield from check_client_roles(ruleset)


def check_routes(ruleset: Ruleset, engine: Engine) -> Iterator[Diagnostic]:
    """Every route can decide, and for any facts one does."""
    routes = ruleset.routes
    analysis = reachability.analyse([route.condition for route in routes])
    for index, covering in analysis.unreachable.items():
        yield _unreachable(routes[index], [routes[earlier] for earlier in covering])
    for question in analysis.incomplete:
        yield _incomplete(routes, question)
    if analysis.gap is not None and analysis.gap_facts is not None:
        _confirm_gap(engine, analysis.gap_facts, routes=len(routes))
        yield _gap(routes, analysis.gap, ruleset.routes_at)


def check_adjustments(adjustments: Sequence[Rule]) -> Iterator[Diagnostic]:
    """An adjustment whose conditions exclude each other never applies."""
    for rule in adjustments:
        if reachability.witness(rule.condition) is Verdict.NEVER:
            yield _unreachable(rule, [])


def check_client_roles(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """A partner-owned renewal is the partner's to handle: nobody at the client is addressed (R14)."""
    before: list[Condition] = []
    for rule in ruleset.rules:
        roles = sorted(rule.roles.intersection(CLIENT_ROLES))
        earlier = before if rule in ruleset.routes else []
        if roles and _can_hold(AllOf((_PARTNER_OWNED, rule.condition, *earlier))):
            message = f"rule {rule.name} may address {', '.join(roles)} when the partner owns the renewal"
            hint = "address nobody at the client there, unless that is meant"
            yield warning(rule.origin, "client-role-on-partner-owned", message, hint)
        before.append(Not(rule.condition))


def _can_hold(condition: Condition) -> bool:
    """Whether it may hold; where that is not known it is said too, for silence would be a claim."""
    return reachability.witness(condition) is not Verdict.NEVER


def _unreachable(rule: Rule, covering: Sequence[Rule]) -> Diagnostic:
    if covering:
        names = ", ".join(f"{other.name} (line {other.origin.line})" for other in covering)
        message = f"rule {rule.name} never decides: whenever it holds, so does an earlier route: {names}"
        return warning(rule.origin, "unreachable-rule", message, "move it up, or remove it")
    message = f"rule {rule.name} never holds: its conditions exclude each other"
    return warning(rule.origin, "unreachable-rule", message, "correct its `when`, or remove it")


def _incomplete(routes: Sequence[Rule], question: int | None) -> Diagnostic:
    if question is None:
        message = "it cannot be told whether some facts are left without a route: the rules are too intricate"
    else:
        message = f"it cannot be told whether rule {routes[question].name} can ever decide: too intricate"
    place = routes[-1 if question is None else question].origin
    return warning(place, "analysis-incomplete", message, "fewer facts in one rule make it simpler")


def _gap(routes: Sequence[Rule], example: Example, nowhere: Location) -> Diagnostic:
    place = routes[-1].origin if routes else nowhere
    message = f"no route holds {_when(example)}; such a notice reaches nobody"
    return warning(place, "routes-gap", message, "add a last route that covers the rest")


def _confirm_gap(engine: Engine, example: Example, *, routes: int) -> None:
    """Decide the example: what analysis claims and the rules engine denies would be a defect of ours."""
    truths = (classes.holds(one, example.get(one.fact)) for one in engine.comparisons)
    mask = sum(1 << bit for bit, truth in enumerate(truths) if truth)
    fired = [index for index in engine.fired(mask) if index < routes]
    if fired:
        raise AssertionError(f"a gap that is none: {example} makes route {fired[0]} fire")


def _when(example: Example) -> str:
    """Return the facts of an example as a person reads them."""
    facts = [f"{fact} is {_shown(value)}" for fact, value in example.items() if fact != SEND_DAY.name]
    day = example.get(SEND_DAY.name)
    if isinstance(day, int):
        facts.append(f"the notice is sent on {dt.date.fromordinal(day)}")
    return f"when {' and '.join(facts)}" if facts else "for any facts"


def _shown(value: object) -> str:
    match value:
        case None:
            return "absent"
        case bool():
            return "true" if value else "false"
        case frozenset():
            return f"[{', '.join(sorted(value))}]"
        case Decimal():
            return f"{value:f}"
    return str(value)
