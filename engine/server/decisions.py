"""`POST /v1/decisions`: one request, a batch, or JSON Lines of any length, each answered from one revision.

This is bare ASGI: routing and the objects of Starlette cost more than the decision.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from http import HTTPStatus

from engine.daemon.service import Live, Service
from engine.server import answers, bodies, marks, receiving
from engine.server.asgi import JSON, Header, Receive, Scope, Send, answer, header
from engine.server.bodies import Asked, Single
from engine.server.deadlines import DEADLINES
from engine.server.faults import FaultError
from engine.server.limits import Limits
from engine.server.observing import Observer

PATH = "/v1/decisions"
LINES = ("application/jsonl", "application/x-ndjson")
"""The media types of JSON Lines."""

_JSON_TYPES = (None, "application/json", "application/x-www-form-urlencoded")
"""What JSON is sent as; `curl --data` says that it is a form when nobody says what it is."""

SLICE = 0.004
"""Seconds of computing after which others have their turn."""

Clock = Callable[[], dt.datetime]


class Decisions:
    """Answers decision requests."""

    def __init__(self, service: Service, limits: Limits, observer: Observer, clock: Clock) -> None:
        self._service = service
        self._limits = limits
        self._observer = observer
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one POST, or raise the fault of the whole."""
        media = _media_type(scope)
        if media in LINES:
            await self._answer_lines(scope, receive, send, media)
            return
        if media not in _JSON_TYPES:
            raise _unsupported(media)
        body = await receiving.whole(scope, receive, self._limits)
        live, now, read = self._service.live, self._clock(), bodies.read(body)
        if isinstance(read, Single):
            parts = self._decided(live, read.asked, now)
        else:
            slices = self._slices(live, read.requests, 0, "/requests/{}", now)
            parts = [part async for some in slices for part in some]
        with DEADLINES.within(self._limits.answer_seconds):
            await answer(send, HTTPStatus.OK, answers.document(parts), _headers(live, JSON))

    async def _answer_lines(self, scope: Scope, receive: Receive, send: Send, media: str) -> None:
        """Answer lines as they come; whoever sends many has to read meanwhile, for nothing is held back."""
        live, now, number = self._service.live, self._clock(), 0
        kind = (b"content-type", media.encode("ascii"))
        headers = [*_headers(live, kind), (b"connection", b"close")]  # the end of the body may be unread
        await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": headers})
        try:
            async with aclosing(receiving.lines(scope, receive, self._limits)) as chunks:
                async for lines in chunks:
                    async for parts in self._slices(live, lines, number, "", now):
                        await self._pass_on(send, parts)
                    number += len(lines)
        except FaultError as fault:
            await self._pass_on(send, [answers.encode_fault(fault, number)])
        await send({"type": "http.response.body", "body": b""})

    async def _pass_on(self, send: Send, parts: Sequence[bytes]) -> None:
        """Send lines, as soon as the client has taken those before."""
        body = b"".join(b"%b\n" % part for part in parts)
        with DEADLINES.within(self._limits.answer_seconds):
            await send({"type": "http.response.body", "body": body, "more_body": True})

    async def _slices(
        self, live: Live, texts: Iterable[bytes], first: int, at: str, now: dt.datetime
    ) -> AsyncIterator[list[bytes]]:
        """Yield what each request comes to, a few at a time: between them, others have their turn.

        The requests are numbered from `first`; `at` is where in the body one of that number stands.
        """
        parts, until = [], time.monotonic() + SLICE
        for number, text in enumerate(texts, start=first):
            parts += self._answer_one(live, text, number, at, now)
            if time.monotonic() > until:
                yield parts
                await asyncio.sleep(0)
                parts, until = [], time.monotonic() + SLICE
        yield parts

    def _answer_one(self, live: Live, text: bytes, number: int, at: str, now: dt.datetime) -> list[bytes]:
        try:
            return self._decided(live, self._read(text), now)
        except FaultError as fault:
            return [answers.encode_fault(fault.below(at.format(number)), number)]

    def _read(self, text: bytes) -> Asked:
        if len(text) > self._limits.line:
            detail = f"a request has at most {self._limits.line:,} bytes"
            raise FaultError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail)
        return bodies.read_text(text)

    def _decided(self, live: Live, asked: Asked, now: dt.datetime) -> list[bytes]:
        decisions = answers.answer(live, asked, now)
        self._observer.decided(decisions)
        return list(answers.encode(live, decisions))


def _headers(live: Live, kind: Header) -> list[Header]:
    return [kind, *marks.revision(live), marks.weak_tag(live), marks.NOT_STORED, *marks.PROTECTIVE]


def _media_type(scope: Scope) -> str | None:
    media = header(scope, b"content-type")
    return None if media is None else media.partition(b";")[0].strip().lower().decode("latin-1")


def _unsupported(media: str | None) -> FaultError:
    detail = f"{media} cannot be read; send application/json, or application/jsonl with a request a line"
    headers = {"Accept-Post": f"application/json, {', '.join(LINES)}", "Connection": "close"}
    return FaultError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media-type", detail, headers=headers)
