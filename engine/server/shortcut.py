"""The short way of an ordinary question: answered where it is read, as the long way would, only sooner.

The long way is for whatever may have to wait: for a body, a place, a client who reads slowly. Its task, its
deadlines and its two writes take several times as long as the decision. A question that is there as a whole
waits for nothing. The rules are those of the long way; what one of them does not let pass goes that way, and
is told there why.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from http import HTTPStatus

from engine.daemon.service import Live, Service
from engine.server import decisions, origins, receiving
from engine.server.asgi import Header, Scope, encoded
from engine.server.decisions import Decisions
from engine.server.faults import FaultError
from engine.server.observing import Observer
from engine.server.places import Places

PATH = decisions.PATH.encode("ascii")

_SHORT = 16 << 10
"""Bytes of a body that may be read here: others wait meanwhile."""

_OK = b"HTTP/1.1 200 OK\r\n"


class Shortcut:
    """Answers single decision requests at once."""

    def __init__(
        self,
        service: Service,
        decide: Decisions,
        *,
        places: Places,
        observer: Observer,
        hosts: Collection[bytes] | None,
    ) -> None:
        self._service = service
        self._decide = decide
        self._places = places
        self._observer = observer
        self._hosts = hosts
        self._served: tuple[list[Header], bytes] = ([], b"")
        self._marked: tuple[Live | None, bytes] = (None, b"")

    def is_open_to(self, scope: Scope) -> bool:
        """Whether nothing but the body of a POST of decisions can be wrong with it."""
        try:
            origins.check(scope, self._hosts)
            receiving.check_encoding(scope)
            return decisions.is_document(scope)
        except FaultError:
            return False

    def answer(self, body: bytes, write: Callable[[bytes], object], served: list[Header]) -> bool:
        """Answer in one write, below the headers of the server; whether that could be done."""
        begun, live = time.perf_counter(), self._service.live
        if len(body) > _SHORT or self._places.are_taken:
            return False
        try:
            document = self._decide.at_once(live, body)
        except Exception:  # noqa: BLE001 - a fault or a defect: it comes up again on the long way, and is told there
            return False
        if document is None:
            return False
        length = b"content-length: %d\r\n" % len(document)
        write(b"".join((_OK, self._of_server(served), length, self._of(live), b"\r\n", document)))
        self._observer.answered(decisions.PATH, HTTPStatus.OK, time.perf_counter() - begun)
        return True

    def _of_server(self, headers: list[Header]) -> bytes:
        """Return the headers of the server, such as the date: once a second they are another list."""
        if self._served[0] is not headers:
            self._served = headers, encoded(headers)
        return self._served[1]

    def _of(self, live: Live) -> bytes:
        """Return the headers of every answer, which are the same as long as that is live."""
        if self._marked[0] is not live:
            self._marked = live, encoded(decisions.headers(live))
        return self._marked[1]
