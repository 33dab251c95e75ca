"""Entries of clients: most say a website, some what differs, few everything that may be said."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

from benchmarks.corpus import names, yamltext
from benchmarks.corpus.yamltext import Value

_PORTAL_NUMBERS = 50
"""Every so many clients has the number of its portal as id, without quotes."""

_EMPTY, _QUOTED, _REMARK, _COMMENT = 0.03, 0.05, 0.04, 0.02
_SEGMENTS = ("strategic", "growth", "long-tail", "public sector")
_TURNS = ("2027-02-01", "2027-06-01", "2027-10-01", "2028-03-01")
_NOTES = (
    "asked by the client",
    '"charity: looked at again every January"',
    "'they don''t want vendor mails'",
    "auf Wunsch der Geschäftsführung",
    '"demande de la DSI, courriel du 3 septembre 2026"',
)
_LONG_NOTE = (
    "engagement letter says that renewals come from the vendor; agreed with both sides, "
    "see the minutes of the review"
)
_SEVERAL_LINES = "asked by the client\nsee the minutes of the meeting:\n  both sides agreed"
_REASONS = ("merger", "contract under review", '"school holidays: nobody reads mail"')


class Entry(NamedTuple):
    """A client by its number, and the lines of its entry."""

    number: int
    client: str
    website: str
    text: str


Feature = Callable[[random.Random, Sequence[str]], dict[str, Value]]
"""What an entry says besides its website, given the users of the partner."""


def entry(rng: random.Random, number: int, users: Sequence[str], *, is_block: bool, heavy: bool) -> Entry:
    """Return the entry of that client."""
    client = names.slug(number) if number % _PORTAL_NUMBERS else str(1_000_000 + number)
    website = f"{client}.example"
    chance = rng.random()
    if chance < _EMPTY and not heavy:
        return Entry(number, client, website, f"  {client}:\n")
    fields: dict[str, Value] = {"website": f'"{website}"' if chance > 1 - _QUOTED else website}
    for feature in _features(rng):
        fields |= feature(rng, users)
    if heavy:
        fields = _weighty(client) | fields
    return Entry(number, client, website, _text(rng, client, fields, is_block=is_block or heavy))


def _text(rng: random.Random, client: str, fields: dict[str, Value], *, is_block: bool) -> str:
    before = (
        f"  # CRM {rng.randrange(10_000, 99_999)}, ask before you change it\n"
        if rng.random() < _COMMENT
        else ""
    )
    if is_block or any("\n" in yamltext.flow(value) for value in fields.values()):
        return before + "".join(yamltext.block({client: fields}, "  "))
    behind = "  # see CRM" if rng.random() < _REMARK else ""
    return f"{before}  {client}: {yamltext.flow(fields)}{behind}\n"


def _weighty(client: str) -> dict[str, Value]:
    """Say what a heavier format says of every client."""
    return {
        "name": f"{names.titled(client)} Holding & Söhne GmbH",
        "labels": {"segment": "strategic", "region": "emea-central", "crm": f"'{sum(client.encode())}'"},
        "override": {"owner": "default", "note": _LONG_NOTE},
    }


def _features(rng: random.Random) -> list[Feature]:
    """Pick what an entry has: nothing more, mostly, else one thing of each group."""
    return [feature for group in _GROUPS if (feature := _picked(rng.random(), group)) is not None]


def _picked(chance: float, group: Sequence[tuple[float, Feature]]) -> Feature | None:
    for (_, feature), end in zip(group, accumulate(share for share, _ in group), strict=True):
        if chance < end:
            return feature
    return None


def _name(rng: random.Random, users: Sequence[str]) -> dict[str, Value]:
    del users
    return {"name": f"{rng.choice(names.PEOPLE).name.split()[-1]} & Partner"}


def _labels(rng: random.Random, users: Sequence[str]) -> dict[str, Value]:
    del users
    return {"labels": {"segment": rng.choice(_SEGMENTS)}}


def _override(rng: random.Random, users: Sequence[str]) -> dict[str, Value]:
    return {"override": {"owner": rng.choice(("hubspot", "partner")), "contact": rng.choice(users)}}


def _reasoned(rng: random.Random, users: Sequence[str]) -> dict[str, Value]:
    return {"override": {"owner": "partner", "contact": rng.choice(users), "note": rng.choice(_NOTES)}}


def _inherited(rng: random.Random, users: Sequence[str]) -> dict[str, Value]:
    del users
    return {"override": {"owner": rng.choice(("hubspot", "partner"))}}


def _pinned(rng: random.Random, users: Sequence[str]) -> dict[str, Value]:
    del users
    return {"override": {"owner": "default", "note": rng.choice(_NOTES)}}


def _explained(rng: random.Random, users: Sequence[str]) -> dict[str, Value]:
    return {"override": {"owner": "partner", "contact": rng.choice(users), "note": _SEVERAL_LINES}}


def _dated(rng: random.Random, users: Sequence[str]) -> dict[str, Value]:
    turn = rng.choice(_TURNS)
    return {
        "override": [
            {"owner": "partner", "contact": rng.choice(users), "until": turn},
            {"owner": "hubspot", "contact": rng.choice(users), "from": turn},
        ]
    }


def _hold(rng: random.Random, users: Sequence[str]) -> dict[str, Value]:
    since, until = "2026-12-01", rng.choice(_TURNS)
    return {"hold": {"from": since, "until": until, "reason": rng.choice(_REASONS), "by": rng.choice(users)}}


def _holds(rng: random.Random, users: Sequence[str]) -> dict[str, Value]:
    by = rng.choice(users)
    return {
        "hold": [
            {"from": "2026-12-14", "until": "2027-01-11", "reason": "holidays", "by": by},
            {"from": "2027-03-22", "until": "2027-04-12", "reason": "holidays", "by": by},
        ]
    }


def _since(rng: random.Random, users: Sequence[str]) -> dict[str, Value]:
    del rng, users
    return {"from": "2026-04-01"}


def _leaving(rng: random.Random, users: Sequence[str]) -> dict[str, Value]:
    del users
    return {"until": rng.choice(_TURNS)}


_GROUPS: tuple[tuple[tuple[float, Feature], ...], ...] = (
    ((0.05, _name),),
    ((0.1, _labels),),
    (
        (0.04, _override),
        (0.02, _reasoned),
        (0.01, _inherited),
        (0.01, _pinned),
        (0.02, _dated),
        (0.0005, _explained),  # a note of several lines makes its file one that a quick reader declines
    ),
    ((0.01, _hold), (0.002, _holds)),
    ((0.01, _since), (0.01, _leaving)),
)
"""What excludes each other, with the shares of the clients that have it."""
