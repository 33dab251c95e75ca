"""A look at all connections twice a second, instead of timers for each: who has taken too long has to go."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from engine.server.limits import Limits
from engine.server.protocol import Protocol

EVERY = 0.5


class Rounds:
    """Goes round the connections there are, until the event loop ends."""

    def __init__(self, connections: Collection[object], limits: Limits) -> None:
        self._all = connections
        self._limits = limits

    def begin(self) -> None:
        """Look again and again."""
        self._again(asyncio.get_running_loop())

    def _again(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_later(EVERY, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._again(loop)
        now = loop.time()
        for connection in self._connections():
            connection.look(now)
        self._limit_what_is_unread()

    def _limit_what_is_unread(self) -> None:
        """Cut off who has not read for longest, until what is unread is no more than may be."""
        slow = [one for one in self._connections() if one.unread_since is not None]
        slow.sort(key=lambda one: one.unread_since or 0.0)
        total = sum(one.unread for one in slow)
        for slowest in slow:
            if total <= self._limits.unread:
                return
            total -= slowest.unread
            slowest.abandon()

    def _connections(self) -> list[Protocol]:
        return [one for one in self._all if isinstance(one, Protocol)]
