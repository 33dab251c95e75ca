"""HTTP/1.1 on a connection: uvicorn's, with what it lacks against slow or endless requests.

What is odd about uvicorn: nothing bounds the size of headers, or the time that they take, and what cannot be
parsed is answered in plain text.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from engine.server.faults import MEDIA_TYPE, FaultError
from engine.server.limits import Limits


class Protocol(HttpToolsProtocol):
    """A connection that has to say its headers in time, and keep them short."""

    limits = Limits()
    _head = 0
    _is_refused = False
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; too many connections at a time are one too many."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "too-busy", "as many connections are open as may be")
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless what came before was refused."""
        if not self._is_refused:
            super().data_received(data)

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

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP."""
        del msg
        self._refuse(HTTPStatus.BAD_REQUEST, "http-syntax", "this is not HTTP/1.1")

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
        if self.cycle is None or self.cycle.response_complete:
            body = FaultError(status, code, detail).body()
            head = (
                f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
                f"content-length: {len(body)}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + body)
        self.transport.close()
