"""The OpenAPI document says what the daemon does: schemathesis asks what it allows, and what not."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import schemathesis
from daemons import App
from hypothesis import HealthCheck, settings

from engine.server import openapi

pytestmark = pytest.mark.filterwarnings("ignore:Skipped test cases")  # lines: test_server_bodies.py

_APP = App(hosts=None)
_CHECKS = {  # 413: a batch is too long; 400: a calendar ends before it begins; 422: no step, no time zone
    "negative_data_rejection": {"expected-statuses": [400, 404, 405, 413, 415, 422]},
    "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", 400, 404, 422]},
}
_CONFIG = schemathesis.Config.from_dict({"checks": _CHECKS})
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", _APP.gate, config=_CONFIG)


@SCHEMA.parametrize()
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_documented(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate()


@pytest.mark.slow
@SCHEMA.parametrize()
@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_documented_at_length(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate()


def test_every_reference_leads_somewhere() -> None:
    document = openapi.document()

    def follow(node: object) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                found: object = document
                for step in node["$ref"].removeprefix("#/").split("/"):
                    assert isinstance(found, dict)
                    found = found[step]
            for inner in node.values():
                follow(inner)
        elif isinstance(node, list):
            for inner in node:
                follow(inner)

    follow(document)


def test_every_schema_of_it_is_one() -> None:
    for schema in openapi.document()["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_path_is_in_it() -> None:
    undocumented = {"/", "/docs", "/openapi.json"}
    routes = {route.path for route in _APP.api.routes(_APP.gate)}

    assert set(openapi.document()["paths"]) == routes - undocumented
