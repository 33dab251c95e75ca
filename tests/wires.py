"""A connection to the application without a network: bytes in, bytes out, and nothing that takes time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from daemons import App

from engine.server.prompt import PromptProtocol
from engine.server.serving import Server

DATE = (b"date", b"Mon, 23 Nov 2026 18:09:01 GMT")
_TURNS = 10_000
_QUIET = 20
"""More turns than any answer takes between two words."""


class Wire(asyncio.Transport):
    """What a server writes to, and reads from when it is told."""

    def __init__(self, peer: tuple[str, int] | str) -> None:
        super().__init__({"peername": peer, "sockname": ("127.0.0.1", 8480)})
        self.said = bytearray()
        self.writes = 0
        self.unread = 0
        self.is_closed = False
        self.is_aborted = False
        self.is_at_end = False
        self.protocol: PromptProtocol | None = None

    def write(self, data: Any) -> None:  # noqa: ANN401 - as asyncio has it
        self.said += data
        self.writes += 1

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def write_eof(self) -> None:
        self.is_at_end = True

    def close(self) -> None:
        if not self.is_closed and self.protocol is not None:
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)
        self.is_closed = True

    def abort(self) -> None:
        self.is_aborted = True
        self.close()


class Endpoint:
    """A server that is asked over wires."""

    def __init__(self, app: App) -> None:
        self.server = Server(app.gate, app.limits)
        self.server.config.load()
        self.server.server_state.default_headers = [DATE]

    def connect(self, peer: tuple[str, int] | str = ("127.0.0.1", 50_000)) -> Wire:
        """Open a connection."""
        wire = Wire(peer)
        protocol: Any = self.server.config.http_protocol_class
        wire.protocol = protocol(
            config=self.server.config,
            server_state=self.server.server_state,
            app_state={},
            _loop=asyncio.get_running_loop(),
        )
        assert wire.protocol is not None
        wire.protocol.connection_made(wire)
        return wire


async def tell(wire: Wire, *packets: bytes) -> None:
    """Have a connection read packets, one after another, until nothing more comes of them."""
    protocol = wire.protocol
    assert protocol is not None
    for packet in packets:
        if not wire.is_closed:
            protocol.data_received(packet)
        await settled(wire)
    await settled(wire)


async def settled(wire: Wire) -> None:
    """Let the event loop turn until nothing is said any more."""
    quiet, said = 0, -1
    for _ in range(_TURNS):
        await asyncio.sleep(0)
        quiet, said = (quiet + 1, said) if said == len(wire.said) else (0, len(wire.said))
        if quiet > _QUIET:
            return
    raise AssertionError("it never ends")


def answered(app: App, packets: Sequence[bytes], peer: tuple[str, int] | str = ("127.0.0.1", 50_000)) -> Wire:
    """Return a new connection after it has read these packets."""

    async def ask() -> Wire:
        wire = Endpoint(app).connect(peer)
        await tell(wire, *packets)
        return wire

    return asyncio.run(ask())
