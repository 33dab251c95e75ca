"""The interface for programs: an OpenAPI 3.1 document, with the schemas of `schemas/` as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import cache
from http import HTTPStatus
from typing import Any, TypeAlias

import msgspec

from engine import __version__, schemas
from engine.daemon.status import LastAttempt, Status
from engine.server import parameters
from engine.server.bodies import MOST_REQUESTS
from engine.server.decisions import LINES
from engine.server.faults import MEDIA_TYPE
from engine.server.parameters import Parameter

Node: TypeAlias = dict[str, Any]

_JSON = "application/json"
_REF = "#/components/schemas/"

_TAGS = {
    "decisions": "Who receives a notice, and why.",
    "overviews": "What holds for everybody at once.",
    "daemon": "How the daemon is, and what it is told.",
}

_PROBLEMS = {
    HTTPStatus.BAD_REQUEST: "The query or the body cannot be read.",
    HTTPStatus.FORBIDDEN: "A page of another site asks, in somebody's browser.",
    HTTPStatus.NOT_FOUND: "There is no such thing.",
    HTTPStatus.METHOD_NOT_ALLOWED: "The path takes other methods; `Allow` names them.",
    HTTPStatus.REQUEST_TIMEOUT: "The request did not come in time.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body, or the batch, is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is of another kind.",
    HTTPStatus.MISDIRECTED_REQUEST: "The daemon is not asked by this name.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "What is asked makes no sense; `errors` has every place.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A defect of renewctl.",
    HTTPStatus.NOT_IMPLEMENTED: "A part of renewctl that this needs is not installed.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too much is asked at a time; try again after `Retry-After` seconds.",
}
_ALWAYS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.MISDIRECTED_REQUEST,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""What any path may come to."""


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
        "paths": _paths(),
        "components": {"schemas": _schemas(), "headers": _headers()},
    }


_DESCRIPTION = (
    "Every answer comes whole from one revision of the configuration, which `Renewctl-Revision` names, and "
    "is marked by an `ETag`. Errors are problem details (RFC 9457): `type` is stable, and `errors` names "
    "each place: a JSON pointer into the body, the byte at which it is no JSON, or a parameter of the "
    "address. What is wrong in a query is 400, be it a date that is none; what is wrong in a body that is "
    "JSON is 422."
)


