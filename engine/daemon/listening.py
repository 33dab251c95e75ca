"""The sockets on which a daemon is asked: TCP on this machine only, and Unix for who may use the file."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.diagnostics import InputError

_BACKLOG = 2_048
_MODE = 0o660
_LONGEST = 100
"""Bytes of the path of a Unix socket; Linux takes 107."""


@contextmanager
def tcp(host: str, port: int, *, is_open: bool = False) -> Iterator[socket.socket]:
    """Listen on an address of this machine; on any other only if the daemon is to be open to others."""
    family, address = _resolved(host, port)
    if not is_open and not ipaddress.ip_address(address).is_loopback:
        raise InputError(
            f"{host} can be reached by others, and whoever reaches the daemon is told everything",
            "listen on 127.0.0.1 behind a proxy that knows who asks, or add --insecure",
        )
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
            listener.listen(_BACKLOG)
        except OSError as error:
            raise _unusable(f"{host}:{port}", error) from error
        yield listener


@contextmanager
def unix(path: Path) -> Iterator[socket.socket]:
    """Listen on a file, which is removed in the end; one that a dead daemon has left behind is replaced."""
    if len(os.fsencode(path)) > _LONGEST:
        raise InputError(f"{path} is too long for a socket", f"a path may have {_LONGEST} bytes")
    _remove_stale(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        try:
            listener.bind(str(path))
            inode = path.stat().st_ino
            path.chmod(_MODE)  # before it listens: nobody else gets in meanwhile
            listener.listen(_BACKLOG)
        except OSError as error:
            raise _unusable(str(path), error) from error
        try:
            yield listener
        finally:
            _remove(path, inode)


def name(listener: socket.socket) -> str:
    """Return the URL of a socket, as --url takes it."""
    if listener.family == socket.AF_UNIX:
        return f"unix:{listener.getsockname()}"
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise InputError(f"{host!r} is no address of this machine", "listen on 127.0.0.1") from error
    family, _, _, _, address = found[0]
    return family, str(address[0])


def _remove_stale(path: Path) -> None:
    if not os.path.lexists(path):
        return
    if not path.is_socket():
        raise InputError(f"{path} is there already, and is no socket", "name another file")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(1)
        try:
            asking.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except OSError as error:
            raise _unusable(str(path), error) from error
    raise InputError(f"somebody listens on {path} already", "stop that daemon, or name another file")


def _remove(path: Path, inode: int) -> None:
    """Remove the socket, unless another daemon has put its own there."""
    with suppress(OSError):
        if path.stat().st_ino == inode:
            path.unlink()


def _unusable(what: str, error: OSError) -> InputError:
    if error.errno == errno.EADDRINUSE:
        return InputError(f"{what} is in use", "stop the other process, or choose with --port, 0 for any")
    cure = "choose another with --host, --port or --socket"
    return InputError(f"nobody can listen on {what}: {error.strerror}", cure)
