"""uvicorn as this process uses it: on sockets that are open already, without its signals and its logs."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from engine.server.gate import Gate
from engine.server.limits import Limits
from engine.server.prompt import PromptProtocol
from engine.server.rounds import Rounds

STOPPING_SECONDS = 10
"""For answers that are being given when the process is told to end."""

_OTHERS = 256
"""Files that are open beside connections: those of the root while it is read, watches, a database."""


class Server(uvicorn.Server):
    """A server that is told to stop, and says when it answers."""

    def __init__(self, gate: Gate, limits: Limits) -> None:
        possible = limits._replace(connections=_possible(limits.connections))
        own = {"limits": possible, "marks": staticmethod(gate.refusal), "shortcut": gate.shortcut}
        super().__init__(
            uvicorn.Config(
                gate,
                http=type("Protocol", (PromptProtocol,), own),
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=int(limits.idle_seconds),
                timeout_graceful_shutdown=STOPPING_SECONDS,
            )
        )
        self.is_answering = asyncio.Event()
        self._rounds = Rounds(self.server_state.connections, possible)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self._rounds.begin()
        self.is_answering.set()

    async def answer(self, sockets: Sequence[socket.socket]) -> None:
        """Answer until it is stopped, then end what is being answered."""
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # the daemon says itself what it does
        await self.serve(list(sockets))

    def stop(self) -> None:
        """Accept nothing more; a second time, wait for nobody."""
        self.force_exit = self.should_exit
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: the process has its own ideas of them."""
        yield


def _possible(connections: int) -> int:
    """Return how many connections there may be, for each takes a descriptor; have more of these allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHERS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return connections if soft == resource.RLIM_INFINITY else max(min(connections, soft - _OTHERS), 1)
