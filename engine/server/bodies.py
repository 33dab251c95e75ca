"""The bodies of decision requests: one request, or a batch whose requests are read when their turn comes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple

import msgspec

from engine.server import jsontext, requests
from engine.server.faults import FaultError, place, pointer
from engine.server.requests import NO_DEFAULTS, Asked, Defaults

MOST_REQUESTS = 10_000
"""Requests in one batch; more are streamed as JSON Lines."""

_COMMON = ("on", "notice")
_ESCAPED_LETTER = re.compile(rb"\\u00[67]")
"""How a second `requests` could be hidden; nobody else escapes letters of ASCII."""


class Single(NamedTuple):
    """One request, whose fault is that of the whole."""

    asked: Asked


class Batch(NamedTuple):
    """Several requests in order: text still, for reading all at once would keep others waiting."""

    requests: Sequence[bytes]
    defaults: Defaults = NO_DEFAULTS


_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


def read(body: bytes) -> Single | Batch:
    """Read a body, or raise the fault that it has as a whole."""
    body = jsontext.without_mark(body)
    parts = _parts(body) if b'"requests"' in body else None
    if parts is not None and "requests" in parts:
        return _batch(body, parts)
    asked = requests.read_quickly(body)
    if asked is None:
        value = jsontext.decode(body)
        if isinstance(value, dict) and "requests" in value:
            return _batch(body, _PARTS.decode(body))
        asked = requests.read_thoroughly(body, value)
    return Single(asked)


def _parts(body: bytes) -> Mapping[str, msgspec.Raw] | None:
    """Return the members of an object, without a look into them; None is for anything else."""
    try:
        return _PARTS.decode(body)
    except (*jsontext.MALFORMED, RecursionError):
        return None


def _batch(body: bytes, parts: Mapping[str, msgspec.Raw]) -> Batch:
    """Tell the requests of a batch apart."""
    if body.count(b'"requests"') > 1 or _ESCAPED_LETTER.search(body):
        jsontext.decode(body)
    try:
        texts = _LIST.decode(parts["requests"])
    except msgspec.ValidationError as error:
        raise _bad_batch("/requests", "`requests` must be a list with a request in it") from error
    except jsontext.MALFORMED as error:
        raise jsontext.not_json(body, str(error)) from error
    except RecursionError as error:
        raise jsontext.too_deep() from error
    _check_batch(parts, texts)
    return Batch([bytes(text) for text in texts], _defaults(body, parts))


def _defaults(body: bytes, parts: Mapping[str, msgspec.Raw]) -> Defaults:
    """Return what stands beside the requests, which is right by itself."""
    if len(parts) == 1:
        return NO_DEFAULTS
    jsontext.decode(body.replace(bytes(parts["requests"]), b"[]", 1))  # for keys that stand twice
    found = {name: msgspec.json.decode(parts[name]) for name in _COMMON if name in parts}
    errors = list(requests.violations("request", found, ()))
    if errors:
        detail = str(errors[0]["detail"])
        raise FaultError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", detail, errors=errors)
    return msgspec.convert(found, Defaults)


def _check_batch(parts: Mapping[str, object], texts: Sequence[object]) -> None:
    others = [name for name in parts if name not in {"requests", *_COMMON}]
    if others:
        detail = f"beside `requests` there may be `on` and `notice`, but there is {', '.join(others)}"
        raise _bad_batch(pointer(others[:1]), detail)
    if not texts:
        raise _bad_batch("/requests", "`requests` must be a list with a request in it")
    if len(texts) > MOST_REQUESTS:
        detail = f"a batch has at most {MOST_REQUESTS:,} requests, and this one has {len(texts):,}"
        cure = place("/requests", detail, "send more as JSON Lines, with Content-Type: application/jsonl")
        raise FaultError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-requests", detail, errors=[cure])


def _bad_batch(at: str, detail: str) -> FaultError:
    errors = [place(at, detail)]
    return FaultError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", detail, errors=errors)
