"""Sound values with random mistakes: each begins as what a user writes and loses, gains or swaps nodes."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from engine import schemas
from engine.documents import Path, Value

PARTNER: dict[str, Any] = {
    "version": 1,
    "partner": "nord",
    "time_zone": "Europe/Berlin",
    "labels": {"tier": "platinum"},
    "users": {"jana": {"name": "Jana Weber", "email": "jana@nord.example", "admin": True}},
    "default": [{"owner": "hubspot", "contact": "jana", "backup_contacts": ["jana"], "until": "2027-01-01"}],
    "covers": [{"user": "jana", "cover": "tom", "from": "2026-12-21", "until": "2027-01-07", "mode": "copy"}],
    "clients": {
        "acme": {"website": "acme.example", "override": {"owner": "partner", "contact": 4711}},
        "globex": {
            "override": [{"owner": "default", "note": "x"}],
            "hold": [{"until": "2027-02-01", "reason": "x", "by": "x"}],
        },
        "initech": None,
    },
}
VENDOR: dict[str, Any] = {
    "version": 1,
    "renewal_manager": {"name": "Rita Moss", "email": "rita@vendor.example"},
    "roles": {"legal": {"name": "Legal", "email": "legal@vendor.example", "locale": "en"}},
    "deadline_lead_days": 45,
    "notice_types_following_override": ["renewal", "overage"],
}
RULES: dict[str, Any] = {
    "version": 1,
    "routes": [
        {
            "rule": "r",
            "when": {"owner": "hubspot"},
            "to": ["decision_maker", {"first_of": ["vendor.legal"]}],
            "cc": [],
        }
    ],
    "adjustments": [
        {
            "rule": 12,
            "from": "2027-01-01",
            "until": "2028-01-01",
            "add": {"to": ["renewal_manager"], "cc": [{"first_of": ["primary_contact"]}]},
        },
        {
            "rule": "s",
            "when": {"any": [{"held": True}, {"not": {"renewal.mrr": {"gte": 5}}}]},
            "suppress": "HOLD",
        },
    ],
}
FACT: dict[str, Any] = schemas.schema("renewal")["examples"][0]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 400),
    st.floats(),
    st.sampled_from(
        ["", "jana", "Jana", "hubspot", "2027-01-01", "2027-02-30", "a b", "ä", "partner", "renewal"]
    ),
    st.text(max_size=5),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


def _paths(value: Value, at: Path = ()) -> list[Path]:
    """Return the path of every node, the whole first."""
    items: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [at, *(path for key, item in items for path in _paths(item, (*at, key)))]


@st.composite
def mutated(draw: st.DrawFn, sound: Value) -> Value:
    """Draw a value with some of its nodes replaced, removed or added."""
    value = copy.deepcopy(sound)
    for _ in range(draw(st.integers(0, 4))):
        path = draw(st.sampled_from(_paths(value)))
        if not path:
            continue
        node: Any = value
        for key in path[:-1]:
            node = node[key]
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                node[path[-1]] = draw(VALUES)
            case "remove":
                del node[path[-1]]
            case "add" if isinstance(node, dict):
                node[draw(st.text(max_size=6))] = draw(VALUES)
    return value
