"""Asks a daemon over HTTP, at an address or a Unix socket; the standard library is enough for that."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from engine.diagnostics import InputError

_UNIX = "unix:"
_SECONDS = 10.0
_RELOAD_SECONDS = 120.0


class UnreachableError(InputError):
    """Nobody answers there."""


class Said(NamedTuple):
    """What a daemon answered: the status of HTTP, and the object."""

    status: HTTPStatus
    body: bytes

    @property
    def value(self) -> dict[str, Any]:
        """Return the object."""
        try:
            return msgspec.json.decode(self.body, type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise UnreachableError("what answers there is no renewctl daemon", "check --url") from error


def status(url: str) -> Said:
    """Return how the daemon is."""
    return _ask(url, "GET", "/v1/status", _SECONDS)


def reload(url: str) -> Said:
    """Have what is on disk taken up, and return what came of it."""
    return _ask(url, "POST", "/-/reload", _RELOAD_SECONDS)


def ask_to_reload(url: str) -> None:
    """Do the same, and wait for nothing: the daemon goes on when the asker is gone."""
    connection, prefix = _connection(url, _SECONDS)
    with _explained(url), closing(connection):
        connection.request("POST", f"{prefix}/-/reload")


class _Unix(http.client.HTTPConnection):
    """A connection over a Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the file."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _ask(url: str, method: str, path: str, seconds: float) -> Said:
    connection, prefix = _connection(url, seconds)
    with _explained(url), closing(connection):
        connection.request(method, prefix + path)
        answer = connection.getresponse()
        return Said(HTTPStatus(answer.status), answer.read())


@contextmanager
def _explained(url: str) -> Iterator[None]:
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        cure = "start one with `renewctl serve`, or name another with --url"
        raise UnreachableError(f"no daemon answers at {url}: {said}", cure) from error


def _connection(url: str, seconds: float) -> tuple[http.client.HTTPConnection, str]:
    if url.startswith(_UNIX):
        return _Unix(url.removeprefix(_UNIX), seconds), ""
    try:
        parts = urlsplit(url)
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        return kinds[parts.scheme](parts.hostname or "", parts.port, timeout=seconds), parts.path.rstrip("/")
    except (KeyError, ValueError) as error:
        hint = "write http://127.0.0.1:8480 or unix:/run/renewctl/socket"
        raise InputError(f"{url} is no address of a daemon", hint) from error
