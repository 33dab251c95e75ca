"""JSON as it is sent: decoded, or refused with the place at which it is wrong."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple

import msgspec

from engine.server.faults import FaultError, Place, place, pointer

MALFORMED = (msgspec.DecodeError, UnicodeDecodeError)
"""What msgspec raises of a text that is not JSON."""

_KEY = re.compile(rb'"\s*:')
_BYTE = re.compile(r" \(byte (\d+)\)$")
_MARK = b"\xef\xbb\xbf"
"""A byte order mark; what Windows writes has one."""


def without_mark(text: bytes) -> bytes:
    """Return a text without the byte order mark that it may begin with, every byte at its place still."""
    return text.replace(_MARK, b"   ", 1) if text.startswith(_MARK) else text


def decode(text: bytes) -> object:
    """Decode JSON; a key that stands twice is refused, for only one of the two would be read."""
    try:
        value = msgspec.json.decode(text)
        if _may_repeat(text, value):
            _check_keys(text)
    except MALFORMED as error:
        raise not_json(text, str(error)) from error
    except RecursionError as error:
        raise too_deep() from error
    return value


def too_deep() -> FaultError:
    """Return the fault of a text that is nested without end."""
    detail = "the body is nested too deeply"
    return FaultError(HTTPStatus.BAD_REQUEST, "json-syntax", detail, errors=[place("", detail)])


def not_json(text: bytes, complaint: str) -> FaultError:
    """Return the fault of a text that is not JSON, of which msgspec complains so."""
    said = complaint.removeprefix("JSON is malformed: ")
    detail = f"the body is not JSON: {said}" if text.strip() else "the body is empty"
    errors: list[Place] = [{"offset": _offset(text, complaint), "detail": detail}]
    return FaultError(HTTPStatus.BAD_REQUEST, "json-syntax", detail, errors=errors)


def _may_repeat(text: bytes, value: object) -> bool:
    """Whether some key may stand twice: written again, the value has fewer keys then.

    Text that looks like a key looks so in both, unless its quotation mark was written as a number.
    """
    again = msgspec.json.encode(value)
    if again == text:
        return False
    return len(_KEY.findall(text)) != again.count(b'":') or b"\\u0022" in text


class _Twice(NamedTuple):
    """An object in which a key stands twice."""

    key: str


def _check_keys(text: bytes) -> None:
    def note(pairs: list[tuple[str, object]]) -> object:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        counts = Counter(key for key, _ in pairs)
        return _Twice(next(key for key, count in counts.items() if count > 1))

    path = _path_of_twice(json.loads(text, object_pairs_hook=note))
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


def _offset(text: bytes, complaint: str) -> int:
    """Return the first byte that is wrong: where it is no text, else where msgspec stopped, else the end."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    found = _BYTE.search(complaint)
    return int(found[1]) if found else len(text)
