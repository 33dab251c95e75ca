"""Renewal facts as JSON Lines: one for every client, more for some."""

from __future__ import annotations

import datetime as dt
import json
import random

from benchmarks.corpus.clients import Entry
from benchmarks.corpus.names import PEOPLE
from benchmarks.corpus.partners import Partner, Region

_OF_FIVE_TWICE = 3
"""Of five clients so many have two renewals: 1.6 each (docs/requirements.md, volumes)."""

DAYS = 365
"""The renewals lie in the year after the day of the corpus."""

_TIERS = ("starter", "starter", "starter", "professional", "professional", "enterprise")
_STATUSES = ("pending",) * 18 + ("confirmed", "renewed")
_PRODUCTS = ("marketing-hub", "sales-hub", "service-hub", "cms-hub", "operations-hub")
_MONTHLY, _SANDBOX, _GONE, _AUTO = 0.2, 0.02, 0.03, 0.7


def lines(partner: Partner, seed: int, on: dt.date) -> list[bytes]:
    """Return the renewals of a partner's clients, as the vendor's systems deliver them."""
    rng = random.Random(f"{seed}/{partner.partner}")  # noqa: S311 - nothing here is secret
    days = [on + dt.timedelta(days=day) for day in range(1, DAYS + 1)]
    found = []
    for entry in partner.clients:
        for number in range(2 if entry.number % 5 < _OF_FIVE_TWICE else 1):
            line = _line(rng, partner.partner, partner.region, entry, f"{number}", rng.choice(days))
            found.append(line.encode())
    return found


def _line(rng: random.Random, partner: str, region: Region, entry: Entry, number: str, date: dt.date) -> str:
    """Return one renewal; a template is several times as quick as an encoder."""
    mrr = rng.randrange(50, 3000)
    is_monthly = rng.random() < _MONTHLY
    start = date - dt.timedelta(days=28 if is_monthly else 365)
    person = rng.choice(PEOPLE)
    portal = "sandbox" if rng.random() < _SANDBOX else "production"
    return (
        f'{{"renewal":"rn_{entry.client}_{number}","client":"{entry.client}","partner":"{partner}",'
        f'"website":"{entry.website}","products":["{rng.choice(_PRODUCTS)}"],"tier":"{rng.choice(_TIERS)}",'
        f'"term_start":"{start}","renewal_date":"{date}",'
        f'"auto_renew":{_bool(rng.random() < _AUTO)},"status":"{rng.choice(_STATUSES)}",'
        f'"mrr":"{mrr}.00","renewal_mrr":"{mrr * 108 // 100}.{mrr * 8 % 100:02}",'
        f'"currency":"{region.currency}","time_zone":"{region.time_zone}","locale":"{region.locale}",'
        f'"country":"{region.country}","portal_type":"{portal}",'
        f'"contacts":{{"decision_maker":{{"user":"u_{entry.client}","name":{_quoted(person.name)},'
        f'"email":"{person.user}@{entry.website}","active":{_bool(rng.random() >= _GONE)}}},'
        f'"billing_contacts":[{{"email":"billing@{entry.website}"}}]}}}}\n'
    )


def _bool(value: bool) -> str:  # noqa: FBT001 - it is what is written
    return "true" if value else "false"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
