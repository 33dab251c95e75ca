"""The door of the daemon: who may come in, how many at a time, and how every fault leaves."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from http import HTTPStatus

from engine.daemon.service import Service
from engine.server import decisions, marks
from engine.server.asgi import Application, Header, Message, Receive, Scope, Send, header, refuse
from engine.server.faults import FaultError
from engine.server.limits import Limits
from engine.server.observing import Observer
from engine.server.receiving import GoneError

LOOPBACK = frozenset({b"localhost", b"127.0.0.1", b"[::1]"})

ALWAYS = frozenset({"/-/healthy", "/-/ready", "/-/reload", "/metrics", "/v1/status"})
"""What is asked in order to find out why nothing else is answered."""

_NOWHERE = "none"
"""The route of a path that leads nowhere."""

_CLOSE = {"Connection": "close"}
_GONE = 499
"""How a request is counted that ended before its answer did; nobody receives it."""

_log = logging.getLogger(__name__)


class Gate:
    """Passes decision requests to `decide`, and everything else to `others`.

    `hosts` are the names by which the daemon may be asked over TCP; None is any. Without them a page on the
    internet could have its own name resolved to this machine, and read the answers.
    """

    def __init__(
        self,
        service: Service,
        decide: Application,
        others: Application,
        *,
        limits: Limits,
        observer: Observer,
        hosts: Collection[bytes] | None,
    ) -> None:
        self.running = 0
        self._service = service
        self._decide = decide
        self._others = others
        self._limits = limits
        self._observer = observer
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a fault as the problem that it is."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])  # as ASGI wants it: a server then does without
        begun, status = time.perf_counter(), _GONE
        is_about_decisions = scope["path"] == decisions.PATH
        route = decisions.PATH if is_about_decisions else _NOWHERE
        self.running += 1
        try:
            self._check(scope)
            if is_about_decisions and scope["method"] == "POST":
                await self._decide(scope, receive, send)
                status = HTTPStatus.OK
            else:
                status = await self._pass(scope, receive, send)
                route = _route(scope)
        except (GoneError, TimeoutError):  # the client is gone, or does not take what it asked for
            pass
        except FaultError as fault:
            status = fault.status
            await self._refuse(send, fault)
        except Exception:  # noqa: BLE001 - a defect of ours, logged, and no reason not to answer
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            _log.exception("a request to %s failed", route)
            await self._refuse(send, _defect())
        finally:
            self.running -= 1
            self._observer.answered(route, status, time.perf_counter() - begun)

    def _check(self, scope: Scope) -> None:
        if self._hosts is not None and scope.get("client") is not None:
            host = header(scope, b"host")
            if host is not None and _without_port(host) not in self._hosts:
                raise _misdirected()
        if self.running > self._limits.requests and scope["path"] not in ALWAYS:
            raise _too_many()

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Return the status of what the application answered."""
        status = _GONE

        async def note(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        async with asyncio.timeout(self._limits.reload_seconds):
            await self._others(scope, receive, note)
        return status

    async def _refuse(self, send: Send, fault: FaultError) -> None:
        headers: list[Header] = [*marks.revision(self._service.live), marks.NOT_STORED, *marks.PROTECTIVE]
        await refuse(send, fault, headers)


def _route(scope: Scope) -> str:
    """Return the template of the path, of which there are few."""
    found = scope.get("route")
    return _NOWHERE if found is None else str(found.path)


def _without_port(host: bytes) -> bytes:
    name, colon, port = host.strip().lower().rpartition(b":")
    return name if colon and port.isdigit() else host.strip().lower()


def _misdirected() -> FaultError:
    detail = "the daemon is not asked by this name; ask localhost, or start it with --insecure"
    return FaultError(HTTPStatus.MISDIRECTED_REQUEST, "misdirected", detail, headers=_CLOSE)


def _too_many() -> FaultError:
    detail = "as many requests are being answered as may be; try again in a moment"
    return FaultError(
        HTTPStatus.SERVICE_UNAVAILABLE, "too-busy", detail, headers={"Retry-After": "1", **_CLOSE}
    )


def _defect() -> FaultError:
    detail = "this is a defect of renewctl; its log says more"
    return FaultError(HTTPStatus.INTERNAL_SERVER_ERROR, "defect", detail)
