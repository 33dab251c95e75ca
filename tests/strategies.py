"""Random roots and facts, always valid, and narrow enough that what matters coincides often.

Few users, few addresses in several spellings and few days around the send dates: so a decision maker is
often a partner user, an absence often in force, and a boundary often hit. A root is asked about many notices,
for reading it takes much longer than deciding.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from roots import snapshot_of

from engine import facts, vocabulary
from engine.decisions import Decision, decide
from engine.facts import Renewal
from engine.notices import Notice
from engine.snapshot import Snapshot

Written: TypeAlias = dict[str, Any]
"""A part of a file, as YAML or JSON has it."""

MODEST = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
THOROUGH = settings(MODEST, max_examples=2_000)

PARTNER, OTHER_PARTNER, UNKNOWN_PARTNER = "nordlicht", "suedwind", "westwind"
USERS = ("jana", "tom", "ben", "ines")
CLIENTS = ("acme", "globex", "initech")
DAYS = tuple(dt.date(2026, 11, 20) + dt.timedelta(days) for days in range(6))
ADDRESSES = ("jana@nordlicht.example", "tom@nordlicht.example", "ada@acme.example", "bob@acme.example")
ROLES = (*vocabulary.CLIENT_ROLES, *vocabulary.PARTNER_ROLES, vocabulary.RENEWAL_MANAGER, "vendor.legal")

_OTHER_FILE: Written = {
    "users": {"jana": {"name": "Jana Horn", "email": "jana@suedwind.example", "admin": True}},
    "default": {"owner": "partner", "contact": "jana"},
}


@dataclass(frozen=True)
class Question:
    """A notice that a root is asked about."""

    fact: Written
    notice: Notice
    on: dt.date

    @property
    def client_addresses(self) -> set[str]:
        """Every address at the client."""
        contacts = self.fact.get("contacts") or {}
        named = (contacts.get("decision_maker"), contacts.get("primary_contact"))
        people = [person for person in (*named, *contacts.get("billing_contacts", ())) if person]
        return {same(person["email"]) for person in people}


@dataclass(frozen=True)
class Root:
    """A root as it is written, and as it decides."""

    partners: Mapping[str, Written]
    vendor: Written
    rules: Written | None

    @cached_property
    def snapshot(self) -> Snapshot:
        """The root, read the way files are."""
        return snapshot_of(self.partners, self.vendor, self.rules, on=min(DAYS))

    @property
    def user_addresses(self) -> set[str]:
        """Every address of a user of any partner."""
        return {same(user["email"]) for file in self.partners.values() for user in file["users"].values()}

    def decide(self, question: Question) -> Decision:
        """Decide, by the way that every decision takes."""
        renewal = Renewal.from_fact(facts.from_value(question.fact), self.snapshot.vendor)
        return decide(self.snapshot, renewal, question.notice, question.on)

    def with_partner(self, **changes: object) -> Root:
        """Return the root with sections of the drawn partner's file replaced."""
        return replace(self, partners={**self.partners, PARTNER: {**self.partners[PARTNER], **changes}})

    def with_entries(self, **changes: object) -> Root:
        """Return the root with fields of every client's entry there replaced; None leaves one out."""
        entries = {
            client: {key: value for key, value in {**entry, **changes}.items() if value is not None}
            for client, entry in self.partners[PARTNER]["clients"].items()
        }
        return self.with_partner(clients=entries)


Situation: TypeAlias = tuple[Root, list[Question]]


def decisions(situation: Situation) -> Iterator[tuple[Question, Decision]]:
    """Yield each question with its decision."""
    root, questions = situation
    for question in questions:
        yield question, root.decide(question)


def same(address: str) -> str:
    """Return an address as if its spelling did not count; written a second time, on purpose."""
    return address.strip(" ").lower()


def maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.none() | strategy