def _paths() -> Node:
    on = (parameters.ON,)
    return {
        "/v1/decisions": {"post": _decide()},
        "/v1/clients/{client}/decision": {
            "get": _get(
                "decisions",
                "Decide about a client",
                "Every loaded renewal of the client.",
                "Decisions",
                path=(_in_path("client", "The client's id or website.", "acme"),),
                query=parameters.DECISION,
                problems=(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
            )
        },
        "/v1/upcoming": {
            "get": _get(
                "overviews",
                "The calendar of notices",
                "Each notice with its decision on its own send date.",
                "Decisions",
                query=parameters.UPCOMING,
                problems=(
                    HTTPStatus.BAD_REQUEST,
                    HTTPStatus.NOT_FOUND,
                    HTTPStatus.UNPROCESSABLE_ENTITY,
                    HTTPStatus.NOT_IMPLEMENTED,
                ),
            )
        },
        "/v1/partners": {
            "get": _get(
                "overviews",
                "All partners",
                "Each with its current default settings.",
                "Partners",
                query=on,
                problems=(HTTPStatus.BAD_REQUEST,),
            )
        },
        "/v1/partners/{partner}/clients": {
            "get": _get(
                "overviews",
                "A partner's clients",
                "Owner, contact and next renewal of each.",
                "Dashboard",
                path=(_in_path("partner", "The partner's id.", "nordlicht"),),
                query=on,
                problems=(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND),
            )
        },
        "/v1/status": {"get": _get("daemon", "How the daemon is", "As `renewctl status`.", "Status")},
        "/-/reload": {"post": _reload()},
        "/-/healthy": {
            "get": _get("daemon", "Whether the process answers", "Restart it when not.", "Healthy")
        },
        "/-/ready": {
            "get": _get(
                "daemon",
                "Whether to send requests here",
                "Yes as long as there is something to answer from, however old; that is in the status.",
                "Ready",
            )
        },
        "/metrics": {"get": _metrics()},
    }


def _get(  # noqa: PLR0913 - the parts of an operation
    tag: str,
    summary: str,
    description: str,
    answer: str,
    *,
    path: Iterable[Node] = (),
    query: Iterable[Parameter] = (),
    problems: Iterable[HTTPStatus] = (HTTPStatus.BAD_REQUEST,),
) -> Node:
    known = [*path, *map(_in_query, query)]
    return {
        "tags": [tag],
        "summary": summary,
        "description": description,
        "operationId": summary.lower().replace(" ", "-").replace("'", ""),
        **({"parameters": known} if known else {}),
        "responses": {
            "200": _answer("The answer.", {_JSON: {"schema": {"$ref": _REF + answer}}}),
            "304": {"description": "The answer is the one that `If-None-Match` names."},
            **_problems(problems),
        },
    }


def _decide() -> Node:
    one: Node = {"$ref": _REF + "Request"}
    line: Node = {"schema": {"type": "string", "description": "A request on each line."}}
    problems = (
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    )
    return {
        "tags": ["decisions"],
        "summary": "Decide",
        "operationId": "decide",
        "description": (
            f"One request, or up to {MOST_REQUESTS:,} as `requests`; more as JSON Lines, answered line by "
            "line while they come. Beside `requests`, `on` and `notice` are for each without its own. "
            "A bad one among several has its `error` in the place of its decisions, with the number of "
            "its `request` (from 0) and of its `line` (from 1, empty ones counted). A client with several "
            "renewals takes several places: `client` and `renewal` of each decision say whose it is. "
            "Whoever sends lines has to read meanwhile."
        ),
        "requestBody": {
            "required": True,
            "content": {
                _JSON: {
                    "schema": {"anyOf": [one, {"$ref": _REF + "Batch"}]},
                    "examples": {
                        "client": {"value": {"client": "acme"}},
                        "facts": {"value": {"facts": _example("renewal"), "on": "2026-11-23"}},
                        "batch": {"value": {"requests": [{"client": "acme"}, {"renewal": "rn_7f3a"}]}},
                    },
                },
                **dict.fromkeys(LINES, line),
            },
        },
        "responses": {
            "200": _answer(
                "The decisions.",
                {
                    _JSON: {"schema": {"$ref": _REF + "Answers"}},
                    **dict.fromkeys(LINES, line),
                },
            ),
            **_problems(problems),
        },
    }


def _reload() -> Node:
    attempt = {"schema": {"$ref": _REF + "Reload"}}
    refused = {"schema": {"$ref": _REF + "NotLoaded"}}
    return {
        "tags": ["daemon"],
        "summary": "Take up what is on disk",
        "operationId": "reload",
        "description": "Answers with what came of it; it goes on when the asker is gone.",
        "responses": {
            "200": _answer("It is live, or was.", {_JSON: attempt}),
            **_problems((HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_TIMEOUT)),
            "422": _answer("There are errors, and what was live before still is.", {MEDIA_TYPE: refused}),
            "500": _answer(
                "It could not be read, or a defect, of which there is no `attempt`.",
                {MEDIA_TYPE: {"schema": {"anyOf": [_ref("NotLoaded"), _ref("ProblemDetails")]}}},
            ),
        },
    }


def _metrics() -> Node:
    text = {"schema": {"type": "string"}}
    return {
        "tags": ["daemon"],
        "summary": "Metrics",
        "operationId": "metrics",
        "description": "For Prometheus, in its text format or as OpenMetrics.",
        "responses": {
            "200": _answer("The metrics.", {"text/plain": text, "application/openmetrics-text": text}),
            "304": {"description": "The answer is the one that `If-None-Match` names."},
            **_problems(()),
        },
    }


def _answer(description: str, content: Node) -> Node:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _headers()}
    return {"description": description, "headers": headers, "content": content}


def _problems(statuses: Iterable[HTTPStatus]) -> Node:
    content = {MEDIA_TYPE: {"schema": _ref("ProblemDetails")}}
    every = sorted({*statuses, *_ALWAYS})
    return {str(int(status)): _answer(_PROBLEMS[status], content) for status in every}


def _headers() -> Node:
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


def _in_query(parameter: Parameter) -> Node:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


def _in_path(name: str, description: str, example: str) -> Node:
    schema = {"type": "string", "minLength": 1, "maxLength": 300, "examples": [example]}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _ref(name: str) -> Node:
    return {"$ref": _REF + name}


def _schemas() -> Node:
    request = _component("request", "Request")
    request["properties"]["facts"] = {"anyOf": [_ref("Renewal"), {"type": "null"}]}
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
                "items": {"anyOf": [_ref("Decisions/$defs/decision"), _ref("Fault")]},
            },
        ),
        "Fault": _object(error=_ref("ProblemDetails"), request={"type": "integer", "minimum": 0}),
        "ProblemDetails": _PROBLEM,
        **_OVERVIEWS,
        **_of_records(),
    }


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
    moved: Node = _moved(schema, _REF + name)
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
    _, found = msgspec.json.schema_components([Status, LastAttempt], ref_template=_REF + "{name}")
    attempt = {"format_version": {"type": "string"}, "attempt": _ref("LastAttempt")}
    refused = {"allOf": [_ref("ProblemDetails"), _object(**attempt)]}
    return {**found, "Reload": _object(**attempt), "NotLoaded": refused}


def _object(**members: Node) -> Node:
    return {"type": "object", "required": list(members), "properties": members}


def _example(kind: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schemas.schema(kind)["examples"][0]
    return found


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
