"""uvicorn as this process uses it: on sockets that are open already, without its signals and its logs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from engine.server.asgi import Application
from engine.server.limits import Limits
from engine.server.protocol import Protocol

STOPPING_SECONDS = 10
"""For answers that are being given when the process is told to end."""


class Server(uvicorn.Server):
    """A server that is told to stop, and says when it answers."""

    def __init__(self, application: Application, limits: Limits) -> None:
        protocol = type("Protocol", (Protocol,), {"limits": limits})
        super().__init__(
            uvicorn.Config(
                application,
                http=protocol,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=int(limits.idle_seconds),
                timeout_graceful_shutdown=STOPPING_SECONDS,
            )
        )
        self.is_answering = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self.is_answering.set()

    async def answer(self, sockets: Sequence[socket.socket]) -> None:
        """Answer until it is stopped, then end what is being answered."""
        await self.serve(list(sockets))

    def stop(self) -> None:
        """Accept nothing more; a second time, wait for nobody."""
        self.force_exit = self.should_exit
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: the process has its own ideas of them."""
        yield
