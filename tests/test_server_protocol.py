"""A connection is bounded: in the bytes and the time of a head, in silence, and in what is not read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from daemons import App
from wires import Endpoint, Wire, answered, tell

from engine.server.limits import Limits
from engine.server.prompt import PromptProtocol
from engine.server.rounds import EVERY, Rounds

READY = b"GET /-/ready HTTP/1.1\r\nHost: localhost\r\n\r\n"
BATCH = b'{"requests":[{"client":"acme"}]}'
DECIDE = b"POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b" % (
    len(BATCH),
    BATCH,
)


@pytest.fixture(scope="module")
def app() -> App:
    return App()


def protocol_of(wire: Wire) -> PromptProtocol:
    assert wire.protocol is not None
    return wire.protocol


def later(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


@pytest.mark.parametrize("packets", [[], [b"GET / HT"], [b"\r\n\r\n"], [READY, b"GET / HT"]])
def test_a_head_that_does_not_come_is_not_waited_for(app: App, packets: list[bytes]) -> None:
    async def ask() -> Wire:
        wire = Endpoint(app).connect()
        await tell(wire, *packets)
        wire.said.clear()
        protocol_of(wire).look(later(9))
        assert not wire.said
        protocol_of(wire).look(later(10.1))
        return wire

    wire = asyncio.run(ask())

    assert wire.said.startswith(b"HTTP/1.1 408 ")
    assert wire.is_at_end


def test_the_head_of_a_later_request_has_its_time_from_its_first_byte(app: App) -> None:
    async def ask() -> bytes:
        wire = Endpoint(app).connect()
        await tell(wire, READY)
        wire.said.clear()
        protocol_of(wire).look(later(60))
        return bytes(wire.said)

    assert asyncio.run(ask()) == b""


@pytest.mark.parametrize("asked", [READY, DECIDE, DECIDE.replace(BATCH, b'{"client":"acme"               }')])
def test_a_connection_is_kept_for_a_while_without_a_request(app: App, asked: bytes) -> None:
    async def ask() -> tuple[bool, bool]:
        wire = Endpoint(app).connect()
        protocol_of(wire).waited_since -= 100
        await tell(wire, asked)
        assert protocol_of(wire).timeout_keep_alive_task is None, "nobody needs a timer"
        protocol_of(wire).look(later(64))
        was_kept = not wire.is_closed
        protocol_of(wire).look(later(65.1))
        return was_kept, wire.is_closed

    assert asyncio.run(ask()) == (True, True)


@pytest.mark.parametrize(
    ("begin", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"431"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX", b"431"),
        (b"GET /", b"414"),
    ],
)
@pytest.mark.parametrize("size", [9_000, 40_000])
def test_a_head_without_end_is_refused_before_it_fills_the_memory(
    app: App, begin: bytes, status: bytes, size: int
) -> None:
    wire = answered(app, [begin, *[b"a" * size] * (40_000 // size)])

    assert wire.said.startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (READY.replace(b"Host", b"X: " + b"a" * 33_000 + b"\r\nHost"), b"431"),
        (READY.replace(b"Host", b"X: a\r\n" * 7_000 + b"Host"), b"431"),
        (READY.replace(b"/-/ready", b"/" + b"a" * 33_000), b"414"),
        (READY.replace(b"Host", b"X: " + b"a" * 32_000 + b"\r\nHost"), b"200"),
    ],
)
def test_a_head_that_is_too_long_is_refused_if_it_comes_at_once(app: App, head: bytes, status: bytes) -> None:
    assert answered(app, [head]).said.startswith(b"HTTP/1.1 " + status)


def test_a_head_may_come_in_many_packets_behind_a_long_body(app: App) -> None:
    body = b'{"client":"acme"' + b" " * 100_000 + b"}"
    long = b"POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )
    head = READY.replace(b"Host", b"X: " + b"a" * 30_000 + b"\r\nHost")

    wire = answered(app, [long + head[:10], *(head[at : at + 9_000] for at in range(10, len(head), 9_000))])

    assert wire.said.count(b"HTTP/1.1 200 OK") == 2


def test_one_connection_too_many_is_told_when_to_come_again() -> None:
    app = App(limits=Limits(connections=1))

    async def ask() -> Wire:
        endpoint = Endpoint(app)
        busy = endpoint.connect()
        protocol_of(busy).data_received(DECIDE)  # is being answered, as the event loop has not turned yet
        refused = endpoint.connect()
        await tell(busy)
        assert busy.said.startswith(b"HTTP/1.1 200 OK")
        return refused

    refused = asyncio.run(ask())

    assert refused.said.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nretry-after: 1\r\n" in refused.said


def test_an_answer_that_is_not_read_is_given_up(app: App) -> None:
    async def ask() -> list[bool]:
        wire = Endpoint(app).connect()
        await tell(wire, DECIDE)
        protocol_of(wire).pause_writing()
        protocol_of(wire).look(later(29))
        before = wire.is_aborted
        protocol_of(wire).look(later(30.1))
        return [before, wire.is_aborted]

    assert asyncio.run(ask()) == [False, True]


def test_who_has_read_in_the_meantime_is_not_given_up(app: App) -> None:
    async def ask() -> bool:
        wire = Endpoint(app).connect()
        await tell(wire, DECIDE)
        protocol_of(wire).pause_writing()
        protocol_of(wire).resume_writing()
        protocol_of(wire).look(later(60))
        return wire.is_closed

    assert asyncio.run(ask()) is False


def test_who_does_not_read_takes_no_place_of_those_who_do() -> None:
    app = App(limits=Limits(requests=1))

    async def ask() -> bytes:
        endpoint = Endpoint(app)
        slow, quick = endpoint.connect(), endpoint.connect()
        protocol_of(slow).pause_writing()
        await tell(slow, b"GET /v1/clients/acme/decision HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert not slow.said
        await tell(quick, DECIDE)
        protocol_of(slow).resume_writing()
        await tell(slow)
        return bytes(quick.said)

    quick = asyncio.run(ask())

    assert quick.startswith(b"HTTP/1.1 200 OK")


def test_who_does_not_read_his_lines_is_let_go_for_another_and_no_complaint_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    head = b"POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/jsonl\r\n"
    line = b'{"client":"acme"}\n'
    app = App(limits=Limits(sending=1))

    async def ask() -> bytes:
        endpoint = Endpoint(app)
        slow, quick = endpoint.connect(), endpoint.connect()
        await tell(slow, head + b"Content-Length: 99\r\n\r\n" + line)
        protocol_of(slow).pause_writing()
        await tell(slow, line)
        await tell(quick, head + b"Content-Length: %d\r\n\r\n%b" % (len(line), line))
        await tell(slow)
        assert slow.is_aborted
        return bytes(quick.said)

    assert asyncio.run(ask()).startswith(b"HTTP/1.1 200 OK")
    assert not caplog.records


@pytest.mark.parametrize(
    ("unread", "cut_off"), [(100, [False] * 3), (99, [False, True, False]), (39, [False, True, True])]
)
def test_what_nobody_reads_is_bounded_and_the_slowest_goes_first(
    app: App, unread: int, cut_off: list[bool]
) -> None:
    async def ask() -> list[bool]:
        endpoint = Endpoint(app)
        wires = [endpoint.connect() for _ in range(3)]
        for wire, size, since in zip(wires, (500, 60, 40), (None, later(-2), later(-1)), strict=True):
            wire.unread = size
            protocol_of(wire).unread_since = since
        rounds = Rounds([protocol_of(wire) for wire in reversed(wires)], Limits(unread=unread))
        rounds._look(asyncio.get_running_loop())
        return [wire.is_aborted for wire in wires]

    assert asyncio.run(ask()) == cut_off


def test_the_rounds_go_on_as_long_as_the_server(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Loop:
        def call_later(self, seconds: float, what: Any, *arguments: Any) -> None:  # noqa: ANN401 - as asyncio
            asked.append((seconds, what, arguments))

        def time(self) -> float:
            return 0.0

    monkeypatch.setattr(asyncio, "get_running_loop", Loop)
    rounds = Rounds(set(), app.limits)
    rounds.begin()
    seconds, what, arguments = asked[0]
    what(*arguments)

    assert [one[0] for one in asked] == [EVERY, EVERY]
    assert seconds == EVERY


def test_who_is_let_go_while_he_does_not_read_is_cut_off(app: App) -> None:
    async def ask() -> bool:
        wire = Endpoint(app).connect()
        protocol_of(wire).let_go()
        return wire.is_aborted

    assert asyncio.run(ask())
