"""What takes long is done in threads: a few at a time, not for ever, and never in the way of decisions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TypeVar

from engine.daemon.attempts import Attempt
from engine.daemon.service import Service
from engine.server.faults import FaultError
from engine.server.limits import Limits

Found = TypeVar("Found")

_ASKING = 8
"""Requests that wait for a reload in a thread of their own; the service has them share it."""


class Threads:
    """The threads of the server."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._heavy = ThreadPoolExecutor(limits.heavy, "heavy")
        self._light = ThreadPoolExecutor(1, "light")
        self._reloading = ThreadPoolExecutor(_ASKING, "reload")
        self._under_way: set[threading.Event] = set()

    async def heavy(self, work: Callable[[threading.Event], Found]) -> Found:
        """Return what the work finds; the event tells it that nobody waits any more."""
        if len(self._under_way) >= self._limits.heavy + self._limits.heavy_waiting:
            raise _busy("as many calendars and dashboards are asked for as may be; try again in a moment")
        given_up = threading.Event()
        self._under_way.add(given_up)
        try:
            async with asyncio.timeout(self._limits.answer_seconds):
                return await asyncio.get_running_loop().run_in_executor(self._heavy, work, given_up)
        except TimeoutError as error:
            raise _busy(
                f"there was no answer within {self._limits.answer_seconds:g} s; ask for less"
            ) from error
        finally:
            given_up.set()
            self._under_way.discard(given_up)

    async def light(self, work: Callable[[], Found]) -> Found:
        """Return what a short work finds."""
        return await asyncio.get_running_loop().run_in_executor(self._light, work)

    async def reload(self, service: Service) -> Attempt:
        """Have what is on disk taken up."""
        return await asyncio.get_running_loop().run_in_executor(self._reloading, service.reload, "http")

    def stop(self) -> None:
        """Begin nothing more, and let nothing go on for long."""
        for given_up in tuple(self._under_way):
            given_up.set()
        for pool in (self._heavy, self._light, self._reloading):
            pool.shutdown(wait=False, cancel_futures=True)


def _busy(detail: str) -> FaultError:
    return FaultError(HTTPStatus.SERVICE_UNAVAILABLE, "too-busy", detail, headers={"Retry-After": "5"})
