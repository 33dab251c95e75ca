"""`POST /v1/decisions`: one request, many, and lines."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from commandline import ROOT, Renewctl, copy_of_root
from daemons import NOW, App, problem

from engine.server import receiving
from engine.server.limits import Limits

ON = NOW.date().isoformat()
FACT = json.loads((ROOT / "facts/renewals.jsonl").read_text(encoding="utf-8").splitlines()[0])
LINES = "application/jsonl"


@pytest.fixture(scope="module")
def app() -> App:
    return App()


def test_the_answer_is_what_the_command_line_says(app: App, renewctl: Renewctl) -> None:
    printed = renewctl("decide", "--client", "globex", "--on", ON, "--format", "json").out

    said = app.decide({"client": "globex", "on": ON})

    assert said.status_code == 200
    assert [_without_revision(one) for one in said.json()["decisions"]] == [
        _without_revision(one) for one in json.loads(printed)["decisions"]
    ]


def test_a_client_is_found_by_its_website(app: App) -> None:
    assert _clients(app.decide({"client": "https://www.acme.example/shop"})) == ["acme"]


def test_a_renewal_is_found_by_its_id(app: App) -> None:
    assert [one["renewal"] for one in app.decide({"renewal": "rn_3"}).json()["decisions"]] == ["rn_3"]


def test_facts_are_decided_about_as_they_are_sent(app: App) -> None:
    fact = {**FACT, "renewal": "rn_new", "client": "unheard-of"}

    assert _clients(app.decide({"facts": fact})) == ["unheard-of"]


def test_the_notice_is_as_asked(app: App) -> None:
    asked = {"client": "acme", "notice": {"type": "overage", "kind": "escalation", "step": "D-7"}}

    notice = app.decide({**asked, "on": "2026-12-24"}).json()["decisions"][0]["notice"]

    assert notice == {"type": "overage", "kind": "escalation", "step": "D-7", "send_on": "2026-12-24"}


def test_an_unknown_client_is_named(app: App) -> None:
    said = problem(app.decide({"client": "acne"}))

    assert (said["status"], said["detail"]) == (404, "there is no client acne")
    assert said["errors"][0]["pointer"] == "/client"


@pytest.mark.parametrize(
    ("body", "status", "pointers"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b"\xff", 400, None),
        (b"[" * 100_000, 400, None),
        (b'{"client":"acme","client":"acme"}', 400, None),
        (b'{"client":"acme\\u0022:","client":"acme"}', 400, None),
        (b'{"client":"acme\\u0022:", "client" : "acme\\u0022:"}', 400, None),
        ({}, 422, [""]),
        ([], 422, [""]),
        ({"client": "acme", "renewal": "rn_1"}, 422, [""]),
        ({"client": "acme", "on": "2026-02-30"}, 422, ["/on"]),
        ({"client": "acme", "clinet": 1}, 422, ["/clinet"]),
        (
            {"client": "acme", "notice": {"kind": "shout", "step": "D7"}},
            422,
            ["/notice/kind", "/notice/step"],
        ),
        ({"facts": {**FACT, "tire": "x", "renewal_date": 5}}, 422, ["/facts/renewal_date", "/facts/tire"]),
        ({"facts": {**FACT, "time_zone": "Europe/Atlantis"}}, 422, ["/facts/time_zone"]),
        ({"requests": []}, 422, ["/requests"]),
        ({"requests": 5}, 422, ["/requests"]),
        ({"requests": [{}], "on": "2026-11-23"}, 422, ["/on"]),
        ({"on": "2026-11-23", "requests": [{}]}, 422, ["/on"]),
        (b'{"requests":[{"client":"acme"}],"requests":[{"client":"acme"}]}', 400, None),
        (b'{"requests":[{"client":"acme"}],"r\\u0065quests":[{"client":"acme"}]}', 400, None),
        ({"requests": [{}] * 10_001}, 413, ["/requests"]),
    ],
)
def test_what_is_wrong_with_a_body_is_said_with_its_place(
    app: App, body: object, status: int, pointers: list[str] | None
) -> None:
    said = problem(app.decide(body))

    assert said["status"] == status
    assert pointers is None or sorted({one["pointer"] for one in said["errors"]}) == pointers


def test_a_batch_is_answered_in_order_with_each_fault_in_its_place(app: App) -> None:
    asked = [{"client": "acme"}, {"client": "nobody"}, {"client": "globex"}, {"facts": {}}, 7]

    answers = app.decide({"requests": asked}).json()["decisions"]

    assert [one.get("client", one.get("request")) for one in answers] == ["acme", 1, "globex", "globex", 3, 4]
    assert answers[1]["error"]["errors"][0]["pointer"] == "/requests/1/client"
    assert {one["pointer"] for one in answers[4]["error"]["errors"]} >= {"/requests/3/facts"}


def test_a_key_that_stands_twice_is_a_fault_of_its_request_alone(app: App) -> None:
    body = b'{"requests":[{"client":"acme","client":"globex"},{"client":"acme"}]}'

    answers = app.decide(body).json()["decisions"]

    assert [one.get("client", "fault") for one in answers] == ["fault", "acme"]


def test_text_that_looks_like_a_key_is_none(app: App) -> None:
    fact = {**FACT, "products": ['a "client": b', '"client":'], "flags": ['"requests"', '"requests":']}

    assert _clients(app.decide({"facts": fact})) == ["acme"]
    assert _clients(app.decide({"requests": [{"facts": fact}]})) == ["acme"]


def test_a_batch_is_of_one_revision_while_another_becomes_live(tmp_path: Path) -> None:
    root = copy_of_root(tmp_path)
    app = App(root)
    before = app.service.live.snapshot.revision.digest
    asked = msgspec.json.encode({"requests": [{"client": "acme"}] * 3_000})

    async def ask() -> tuple[bytes, list[int]]:
        turns: list[int] = []
        asking = asyncio.create_task(app._ask("POST", "/v1/decisions", content=asked))
        await asyncio.sleep(0)
        file = root / "config/partners/nordlicht.yaml"
        file.write_text(file.read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")
        app.service.reload("change")
        while not asking.done():
            turns.append(1)
            await asyncio.sleep(0)
        return asking.result().content, turns

    body, turns = asyncio.run(ask())

    answers = json.loads(body)["decisions"]
    assert len(answers) == 3_000
    assert len({one["revision"]["digest"] for one in answers}) == 1
    assert app.service.live.snapshot.revision.digest != before
    assert len(turns) > 5, "nobody else had a turn"


def test_lines_are_answered_by_lines(app: App) -> None:
    body = b'{"client":"acme"}\n\n{"client":"nobody"}\n{"client":\n{"renewal":"rn_3"}'

    said = app.decide(body, **{"content-type": LINES})

    answers = [json.loads(line) for line in said.content.splitlines()]
    assert said.headers["content-type"] == LINES
    assert [one.get("renewal", one.get("request")) for one in answers] == ["rn_1", 1, 2, "rn_3"]
    assert answers[1]["error"]["errors"][0]["pointer"] == "/client"


def test_lines_may_be_cut_anywhere(app: App) -> None:
    body = b'{"client":"acme"}\n{"renewal":"rn_3"}\n'
    whole = app.decide(body, **{"content-type": LINES}).content

    for cut in range(len(body)):
        said = app.ask("POST", "/v1/decisions", content=_chunks(body, cut), headers={"content-type": LINES})

        assert said.content == whole


def test_a_line_that_is_too_long_is_a_fault_and_not_held(app: App) -> None:
    long = b'{"client":"' + b"a" * 3_000_000 + b'"}\n'

    said = app.ask(
        "POST",
        "/v1/decisions",
        content=_pieces(long + b'{"client":"acme"}', 65_536),
        headers={"content-type": LINES},
    )

    answers = [json.loads(line) for line in said.content.splitlines()]
    assert answers[0]["error"]["status"] == 413
    assert answers[1]["client"] == "acme"


def test_of_a_line_that_does_not_end_only_the_beginning_is_held() -> None:
    pieces = iter([b"a" * 100] * 1_000)

    async def receive() -> dict[str, Any]:
        piece = next(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def read() -> list[bytes]:
        found = receiving.lines(_scope(b""), receive, Limits(line=500))
        return [line async for lines in found for line in lines]

    assert [len(line) for line in asyncio.run(read())] == [501]


def test_the_first_lines_are_answered_before_the_last_are_there(app: App) -> None:
    sent: list[dict[str, Any]] = []
    answered_before_the_end: list[int] = []
    messages = iter([(b'{"client":"acme"}\n', True), (b'{"client":"acme"}\n', False)])

    async def receive() -> dict[str, Any]:
        body, more = next(messages)
        if not more:
            answered_before_the_end.append(sum(message.get("body", b"").count(b"\n") for message in sent))
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI
        sent.append(message)

    asyncio.run(app.gate(_scope(b"application/x-ndjson"), receive, send))

    assert answered_before_the_end == [1]


def test_a_body_that_is_too_large_is_refused_before_it_is_read() -> None:
    app = App(limits=Limits(body=100))

    said = problem(app.decide({"client": "a" * 100}))

    assert said["status"] == 413
    chunked = app.ask("POST", "/v1/decisions", content=_pieces(b" " * 200, 50))
    assert problem(chunked)["status"] == 413
    whole = app.ask("POST", "/v1/decisions", content=_pieces(b" " * 200, 200))
    assert problem(whole)["status"] == 413


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    app = App(limits=Limits(body_seconds=0.05))
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI
        sent.append(message)

    asyncio.run(app.gate(_scope(b"application/json"), receive, send))

    assert sent[0]["status"] == 408


@pytest.mark.parametrize("media", ["text/plain", "multipart/form-data"])
def test_a_body_of_another_kind_is_refused(app: App, media: str) -> None:
    said = app.decide({"client": "acme"}, **{"content-type": media})

    assert problem(said)["status"] == 415
    assert "application/jsonl" in said.headers["accept-post"]


@pytest.mark.parametrize("media", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"])
def test_a_body_of_json_is_read(app: App, media: str) -> None:
    assert _clients(app.decide({"client": "acme"}, **{"content-type": media})) == ["acme"]


def test_a_compressed_body_is_refused(app: App) -> None:
    assert problem(app.decide(b"x", **{"content-encoding": "gzip"}))["status"] == 415


def _without_revision(decision: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in decision.items() if name != "revision"}


def _clients(said: httpx.Response) -> list[str]:
    assert said.status_code == 200, said.text
    return [one["client"] for one in said.json()["decisions"]]


async def _chunks(body: bytes, cut: int) -> Any:  # noqa: ANN401 - an async generator
    yield body[:cut]
    yield body[cut:]


async def _pieces(body: bytes, size: int) -> Any:  # noqa: ANN401 - an async generator
    for at in range(0, len(body), size):
        yield body[at : at + size]


def _scope(media: bytes) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/v1/decisions",
        "query_string": b"",
        "client": None,
        "headers": [(b"content-type", media)],
    }
