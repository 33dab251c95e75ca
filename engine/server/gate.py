"""The door of the daemon: who may come in, how many at a time, and how every fault leaves."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from contextlib import nullcontext
from http import HTTPStatus

from engine.daemon.service import Service
from engine.server import asgi, decisions, marks, origins
from engine.server.asgi import Application, Header, Message, Receive, Scope, Send, refuse
from engine.server.decisions import Decisions
from engine.server.faults import FaultError
from engine.server.observing import Observer
from engine.server.places import Places
from engine.server.receiving import GoneError, Patience
from engine.server.shortcut import Shortcut

ALWAYS = frozenset({"/-/healthy", "/-/ready", "/-/reload", "/metrics", "/v1/status"})
"""What is asked in order to find out why nothing else is answered."""

_NOWHERE = "none"
"""The route of a path that leads nowhere."""

_GONE = 499
"""How a request is counted that ended before its answer did; nobody receives it."""

_log = logging.getLogger(__name__)


class Gate:
    """Passes decision requests to `decide`, and everything else to `others`.

    `hosts` are the names by which the daemon may be asked over TCP; None is any. The places for answers are
    shared with `decide`, which takes one once it knows what is asked.
    """

    def __init__(
        self,
        service: Service,
        decide: Decisions,
        others: Application,
        *,
        places: Places,
        observer: Observer,
        hosts: Collection[bytes] | None,
    ) -> None:
        self.running = 0
        self._service = service
        self._decide = decide
        self._others = others
        self._places = places
        self._observer = observer
        self._hosts = hosts
        self.shortcut = Shortcut(service, decide, places=places, observer=observer, hosts=hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, once those before are read; a fault as the problem that it is."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])  # as ASGI wants it: a server then does without
        connection = asgi.connection(scope)
        if connection is not None:
            await connection.until_read()
        begun, status = time.perf_counter(), _GONE
        is_about_decisions = scope["path"] == decisions.PATH
        route = decisions.PATH if is_about_decisions else _NOWHERE
        patience = Patience(receive)
        self.running += 1
        try:
            origins.check(scope, self._hosts)
            if is_about_decisions and scope["method"] == "POST":
                await self._decide(scope, patience, send)
                status = HTTPStatus.OK
            else:
                status = await self._pass(scope, patience, send)
                route = _route(scope)
        except (GoneError, TimeoutError):  # the client is gone, or does not take what it asked for
            if connection is not None:
                connection.abandon()
        except FaultError as fault:
            status = fault.status
            await self._refuse(send, fault)
        except Exception:  # noqa: BLE001 - a defect of ours, logged, and no reason not to answer
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            _log.exception("a request to %s failed", route)
            await self._refuse(send, _defect())
        finally:
            self.running -= 1
            self._observer.answered(route, status, time.perf_counter() - begun - patience.seconds)

    def refusal(self, status: int) -> list[Header]:
        """Return the headers of any refusal, and count one that the protocol made of what is no request."""
        self._observer.answered(_NOWHERE, status, 0.0)
        return self._marks()

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Return the status of what the application answered."""
        status = _GONE

        async def note(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        place = nullcontext() if scope["path"] in ALWAYS else self._places.answered()
        with place:
            try:
                async with asyncio.timeout(self._places.limits.reload_seconds):
                    await self._others(scope, receive, note)
            except TimeoutError as error:
                if status == _GONE:
                    raise _no_answer(self._places.limits.reload_seconds) from error
                raise
        return status

    async def _refuse(self, send: Send, fault: FaultError) -> None:
        await refuse(send, fault, self._marks())

    def _marks(self) -> list[Header]:
        return list(marks.passing(self._service.live))


def _route(scope: Scope) -> str:
    """Return the template of the path, of which there are few."""
    found = scope.get("route")
    return _NOWHERE if found is None else str(found.path)


def _no_answer(seconds: float) -> FaultError:
    detail = (
        f"there was no answer within {seconds:g} s; a reload goes on, and the status says what comes of it"
    )
    return FaultError(HTTPStatus.SERVICE_UNAVAILABLE, "too-busy", detail, headers={"Retry-After": "5"})


def _defect() -> FaultError:
    detail = "this is a defect of renewctl; its log says more"
    return FaultError(HTTPStatus.INTERNAL_SERVER_ERROR, "defect", detail)
