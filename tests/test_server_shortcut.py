"""The short way answers as the long way does, and is taken by who asks one thing at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from commandline import ROOT, copy_of_root
from daemons import App
from hypothesis import given
from hypothesis import strategies as st
from wires import DATE, Endpoint, answered, tell

from engine.decisions import Decision
from engine.server.limits import Limits
from engine.server.observing import Page
from engine.server.prompt import PromptProtocol
from engine.server.shortcut import Shortcut

FACT = json.loads((ROOT / "facts/renewals.jsonl").read_text(encoding="utf-8").splitlines()[0])
ACME = b'{"client":"acme","on":"2026-11-23"}'
LINE = b"POST /v1/decisions HTTP/1.1"
HOST = b"Host: localhost"
TCP, UNIX = ("127.0.0.1", 50_000), ""


class Found(NamedTuple):
    """What came of requests."""

    said: bytes
    is_closed: bool
    counted: list[tuple[object, ...]]


class Counting:
    """Remembers what was counted."""

    def __init__(self) -> None:
        self.counted: list[tuple[object, ...]] = []

    def decided(self, decisions: Iterable[Decision]) -> None:
        self.counted.extend(("decided", one.outcome, one.standing.owner) for one in decisions)

    def answered(self, route: str, status: int, seconds: float) -> None:
        assert seconds >= 0
        self.counted.append(("answered", route, int(status)))

    def page(self, accept: str = "") -> Page:
        raise NotImplementedError(accept)


@pytest.fixture(scope="module")
def app() -> App:
    return App(observer=Counting())


def request(
    body: bytes = ACME, *headers: bytes, line: bytes = LINE, host: bytes | None = HOST, sized: bool = True
) -> bytes:
    """Return a request as it is sent."""
    length = [b"Content-Length: %d" % len(body)] if sized else []
    head = [line, *([host] if host is not None else []), *length, *headers]
    return b"\r\n".join([*head, b"", body])


@contextmanager
def only_the_long_way() -> Iterator[None]:
    with patch.object(PromptProtocol, "_is_ordinary", lambda _: False):
        yield


@contextmanager
def only_the_short_way() -> Iterator[None]:
    """Answer nothing to whoever goes the long way."""
    with patch.object(PromptProtocol, "_go_the_long_way", lambda *_: None):
        yield


def both_ways(app: App, packets: list[bytes], peer: Any = TCP) -> tuple[Found, Found]:  # noqa: ANN401 - a peer
    """Return what is said and counted: as it is, and without the short way."""
    found = []
    for way in (None, only_the_long_way()):
        counting = app.observer
        assert isinstance(counting, Counting)
        counting.counted.clear()
        if way is None:
            wire = answered(app, packets, peer)
        else:
            with way:
                wire = answered(app, packets, peer)
        found.append(Found(bytes(wire.said), wire.is_closed, list(counting.counted)))
    return found[0], found[1]


ORDINARY = [
    request(),
    request(b'{"renewal":"rn_3"}'),
    request(json.dumps({"facts": FACT, "on": "2026-11-23"}).encode()),
    request(b'{"client":"globex","notice":{"type":"overage","step":"D-7"}}'),
    request(b'{"client":"https://www.acme.example/shop"}'),
    request(b'\xef\xbb\xbf{"client":"acme"}'),
    request(ACME, b"Content-Type: application/json"),
    request(ACME, b'content-type: Application/JSON; charset="UTF-8"', b"X-Request-Id: 7"),
    request(ACME, b"Content-Type: application/x-www-form-urlencoded"),
    request(ACME, b"Origin: http://localhost"),
    request(ACME, b"Sec-Fetch-Site: same-origin"),
    request(ACME, b"Content-Encoding: identity"),
    request(ACME, b"Connection: keep-alive"),
    request(ACME, host=b"HOST: LOCALHOST:8480"),
    request(b"%x\r\n%b\r\n0\r\n\r\n" % (len(ACME), ACME), b"Transfer-Encoding: chunked", sized=False),
    request(
        b"1\r\n{\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(ACME) - 1, ACME[1:]),
        b"Transfer-Encoding: chunked",
        sized=False,
    ),
]

ODD = [
    request(b""),
    request(b"{"),
    request(b'{"client":"acme","client":"acme"}'),
    request(b'{"client":"acne"}'),
    request(b'{"renewal":"rn_0"}'),
    request(b'{"client":"acme","on":"tomorrow"}'),
    request(b'{"requests":[{"client":"acme"},{"client":"acne"}]}'),
    request(b'{"client":"acme"' + b" " * 20_000 + b"}"),
    request(b'{"client":"acme"}\n{"client":"acme"}', b"Content-Type: application/jsonl"),
    request(ACME, b"Content-Type: text/plain"),
    request(ACME, b"Content-Type: application/json; charset=latin-1"),
    request(ACME, b"Content-Encoding: gzip"),
    request(ACME, b"Origin: http://evil.example"),
    request(ACME, b"Sec-Fetch-Site: cross-site"),
    request(ACME, b"Connection: close"),
    request(ACME, b"Expect: 100-continue"),
    request(ACME, b"Upgrade: websocket", b"Connection: upgrade"),
    request(ACME, b"X: " + b"a" * 40_000),
    request(ACME, host=b"Host: evil.example"),
    request(ACME, host=None),
    request(ACME, b"Host: localhost"),
    request(ACME, line=b"POST /v1/decisions HTTP/1.0"),
    request(ACME, line=b"POST /v1/decisions HTTP/1.0", host=None),
    request(ACME, b"Connection: keep-alive", line=b"POST /v1/decisions HTTP/1.0"),
    request(ACME, line=b"POST /v1/decisions?x=1 HTTP/1.1"),
    request(ACME, line=b"POST http://localhost/v1/decisions HTTP/1.1"),
    request(ACME, line=b"POST /v1/%64ecisions HTTP/1.1"),
    request(ACME, line=b"PUT /v1/decisions HTTP/1.1"),
    request(b"", line=b"GET /v1/decisions HTTP/1.1", sized=False),
    request(b"", line=b"GET /-/healthy HTTP/1.1", sized=False),
    request(ACME, b"Content-Length: 99999999", sized=False),
    request(sized=False),
    b"hello\r\n\r\n",
]


@pytest.mark.parametrize("asked", ORDINARY)
def test_an_ordinary_question_goes_the_short_way_and_is_answered_in_one_write(app: App, asked: bytes) -> None:
    with only_the_short_way():
        wire = answered(app, [asked])

    assert wire.said.startswith(b"HTTP/1.1 200 OK\r\n%b: %b\r\n" % DATE)
    assert wire.writes == 1


@pytest.mark.parametrize("peer", [TCP, UNIX])
@pytest.mark.parametrize("asked", [*ORDINARY, *ODD])
def test_both_ways_say_and_count_the_same(app: App, asked: bytes, peer: Any) -> None:  # noqa: ANN401 - a peer
    short, long = both_ways(app, [asked], peer)

    assert short == long


def test_a_body_that_stops_being_one_is_refused_on_either_way_and_counted_once(app: App) -> None:
    asked = request(b"zz\r\n", b"Transfer-Encoding: chunked", sized=False)

    (short, _, counted), (long, _, _) = both_ways(app, [asked])

    assert short == long
    assert short.startswith(b"HTTP/1.1 400 ")
    assert counted == [("answered", "none", 400)]


@pytest.mark.parametrize("asked", ODD)
def test_what_is_odd_after_an_ordinary_question_is_still_odd(app: App, asked: bytes) -> None:
    short, long = both_ways(app, [request(), asked, request()])

    assert short == long


@given(data=st.data())
def test_both_ways_say_the_same_however_it_is_sent(app: App, data: st.DataObject) -> None:
    several = data.draw(st.lists(st.sampled_from([*ORDINARY, *ODD]), min_size=1, max_size=4))
    packets = [packet for sent in several for packet in _cut(sent, data.draw(_places(sent)))]

    short, long = both_ways(app, packets)

    assert short == long


def _places(sent: bytes) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, len(sent) - 1), max_size=3, unique=True).map(sorted)


def _cut(sent: bytes, places: list[int]) -> list[bytes]:
    return [sent[begin:end] for begin, end in zip([0, *places], [*places, len(sent)], strict=True)]


def test_a_question_may_be_cut_anywhere(app: App) -> None:
    asked = request()
    whole = answered(app, [asked]).said

    for cut in range(1, len(asked)):
        assert answered(app, [asked[:cut], asked[cut:]]).said == whole


def test_only_the_first_question_of_a_packet_goes_the_short_way(app: App) -> None:
    with patch.object(Shortcut, "answer", autospec=True, side_effect=Shortcut.answer) as shortcut:
        wire = answered(app, [request() * 3, request()])

    assert wire.said.count(b"HTTP/1.1 200 OK") == 4
    assert shortcut.call_count == 2


def test_nobody_is_overtaken_by_a_question_behind_his(app: App) -> None:
    batch = b'{"requests":[%b]}' % b",".join([b'{"renewal":"rn_3"}'] * 200)

    async def ask() -> bytes:
        wire = Endpoint(app).connect()
        assert wire.protocol is not None
        wire.protocol.data_received(request(batch))
        await tell(wire, request())
        return bytes(wire.said)

    said = asyncio.run(ask())

    assert said.count(b"HTTP/1.1 200 OK") == 2
    assert said.index(b'"rn_3"') < said.index(b'"acme"', said.rindex(b"HTTP/1.1"))
    assert b'"acme"' in said[said.rindex(b"HTTP/1.1") :]


def test_another_revision_is_named_as_soon_as_it_answers(tmp_path: Path) -> None:
    root = copy_of_root(tmp_path)
    app = App(root)

    async def ask() -> tuple[bytes, str, bytes, str]:
        wire = Endpoint(app).connect()
        await tell(wire, request())
        before, first = bytes(wire.said), app.service.live.snapshot.revision.digest
        file = root / "config/partners/nordlicht.yaml"
        file.write_text(file.read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")
        app.service.reload("change")
        wire.said.clear()
        await tell(wire, request())
        return before, first, bytes(wire.said), app.service.live.snapshot.revision.digest

    before, first, after, second = asyncio.run(ask())

    assert first != second
    assert before.count(first.encode()) == after.count(second.encode()) == 2
    assert second.encode() not in before
    assert first.encode() not in after


def test_the_headers_of_the_server_are_those_of_the_moment(app: App) -> None:
    async def ask() -> bytes:
        endpoint = Endpoint(app)
        wire = endpoint.connect()
        await tell(wire, request())
        endpoint.server.server_state.default_headers = [(b"date", b"another")]
        wire.said.clear()
        await tell(wire, request())
        return bytes(wire.said)

    assert b"\r\ndate: another\r\n" in asyncio.run(ask())


def test_who_is_too_many_is_refused_on_either_way() -> None:
    app = App(limits=Limits(requests=0), observer=Counting())

    short, long = both_ways(app, [request()])

    assert short == long
    assert b"HTTP/1.1 503" in short.said


def test_who_does_not_read_is_not_answered_until_he_does(app: App) -> None:
    async def ask() -> tuple[int, int]:
        wire = Endpoint(app).connect()
        assert wire.protocol is not None
        wire.protocol.pause_writing()
        await tell(wire, request())
        unread = len(wire.said)
        wire.protocol.resume_writing()
        await tell(wire)
        return unread, wire.said.count(b"200 OK")

    assert asyncio.run(ask()) == (0, 1)


def test_a_defect_is_told_once_and_answered(app: App, caplog: pytest.LogCaptureFixture) -> None:
    with patch("engine.server.answers.document", side_effect=ZeroDivisionError):
        short, long = both_ways(app, [request()])

    assert short == long
    assert b"500 Internal Server Error" in short.said
    assert sum("failed" in record.message for record in caplog.records) == 2, "once on each way"


def test_the_rules_are_asked_once_as_long_as_the_headers_are_the_same(app: App) -> None:
    async def ask() -> int:
        with patch.object(Shortcut, "is_open_to", autospec=True, side_effect=Shortcut.is_open_to) as asked:
            wire = Endpoint(app).connect()
            await tell(
                wire,
                request(),
                request(b'{"renewal":"rn_3"}'),
                request(ACME, b"X: 1"),
                request(ACME, b"X: 1"),
            )
            return asked.call_count

    assert asyncio.run(ask()) == 2
