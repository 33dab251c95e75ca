"""The types of ASGI, and an answer that is sent as a whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Protocol, TypeAlias

from engine.server.faults import MEDIA_TYPE, FaultError

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Header: TypeAlias = tuple[bytes, bytes]

JSON = (b"content-type", b"application/json")

CONNECTION = "renewctl.connection"
"""The extension of ASGI by which the connection of a request is reached."""


class Connection(Protocol):
    """What ASGI does not know of a connection."""

    async def until_read(self) -> None:
        """Wait until the client has read what it was told before."""

    def abandon(self) -> None:
        """Close without another word."""


def connection(scope: Scope) -> Connection | None:
    """Return the connection, if the server is ours."""
    found: Connection | None = scope.get("extensions", {}).get(CONNECTION)
    return found


async def answer(send: Send, status: int, body: bytes, headers: Iterable[Header]) -> None:
    """Send an answer of that body."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, fault: FaultError, headers: Iterable[Header]) -> None:
    """Send a problem."""
    said = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in fault.headers.items()]
    kind = (b"content-type", MEDIA_TYPE.encode("ascii"))
    await answer(send, fault.status, fault.body(), [kind, *said, *headers])


def encoded(headers: Iterable[Header]) -> bytes:
    """Return headers as they are sent."""
    return b"".join(b"%b: %b\r\n" % header for header in headers)


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return the first header of that name, in lower case."""
    for known, value in scope["headers"]:
        if known == name:
            return bytes(value)
    return None
