"""What all patterns together accept is what each of them accepts by itself."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import facts, schemas
from engine.facts import FactError

_AROUND = ["", "\n", "\r", " ", "\x00", "\x85", "\u2028", "acme", "x\n\n"]
_TEXTS = {
    "renewal": ["rn_1", "größe", "a\u00a0b", "契約"],
    "client": ["acme", "4711", "a.b-c_d", "Acme", "-a", "a" * 63, "a" * 64],
    "partner": ["nord", "Nord"],
    "website": ["acme.example", "acme", "a..b", "-a.b", "None"],
    "mrr": ["800.00", "-1", "1.", "1e3", "1" * 16],
    "renewal_mrr": ["880", "0.0000001"],
    "currency": ["EUR", "eur", "EURO"],
    "locale": ["de-DE", "de_DE", "zh-Hant-TW"],
    "country": ["DE", "de"],
}
_CONTACT = {
    "email": ["ada@acme.example", " ada@acme.example ", "ada@", "a@b@c", "ada@acme..example", "é@ü.example"],
    "user": ["u_ada", "a\tb", ""],
    "name": ["Ada Long", "Zoë", ""],
    "locale": ["de", "d"],
}


def texts(usual: list[str]) -> st.SearchStrategy[str]:
    parts = st.sampled_from([*usual, *usual, *_AROUND])
    return st.sampled_from(usual) | st.lists(parts, min_size=1, max_size=3).map("".join)


def fields(of: dict[str, list[str]], *required: str) -> st.SearchStrategy[dict[str, Any]]:
    drawn = {name: texts(usual) for name, usual in of.items()}
    must = {name: drawn.pop(name) for name in required}
    return st.fixed_dictionaries(must, optional={name: st.none() | some for name, some in drawn.items()})


CONTACTS = fields(_CONTACT, "email")
FACTS = st.builds(
    lambda fact, contacts: {**fact, "renewal_date": "2027-02-15", "contacts": contacts},
    fields(_TEXTS, "renewal", "client"),
    st.none()
    | st.fixed_dictionaries(
        {"decision_maker": st.none() | CONTACTS, "billing_contacts": st.lists(CONTACTS, max_size=2)}
    ),
)
SOUND = {"renewal": "rn_1", "client": "acme", "renewal_date": "2027-02-15"}


@settings(max_examples=1_000, deadline=None)
@given(FACTS)
@example({**SOUND, "partner": "", "website": None})
@example({**SOUND, "contacts": {"decision_maker": {"email": "ada@acme.example", "locale": ""}}})
@example({**SOUND, "website": "acme.example\n", "currency": "EUR"})
def test_a_fact_is_accepted_exactly_when_every_text_of_it_matches_its_pattern(fact: dict[str, Any]) -> None:
    is_right = all(_accepts(node, text) for node, text in _of_fact(fact))

    try:
        facts.from_value(fact)
        is_read = True
    except FactError:
        is_read = False

    assert is_read == is_right


def _of_fact(fact: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Return each text with what the schema says of it."""
    schema = schemas.schema("renewal")
    definitions, properties = schema["$defs"], schema["properties"]
    money, locale = definitions["money"], definitions["locale_or_null"]
    nodes = {**properties, "mrr": money, "renewal_mrr": money, "locale": locale}
    found = [(nodes[name], fact.get(name)) for name in _TEXTS]
    contacts = fact["contacts"] if fact.get("contacts") else {}
    for contact in (contacts.get("decision_maker"), *contacts.get("billing_contacts", ())):
        of_contact = {**definitions["contact"]["properties"], "email": definitions["address"]}
        nodes = {**of_contact, "locale": locale}
        found += [(nodes[name], (contact or {}).get(name)) for name in _CONTACT]
    return [(node, text) for node, text in found if text is not None]


def _accepts(node: dict[str, Any], text: str) -> bool:
    pattern = node["pattern"].removesuffix("$") + r"\Z"
    return len(text) >= node.get("minLength", 0) and re.search(pattern, text) is not None
