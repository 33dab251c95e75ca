"""What one client may take of the daemon, so that all others still get their answers."""

from __future__ import annotations

from typing import NamedTuple

MIB = 1 << 20


class Limits(NamedTuple):
    """Bytes, seconds and numbers; docs/operations.md says what happens at each."""

    body: int = 16 * MIB
    """Bytes of a body that is one JSON document."""
    bodies: int = 256 * MIB
    """Bytes of all bodies together that are there; more, and who has been slowest to send is let go."""
    line: int = MIB
    """Bytes of one line of JSON Lines, of which there may be any number."""
    head: int = 32 << 10
    """Bytes of the request line and all headers."""
    head_seconds: float = 10.0
    """From the first byte, or the connection, to the end of the headers."""
    body_seconds: float = 10.0
    """For the whole of a JSON document, or for the next whole line of JSON Lines; an empty one is none."""
    answer_seconds: float = 30.0
    """From the headers to the end of an answer, or to the next bytes of JSON Lines that are taken."""
    unread: int = 256 * MIB
    """Bytes of all answers that nobody has read yet; more, and who has not read for longest is cut off."""
    reload_seconds: float = 90.0
    """For the answer to a reload, which waits until nobody writes to the root."""
    idle_seconds: float = 65.0
    """That a connection is kept without a request."""
    drain: int = 256 * MIB
    """Bytes of a body that are read and forgotten after it was refused, so that the refusal can be read."""
    drain_seconds: float = 5.0
    """That this may take."""
    requests: int = 256
    """Answered at a time; one whose body is still coming is none of them."""
    sending: int = 512
    """Still sending their body, JSON Lines among them; one more, and who has been slowest is let go."""
    heavy: int = 2
    """Answered at a time in threads, for they take long: calendars, dashboards."""
    heavy_waiting: int = 16
    """That wait for those."""
    connections: int = 1_024
    """Open at a time; one more, and the one that has been idle longest is closed."""
    notices: int = 10_000
    """In one calendar."""


DEFAULT = Limits()
