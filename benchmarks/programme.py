"""A partner programme of moderate size, made up from a seed: the same one for us and for every peer."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from engine import facts, sources
from engine.facts import RenewalFact
from engine.sources import PARTNERS, Sources
from engine.trees import File

ROOT = Path(__file__).resolve().parent.parent
"""The sample root, whose vendor and rules the programme has too."""

ON = dt.date(2026, 11, 23)
"""The send date of every decision; the renewals lie within HORIZON days after it."""

HORIZON = 120
OVERRIDDEN = 0.1
LEFT = 0.04
"""Shares of the clients with an override, and of the users who are no longer active."""

Fields: TypeAlias = dict[str, Any]

_FIRST_NAMES = ("Ada", "Claire", "Graham", "Hana", "Ifeoma", "Jana", "Kofi", "Nils", "Rasmus", "Ruth", "Tom")
_LAST_NAMES = ("Adeyemi", "Dubois", "Holt", "Kern", "Long", "Lund", "Okafor", "Quigley", "Sato", "Weber")
_PRODUCTS = ("marketing-hub", "sales-hub", "service-hub", "cms-hub", "operations-hub")
_REGIONS = (
    {"time_zone": "Europe/Berlin", "locale": "de-DE", "country": "DE", "currency": "EUR"},
    {"time_zone": "Europe/London", "locale": "en-GB", "country": "GB", "currency": "GBP"},
    {"time_zone": "America/New_York", "locale": "en-US", "country": "US", "currency": "USD"},
)


@dataclass(frozen=True, slots=True)
class Size:
    """How large a programme is; every client has at least one renewal."""

    partners: int = 300
    clients: int = 10_000
    renewals: int = 16_000


@dataclass(frozen=True, slots=True)
class Programme:
    """What each partner's file says, by partner, and every renewal as it is delivered."""

    partners: Mapping[str, Fields]
    renewals: Sequence[Fields]

    def sources(self) -> Sources:
        """Return a root: these partners, written as YAML, beside the sample's vendor and rules."""
        files = (File(f"{PARTNERS}/{name}.yaml", _yaml(fields)) for name, fields in self.partners.items())
        return replace(sources.read(ROOT), partners=tuple(files))

    def facts(self) -> list[RenewalFact]:
        """Return the renewals, parsed."""
        return [facts.from_value(renewal) for renewal in self.renewals]


def make(size: Size, seed: int = 2019) -> Programme:
    """Make a programme, equal for equal arguments.

    Some users have left, so that contacts fall back. There are no covers, holds and dates: the peers have
    no notion of them, and everybody should find the same answer.
    """
    rng = random.Random(seed)  # noqa: S311 - nothing here is secret
    names = [f"partner-{number:04}" for number in range(size.partners)]
    partners = {name: _partner(rng, name) for name in names}
    # Half of the partners have at most 8 clients, a tenth has more than 80 (docs/requirements.md, volumes).
    weights = [rng.lognormvariate(2.1, 1.8) for _ in names]
    clients = [f"client-{number:05}" for number in range(size.clients)]
    homes = dict(zip(clients, rng.choices(names, weights, k=size.clients), strict=True))
    for client, home in homes.items():
        partners[home]["clients"][client] = _client(rng, client, partners[home]["users"])
    renewing = [*clients, *rng.choices(clients, k=size.renewals - size.clients)]
    renewals = [_renewal(rng, number, client, homes[client]) for number, client in enumerate(renewing)]
    rng.shuffle(renewals)
    return Programme(partners, renewals)


def _partner(rng: random.Random, name: str) -> Fields:
    """Describe a partner: the first user is its admin, the second the contact, the others stand in."""
    admin, contact, *others = (f"user-{number}" for number in range(rng.randint(3, 6)))
    users = {user: _user(rng, f"{user}@{name}.example") for user in (admin, contact, *others)}
    users[admin] |= {"admin": True, "active": True}
    return {
        "version": 1,
        "partner": name,
        "name": f"Agency {name.title()}",
        "time_zone": rng.choice(_REGIONS)["time_zone"],
        "labels": {"tier": rng.choice(("platinum", "gold", "silver"))},
        "users": users,
        "default": {
            "owner": rng.choices(("hubspot", "partner"), (7, 3))[0],
            "contact": contact,
            "backup_contacts": others,
        },
        "clients": {},
    }


def _user(rng: random.Random, email: str) -> Fields:
    locale = rng.choice(_REGIONS)["locale"]
    return {"name": _name(rng), "email": email, "locale": locale, "active": rng.random() >= LEFT}


def _client(rng: random.Random, client: str, users: Mapping[str, Fields]) -> Fields:
    fields: Fields = {"website": f"{client}.example"}
    if rng.random() < OVERRIDDEN:
        fields["override"] = {"owner": rng.choice(("hubspot", "partner"))}
        if rng.choice((True, True, True, False)):
            fields["override"]["contact"] = rng.choice(list(users))
    return fields


def _renewal(rng: random.Random, number: int, client: str, partner: str) -> Fields:
    date = ON + dt.timedelta(days=rng.randint(1, HORIZON))
    mrr = rng.randint(50, 3000)
    region = rng.choice(_REGIONS)
    return {
        "renewal": f"rn_{number:06}",
        "client": client,
        "partner": partner,
        "website": f"{client}.example",
        "products": rng.sample(_PRODUCTS, rng.randint(1, 3)),
        "tier": rng.choice(("enterprise", "professional", "starter")),
        "term_start": (date - dt.timedelta(days=365)).isoformat(),
        "renewal_date": date.isoformat(),
        "auto_renew": rng.random() < 0.7,  # noqa: PLR2004 - a share like the weights below
        "status": rng.choices(("pending", "confirmed", "renewed", "churned"), (90, 5, 3, 2))[0],
        "mrr": f"{mrr}.00",
        "renewal_mrr": f"{mrr * 1.08:.2f}",
        **region,
        "portal_type": rng.choices(("production", "sandbox"), (98, 2))[0],
        "flags": [],
        "acknowledged": False,
        "contacts": {
            "decision_maker": {
                "user": f"u_{client}",
                "name": _name(rng),
                "email": f"decisions@{client}.example",
                "locale": region["locale"],
                "active": rng.random() >= LEFT,
                "bounced": False,
            },
            "billing_contacts": [{"email": f"billing@{client}.example"}],
        },
    }


def _name(rng: random.Random) -> str:
    return f"{rng.choice(_FIRST_NAMES)} {rng.choice(_LAST_NAMES)}"


def _yaml(partner: Fields) -> bytes:
    """Write a partner's file as people do: a line for each user and each client."""
    return "".join(f"{line}\n" for line in _lines(partner)).encode()


def _lines(partner: Fields) -> Iterator[str]:
    for key, value in partner.items():
        if key in {"users", "clients"}:
            yield f"{key}:"
            yield from (f"  {name}: {_flow(entry)}" for name, entry in value.items())
        else:
            yield f"{key}: {_flow(value)}"


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)
