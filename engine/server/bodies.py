"""The bodies of decision requests: read quickly when they are right, explained at length when they are not.

msgspec reads a right request; what it refuses is judged by schemas/request.schema.json, which says every
place at which something is wrong. A test holds the two together.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import msgspec

from engine import facts, schemas
from engine.facts import RenewalFact
from engine.notices import RENEWAL_NOTICE, Notice
from engine.sentences import Violation
from engine.server.faults import FaultError, Place, place, pointer

MOST_REQUESTS = 10_000
"""Requests in one batch; more are streamed as JSON Lines."""

_KEY = re.compile(rb'"\s*:')
_BYTE = re.compile(r" \(byte (\d+)\)$")
_MARK = b"\xef\xbb\xbf"
"""A byte order mark; what Windows writes has one."""
_COMMON = ("on", "notice")
_ESCAPED_LETTER = re.compile(rb"\\u00[67]")
"""How a second `requests` could be hidden; nobody else escapes letters of ASCII."""
_SUBJECTS = ("facts", "client", "renewal")
_LONGEST_CLIENT, _LONGEST_RENEWAL = 300, 200


class Asked(NamedTuple):
    """What is asked: about a fact, a client or a renewal; the notice as asked, and the day, if any."""

    facts: RenewalFact | None
    client: str | None
    renewal: str | None
    notice: Notice
    on: dt.date | None
    is_of_schedule: bool = True
    """Whether the schedule says the kind of the notice; else the request did."""


class Single(NamedTuple):
    """One request, whose fault is that of the whole."""

    asked: Asked


Defaults = Mapping[str, Any]
"""Members that the requests of a batch have unless they say otherwise: `on` and `notice`."""

NO_DEFAULTS: Defaults = MappingProxyType({})


class Batch(NamedTuple):
    """Several requests in order: text still, for reading all at once would keep others waiting."""

    requests: Sequence[bytes]
    defaults: Defaults = NO_DEFAULTS


class _Notice(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["renewal", "contact_tier_upgrade", "overage", "subscription_ending", "price_change"] = (
        "renewal"
    )
    kind: Literal["notice", "reminder", "escalation"] | None = None
    step: str | None = None


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    facts: RenewalFact | None = None
    client: str | None = None
    renewal: str | None = None
    on: dt.date | None = None
    notice: _Notice | None = None


_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


def read(body: bytes) -> Single | Batch:
    """Read a body, or raise the fault that it has as a whole."""
    body = without_mark(body)
    if _seems_batch(body):
        return _batch(body)
    value = _decoded(body)
    if isinstance(value, dict) and "requests" in value:
        return _batch(body)
    return Single(read_request(value))


def read_text(text: bytes, defaults: Defaults = NO_DEFAULTS) -> Asked:
    """Read one request of a batch or of JSON Lines, or raise what is wrong with it."""
    value = _decoded(text)
    return read_request({**defaults, **value} if defaults and isinstance(value, dict) else value)


def without_mark(text: bytes) -> bytes:
    """Return a text without the byte order mark that it may begin with, every byte at its place still."""
    return text.replace(_MARK, b"   ", 1) if text.startswith(_MARK) else text


def read_request(value: object) -> Asked:
    """Read one request, or raise what is wrong with it at every place."""
    try:
        request = msgspec.convert(value, _Request)
    except msgspec.ValidationError as error:
        raise _refusal(value) from error
    given = [name for name in _SUBJECTS if getattr(request, name) is not None]
    if len(given) != 1 or not _is_right(request):
        raise _refusal(value)
    asked = request.notice or _Notice()
    return Asked(
        facts=request.facts,
        client=request.client,
        renewal=request.renewal,
        notice=Notice(type=asked.type, kind=asked.kind or RENEWAL_NOTICE.kind, step=asked.step),
        on=request.on,
        is_of_schedule=asked.kind is None,
    )


def _is_right(request: _Request) -> bool:
    """Whether what the types leave open is right too."""
    zone = request.facts.time_zone if request.facts else None
    step = request.notice.step if request.notice else None
    return (
        schemas.is_step(step)
        and (zone is None or facts.is_time_zone(zone))
        and (request.client is None or 0 < len(request.client) <= _LONGEST_CLIENT)
        and (request.renewal is None or 0 < len(request.renewal) <= _LONGEST_RENEWAL)
    )


def _seems_batch(body: bytes) -> bool:
    """Whether it is a batch by its first look, which need not read the requests."""
    if b'"requests"' not in body:
        return False
    try:
        return "requests" in _PARTS.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


def _decoded(body: bytes) -> object:
    """Decode JSON; a key that stands twice is refused, for only one of the two would be read."""
    try:
        value = msgspec.json.decode(body)
        if _may_repeat(body, value):
            _check_keys(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _not_json(body, str(error)) from error
    except RecursionError as error:
        raise _too_deep() from error
    return value


def _may_repeat(body: bytes, value: object) -> bool:
    """Whether some key may stand twice: written again, the value has fewer keys then.

    Text that looks like a key looks so in both, unless its quotation mark was written as a number.
    """
    again = msgspec.json.encode(value)
    if again == body:
        return False
    return len(_KEY.findall(body)) != again.count(b'":') or b"\\u0022" in body


class _Twice(NamedTuple):
    """An object in which a key stands twice."""

    key: str


def _check_keys(body: bytes) -> None:
    def note(pairs: list[tuple[str, object]]) -> object:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        counts = Counter(key for key, _ in pairs)
        return _Twice(next(key for key, count in counts.items() if count > 1))

    path = _path_of_twice(json.loads(body, object_pairs_hook=note))
    if path is not None:
        detail = f"the key {path[-1]!r} stands twice"
        errors = [place(pointer(path), detail)]
        raise FaultError(HTTPStatus.BAD_REQUEST, "duplicate-key", detail, errors=errors)


def _path_of_twice(value: object) -> tuple[str | int, ...] | None:
    """Return the path of the first key that stands twice."""
    if isinstance(value, _Twice):
        return (value.key,)
    inner: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for step, one in inner:
        path = _path_of_twice(one)
        if path is not None:
            return (step, *path)
    return None


def _batch(body: bytes) -> Batch:
    """Tell the requests of a batch apart; each is read when its turn comes."""
    if body.count(b'"requests"') > 1 or _ESCAPED_LETTER.search(body):
        _decoded(body)
    try:
        parts = _PARTS.decode(body)
        requests = _LIST.decode(parts["requests"])
    except msgspec.ValidationError as error:
        raise _bad_batch("/requests", "`requests` must be a list with a request in it") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _not_json(body, str(error)) from error
    except RecursionError as error:
        raise _too_deep() from error
    _check_batch(parts, requests)
    return Batch([bytes(request) for request in requests], _defaults(body, parts))


def _defaults(body: bytes, parts: Mapping[str, msgspec.Raw]) -> Defaults:
    """Return what stands beside the requests, which is right by itself."""
    if len(parts) == 1:
        return NO_DEFAULTS
    _decoded(body.replace(bytes(parts["requests"]), b"[]", 1))  # for keys that stand twice
    found = {name: msgspec.json.decode(parts[name]) for name in _COMMON if name in parts}
    errors = list(_violations("request", found, ()))
    if errors:
        detail = str(errors[0]["detail"])
        raise FaultError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", detail, errors=errors)
    return found


def _check_batch(parts: Mapping[str, object], requests: Sequence[object]) -> None:
    others = [name for name in parts if name not in {"requests", *_COMMON}]
    if others:
        detail = f"beside `requests` there may be `on` and `notice`, but there is {', '.join(others)}"
        raise _bad_batch(pointer(others[:1]), detail)
    if not requests:
        raise _bad_batch("/requests", "`requests` must be a list with a request in it")
    if len(requests) > MOST_REQUESTS:
        detail = f"a batch has at most {MOST_REQUESTS:,} requests, and this one has {len(requests):,}"
        cure = place("/requests", detail, "send more as JSON Lines, with Content-Type: application/jsonl")
        raise FaultError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-requests", detail, errors=[cure])


def _bad_batch(at: str, detail: str) -> FaultError:
    errors = [place(at, detail)]
    return FaultError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", detail, errors=errors)


def _refusal(value: object) -> FaultError:
    """Say everything that is wrong with a request, each at its place."""
    errors = list(_errors(value))
    if not errors:
        raise AssertionError("the schema accepts a request that cannot be read")
    return FaultError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", str(errors[0]["detail"]), errors=errors
    )


def _errors(value: object) -> Iterator[Place]:
    yield from _violations("request", value, ())
    if not isinstance(value, dict):
        return
    given = [name for name in _SUBJECTS if value.get(name) is not None]
    if len(given) != 1:
        said = " and ".join(f"`{name}`" for name in given) or "none"
        yield place("", f"a request has exactly one of `facts`, `client` and `renewal`; this one has {said}")
    if isinstance(value.get("facts"), dict):
        yield from _violations("renewal", value["facts"], ("facts",))


def _violations(kind: str, value: Any, path: tuple[str, ...]) -> Iterator[Place]:  # noqa: ANN401 - any JSON
    for violation in schemas.violations(kind, value):
        message, hint = violation.sentence
        at = (*path, *violation.path, *_unknown_key(violation))
        yield place(pointer(at), message.replace("the file", "the request"), hint)


def _unknown_key(violation: Violation) -> tuple[str, ...]:
    is_there = violation.key is not None and violation.keyword != "required"
    return (violation.key,) if is_there and violation.key else ()


def _too_deep() -> FaultError:
    detail = "the body is nested too deeply"
    return FaultError(HTTPStatus.BAD_REQUEST, "json-syntax", detail, errors=[place("", detail)])


def _not_json(body: bytes, complaint: str) -> FaultError:
    said = complaint.removeprefix("JSON is malformed: ")
    detail = f"the body is not JSON: {said}" if body.strip() else "the body is empty"
    errors: list[Place] = [{"offset": _offset(body, complaint), "detail": detail}]
    return FaultError(HTTPStatus.BAD_REQUEST, "json-syntax", detail, errors=errors)


def _offset(body: bytes, complaint: str) -> int:
    """Return the first byte that is wrong: where it is no text, else where msgspec stopped, else the end."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    found = _BYTE.search(complaint)
    return int(found[1]) if found else len(body)
