"""How many are answered at a time, and how many are still saying what they want: bounded apart.

Who sends slowly, or nothing any more, keeps nobody else from being answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from engine.server.deadlines import DEADLINES
from engine.server.faults import FaultError
from engine.server.limits import Limits

_BUSY = {"Retry-After": "1", "Connection": "close"}


class Places:
    """The places there are: for those who are answered, and for those who are sending."""

    def __init__(self, limits: Limits) -> None:
        self.answering = 0
        self.limits = limits
        self._senders: dict[asyncio.Task[Any], None] = {}
        """The slowest first: who has said nothing whole for the longest time."""

    @contextmanager
    def answered(self) -> Iterator[None]:
        """Hold a place of those who are answered, or raise that there is none."""
        if self.answering >= self.limits.requests:
            raise _too_many("as many requests are being answered as may be")
        self.answering += 1
        try:
            yield
        finally:
            self.answering -= 1

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Hold a place of those who are sending; when all are taken, the slowest loses his."""
        if len(self._senders) >= self.limits.sending:
            self._let_the_slowest_go()
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task sends")
        self._senders[task] = None
        try:
            yield
        finally:
            self._senders.pop(task, None)

    def progress(self) -> None:
        """Note that the running task has got something whole, and is the quickest now."""
        task = asyncio.current_task()
        if task in self._senders:
            del self._senders[task]
            self._senders[task] = None

    def _let_the_slowest_go(self) -> None:
        for task in self._senders:
            if DEADLINES.expire(task):
                del self._senders[task]
                return
        raise _too_many("as many bodies are being sent as may be")


def _too_many(detail: str) -> FaultError:
    return FaultError(
        HTTPStatus.SERVICE_UNAVAILABLE, "too-busy", f"{detail}; try again in a moment", headers=_BUSY
    )
