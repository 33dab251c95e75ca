"""What systemd is told of a service of `Type=notify` (sd_notify(3)): a line of text in a datagram."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping

_MICROSECONDS = 1_000_000


class Supervisor:
    """Tells whoever started the process how it is; nobody, if nobody asked."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.ping_seconds = _ping_seconds(environment)

    def ready(self, text: str) -> None:
        """Say that requests are answered, as they are again after a reload."""
        self._tell("READY=1", f"STATUS={text}")

    def reloading(self) -> None:
        """Say that a reload was asked for; `ready` says that it is over."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1_000}")

    def stopping(self) -> None:
        """Say that the process is about to end."""
        self._tell("STOPPING=1", "STATUS=stopping")

    def ping(self) -> None:
        """Say that all is well; without it for some time, systemd starts the process again."""
        self._tell("WATCHDOG=1")

    def _tell(self, *lines: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as asking:
            try:
                asking.connect(self._address)
                asking.sendall("\n".join(lines).encode())
            except OSError:  # nobody listens; there is nobody else to tell
                return


def _ping_seconds(environment: Mapping[str, str]) -> float | None:
    """Return the pause between pings: half of what systemd waits for, if it waits for this process."""
    microseconds, process = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not microseconds.isdecimal() or int(microseconds) == 0:
        return None
    if process and process != str(os.getpid()):
        return None
    return int(microseconds) / _MICROSECONDS / 2
