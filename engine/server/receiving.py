"""Bodies of requests: whole or line by line, within bounds of size and time."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from http import HTTPStatus

from engine.server.asgi import Message, Receive, Scope, header
from engine.server.deadlines import DEADLINES
from engine.server.faults import FaultError
from engine.server.limits import Limits

_CLOSE = {"Connection": "close"}
"""The rest of a body that is not read would be taken for the next request."""


class GoneError(Exception):
    """The client went away before it had said everything."""


async def whole(scope: Scope, receive: Receive, limits: Limits) -> bytes:
    """Return a body that is one document."""
    _check_encoding(scope)
    if int(header(scope, b"content-length") or 0) > limits.body:
        raise _too_large(limits)
    try:
        with DEADLINES.within(limits.body_seconds):
            return await _whole(receive, limits)
    except TimeoutError as error:
        raise _too_slow(limits) from error


async def lines(scope: Scope, receive: Receive, limits: Limits) -> AsyncGenerator[list[bytes], None]:
    """Yield lines as they come, all that are there at a time; instead of one too long, its beginning.

    That beginning is longer than the limit, by which it is known.
    """
    _check_encoding(scope)
    rest, more = b"", True
    while more:
        message = await _next(receive, limits)
        more = message.get("more_body", False)
        *found, rest = (_bounded(rest, limits) + message.get("body", b"")).split(b"\n")
        if not more:
            found.append(rest)
        yield [line for line in found if line.strip()]


def _bounded(rest: bytes, limits: Limits) -> bytes:
    """Forget the end of a line that is too long already."""
    return rest[: limits.line + 1]


async def _whole(receive: Receive, limits: Limits) -> bytes:
    message = await receive()
    body: bytes = _checked(message).get("body", b"")
    if len(body) > limits.body:
        raise _too_large(limits)
    if not message.get("more_body", False):
        return body
    parts, size = [body], len(body)
    while message.get("more_body", False):
        message = _checked(await receive())
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limits.body:
            raise _too_large(limits)
    return b"".join(parts)


async def _next(receive: Receive, limits: Limits) -> Message:
    try:
        with DEADLINES.within(limits.body_seconds):
            return _checked(await receive())
    except TimeoutError as error:
        raise _too_slow(limits) from error


def _checked(message: Message) -> Message:
    if message["type"] == "http.disconnect":
        raise GoneError
    return message


def _check_encoding(scope: Scope) -> None:
    encoding = (header(scope, b"content-encoding") or b"identity").strip().lower()
    if encoding != b"identity":
        detail = "the body is compressed; send it as it is"
        headers = {"Accept-Encoding": "identity", **_CLOSE}
        raise FaultError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content-encoding", detail, headers=headers)


def _too_large(limits: Limits) -> FaultError:
    detail = (
        f"a body has at most {limits.body:,} bytes; send more as JSON Lines, with Content-Type: "
        "application/jsonl"
    )
    return FaultError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail, headers=_CLOSE)


def _too_slow(limits: Limits) -> FaultError:
    detail = f"the body did not come within {limits.body_seconds:g} seconds"
    return FaultError(HTTPStatus.REQUEST_TIMEOUT, "too-slow", detail, headers=_CLOSE)
