"""Situations as the rules see them: each fact of the vocabulary drawn by itself, and what holds it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from oracle import Value

from engine import vocabulary
from engine.conditions import Comparison
from engine.facts import Contacts, Renewal
from engine.notices import Notice
from engine.ownership import Standing
from engine.persons import NOBODY
from engine.vocabulary import Kind

ON = dt.date(2026, 11, 23).toordinal()
FLAG = (True, False)
ROLES = (frozenset[str](), frozenset({"decision_maker"}), frozenset({"decision_maker", "partner_contact"}))
TEXTS: tuple[Value, ...] = ("a", "b", "Ä'\"\\", None)

VALUES: Mapping[str, tuple[Value, ...]] = {
    "owner": (*vocabulary.OWNERS, None),
    "owner_source": (*vocabulary.OWNER_SOURCES, None),
    "override": vocabulary.OVERRIDES,
    "notice.type": vocabulary.NOTICE_TYPES,
    "notice.kind": vocabulary.NOTICE_KINDS,
    "notice.step": ("R-30", "D-7", None),
    "notice.formal": FLAG,
    "notice.send_on": (ON - 1, ON, ON + 1),
    "days_until_renewal": (-1, 0, 1, 84),
    "days_until_deadline": (-45, -1, 0, 7),
    "renewal.status": vocabulary.STATUSES,
    "renewal.tier": (*vocabulary.TIERS, None),
    "renewal.products": (frozenset(), frozenset({"cms"}), frozenset({"cms", "crm"})),
    "renewal.auto_renew": (*FLAG, None),
    "renewal.mrr": (Decimal("800.00"), Decimal(0), Decimal("-0.5"), None),
    "renewal.renewal_mrr": (Decimal(880), Decimal("0.000001"), None),
    "renewal.increase_percent": (Decimal(10), Decimal(100) / 3, Decimal(-5), None),
    "renewal.currency": ("EUR", "USD", None),
    "renewal.flags": (frozenset(), frozenset({"vip"}), frozenset({"vip", "dunning"})),
    "renewal.monthly": FLAG,
    "client.id": ("acme", "globex", "4711"),
    "client.website": ("acme.example", "globex.example", None),
    "client.country": ("DE", "FR", None),
    "client.locale": ("de-DE", "fr-FR", None),
    "client.portal_type": vocabulary.PORTAL_TYPES,
    "partner.id": ("nordlicht", "suedwind", None),
    "reachable": ROLES,
    "decision_maker.is_partner_user": FLAG,
    "acknowledged": FLAG,
    "held": FLAG,
    "client.labels.segment": TEXTS,
    "client.labels.{odd} \"name'\\": TEXTS,
    "partner.labels.tier": TEXTS,
}
"""What each fact may be in a world; None is absent. Labels stand for all of their family."""


class World(NamedTuple):
    """The facts of one situation, by name, and the objects from which rules read them."""

    facts: Mapping[str, Value]
    standing: Standing
    renewal: Renewal
    notice: Notice
    on: int


FUNCTIONS: Mapping[str, object] = {
    "reachable": lambda standing, _renewal: frozenset(standing.roles),
    "is_partner_user": lambda standing, _renewal: bool(standing.addresses),
}
"""The two facts that take more than reading a field; here they are told by fields that hold nothing else."""


def worlds(number: int, *, seed: int = 0) -> list[World]:
    """Draw so many worlds, the same ones every time."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    return [_world(chance) for _ in range(number)]


def comparisons(name: str) -> list[Comparison]:
    """Return every comparison of the fact with what it may be, by every operator that it takes."""
    fact = vocabulary.find(name)
    assert fact is not None
    members = _members(name, fact.kind)
    found = [Comparison(name, "present", operand=is_there) for is_there in (True, False)]
    for operator in vocabulary.OPERATORS[fact.kind]:
        if operator in {"in", "not_in", "contains_any", "contains_all"}:
            pairs = {tuple(sorted({one, other})) for one in members for other in members}
            found += [Comparison(name, operator, pair) for pair in sorted(pairs)]
        elif operator != "present":
            found += [Comparison(name, operator, member) for member in members]
    return found


def _members(name: str, kind: Kind) -> list[Any]:
    """Return the constants that a condition on the fact may name; one of them is never true."""
    values: list[Any] = [value for value in VALUES[name] if value is not None]
    match kind:
        case Kind.SET:
            return sorted({member for value in values for member in value} | {"never"})
        case Kind.TEXT:
            return [*values, "never"]
        case Kind.NUMBER:
            return [*values, 10**6]
    return values


def _world(chance: random.Random) -> World:
    facts: dict[str, Any] = {name: chance.choice(values) for name, values in VALUES.items()}
    in_file, in_fact = chance.choice(
        [(facts["client.website"], "other.example"), (None, facts["client.website"])]
    )
    if in_file is None:
        facts["client.website"] = in_fact
    notice = Notice(
        type=facts["notice.type"],
        kind=facts["notice.kind"],
        step=facts["notice.step"],
        formal=facts["notice.formal"],
    )
    on = facts["notice.send_on"]
    return World(facts, _standing(facts, in_file), _renewal(facts, in_fact, on), notice, on)


def _standing(facts: Mapping[str, Any], website: str | None) -> Standing:
    return Standing(
        partner_id=facts["partner.id"],
        owner=facts["owner"],
        owner_source=facts["owner_source"],
        override=facts["override"],
        roles=dict.fromkeys(facts["reachable"], NOBODY),
        addresses=frozenset({"ada@acme.example"} if facts["decision_maker.is_partner_user"] else ()),
        held=facts["held"],
        website=website,
        client_labels=_labels(facts, "client.labels."),
        partner_labels=_labels(facts, "partner.labels."),
    )


def _labels(facts: Mapping[str, Any], family: str) -> dict[str, str]:
    labels = {name: value for name, value in facts.items() if name.startswith(family)}
    return {name.removeprefix(family): value for name, value in labels.items() if value is not None}


def _renewal(facts: Mapping[str, Any], website: str | None, on: int) -> Renewal:
    renewal_day, deadline_day = on + facts["days_until_renewal"], on + facts["days_until_deadline"]
    return Renewal(
        renewal="rn_1",
        client=facts["client.id"],
        partner=facts["partner.id"],
        website=website,
        products=facts["renewal.products"],
        tier=facts["renewal.tier"],
        renewal_date=dt.date.fromordinal(renewal_day),
        renewal_day=renewal_day,
        deadline=dt.date.fromordinal(deadline_day),
        deadline_day=deadline_day,
        monthly=facts["renewal.monthly"],
        auto_renew=facts["renewal.auto_renew"],
        status=facts["renewal.status"],
        mrr=facts["renewal.mrr"],
        renewal_mrr=facts["renewal.renewal_mrr"],
        increase_percent=facts["renewal.increase_percent"],
        currency=facts["renewal.currency"],
        time_zone=None,
        locale=facts["client.locale"],
        country=facts["client.country"],
        portal_type=facts["client.portal_type"],
        flags=facts["renewal.flags"],
        acknowledged=facts["acknowledged"],
        contacts=Contacts(),
    )
