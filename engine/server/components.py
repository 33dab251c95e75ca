"""What the interface for programs is made of: the schemas of its bodies, and its headers."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, TypeAlias

import msgspec

from engine import schemas
from engine.daemon.status import LastAttempt, Status
from engine.server.bodies import MOST_REQUESTS

Node: TypeAlias = dict[str, Any]

_SCHEMAS = "#/components/schemas/"


def bodies() -> Node:
    """Return the schemas of all bodies: those of `schemas/` as they are, and what only HTTP has."""
    request = _component("request", "Request")
    request["properties"]["facts"] = {"anyOf": [ref("Renewal"), {"type": "null"}]}
    request["oneOf"] = [
        {"required": [name], "properties": {name: {"not": {"type": "null"}}}}
        for name in ("facts", "client", "renewal")
    ]
    return {
        "Request": request,
        "Batch": _batch(request),
        "Renewal": _component("renewal", "Renewal"),
        "Decisions": _component("decision", "Decisions"),
        "Answers": _object(
            format_version={"type": "string"},
            decisions={
                "type": "array",
                "items": {"anyOf": [ref("Decisions/$defs/decision"), ref("Fault")]},
            },
        ),
        "Fault": _object(error=ref("ProblemDetails"), request={"type": "integer", "minimum": 0}),
        "ProblemDetails": _PROBLEM,
        **_OVERVIEWS,
        **_of_records(),
    }


def headers() -> Node:
    """Return the headers of an answer."""
    return {
        "Renewctl-Revision": {
            "description": "The digest of the configuration that answered.",
            "schema": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
        },
        "Renewctl-Commit": {
            "description": "The commit that was checked out then, where git knows.",
            "schema": {"type": "string"},
        },
        "ETag": {"description": "What `If-None-Match` takes.", "schema": {"type": "string"}},
    }


def ref(name: str) -> Node:
    """Return what stands for a schema wherever it is meant."""
    return {"$ref": _SCHEMAS + name}


def _batch(request: Node) -> Node:
    """Return the schema of several requests, and of what holds for each of them."""
    requests: Node = {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_REQUESTS,
        "items": {"description": "A request; what is wrong with one is said in its place."},
    }
    common = {name: request["properties"][name] for name in ("on", "notice")}
    return {
        "type": "object",
        "required": ["requests"],
        "properties": {"requests": requests, **common},
        "additionalProperties": False,
    }


def _component(kind: str, name: str) -> Node:
    """Return a schema whose references lead to where it stands here."""
    schema = deepcopy(dict(schemas.schema(kind)))
    for key in ("$schema", "$id"):
        schema.pop(key, None)
    moved: Node = _moved(schema, _SCHEMAS + name)
    return moved


def _moved(node: Any, to: str) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        return {
            key: to + value.removeprefix("#") if key == "$ref" else _moved(value, to)
            for key, value in node.items()
        }
    return [_moved(one, to) for one in node] if isinstance(node, list) else node


def _of_records() -> Node:
    """Return the schemas of what is made of records."""
    _, found = msgspec.json.schema_components([Status, LastAttempt], ref_template=_SCHEMAS + "{name}")
    attempt = {"format_version": {"type": "string"}, "attempt": ref("LastAttempt")}
    refused = {"allOf": [ref("ProblemDetails"), _object(**attempt)]}
    return {**found, "Reload": _object(**attempt), "NotLoaded": refused}


def _object(**members: Node) -> Node:
    return {"type": "object", "required": list(members), "properties": members}


_TEXT: Node = {"type": "string"}
_MAYBE: Node = {"type": ["string", "null"]}
_PROBLEM: Node = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:renewctl:problem:[a-z-]+$"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON pointer into the body."},
                    "offset": {
                        "type": "integer",
                        "minimum": 0,
                        "description": "The byte at which it is no JSON: of the body, or of its line.",
                    },
                    "limit": {"type": "integer", "description": "How many bytes there may be."},
                    "parameter": {
                        "type": "string",
                        "description": "The name of a parameter, in the path or the query.",
                    },
                    "detail": _TEXT,
                    "hint": _TEXT,
                },
            },
        },
    },
}
_DEFAULTS: Node = _object(owner=_MAYBE, contact=_MAYBE)
_OVERVIEWS: Node = {
    "Healthy": _object(healthy={"const": True}),
    "Ready": _object(ready={"const": True}),
    "Partners": _object(
        format_version=_TEXT,
        partners={
            "type": "array",
            "items": _object(
                partner=_TEXT,
                name=_MAYBE,
                time_zone=_MAYBE,
                labels={"type": ["object", "null"], "additionalProperties": _TEXT},
                current_default_settings=_DEFAULTS,
                clients={"type": "integer"},
                users={"type": "integer"},
            ),
        },
    ),
    "Dashboard": _object(
        format_version=_TEXT,
        partners={
            "type": "array",
            "items": _object(
                partner=_MAYBE,
                name=_MAYBE,
                current_default_settings=_DEFAULTS,
                clients={
                    "type": "array",
                    "items": _object(
                        client=_TEXT,
                        website=_MAYBE,
                        owner=_object(value=_MAYBE, source=_MAYBE),
                        contact=_object(value=_MAYBE, source=_MAYBE),
                        renewal=_MAYBE,
                        renewal_date=_MAYBE,
                        days_left={"type": ["integer", "null"]},
                        decision_maker={"type": ["object", "null"]},
                        decision_maker_state={"enum": ["live", "missing", "inactive", "bounced"]},
                    ),
                },
            ),
        },
    ),
}
