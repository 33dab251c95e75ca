"""Who may ask: not a page on the internet that runs in the browser of somebody who could.

Such a page can have its own name resolved to this machine, and ask by it; or ask by the right name, and be
betrayed by what its browser adds (`Origin`, `Sec-Fetch-Site`). Programs add neither.
"""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus

from engine.server.asgi import Scope
from engine.server.faults import FaultError

LOOPBACK = frozenset({b"localhost", b"127.0.0.1", b"[::1]"})

_DOCUMENTATION = frozenset({"/", "/docs", "/openapi.json"})
"""What any page may link to, and says nothing about anybody."""

_CLOSE = {"Connection": "close"}


def check(scope: Scope, hosts: Collection[bytes] | None) -> None:
    """Raise that the daemon is not asked like this; `hosts` are its names over TCP, None is any."""
    host = _host(scope)
    if hosts is not None and scope.get("client") is not None and host and _name(host) not in hosts:
        detail = "the daemon is not asked by this name; ask localhost, or start it with --insecure"
        raise FaultError(HTTPStatus.MISDIRECTED_REQUEST, "misdirected", detail, headers=_CLOSE)
    if _is_of_another_site(scope, host) and not _is_documentation(scope):
        detail = "a page of another site may not ask"
        raise FaultError(HTTPStatus.FORBIDDEN, "cross-site", detail, headers=_CLOSE)


def _host(scope: Scope) -> bytes:
    """Return the one `Host` (RFC 9112, 3.2); HTTP/1.0 may do without."""
    given = [value for name, value in scope["headers"] if name == b"host"]
    if len(given) > 1 or (not given and scope.get("http_version") == "1.1"):
        detail = f"a request has one Host header, and this one has {len(given)}"
        raise FaultError(HTTPStatus.BAD_REQUEST, "host", detail, headers=_CLOSE)
    return bytes(given[0]).strip().lower() if given else b""


def _is_of_another_site(scope: Scope, host: bytes) -> bool:
    for name, value in scope["headers"]:
        if name == b"origin" and value.strip().lower().partition(b"://")[2] != host:
            return True
        if name == b"sec-fetch-site" and value.strip().lower() == b"cross-site":
            return True
    return False


def _is_documentation(scope: Scope) -> bool:
    return scope["method"] in {"GET", "HEAD"} and scope["path"] in _DOCUMENTATION


def _name(host: bytes) -> bytes:
    name, colon, port = host.rpartition(b":")
    return name if colon and port.isdigit() else host
