"""One decision request: read straight into what is asked, or explained at length when it is wrong.

msgspec reads a right request; what it refuses is judged by schemas/request.schema.json, which says every
place at which something is wrong. A test holds the two together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from engine import facts, schemas
from engine.facts import RenewalFact
from engine.feeds.shapes import Shapes
from engine.notices import RENEWAL_NOTICE, Notice
from engine.sentences import Violation
from engine.server import jsontext
from engine.server.faults import FaultError, Place, place, pointer

_SUBJECTS = ("facts", "client", "renewal")
_LONGEST_CLIENT, _LONGEST_RENEWAL = 300, 200
_NOTICES = 1_000


class Asked(NamedTuple):
    """What is asked: about a fact, a client or a renewal; the notice as asked, and the day, if any."""

    facts: RenewalFact | None
    client: str | None
    renewal: str | None
    notice: Notice
    on: dt.date | None
    is_of_schedule: bool = True
    """Whether the schedule says the kind of the notice; else the request did."""


class AskedNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A notice as a request writes it."""

    type: Literal["renewal", "contact_tier_upgrade", "overage", "subscription_ending", "price_change"] = (
        "renewal"
    )
    kind: Literal["notice", "reminder", "escalation"] | None = None
    step: str | None = None


class Defaults(msgspec.Struct, frozen=True):
    """Members that the requests of a batch have unless they say otherwise."""

    on: dt.date | None = None
    notice: AskedNotice | None = None


NO_DEFAULTS = Defaults()


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    """A request as it is written; null is something else than nothing where a batch has defaults."""

    facts: RenewalFact | None = None
    client: str | None = None
    renewal: str | None = None
    on: dt.date | UnsetType | None = UNSET
    notice: AskedNotice | UnsetType | None = UNSET


_decode = msgspec.json.Decoder(_Request).decode
_decode_all = msgspec.json.Decoder(list[_Request]).decode
_SHAPES = Shapes()
"""Of requests that were found right, key by key: msgspec does not see a key that stands twice."""


def read_text(text: bytes, defaults: Defaults = NO_DEFAULTS) -> Asked:
    """Read one request, or raise what is wrong with it."""
    return read_quickly(text, defaults) or read_thoroughly(text, jsontext.decode(text), defaults)


def read_quickly(text: bytes, defaults: Defaults = NO_DEFAULTS) -> Asked | None:
    """Do the same for a right request of a shape that was seen before; None is for everything else."""
    try:
        request = _decode(text)
    except (*jsontext.MALFORMED, RecursionError):
        return None
    if not _is_right(request) or not _SHAPES.has(text):
        return None
    return _asked(request, defaults)


def read_together(texts: Sequence[bytes], defaults: Defaults = NO_DEFAULTS) -> list[Asked | None]:
    """Read requests as `read_quickly` reads each of them, as one list of JSON.

    A text of a known shape is one object by its brackets and quotes, so that none ends in another one.
    """
    if not all(map(_SHAPES.has, texts)):
        return [read_quickly(text, defaults) for text in texts]
    try:
        found = _decode_all(b"[%b]" % b",".join(texts))
    except (*jsontext.MALFORMED, RecursionError):
        return [read_quickly(text, defaults) for text in texts]
    return [_asked(request, defaults) if _is_right(request) else None for request in found]


def read_thoroughly(text: bytes, value: object, defaults: Defaults = NO_DEFAULTS) -> Asked:
    """Read what a text says, or raise everything that is wrong with it, each at its place."""
    request = _request(value)
    _SHAPES.learn(text)
    return _asked(request, defaults)


def errors(value: object) -> Iterator[Place]:
    """Say everything that is wrong with a request, each at its place."""
    yield from violations("request", value, ())
    if not isinstance(value, dict):
        return
    given = [name for name in _SUBJECTS if value.get(name) is not None]
    if len(given) != 1:
        said = " and ".join(f"`{name}`" for name in given) or "none"
        yield place("", f"a request has exactly one of `facts`, `client` and `renewal`; this one has {said}")
    if isinstance(value.get("facts"), dict):
        yield from violations("renewal", value["facts"], ("facts",))


def violations(kind: str, value: Any, path: tuple[str, ...]) -> Iterator[Place]:  # noqa: ANN401 - any JSON
    """Say what of a value, which stands at that path, its schema does not accept."""
    for violation in schemas.violations(kind, value):
        message, hint = violation.sentence
        at = (*path, *violation.path, *_unknown_key(violation))
        yield place(pointer(at), message.replace("the file", "the request"), hint)


def _request(value: object) -> _Request:
    try:
        request = msgspec.convert(value, _Request)
    except msgspec.ValidationError as error:
        raise _refusal(value) from error
    if not _is_right(request):
        raise _refusal(value)
    return request


def _is_right(request: _Request) -> bool:
    """Whether what the types leave open is right too."""
    fact, client, renewal, notice = request.facts, request.client, request.renewal, request.notice
    if (fact is not None) + (client is not None) + (renewal is not None) != 1:
        return False
    if notice and notice.step is not None and not schemas.is_step(notice.step):
        return False
    if fact is not None:
        return facts.is_well_written(fact)
    if client is not None:
        return 0 < len(client) <= _LONGEST_CLIENT
    return renewal is not None and 0 < len(renewal) <= _LONGEST_RENEWAL


def _asked(request: _Request, defaults: Defaults) -> Asked:
    on = defaults.on if request.on is UNSET else request.on
    said = defaults.notice if request.notice is UNSET else request.notice
    if said is None:
        return Asked(request.facts, request.client, request.renewal, RENEWAL_NOTICE, on)
    notice, is_of_schedule = _notice(said), said.kind is None
    return Asked(request.facts, request.client, request.renewal, notice, on, is_of_schedule)


@lru_cache(_NOTICES)
def _notice(said: AskedNotice) -> Notice:
    return Notice(type=said.type, kind=said.kind or RENEWAL_NOTICE.kind, step=said.step)


def _refusal(value: object) -> FaultError:
    found = list(errors(value))
    if not found:
        raise AssertionError("the schema accepts a request that cannot be read")
    detail = str(found[0]["detail"])
    return FaultError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", detail, errors=found)


def _unknown_key(violation: Violation) -> tuple[str, ...]:
    is_there = violation.key is not None and violation.keyword != "required"
    return (violation.key,) if is_there and violation.key else ()
