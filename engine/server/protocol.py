"""HTTP/1.1 on a connection: uvicorn's, with what it lacks against slow, endless or many requests.

What is odd about uvicorn: nothing bounds the size of headers, or the time that they take; what cannot be
parsed is answered in plain text, and is a warning in the log, which anybody could fill; and a connection is
closed while the client sends, who then cannot read why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from http import HTTPStatus

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from engine.server.asgi import CONNECTION, Header, encoded
from engine.server.faults import MEDIA_TYPE, FaultError
from engine.server.limits import Limits
from engine.server.lingering import Lingering

Marks = Callable[[int], Iterable[Header]]
"""Told of the status of each refusal; returns the headers that it gets."""


def _no_marks(status: int) -> Iterable[Header]:
    del status
    return ()


class Protocol(HttpToolsProtocol):
    """A connection that has to say its headers in time, and keep them short."""

    limits = Limits()
    marks: Marks = staticmethod(_no_marks)
    transport: Lingering  # type: ignore[assignment]
    waited_since = 0.0
    """When the connection became idle."""
    unread_since: float | None = None
    """Since when the client has not read what it was told; None is that it has."""
    _head_since: float | None = None
    """When the head that is being read began; None is that there is none."""
    _head = 0
    """How many bytes of it have come, the packet in which it began or ends left out."""
    _packet = 0
    """How many bytes came last."""
    _has_begun = False
    """Whether a head began among them."""
    _is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; one connection too many takes the place of one that is idle."""
        super().connection_made(transport)
        self.transport = Lingering(transport, self.loop, self.limits, lambda: self.is_sending)
        self.waited_since = self._head_since = self.loop.time()
        if len(self.connections) > self.limits.connections and not self._make_room():
            detail = "as many connections are open as may be; try again in a moment"
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "too-busy", detail, (b"retry-after", b"1"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Linger no more."""
        self.transport.end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; what comes after a refusal is forgotten."""
        if self.transport.is_lingering:
            self.transport.drain(data)
            return
        if self._is_refused:
            return
        self._packet, self._has_begun = len(data), False
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # nobody has to grant one (RFC 9110, 7.8): the request is answered as it is
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST, "http-syntax", "this is not HTTP/1.1")
        if self._head_since is not None and not self._has_begun:
            self._bound_head(len(data))

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def is_sending(self) -> bool:
        """Whether more is to come of a request that is there."""
        return self.cycle is not None and (self.cycle.more_body or bool(self.pipeline))

    def on_message_begin(self) -> None:
        """Begin a request; the first of a connection has the time from its opening."""
        super().on_message_begin()
        self._head, self._has_begun = 0, True
        if self._head_since is None:
            self._head_since = self.loop.time()

    def on_headers_complete(self) -> None:
        """Answer the request, unless it is or was refused."""
        self._head_since = None
        if self._head + self._packet > self.limits.head:
            self._head = 0
            self._bound_head(len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers))
        if not self._is_refused:
            self.begin_answer()

    def begin_answer(self) -> None:
        """Answer the request whose head is there."""
        self.scope["extensions"] = {CONNECTION: self}  # type: ignore[dict-item]
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take part of the body."""
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of the body."""
        if not self._is_refused:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Begin to be idle."""
        self.waited_since = self.loop.time()
        super().on_response_complete()
        self._unset_keepalive_if_required()  # `look` closes what is idle for too long

    def pause_writing(self) -> None:
        """Note that the client does not read."""
        self.unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that it has read."""
        self.unread_since = None
        super().resume_writing()

    async def until_read(self) -> None:
        """Wait until the client has read what it was told before."""
        await self.flow.drain()

    @property
    def unread(self) -> int:
        """How many bytes the client has not read."""
        size: int = self.transport.get_write_buffer_size()
        return size

    def look(self, now: float) -> None:
        """Give up what has taken too long: a head, silence, or an answer that is not read."""
        if self._head_since is not None:
            if now - self._head_since > self.limits.head_seconds:
                self._give_up()
        elif self.is_idle and now - self.waited_since > self.limits.idle_seconds:
            self.transport.close()
        if self.unread_since is not None and now - self.unread_since > self.limits.answer_seconds:
            self.abandon()

    def abandon(self) -> None:
        """Close without another word."""
        if self.cycle is not None:
            self.cycle.disconnected = True  # nobody is to complain of an answer that does not end
        self.transport.abort()

    def let_go(self) -> None:
        """Close, for another one needs the place."""
        self.connections.discard(self)
        self.abandon()

    def _make_room(self) -> bool:
        """Close the connection that has been idle longest, else the one that sends longest, if any."""
        others = [one for one in self.connections if isinstance(one, Protocol) and one is not self]
        waited_for = [one for one in others if one.is_idle or one.is_sending]
        if not waited_for:
            return False
        min(waited_for, key=lambda one: (not one.is_idle, one.waited_since)).let_go()
        return True

    def _bound_head(self, size: int) -> None:
        """Refuse a head that is longer than it may be with so many more bytes."""
        self._head += size
        if self._head <= self.limits.head or self._is_refused:
            return
        is_address = len(self.url) > self.limits.head
        status = HTTPStatus.REQUEST_URI_TOO_LONG if is_address else HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        what = "the address" if is_address else "the headers"
        self._refuse(status, "head-too-large", f"{what} may have {self.limits.head:,} bytes")

    def _give_up(self) -> None:
        detail = f"the headers did not come within {self.limits.head_seconds:g} seconds"
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, "too-slow", detail)

    def _refuse(self, status: HTTPStatus, code: str, detail: str, *headers: Header) -> None:
        """Say what is wrong, and close the connection; never in the middle of another answer."""
        self._is_refused = True
        self._head_since = None
        if self.transport.is_closing():
            return
        if not self._is_to_be_answered():
            self.transport.close()
            return
        self.transport.write(self._problem(status, FaultError(status, code, detail).body(), headers))
        self.transport.linger()

    def _is_to_be_answered(self) -> bool:
        """Whether the next that is said is about what came last; what is being read then is given up."""
        if self.is_idle:
            return True
        if not self.cycle.more_body or self.cycle.response_started or self.pipeline:
            return False
        self.cycle.disconnected = True
        self.cycle.message_event.set()
        return True

    def _problem(self, status: HTTPStatus, body: bytes, more: Iterable[Header]) -> bytes:
        headers = [
            (b"content-type", MEDIA_TYPE.encode("ascii")),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
            *more,
            *self.marks(status),
        ]
        first = f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode("ascii")
        return b"".join((first, encoded(headers), b"\r\n", body))
