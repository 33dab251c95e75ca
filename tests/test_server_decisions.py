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
        ({"requests": [{}], "client": "acme"}, 422, ["/client"]),
        ({"client": "acme", "requests": [{}]}, 422, ["/client"]),
        ({"requests": [{}], "on": "tomorrow", "notice": {"step": "D7"}}, 422, ["/notice/step", "/on"]),
        (b'{"on":"2026-11-23","requests":[],"on":"2026-11-24"}', 422, ["/requests"]),
        (b'{"on":"2026-11-23","requests":[{}],"on":"2026-11-24"}', 400, ["/on"]),
        (b'{"facts":{"client":"a","client":"b"}}', 400, ["/facts/client"]),
        (b'{"notice":[1,{"a":1,"a":2}]}', 400, ["/notice/1/a"]),
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


@pytest.mark.parametrize(
    ("body", "offset"),
    [
        (b"", 0),
        (b"{", 1),
        (b'{"client":}', 10),
        (b'{"client":"acme"} x', 19),
        (b'{"client":"ac\xffme"}', 13),
        (b'\xef\xbb\xbf{"client":}', 13),
    ],
)
def test_what_is_no_json_is_said_by_its_byte(app: App, body: bytes, offset: int) -> None:
    said = problem(app.decide(body))

    assert (said["status"], [one["offset"] for one in said["errors"]]) == (400, [offset])


def test_many_keys_are_looked_at_once(app: App) -> None:
    keys = ",".join(f'"k{number}":1' for number in range(100_000))

    said = problem(app.decide(f'{{"\\u0022":1,{keys}}}'.encode()))

    assert said["status"] == 422


def test_a_byte_order_mark_is_no_fault(app: App) -> None:
    mark, body = b"\xef\xbb\xbf", b'{"client":"acme"}'

    assert _clients(app.decide(mark + body)) == ["acme"]
    assert _clients(app.decide(mark + b'{"requests":[%b]}' % body)) == ["acme"]
    lines = app.decide(mark + body + b"\n" + body, **{"content-type": LINES})
    assert [json.loads(line)["client"] for line in lines.content.splitlines()] == ["acme", "acme"]


@pytest.mark.parametrize("is_before", [True, False])
def test_what_stands_beside_requests_is_for_those_that_do_not_say(app: App, *, is_before: bool) -> None:
    common = {"on": "2026-12-24", "notice": {"type": "overage"}}
    requests = [{"client": "acme"}, {"client": "acme", "on": "2026-12-25"}, 5]

    body = {**common, "requests": requests} if is_before else {"requests": requests, **common}

    first, second, third = app.decide(body).json()["decisions"]
    assert (first["notice"]["send_on"], first["notice"]["type"]) == ("2026-12-24", "overage")
    assert (second["notice"]["send_on"], second["notice"]["type"]) == ("2026-12-25", "overage")
    assert third["error"]["errors"][0]["pointer"] == "/requests/2"


def test_a_mistyped_client_is_guessed_when_it_is_the_only_one(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "did you mean acme?" in problem(app.decide({"client": "acne"}))["errors"][0]["hint"]
    several = app.decide({"requests": [{"client": "acne"}]}).json()["decisions"]
    assert "did you mean" not in several[0]["error"]["errors"][0]["hint"]

    monkeypatch.setattr("engine.server.answers._COMPARED", 1)

    assert "did you mean" not in problem(app.decide({"client": "acne"}))["errors"][0]["hint"]


def test_a_body_that_is_too_large_is_told_how_large_it_may_be() -> None:
    said = problem(App(limits=Limits(body=100)).decide({"client": "a" * 100}))

    assert [(one["pointer"], one["limit"]) for one in said["errors"]] == [("", 100)]


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
    assert [one.get("line") for one in answers] == [None, 3, 4, None]
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
        return [line.text async for lines in found for line in lines]

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


def test_a_trickle_of_nothing_is_no_progress() -> None:
    app = App(limits=Limits(body_seconds=0.05))
    sent: list[dict[str, Any]] = []
    begin = iter([b'{"client":"acme"}\n'])

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.001)
        return {"type": "http.request", "body": next(begin, b"\n"), "more_body": True}

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI
        sent.append(message)

    asyncio.run(app.gate(_scope(b"application/jsonl"), receive, send))

    answers = [json.loads(message["body"]) for message in sent if message.get("body")]
    assert answers[0]["client"] == "acme"
    assert answers[-1]["error"]["status"] == 408


def test_the_time_that_a_body_takes_to_come_is_none_of_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    app, counted = App(limits=Limits(body_seconds=0.2)), list[float]()
    monkeypatch.setattr(
        app.gate._observer, "answered", lambda _route, _status, seconds: counted.append(seconds)
    )

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(_: Any) -> None:  # noqa: ANN401 - ASGI
        pass

    asyncio.run(app.gate(_scope(b"application/json"), receive, send))

    assert counted[0] < 0.15


@pytest.mark.parametrize("media", [b"application/json", b"application/jsonl"])
def test_who_sends_slowly_keeps_nobody_out_and_is_let_go_first(media: bytes) -> None:
    app = App(limits=Limits(requests=1, sending=2))
    begin = b'{"client":"acme"}\n' if media == b"application/jsonl" else b"{"
    ended: list[int] = []

    async def trickle(number: int) -> None:
        pieces = iter([begin])

        async def receive() -> dict[str, Any]:
            piece = next(pieces, None)
            if piece is None:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": piece, "more_body": True}

        async def send(_: Any) -> None:  # noqa: ANN401 - ASGI
            pass

        await app.gate(_scope(media), receive, send)
        ended.append(number)

    async def ask() -> int:
        slow = [asyncio.create_task(trickle(number)) for number in range(2)]
        for _ in range(5):
            await asyncio.sleep(0)
        said = await app._ask("POST", "/v1/decisions", content=b'{"client":"acme"}')
        await asyncio.wait(slow, return_when=asyncio.FIRST_COMPLETED)
        for one in slow:
            one.cancel()
        return said.status_code

    assert asyncio.run(ask()) == 200
    assert ended == [0]


@pytest.mark.parametrize("media", ["text/plain", "multipart/form-data", "application/json; charset=latin-1"])
def test_a_body_of_another_kind_is_refused(app: App, media: str) -> None:
    said = app.decide({"client": "acme"}, **{"content-type": media})

    assert problem(said)["status"] == 415
    assert "application/jsonl" in said.headers["accept-post"]


@pytest.mark.parametrize(
    "media", ["application/json", 'application/json; charset="UTF-8"', "APPLICATION/JSON"]
)
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
