"""The paths of the interface for programs: what each takes, and what may come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from engine import schemas
from engine.server import components, parameters
from engine.server.bodies import MOST_REQUESTS
from engine.server.components import Node, ref
from engine.server.decisions import LINES
from engine.server.faults import MEDIA_TYPE
from engine.server.parameters import Parameter

_JSON = "application/json"

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


@dataclass(frozen=True, slots=True)
class _Reading:
    """What GET answers: with a schema of `components`, or with problems beside those of any path.

    `subject` is the parameter that the path names.
    """

    tag: str
    summary: str
    description: str
    answer: str
    subject: Node | None = None
    query: tuple[Parameter, ...] = ()
    problems: tuple[HTTPStatus, ...] = ()


def _named(name: str, description: str, example: str) -> Node:
    schema = {"type": "string", "minLength": 1, "maxLength": 300, "examples": [example]}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


_OVERVIEWS = {
    "/v1/clients/{client}/decision": _Reading(
        "decisions",
        "Decide about a client",
        "Every loaded renewal of the client.",
        "Decisions",
        subject=_named("client", "The client's id or website.", "acme"),
        query=parameters.DECISION,
        problems=(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
    ),
    "/v1/upcoming": _Reading(
        "overviews",
        "The calendar of notices",
        "Each notice with its decision on its own send date.",
        "Decisions",
        query=parameters.UPCOMING,
        problems=(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_IMPLEMENTED),
    ),
    "/v1/partners": _Reading(
        "overviews",
        "All partners",
        "Each with its current default settings.",
        "Partners",
        query=(parameters.ON,),
    ),
    "/v1/partners/{partner}/clients": _Reading(
        "overviews",
        "A partner's clients",
        "Owner, contact and next renewal of each.",
        "Dashboard",
        subject=_named("partner", "The partner's id.", "nordlicht"),
        query=(parameters.ON,),
        problems=(HTTPStatus.NOT_FOUND,),
    ),
    "/v1/status": _Reading("daemon", "How the daemon is", "As `renewctl status`.", "Status"),
}
_PROBES = {
    "/-/healthy": _Reading("daemon", "Whether the process answers", "Restart it when not.", "Healthy"),
    "/-/ready": _Reading(
        "daemon",
        "Whether to send requests here",
        "Yes as long as there is something to answer from, however old; that is in the status.",
        "Ready",
    ),
}

_DECIDE = (
    f"One request, or up to {MOST_REQUESTS:,} as `requests`; more as JSON Lines, answered line by "
    "line while they come. Beside `requests`, `on` and `notice` are for each without its own. "
    "A bad one among several has its `error` in the place of its decisions, with the number of "
    "its `request` (from 0) and of its `line` (from 1, empty ones counted). A client with several "
    "renewals takes several places: `client` and `renewal` of each decision say whose it is. "
    "Whoever sends lines has to read meanwhile."
)
_REFUSALS = (
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
"""What only a body may come to."""

_UNCHANGED = {"description": "The answer is the one that `If-None-Match` names."}
_LINE: Node = {"schema": {"type": "string", "description": "A request on each line."}}


def paths() -> Node:
    """Return every path with what can be done there."""
    return {
        "/v1/decisions": {"post": _decide()},
        **_gets(_OVERVIEWS),
        "/-/reload": {"post": _reload()},
        **_gets(_PROBES),
        "/metrics": {"get": _metrics()},
    }


def _gets(readings: Mapping[str, _Reading]) -> Node:
    return {path: {"get": _get(reading)} for path, reading in readings.items()}


def _get(reading: _Reading) -> Node:
    subject = () if reading.subject is None else (reading.subject,)
    known = [*subject, *map(_in_query, reading.query)]
    return {
        "tags": [reading.tag],
        "summary": reading.summary,
        "description": reading.description,
        "operationId": reading.summary.lower().replace(" ", "-").replace("'", ""),
        **({"parameters": known} if known else {}),
        "responses": {
            "200": _answer("The answer.", {_JSON: {"schema": ref(reading.answer)}}),
            "304": _UNCHANGED,
            **_problems(reading.problems),
        },
    }


def _in_query(parameter: Parameter) -> Node:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


def _decide() -> Node:
    decided = {_JSON: {"schema": ref("Answers")}, **dict.fromkeys(LINES, _LINE)}
    return {
        "tags": ["decisions"],
        "summary": "Decide",
        "operationId": "decide",
        "description": _DECIDE,
        "requestBody": {"required": True, "content": _requests()},
        "responses": {"200": _answer("The decisions.", decided), **_problems(_REFUSALS)},
    }


def _requests() -> Node:
    """Return how decisions are asked for: one, several, or line by line."""
    renewal = schemas.schema("renewal")["examples"][0]
    examples = {
        "client": {"value": {"client": "acme"}},
        "facts": {"value": {"facts": renewal, "on": "2026-11-23"}},
        "batch": {"value": {"requests": [{"client": "acme"}, {"renewal": "rn_7f3a"}]}},
    }
    whole = {"schema": {"anyOf": [ref("Request"), ref("Batch")]}, "examples": examples}
    return {_JSON: whole, **dict.fromkeys(LINES, _LINE)}


def _reload() -> Node:
    attempt = {"schema": ref("Reload")}
    refused = {"schema": ref("NotLoaded")}
    failed = {"schema": {"anyOf": [ref("NotLoaded"), ref("ProblemDetails")]}}
    unread = "It could not be read, or a defect, of which there is no `attempt`."
    return {
        "tags": ["daemon"],
        "summary": "Take up what is on disk",
        "operationId": "reload",
        "description": "Answers with what came of it; it goes on when the asker is gone.",
        "responses": {
            "200": _answer("It is live, or was.", {_JSON: attempt}),
            **_problems((HTTPStatus.REQUEST_TIMEOUT,)),
            "422": _answer("There are errors, and what was live before still is.", {MEDIA_TYPE: refused}),
            "500": _answer(unread, {MEDIA_TYPE: failed}),
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
            "304": _UNCHANGED,
            **_problems(()),
        },
    }


def _answer(description: str, content: Node) -> Node:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in components.headers()}
    return {"description": description, "headers": headers, "content": content}


def _problems(statuses: Iterable[HTTPStatus]) -> Node:
    content = {MEDIA_TYPE: {"schema": ref("ProblemDetails")}}
    every = sorted({*statuses, *_ALWAYS})
    return {str(int(status)): _answer(_PROBLEMS[status], content) for status in every}
