"""Bodies of any kind: what is read is what the schema accepts, and nothing is ever a defect."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from commandline import ROOT
from daemons import App, problem
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import schemas
from engine.feeds.shapes import Shapes
from engine.server import requests
from engine.server.faults import FaultError
from engine.server.requests import Defaults

FACT = json.loads((ROOT / "facts/renewals.jsonl").read_text(encoding="utf-8").splitlines()[0])

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
_ANYTHING = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_NEARLY = {
    "facts": st.just(FACT) | _ANYTHING,
    "client": st.sampled_from(["acme", "globex", "nobody", "", "a" * 301, "acme.example", "\x00"])
    | _ANYTHING,
    "renewal": st.sampled_from(["rn_1", "", "r" * 200, "r" * 201, "r" * 301]) | _ANYTHING,
    "on": st.sampled_from(["2026-12-05", "2026-02-30", "0001-01-01", "9999-12-31", "2026-12-05T00:00:00"])
    | _ANYTHING,
    "notice": st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["renewal", "overage", "party", None]) | _ANYTHING,
            "kind": st.sampled_from(["notice", "escalation", "shout", None]) | _ANYTHING,
            "step": st.sampled_from(["D-7", "R+0", "D7", "", None]) | _ANYTHING,
            "more": _ANYTHING,
        },
    )
    | _ANYTHING,
}
REQUESTS = st.fixed_dictionaries({}, optional={**_NEARLY, "more": _ANYTHING}) | _ANYTHING


@st.composite
def spoiled_facts(draw: st.DrawFn) -> dict[str, Any]:
    """Return a fact in which some fields are anything, or missing."""
    fact = dict(FACT)
    for name in draw(st.lists(st.sampled_from(sorted(FACT)), max_size=3, unique=True)):
        if draw(st.booleans()):
            del fact[name]
        else:
            fact[name] = draw(_ANYTHING)
    return fact


@pytest.fixture(scope="module")
def app() -> App:
    return App()


@given(request=REQUESTS | spoiled_facts().map(lambda fact: {"facts": fact}))
@settings(deadline=None, max_examples=200)
def test_a_request_is_read_exactly_when_the_schemas_accept_it(request: Any) -> None:  # noqa: ANN401
    is_right = not list(requests.errors(request))

    try:
        requests.read_thoroughly(b"", request)
        is_read = True
    except FaultError:
        is_read = False

    assert is_read == is_right


@given(request=REQUESTS | spoiled_facts().map(lambda fact: {"facts": fact}), on=st.none() | st.dates())
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_read_quickly_is_what_is_read_thoroughly(
    monkeypatch: pytest.MonkeyPatch,
    request: Any,  # noqa: ANN401 - any JSON
    on: dt.date | None,
) -> None:
    class Everything(Shapes):
        def has(self, text: bytes) -> bool:
            return bool(text)

    monkeypatch.setattr(requests, "_SHAPES", Everything())
    text, defaults = json.dumps(request).encode(), Defaults(on=on)

    quickly = requests.read_quickly(text, defaults)

    try:
        assert quickly == requests.read_thoroughly(text, json.loads(text), defaults)
    except FaultError:
        assert quickly is None


def test_a_shape_that_is_known_hides_no_key_that_stands_twice(app: App) -> None:
    text = json.dumps({"facts": FACT, "on": "2026-12-05"})
    for _ in range(99):
        requests.read_text(text.encode())
    assert requests.read_quickly(text.encode()) is not None

    twice = text.replace('"on"', '"on": "2026-12-06", "on"')

    assert requests.read_quickly(twice.encode()) is None
    assert problem(app.decide(twice.encode()))["detail"] == "the key 'on' stands twice"


LINES = (
    REQUESTS.map(lambda request: json.dumps(request).encode())
    | st.sampled_from(['{"client":"acme"}', '{"client":"globex"}', json.dumps({"facts": FACT})]).map(
        str.encode
    )
    | st.sampled_from(
        [
            b'{"client":""}',
            json.dumps({"facts": {**FACT, "client": "No Id"}}).encode(),
            b'{"client":"acme"},{"client":"acme"}',
            b'{"client":"acme"},{"client":"',
            b'{"client":"',
            b'"}',
            b'{"client":"acme"',
            b'{"client":"ac\\u006de"}',
            b'{"client":"ac\\"}',
            b'{"client":"\xff"}',
            b'{"client":"a\nb"}',
            b'{"client":"acme","client":"acme"}',
            b" ",
            b"",
        ]
    )
)


@given(texts=st.lists(LINES, max_size=5), on=st.none() | st.dates())
@settings(deadline=None, max_examples=300)
def test_requests_that_are_read_together_are_read_as_each_alone(
    texts: list[bytes], on: dt.date | None
) -> None:
    for text in (b'{"client":"acme"}', json.dumps({"facts": FACT}).encode()):
        for _ in range(64):
            requests.read_thoroughly(text, json.loads(text))

    together = requests.read_together(texts, Defaults(on=on))

    assert together == [requests.read_quickly(text, Defaults(on=on)) for text in texts]


def test_each_of_many_requests_is_answered_at_its_place(app: App) -> None:
    asked: list[Any] = [{"client": "globex" if number % 3 else "acme"} for number in range(200)]
    asked[70], asked[150] = {"client": "nobody"}, {"client": 1}

    said = app.decide({"requests": asked}).json()["decisions"]

    alone = {name: app.decide({"client": name}).json()["decisions"] for name in ("acme", "globex")}
    expected: list[Any] = []
    for number, one in enumerate(asked):
        expected += alone.get(one["client"], [number])
    assert [one.get("request", one) for one in said] == expected
    assert {one["error"]["errors"][0]["pointer"] for one in said if "error" in one} == {
        "/requests/70/client",
        "/requests/150/client",
    }


def test_null_in_a_request_is_not_what_the_batch_says(app: App) -> None:
    asked = [{"client": "acme"}, {"client": "acme", "on": None}, {"client": "acme", "on": "2026-12-24"}]
    notice = {"type": "overage", "kind": "reminder"}

    said = app.decide({"requests": asked, "on": "2026-12-01", "notice": notice}).json()["decisions"]

    assert [one["notice"]["send_on"] for one in said] == ["2026-12-01", "2026-12-05", "2026-12-24"]
    assert {(one["notice"]["type"], one["notice"]["kind"]) for one in said} == {("overage", "reminder")}


@given(request=REQUESTS)
@settings(deadline=None, max_examples=100)
def test_what_the_schemas_say_is_what_is_listed(request: Any) -> None:  # noqa: ANN401
    violations = [] if not isinstance(request, dict) else list(schemas.violations("request", request))

    assert len(list(requests.errors(request))) >= len(violations)


@given(body=st.binary(max_size=60) | REQUESTS.map(lambda one: json.dumps(one).encode()))
@settings(deadline=None, max_examples=150)
def test_a_body_is_answered_or_refused_and_never_a_defect(app: App, body: bytes) -> None:
    said = app.decide(body)

    if said.status_code == 200:
        assert said.json()["decisions"]
    else:
        assert said.status_code in {400, 404, 422}
        assert problem(said)["detail"]


@given(requests=st.lists(REQUESTS, min_size=1, max_size=6))
@settings(deadline=None, max_examples=50)
def test_a_batch_says_of_each_request_what_it_would_be_told_alone(app: App, requests: list[Any]) -> None:
    said = app.decide({"requests": requests}).json()["decisions"]

    alone = [app.decide(request) for request in requests]
    expected: list[Any] = []
    for one in alone:
        expected += one.json()["decisions"] if one.status_code == 200 else [one.json()["type"]]
    assert [one["error"]["type"] if "error" in one else one for one in said] == expected


@given(lines=st.lists(REQUESTS.map(json.dumps) | st.text(max_size=9), min_size=1, max_size=6))
@settings(deadline=None, max_examples=50)
def test_every_line_gets_an_answer(app: App, lines: list[str]) -> None:
    body = "\n".join(line.replace("\n", " ") for line in lines).encode("utf-8", "surrogatepass")

    said = app.decide(body, **{"content-type": "application/jsonl"})

    asked = [line for line in body.split(b"\n") if line.strip()]
    answers = [json.loads(line) for line in said.content.splitlines()]
    assert said.status_code == 200
    assert len(answers) >= len(asked)
    assert all("error" in one or "outcome" in one for one in answers)