def usually(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.one_of(strategy, strategy, strategy, st.none())


def fields(**strategies: SearchStrategy[Any]) -> SearchStrategy[Written]:
    """Draw a mapping; a field that is drawn as None is left out."""
    drawn = st.fixed_dictionaries(strategies)
    return drawn.map(lambda mapping: {key: value for key, value in mapping.items() if value is not None})


@st.composite
def dated(draw: DrawFn, entry: SearchStrategy[Written]) -> list[Written]:
    """Draw entries that follow one another, with or without gaps."""
    cuts = sorted(draw(_CUTS))
    edges = [None, *(day.isoformat() for day in cuts), None]
    drawn = []
    for start, end in itertools.pairwise(edges):
        interval = {"from": start, "until": end}
        drawn.append({**draw(entry), **{key: day for key, day in interval.items() if day}})
    return [each for each in drawn if draw(_FOUR) < 3]


def one_or_several(entry: SearchStrategy[Written]) -> SearchStrategy[Any]:
    """Draw what may be written as nothing, as one mapping or as a list of dated ones."""
    return st.one_of(entry, dated(entry), entry, dated(entry), st.none())


_FOUR = st.integers(0, 3)
_CUTS = st.sets(st.sampled_from(DAYS), max_size=2)
_LOCALE = st.sampled_from(["de-DE", "en-GB", "fr"])
_SPELLINGS = [form(address) for address in ADDRESSES for form in (str, str.upper, str.title)]
_ADDRESS = st.sampled_from(_SPELLINGS)
_USER_ID = st.sampled_from(USERS)

_USER = fields(
    email=_ADDRESS,
    locale=maybe(_LOCALE),
    admin=maybe(st.booleans()),
    active=st.sampled_from([None, True, True, False]),
)
_USERS = st.fixed_dictionaries(dict.fromkeys(USERS, _USER)).map(
    lambda users: {name: {"name": name.title(), **user} for name, user in users.items()}
)
_BACKUPS = maybe(st.lists(_USER_ID, unique=True))

DEFAULT_WITH_CONTACT = fields(
    owner=usually(st.sampled_from(["hubspot", "hubspot", "partner"])),
    contact=_USER_ID,
    backup_contacts=_BACKUPS,
)
DEFAULT = (
    DEFAULT_WITH_CONTACT
    | DEFAULT_WITH_CONTACT
    | fields(owner=maybe(st.just("hubspot")), backup_contacts=_BACKUPS)
)

NO_OVERRIDE = fields(owner=maybe(st.just("default")), note=maybe(st.just("as agreed")))
"""An override that replaces nothing."""
OVERRIDE_WITH_CONTACT = fields(owner=st.sampled_from(["hubspot", "partner"]), contact=_USER_ID)
OVERRIDE_WITHOUT_CONTACT = fields(owner=st.sampled_from(["hubspot", "partner"]))
"""Valid only where there always is a default's contact to inherit."""

_ABSENCES = {
    user: dated(
        fields(
            user=st.just(user),
            cover=st.sampled_from([other for other in USERS if other != user]),
            mode=maybe(st.sampled_from(["replace", "copy"])),
        )
    )
    for user in USERS
}
_HOLD = fields(until=st.sampled_from(DAYS).map(str), reason=st.just("merger"), by=st.just("jana"))
_HOLDS = st.one_of(st.none(), st.none(), _HOLD)
_OVERRIDES = one_or_several(OVERRIDE_WITH_CONTACT | OVERRIDE_WITH_CONTACT | NO_OVERRIDE)
_OVERRIDES_THAT_INHERIT = one_or_several(OVERRIDE_WITH_CONTACT | OVERRIDE_WITHOUT_CONTACT | NO_OVERRIDE)
_LEAVING = st.sampled_from([None, None, None, *map(str, DAYS)])


@st.composite
def partner_files(draw: DrawFn) -> Written:
    """Draw a partner's file that lists most clients."""
    default = draw(one_or_several(DEFAULT))
    always_has_contact = isinstance(default, dict) and "contact" in default
    overrides = _OVERRIDES_THAT_INHERIT if always_has_contact else _OVERRIDES
    entry = fields(override=overrides, hold=_HOLDS, until=_LEAVING)
    return {
        "users": draw(_USERS),
        "default": default,
        "covers": [cover for user in USERS if draw(st.booleans()) for cover in draw(_ABSENCES[user])],
        "clients": {client: draw(entry) for client in CLIENTS if draw(_FOUR) < 3},
    }


_VENDOR = fields(
    renewal_manager=maybe(st.just({"name": "Claire Dubois", "email": "claire@vendor.example"})),
    roles=_ADDRESS.map(lambda address: {"legal": {"name": "Rasmus Holt", "email": address}}),
    locale=maybe(_LOCALE),
    notice_types_following_override=st.one_of(
        st.none(), st.none(), st.lists(st.sampled_from(vocabulary.NOTICE_TYPES), unique=True)
    ),
)

_ROLE = st.sampled_from(ROLES)
_TARGET = _ROLE | st.fixed_dictionaries({"first_of": st.lists(_ROLE, min_size=1, max_size=3)})
_TARGETS = st.lists(_TARGET, max_size=3)
_COMPARISONS: tuple[Written, ...] = (
    {"owner": "hubspot"},
    {"owner": "partner"},
    {"owner_source": "client_override"},
    {"reachable": {"contains": "decision_maker"}},
    {"decision_maker.is_partner_user": True},
    {"renewal.status": {"in": ["pending", "confirmed"]}},
    {"held": False},
)
_WHEN = st.sampled_from([{}, *_COMPARISONS, *({"not": comparison} for comparison in _COMPARISONS)])
_CODE = st.sampled_from(["QUIET", "CHORE", "STRATEGIC"])
_ADD = st.fixed_dictionaries({"cc": _TARGETS}, optional={"to": _TARGETS})
_ROUTE = fields(when=maybe(_WHEN), to=st.lists(_TARGET, min_size=1, max_size=3), cc=maybe(_TARGETS))
_LAST_ROUTE = st.sampled_from([[{"to": ["decision_maker"], "cc": ["partner_contact"]}], []])
_ADJUSTMENT = st.one_of(
    fields(when=maybe(_WHEN), add=_ADD, task=maybe(_CODE)),
    fields(when=_WHEN, suppress=_CODE, task=maybe(_CODE), reason=maybe(_CODE)),
    fields(when=maybe(_WHEN), reason=_CODE, add=maybe(_ADD)),
)


@st.composite
def rules(draw: DrawFn) -> Written:
    """Draw a root's own rules: routes and adjustments of every kind, client roles among them."""
    routes = [*draw(st.lists(_ROUTE, max_size=2)), *draw(_LAST_ROUTE)]
    adjustments = draw(st.lists(_ADJUSTMENT, max_size=3))
    return {"routes": _named("route", routes), "adjustments": _named("adjustment", adjustments)}


def _named(kind: str, rules: list[Written]) -> list[Written]:
    return [{"rule": f"{kind}-{index}", **rule} for index, rule in enumerate(rules)]


_BLANKS = st.sampled_from(["", "", " "])
_CONTACT = fields(
    email=st.builds("{}{}{}".format, _BLANKS, _ADDRESS, _BLANKS),
    user=maybe(_USER_ID),
    name=maybe(st.just("Ada Long")),
    locale=maybe(_LOCALE),
    active=st.sampled_from([None, True, True, False]),
    bounced=st.sampled_from([None, False, False, True]),
)
_DECISION_MAKERS: tuple[Written | None, ...] = (
    *({"email": f" {spelling}", "locale": "pt"} for spelling in _SPELLINGS),
    {"email": ADDRESSES[0], "active": False},
    {"email": ADDRESSES[1], "bounced": True},
    None,
)
_OTHER_CONTACTS = fields(primary_contact=maybe(_CONTACT), billing_contacts=st.lists(_CONTACT, max_size=2))
_USUAL = fields(contacts=_OTHER_CONTACTS, locale=maybe(_LOCALE))
_UNUSUAL = fields(
    contacts=_OTHER_CONTACTS,
    status=maybe(st.sampled_from(vocabulary.STATUSES)),
    flags=st.lists(st.sampled_from(["dunning", "order_in_progress", "vip"]), unique=True),
    portal_type=maybe(st.sampled_from(vocabulary.PORTAL_TYPES)),
)
_PARTNERS_IN_FACTS = (None, PARTNER, PARTNER, OTHER_PARTNER, UNKNOWN_PARTNER)
_NOTICE = st.builds(
    Notice,
    type=st.sampled_from(vocabulary.NOTICE_TYPES),
    kind=st.sampled_from(vocabulary.NOTICE_KINDS),
    step=maybe(st.sampled_from(["R-30", "D-7"])),
)


@st.composite
def questions(draw: DrawFn) -> list[Question]:
    """Draw renewals of every client at every partner, with one decision maker after the other."""
    renewals = [draw(st.tuples(_USUAL, _NOTICE)), *draw(st.lists(st.tuples(_UNUSUAL, _NOTICE), max_size=1))]
    days = draw(st.lists(st.sampled_from(DAYS), min_size=2, max_size=3, unique=True))
    asked = itertools.product(CLIENTS, _PARTNERS_IN_FACTS, renewals, days)
    decision_makers = itertools.cycle(_DECISION_MAKERS)
    return [
        Question(_fact(client, partner, known, decision_maker), notice, on)
        for (client, partner, (known, notice), on), decision_maker in zip(
            asked, decision_makers, strict=False
        )
    ]


def _fact(client: str, partner: str | None, known: Written, decision_maker: Written | None) -> Written:
    contacts = {**known["contacts"], "decision_maker": decision_maker}
    fact = {"renewal": "rn_1", "renewal_date": "2027-02-15", "client": client, "partner": partner}
    return {**fact, **known, "contacts": contacts}


@st.composite
def roots(draw: DrawFn, *, own_rules: bool = False) -> Root:
    """Draw a root with the shipped rules, or with rules of its own."""
    file = draw(partner_files())
    leaving = {client: entry["until"] for client, entry in file["clients"].items() if "until" in entry}
    moved = {client: {"from": day} for client, day in leaving.items()} if draw(st.booleans()) else {}
    return Root(
        partners={PARTNER: file, OTHER_PARTNER: {**_OTHER_FILE, "clients": moved}},
        vendor=draw(_VENDOR),
        rules=draw(rules()) if own_rules else None,
    )


def situations() -> SearchStrategy[Situation]:
    """Draw a root with the shipped rules, and what it is asked."""
    return st.tuples(roots(), questions())


def any_situations() -> SearchStrategy[Situation]:
    """Draw a root with the shipped rules or with others, and what it is asked."""
    return st.tuples(roots() | roots(own_rules=True), questions())
