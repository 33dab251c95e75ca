"""Bodies of requests: whole or line by line, within bounds of size and time."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from http import HTTPStatus
from typing import NamedTuple

from engine.server.asgi import Message, Receive, Scope, header
from engine.server.deadlines import DEADLINES
from engine.server.faults import FaultError, place, too_large
from engine.server.limits import Limits

Hold = Callable[[int], None]

_CLOSE = {"Connection": "close"}
"""The rest of a body that is not read would be taken for the next request."""


class Line(NamedTuple):
    """A line of JSON Lines; the first is number 1."""

    number: int
    text: bytes


class GoneError(Exception):
    """The client went away before it had said everything."""


class Patience:
    """Receives what the client sends, and knows for how long it was waited for: that time is the client's."""

    def __init__(self, receive: Receive) -> None:
        self.seconds = 0.0
        self._receive = receive

    async def __call__(self) -> Message:
        """Return the next message."""
        begun = time.perf_counter()
        try:
            return await self._receive()
        finally:
            self.seconds += time.perf_counter() - begun


def nobody_counts(size: int) -> None:
    """Take no note of how many bytes are held."""
    del size


async def whole(scope: Scope, receive: Receive, limits: Limits, hold: Hold = nobody_counts) -> bytes:
    """Return a body that is one document; `hold` is told how much of it is there."""
    check_encoding(scope)
    if int(header(scope, b"content-length") or 0) > limits.body:
        raise _too_large(limits)
    try:
        with DEADLINES.within(limits.body_seconds):
            return await _whole(receive, limits, hold)
    except TimeoutError as error:
        raise _too_slow(limits) from error


async def nothing(receive: Receive, limits: Limits) -> None:
    """Make sure that there is no body, where none has a meaning."""
    more = True
    while more:
        message = await _next(receive, limits, limits.body_seconds)
        if message.get("body"):
            detail = "this takes no body"
            errors = [place("", detail)]
            raise FaultError(HTTPStatus.BAD_REQUEST, "body", detail, errors=errors, headers=_CLOSE)
        more = message.get("more_body", False)


async def lines(
    scope: Scope, receive: Receive, limits: Limits, hold: Hold = nobody_counts
) -> AsyncGenerator[list[Line], None]:
    """Yield lines as they come, all that are there at a time; instead of one too long, its beginning.

    That beginning is longer than the limit, by which it is known. Lines with nothing on them are counted, and
    are nothing: who sends no others is too slow.
    """
    check_encoding(scope)
    rest, more, number, until = b"", True, 1, time.monotonic() + limits.body_seconds
    while more:
        message = await _next(receive, limits, until - time.monotonic())
        more = message.get("more_body", False)
        *found, rest = (_bounded(rest, limits) + message.get("body", b"")).split(b"\n")
        hold(len(rest))
        if not more:
            found.append(rest)
        texts = [Line(at, text) for at, text in enumerate(found, start=number) if text.strip()]
        number += len(found)
        if texts:
            yield texts
            until = time.monotonic() + limits.body_seconds


def check_encoding(scope: Scope) -> None:
    """Raise that the body is compressed."""
    encoding = (header(scope, b"content-encoding") or b"identity").strip().lower()
    if encoding != b"identity":
        detail = "the body is compressed; send it as it is"
        headers = {"Accept-Encoding": "identity", **_CLOSE}
        raise FaultError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content-encoding", detail, headers=headers)


def _bounded(rest: bytes, limits: Limits) -> bytes:
    """Forget the end of a line that is too long already."""
    return rest[: limits.line + 1]


async def _whole(receive: Receive, limits: Limits, hold: Hold) -> bytes:
    message = await receive()
    body: bytes = _checked(message).get("body", b"")
    if len(body) > limits.body:
        raise _too_large(limits)
    if not message.get("more_body", False):
        return body
    parts, size = [body], len(body)
    while message.get("more_body", False):
        hold(size)
        message = _checked(await receive())
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limits.body:
            raise _too_large(limits)
    return b"".join(parts)


async def _next(receive: Receive, limits: Limits, seconds: float) -> Message:
    try:
        with DEADLINES.within(seconds):
            return _checked(await receive())
    except TimeoutError as error:
        raise _too_slow(limits) from error


def _checked(message: Message) -> Message:
    if message["type"] == "http.disconnect":
        raise GoneError
    return message


def _too_large(limits: Limits) -> FaultError:
    detail = (
        f"a body has at most {limits.body:,} bytes; send more as JSON Lines, with Content-Type: "
        "application/jsonl"
    )
    return too_large(detail, limits.body, _CLOSE)


def _too_slow(limits: Limits) -> FaultError:
    detail = f"the body, or its next line, did not come within {limits.body_seconds:g} seconds"
    return FaultError(HTTPStatus.REQUEST_TIMEOUT, "too-slow", detail, headers=_CLOSE)
