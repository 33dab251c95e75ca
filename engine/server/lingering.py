"""A connection that is closed in two steps, so that what was said last can be read.

To close while bytes of the client are unread resets the connection: the client, who is still sending a body
that was refused, would get an error of the network instead of the refusal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from engine.server.limits import Limits


class Lingering:
    """A transport; while somebody `is_sending`, `close` says that it is the end, and reads on for a while."""

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        limits: Limits,
        is_sending: Callable[[], bool],
    ) -> None:
        self.is_lingering = False
        self._transport = transport
        self._loop = loop
        self._seconds = limits.drain_seconds
        self._left = limits.drain
        self._is_sending = is_sending
        self._timer: asyncio.TimerHandle | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a transport has
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send something, unless the last was said."""
        if not self.is_lingering:
            self._transport.write(data)

    def is_closing(self) -> bool:
        """Whether nothing more is said."""
        return self.is_lingering or self._transport.is_closing()

    def close(self) -> None:
        """Close, as soon as the client need not send any more; a second time, at once."""
        if self.is_closing() or not self._is_sending():
            self.end()
        else:
            self.linger()

    def linger(self) -> None:
        """Say nothing more, and read what comes until the client ends too, or it is enough."""
        self.is_lingering = True
        self._transport.write_eof()
        self._transport.resume_reading()
        self._timer = self._loop.call_later(self._seconds, self._transport.close)

    def drain(self, data: bytes) -> None:
        """Forget what came."""
        self._left -= len(data)
        if self._left < 0:
            self.end()

    def end(self) -> None:
        """Close at once."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._transport.close()
