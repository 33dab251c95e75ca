"""The interface for programs: an OpenAPI 3.1 document, with the schemas of `schemas/` as they are."""

from __future__ import annotations

from functools import cache

import msgspec

from engine import __version__
from engine.server import components, operations
from engine.server.components import Node

_TAGS = {
    "decisions": "Who receives a notice, and why.",
    "overviews": "What holds for everybody at once.",
    "daemon": "How the daemon is, and what it is told.",
}

_DESCRIPTION = (
    "Every answer comes whole from one revision of the configuration, which `Renewctl-Revision` names, and "
    "is marked by an `ETag`. Errors are problem details (RFC 9457): `type` is stable, and `errors` names "
    "each place: a JSON pointer into the body, the byte at which it is no JSON, or a parameter of the "
    "address. What is wrong in a query is 400, be it a date that is none; what is wrong in a body that is "
    "JSON is 422."
)


@cache
def encoded() -> bytes:
    """Return the document as JSON."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=2)


def document() -> Node:
    """Return the document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "renewctl",
            "version": __version__,
            "summary": "Decides who receives each renewal notice, and says why.",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": operations.paths(),
        "components": {"schemas": components.bodies(), "headers": components.headers()},
    }
