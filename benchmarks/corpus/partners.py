"""Partner files: users, defaults, covers and labels, each in the style of whoever keeps the file."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from benchmarks.corpus import clients, names, yamltext
from benchmarks.corpus.clients import Entry
from benchmarks.corpus.names import Person
from benchmarks.corpus.yamltext import Value

_FOLDERS = 70
_MOST_USERS = 24
_FEWEST_USERS = 2
_CLIENTS_PER_USER = 40
_LIST_OF_DEFAULTS, _COVERS, _LEFT, _BLOCK, _QUOTED, _LABELLED, _NAMED = 0.12, 0.2, 0.1, 0.4, 0.1, 0.7, 0.9
"""Shares of the partners that have it."""

_TIERS = ("platinum", "gold", "silver", "diamond")
_TURNS = ("2027-01-01", "2027-04-01", "2027-07-01", "2028-01-01")
_SPANS = (("2026-12-21", "2027-01-07"), ("2027-03-15", "2027-04-06"), ("2027-08-02", "2027-08-23"))
_REMARKS = (
    "Please keep the clients in alphabetical order.",
    "CRM numbers go in comments, not in notes.",
    "Agreed with the partner in the spring review; ask before you change the default.",
    "Größere Änderungen bitte vorher mit der Geschäftsführung absprechen.",
)


class Region(NamedTuple):
    """Where a partner and its clients are."""

    time_zone: str
    locale: str
    country: str
    currency: str


REGIONS = (
    Region("Europe/Berlin", "de-DE", "DE", "EUR"),
    Region("Europe/London", "en-GB", "GB", "GBP"),
    Region("America/New_York", "en-US", "US", "USD"),
    Region("Europe/Paris", "fr-FR", "FR", "EUR"),
    Region("Europe/Stockholm", "sv-SE", "SE", "SEK"),
    Region("Asia/Tokyo", "ja-JP", "JP", "JPY"),
    Region("Europe/Warsaw", "pl-PL", "PL", "PLN"),
)


class Partner(NamedTuple):
    """A partner's file, and what renewals say about its clients."""

    partner: str
    path: str
    text: str
    region: Region
    clients: Sequence[Entry]


class _Team(NamedTuple):
    """The users of a partner: the first is the admin, then comes the contact; one may have left."""

    present: Sequence[Person]
    left: Person | None

    @property
    def contact(self) -> str:
        return self.present[1].user

    @property
    def others(self) -> list[str]:
        return [person.user for person in self.present[2:]]


def each(counts: Sequence[int], seed: int, *, heavy: bool) -> Iterator[Partner]:
    """Yield a partner for each number of clients; each is made of the seed and its place alone."""
    first = 0
    for number, count in enumerate(counts):
        rng = random.Random(f"{seed}/{number}")  # noqa: S311 - nothing here is secret
        yield _partner(rng, number, range(first, first + count), heavy=heavy)
        first += count


def _partner(rng: random.Random, number: int, numbers: range, *, heavy: bool) -> Partner:
    partner = f"{names.slug(number)}-agency"
    region = rng.choice(REGIONS)
    team = _team(rng, min(_MOST_USERS, _FEWEST_USERS + rng.randrange(3) + len(numbers) // _CLIENTS_PER_USER))
    is_block = rng.random() < _BLOCK
    users = [person.user for person in team.present]
    entries = [clients.entry(rng, client, users, is_block=is_block, heavy=heavy) for client in numbers]
    lines = [
        *_head(rng, partner, region),
        *_users(rng, partner, region, team, is_block=is_block),
        *_default(rng, team, is_block=is_block),
        *_covers(rng, team),
        "\nclients:\n",
        *(entry.text for entry in sorted(entries, key=attrgetter("client"))),
    ]
    path = f"config/partners/region-{number % _FOLDERS:02}/{partner}.yaml"
    return Partner(partner, path, "".join(lines), region, entries)


def _head(rng: random.Random, partner: str, region: Region) -> Iterator[str]:
    yield "# yaml-language-server: $schema=../../../schemas/partner.schema.json\n"
    yield f"# {rng.choice(_REMARKS)}\n"
    yield f"version: 1\npartner: {partner}\n"
    if rng.random() < _NAMED:
        name = names.titled(partner)
        yield (
            f'name: "{name}: Büro {region.country}"\n'
            if rng.random() < _QUOTED
            else f"name: {name} & Söhne\n"
        )
    yield f"time_zone: {region.time_zone}\n"
    if rng.random() < _LABELLED:
        yield f"labels: {{tier: {rng.choice(_TIERS)}, since: '{rng.randrange(2008, 2026)}'}}\n"


def _team(rng: random.Random, count: int) -> _Team:
    people = rng.sample(names.PEOPLE, count + 1)
    return _Team(people[1:], people[0] if rng.random() < _LEFT else None)


def _users(rng: random.Random, partner: str, region: Region, team: _Team, *, is_block: bool) -> Iterator[str]:
    yield "\nusers:\n"
    for place, person in enumerate(team.present):
        fields: dict[str, Value] = {"name": person.name, "email": f"{person.user}@{partner}.example"}
        if rng.random() < _LABELLED:
            fields["locale"] = region.locale
        if place == 0:
            fields["admin"] = "true"
        yield from _entry(person.user, fields, is_block=is_block)
    if team.left is not None:
        user, name = team.left
        yield f"  {user}: {{name: {name}, email: {user}@{partner}.example, active: false}}  # gone\n"


def _default(rng: random.Random, team: _Team, *, is_block: bool) -> Iterator[str]:
    owner = "hubspot" if rng.random() < 0.7 else "partner"  # noqa: PLR2004 - a share like those above
    fields: dict[str, Value] = {"owner": owner, "contact": team.contact}
    if team.others:
        fields["backup_contacts"] = team.others
    if rng.random() < _LIST_OF_DEFAULTS:
        turn = rng.choice(_TURNS)
        later = {**fields, "owner": "partner" if owner == "hubspot" else "hubspot"}
        yield "\n" + "".join(
            yamltext.block({"default": [{**fields, "until": turn}, {**later, "from": turn}]}, "")
        )
    elif is_block:
        yield "\n" + "".join(yamltext.block({"default": fields}, ""))
    else:
        yield f"\ndefault: {yamltext.flow(fields)}\n"


def _covers(rng: random.Random, team: _Team) -> Iterator[str]:
    admin = team.present[0].user
    away = [{"user": team.contact, "cover": admin, "mode": rng.choice(("replace", "copy"))}]
    if team.left is not None:
        away.append({"user": team.left.user, "cover": team.contact})
    if rng.random() < _COVERS:
        since, until = rng.choice(_SPANS)
        yield "\ncovers:\n  # the office is closed\n"
        yield from (f"  - {yamltext.flow({**one, 'from': since, 'until': until})}\n" for one in away)


def _entry(key: str, fields: dict[str, Value], *, is_block: bool) -> Iterator[str]:
    if is_block:
        yield from yamltext.block({key: fields}, "  ")
    else:
        yield f"  {key}: {yamltext.flow(fields)}\n"
