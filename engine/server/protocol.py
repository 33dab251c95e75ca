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

from engine.server.asgi import Header
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
    _head = 0
    _is_refused = False
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; one connection too many takes the place of one that is idle."""
        super().connection_made(transport)
        self.transport = Lingering(transport, self.loop, self.limits, lambda: self.is_sending)
        self.waited_since = self.loop.time()
        if len(self.connections) > self.limits.connections and not self._make_room():
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "too-busy", "as many connections are open as may be")
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        self.transport.end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; what comes after a refusal is forgotten."""
        if self.transport.is_lingering:
            self.transport.drain(data)
            return
        if self._is_refused:
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # nobody has to grant one (RFC 9110, 7.8): the request is answered as it is
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST, "http-syntax", "this is not HTTP/1.1")

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
        self._head = 0
        if self._timer is None:
            self._wait()

    def on_url(self, url: bytes) -> None:
        """Take part of the request line."""
        self._count(len(url), HTTPStatus.REQUEST_URI_TOO_LONG, "the address")
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._count(len(name) + len(value), HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Answer the request, unless it was refused."""
        self._stop_waiting()
        if not self._is_refused:
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

    def let_go(self) -> None:
        """Close, for another one needs the place."""
        self.connections.discard(self)
        self.transport.end()

    def _make_room(self) -> bool:
        """Close the connection that has been idle longest, else the one that sends longest, if any."""
        others = [one for one in self.connections if isinstance(one, Protocol) and one is not self]
        waited_for = [one for one in others if one.is_idle or one.is_sending]
        if not waited_for:
            return False
        min(waited_for, key=lambda one: (not one.is_idle, one.waited_since)).let_go()
        return True

    def _count(self, size: int, status: HTTPStatus, what: str) -> None:
        self._head += size
        if self._head > self.limits.head and not self._is_refused:
            self._refuse(status, "head-too-large", f"{what} may have {self.limits.head:,} bytes")

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self.limits.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        detail = f"the headers did not come within {self.limits.head_seconds:g} seconds"
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, "too-slow", detail)

    def _refuse(self, status: HTTPStatus, code: str, detail: str) -> None:
        """Say what is wrong, and close the connection; never in the middle of another answer."""
        self._is_refused = True
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if not self._is_to_be_answered():
            self.transport.close()
            return
        self.transport.write(self._problem(status, FaultError(status, code, detail).body()))
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

    def _problem(self, status: HTTPStatus, body: bytes) -> bytes:
        headers = [
            (b"content-type", MEDIA_TYPE.encode("ascii")),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
            *self.marks(status),
        ]
        lines = (b"%b: %b\r\n" % header for header in headers)
        first = f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode("ascii")
        return b"".join((first, *lines, b"\r\n", body))
