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
        self._bytes = 0
        """Of all bodies that are there."""
        self._senders: dict[asyncio.Task[Any], int] = {}
        """How much each holds; the slowest first: who has said nothing whole for the longest time."""

    @property
    def are_taken(self) -> bool:
        """Whether as many are being answered as may be."""
        return self.answering >= self.limits.requests

    @contextmanager
    def answered(self, body: bytes = b"") -> Iterator[None]:
        """Hold a place of those who are answered, with a body, or raise that there is none."""
        if self.are_taken:
            raise _too_many("as many requests are being answered as may be")
        self.answering += 1
        self._bytes += len(body)
        try:
            yield
        finally:
            self.answering -= 1
            self._bytes -= len(body)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Hold a place of those who are sending; when all are taken, the slowest loses his."""
        if len(self._senders) >= self.limits.sending:
            self._let_the_slowest_go()
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task sends")
        self._senders[task] = 0
        try:
            yield
        finally:
            self._forget(task)

    def progress(self) -> None:
        """Note that the running task has got something whole, and is the quickest now."""
        task = asyncio.current_task()
        if task in self._senders:
            self._senders[task] = self._senders.pop(task)

    def hold(self, size: int) -> None:
        """Note how much of a body the running task holds; when all is too much, the slowest lose theirs."""
        task = asyncio.current_task()
        if task in self._senders:
            self._bytes += size - self._senders[task]
            self._senders[task] = size
        while self._bytes > self.limits.bodies:
            self._let_the_slowest_go()

    def _let_the_slowest_go(self) -> None:
        for task in self._senders:
            if DEADLINES.expire(task):
                self._forget(task)
                return
        raise _too_many("as many bodies are being sent as may be")

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._bytes -= self._senders.pop(task, 0)


def _too_many(detail: str) -> FaultError:
    return FaultError(
        HTTPStatus.SERVICE_UNAVAILABLE, "too-busy", f"{detail}; try again in a moment", headers=_BUSY
    )
