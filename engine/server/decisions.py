"""`POST /v1/decisions`: one request, a batch, or JSON Lines of any length, each answered from one revision.

This is bare ASGI: routing and the objects of Starlette cost more than the decision.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import NamedTuple, TypeAlias

from engine.daemon.service import Live, Service
from engine.decisions import Decision
from engine.reports.writer import Writer
from engine.server import answers, bodies, jsontext, marks, receiving, requests
from engine.server.asgi import JSON, Header, Receive, Scope, Send, answer, header
from engine.server.bodies import Batch, Single
from engine.server.deadlines import DEADLINES
from engine.server.faults import FaultError, too_large
from engine.server.observing import Observer
from engine.server.places import Places
from engine.server.receiving import Line
from engine.server.requests import NO_DEFAULTS, Asked, Defaults

PATH = "/v1/decisions"
LINES = ("application/jsonl", "application/x-ndjson", "application/x-jsonlines")
"""The media types of JSON Lines."""

_JSON_TYPES = (None, "application/json", "application/x-www-form-urlencoded")
"""What JSON is sent as; `curl --data` says that it is a form when nobody says what it is."""

_UTF_8 = {"utf-8", "utf8"}

SLICE = 0.002
"""Seconds of deciding after which others have their turn; to write what was decided takes about as long."""

_TOGETHER, _BYTES_TOGETHER = 64, 32 << 10
"""Requests that are read together, and how long they may be."""

Clock = Callable[[], dt.datetime]


class _Request(NamedTuple):
    """The text of one request among several, and where it stands."""

    text: bytes
    number: int
    line: int | None
    """Of JSON Lines, from 1; None in a batch."""
    defaults: Defaults

    @property
    def pointer(self) -> str:
        """Return where it stands in the body; a line is a body by itself."""
        return f"/requests/{self.number}" if self.line is None else ""


_Read: TypeAlias = tuple[_Request, Asked | None]
"""A request, and what it asks if that could be read quickly."""


class Decisions:
    """Answers decision requests."""

    def __init__(self, service: Service, places: Places, observer: Observer, clock: Clock) -> None:
        self._service = service
        self._limits = places.limits
        self._places = places
        self._observer = observer
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one POST, or raise the fault of the whole."""
        media = _media_type(scope)
        if media in LINES:
            with self._places.sending():
                await self._answer_lines(scope, receive, send, media)
            return
        if media not in _JSON_TYPES:
            raise _unsupported(media)
        with self._places.sending():
            body = await receiving.whole(scope, receive, self._limits, self._places.hold)
        with self._places.answered(body):
            live = self._service.live
            document = await self._whole(live, body)
        await answer(send, HTTPStatus.OK, document, headers(live))

    def at_once(self, live: Live, body: bytes) -> bytes | None:
        """Answer what is one request and needs no guess; None is what takes longer."""
        read = bodies.read(body)
        if not isinstance(read, Single):
            return None
        return self._document(live, answers.answer(live, read.asked, self._clock()))

    async def _whole(self, live: Live, body: bytes) -> bytes:
        now, read = self._clock(), bodies.read(body)
        if isinstance(read, Single):
            return self._document(live, answers.answer_alone(live, read.asked, now))
        slices = self._slices(live, _of_batch(read), now)
        return answers.document([part async for some in slices for part in some])

    def _document(self, live: Live, found: Sequence[Decision]) -> bytes:
        document = answers.document(answers.encode(live, found))
        self._observer.decided(found)
        return document

    async def _answer_lines(self, scope: Scope, receive: Receive, send: Send, media: str) -> None:
        """Answer lines as they come; whoever sends many has to read meanwhile, for nothing is held back."""
        live, now, number = self._service.live, self._clock(), 0
        kind = (b"content-type", media.encode("ascii"))
        marked = [kind, *marks.passing(live), (b"connection", b"close")]  # the end of the body may be unread
        await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": marked})
        try:
            async with aclosing(receiving.lines(scope, receive, self._limits, self._places.hold)) as chunks:
                async for lines in chunks:
                    self._places.progress()
                    async for parts in self._slices(live, _of_lines(lines, number), now):
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
        self, live: Live, requests: Iterable[_Request], now: dt.datetime
    ) -> AsyncIterator[list[bytes]]:
        """Yield what each request comes to, a few at a time: between them, others have their turn."""
        left = _read_ahead(requests)
        while parts := self._slice(live, left, now):
            yield parts
            await asyncio.sleep(0)

    def _slice(self, live: Live, left: Iterator[_Read], now: dt.datetime) -> list[bytes]:
        """Answer the next requests, as many as there is time for at once.

        They are written when all are decided: to do one after the other takes longer, for neither finds in
        the processor's caches what it left there.
        """
        outcomes: list[list[Decision] | bytes] = []
        until = time.monotonic() + SLICE
        for request, asked in left:
            try:
                outcomes.append(answers.answer(live, self._asked(request, asked), now))
            except FaultError as fault:
                below = fault.below(request.pointer)
                outcomes.append(answers.encode_fault(below, request.number, request.line))
            if time.monotonic() > until:
                break
        return self._written(live, outcomes)

    def _written(self, live: Live, outcomes: Iterable[list[Decision] | bytes]) -> list[bytes]:
        """Return the text of each decision, and the faults as they are."""
        parts: list[bytes] = []
        decided: list[Decision] = []
        encode = Writer.of(live.snapshot).encode
        for one in outcomes:
            if isinstance(one, bytes):
                parts.append(one)
            else:
                parts += map(encode, one)
                decided += one
        self._observer.decided(decided)
        return parts

    def _asked(self, request: _Request, read: Asked | None) -> Asked:
        """Return what is asked, which was read already unless it takes a closer look."""
        if len(request.text) > self._limits.line:
            raise too_large(f"a request has at most {self._limits.line:,} bytes", self._limits.line)
        return read or requests.read_text(request.text, request.defaults)


