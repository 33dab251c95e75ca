"""The headers of every answer: which revision it is of, and what a browser may do with it."""

from __future__ import annotations

import hashlib

from engine.daemon.service import Live
from engine.server.asgi import Header

PROTECTIVE: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""The documentation page has a policy of its own, which allows its style."""

NOT_STORED: Header = (b"cache-control", b"no-store")
"""For what has addresses of people in it, and for what is true for a moment only."""

_DIGITS = 16


def revision(live: Live) -> tuple[Header, ...]:
    """Return the headers that name the revision of an answer."""
    found = live.snapshot.revision
    digest = (b"renewctl-revision", found.digest.encode("ascii"))
    if found.commit is None:
        return (digest,)
    return (digest, (b"renewctl-commit", found.commit.encode("ascii")))


def passing(live: Live) -> tuple[Header, ...]:
    """Return the headers of an answer that nobody is to keep."""
    return (*revision(live), weak_tag(live), NOT_STORED, *PROTECTIVE)


def weak_tag(live: Live) -> Header:
    """Return the tag of answers that nobody asks for again by it: the revision and the facts."""
    return b"etag", b'W/"%b"' % _versions(live)


def tag(live: Live, body: bytes) -> bytes:
    """Return the tag of a body: another revision has another tag, be the body the same."""
    content = hashlib.blake2b(body, digest_size=8).hexdigest().encode("ascii")
    return b'"%b-%b"' % (_versions(live), content)


def is_known(tag: bytes, asked: bytes | None) -> bool:
    """Whether `If-None-Match` names the tag (RFC 9110, 13.1.2): weak or not is the same."""
    if asked is None:
        return False
    known = {one.strip().removeprefix(b"W/") for one in asked.split(b",")}
    return b"*" in known or tag in known


def _versions(live: Live) -> bytes:
    digests = (live.snapshot.revision.digest, live.facts.digest or "")
    return "-".join(one.partition(":")[2][:_DIGITS] for one in digests if one).encode("ascii")
