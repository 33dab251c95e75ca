"""Roots in memory: a test writes configuration as values or text, and reads it the way files are read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from engine import facts, snapshot, sources
from engine.decisions import Decision, decide
from engine.facts import Renewal, RenewalFact
from engine.model import Vendor
from engine.notices import RENEWAL_NOTICE, Notice
from engine.snapshot import Snapshot
from engine.sources import Sources
from engine.trees import File

ON = dt.date(2026, 11, 23)
"""The send date where a test does not care."""

ADA: Mapping[str, Any] = {"email": "ada@acme.example"}
"""The decision maker where a test does not care."""

SHIPPED_RULES = sources.shipped_rules()
SHIPPED_SCHEDULE = sources.shipped_schedule()


def sources_of(
    partners: Mapping[str, Mapping[str, Any] | str],
    vendor: Mapping[str, Any] | None = None,
    rules: Mapping[str, Any] | str | None = None,
    schedule: Mapping[str, Any] | str | None = None,
) -> Sources:
    """Return the sources of a root; partner files by id, with `version` and `partner` filled in."""
    return Sources(
        partners=tuple(
            File(f"config/partners/{partner}.yaml", _data(content, partner=partner))
            for partner, content in partners.items()
        ),
        vendor=None if vendor is None else File("config/vendor.yaml", _data(vendor)),
        rules=() if rules is None else (File("rules/own.yaml", _data(rules)),),
        schedule=None if schedule is None else File("rules/schedule.yaml", _data(schedule)),
        shipped_rules=SHIPPED_RULES,
        shipped_schedule=SHIPPED_SCHEDULE,
    )


def snapshot_of(
    partners: Mapping[str, Mapping[str, Any] | str],
    vendor: Mapping[str, Any] | None = None,
    rules: Mapping[str, Any] | str | None = None,
    *,
    schedule: Mapping[str, Any] | str | None = None,
    on: dt.date = ON,
) -> Snapshot:
    """Build the snapshot of such a root."""
    return snapshot.build(sources_of(partners, vendor, rules, schedule), on)


def fact_of(**fields: Any) -> RenewalFact:  # noqa: ANN401 - any JSON
    """Make the fact of acme's renewal, with these fields instead; `decision_maker` stands in `contacts`."""
    if "decision_maker" in fields:
        fields["contacts"] = {"decision_maker": fields.pop("decision_maker")}
    value = {"renewal": "rn_1", "client": "acme", "renewal_date": "2027-02-15"}
    return facts.from_value({**value, "contacts": {"decision_maker": dict(ADA)}, **fields})


def renewal_of(vendor: Vendor | None = None, **fields: Any) -> Renewal:  # noqa: ANN401 - any JSON
    """Make acme's renewal as decisions use it."""
    return Renewal.from_fact(fact_of(**fields), vendor or Vendor())


def decided(
    used: Snapshot, notice: Notice = RENEWAL_NOTICE, *, on: dt.date = ON, fact: RenewalFact | None = None
) -> Decision:
    """Decide about that fact, else about acme's renewal."""
    return decide(used, Renewal.from_fact(fact or fact_of(), used.vendor), notice, on)


def _data(content: Mapping[str, Any] | str, **filled: str) -> bytes:
    """Return the bytes of a file: text as it stands, a mapping as JSON, which is YAML too."""
    if not isinstance(content, str):
        content = json.dumps({"version": 1, **filled, **content}, indent=1, ensure_ascii=False)
    return content.encode()