def headers(live: Live) -> list[Header]:
    """Return the headers of an answer that is one document."""
    return [JSON, *marks.passing(live)]


def is_document(scope: Scope) -> bool:
    """Whether the body is one JSON document, by its media type."""
    return _media_type(scope) in _JSON_TYPES


def _of_batch(batch: Batch) -> Iterator[_Request]:
    for number, text in enumerate(batch.requests):
        yield _Request(text, number, None, batch.defaults)


def _read_ahead(asked: Iterable[_Request]) -> Iterator[_Read]:
    """Yield requests with what they ask, which is read of some at a time."""
    for some in _some(asked):
        if len(some) == 1:
            yield some[0], None  # it may be too long to be read
        else:
            yield from zip(
                some, requests.read_together([one.text for one in some], some[0].defaults), strict=True
            )


def _some(asked: Iterable[_Request]) -> Iterator[list[_Request]]:
    """Yield requests that are not long together."""
    some: list[_Request] = []
    size = 0
    for request in asked:
        size += len(request.text)
        if some and (size > _BYTES_TOGETHER or len(some) == _TOGETHER):
            yield some
            some, size = [], len(request.text)
        some.append(request)
    if some:
        yield some


def _of_lines(lines: Iterable[Line], first: int) -> Iterator[_Request]:
    for number, line in enumerate(lines, start=first):
        text = jsontext.without_mark(line.text) if number == 0 else line.text
        yield _Request(text, number, line.number, NO_DEFAULTS)


def _media_type(scope: Scope) -> str | None:
    """Return what the body is sent as; whatever it is, its text is UTF-8."""
    given = header(scope, b"content-type")
    if given is None:
        return None
    media, *parameters = (part.strip() for part in given.decode("latin-1").lower().split(";"))
    for parameter in parameters:
        name, _, charset = parameter.partition("=")
        if name.strip() == "charset" and charset.strip().strip('"') not in _UTF_8:
            raise _unsupported(f"text in {charset.strip()}")
    return media


def _unsupported(what: str) -> FaultError:
    detail = f"{what} cannot be read; send application/json, or application/jsonl with a request a line"
    headers = {"Accept-Post": f"application/json, {', '.join(LINES)}", "Connection": "close"}
    return FaultError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media-type", detail, headers=headers)
