"""Places are for whoever can use them: bodies are bounded together, and no one waits in a place."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from daemons import App, problem

from engine.server.limits import Limits
from engine.server.places import Places

JSON, LINES = b"application/json", b"application/jsonl"


class Sender:
    """A client that sends what it is told, and no end."""

    def __init__(self, app: App, media: bytes = JSON) -> None:
        self.sent: list[dict[str, Any]] = []
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self._scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/decisions",
            "query_string": b"",
            "client": None,
            "headers": [(b"content-type", media)],
        }
        self.task = asyncio.create_task(app.gate(self._scope, self._receive, self._send))

    async def sends(self, *pieces: bytes) -> Sender:
        for piece in pieces:
            self._pieces.put_nowait(piece)
        for _ in range(10):
            await asyncio.sleep(0)
        return self

    @property
    def statuses(self) -> list[int]:
        return [message["status"] for message in self.sent if "status" in message]

    async def _receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": await self._pieces.get(), "more_body": True}

    async def _send(self, message: Any) -> None:  # noqa: ANN401 - ASGI
        self.sent.append(message)


async def _end(senders: Sequence[Sender]) -> None:
    for one in senders:
        one.task.cancel()
    await asyncio.gather(*(one.task for one in senders), return_exceptions=True)


@pytest.mark.parametrize("media", [JSON, LINES])
def test_when_bodies_are_too_much_together_the_slowest_is_let_go(media: bytes) -> None:
    app = App(limits=Limits(bodies=250))

    async def ask() -> list[bool]:
        senders = [await Sender(app, media).sends(b"{" + b" " * 98) for _ in range(2)]
        await senders[0].sends(b" ")
        await senders[1].sends(b" ")
        assert not any(one.task.done() for one in senders)
        late = await Sender(app, media).sends(b"{" + b" " * 98, b" ")
        done = [one.task.done() for one in (*senders, late)]
        await _end([*senders, late])
        return done

    assert asyncio.run(ask()) == [True, False, False]


def test_what_one_has_sent_is_given_back_when_he_is_gone() -> None:
    app = App(limits=Limits(bodies=250))

    async def ask() -> list[bool]:
        gone = [await Sender(app).sends(b"{" + b" " * 98, b" ") for _ in range(2)]
        await _end(gone)
        senders = [await Sender(app).sends(b"{" + b" " * 98, b" ") for _ in range(2)]
        done = [one.task.done() for one in senders]
        await _end(senders)
        return done

    assert asyncio.run(ask()) == [False, False]


def test_a_body_that_is_being_answered_counts_and_who_sends_has_to_go() -> None:
    places = Places(Limits(bodies=250))

    async def send() -> None:
        with places.sending():
            places.hold(100)

    async def ask() -> None:
        with places.answered(b" " * 100):
            await send()
            with places.answered(b" " * 100), pytest.raises(Exception, match="as many bodies are being sent"):
                await send()
        await send()

    asyncio.run(ask())


def test_a_body_that_came_whole_is_held_by_nobody_any_more() -> None:
    app = App(limits=Limits(bodies=100))

    for _ in range(5):
        assert app.decide({"client": "acme", "on": "2026-11-23"}).status_code == 200
        assert app.decide(b'{"client":"acme"}\n' * 4, **{"content-type": "application/jsonl"}).is_success
    assert app.gate._places._bytes == 0


def test_what_gets_no_answer_in_time_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    app = App(limits=Limits(reload_seconds=0))
    forever = asyncio.Event()

    async def reload(_: object) -> None:
        await forever.wait()

    monkeypatch.setattr(app.api.threads, "reload", reload)

    said = app.post("/-/reload")

    assert problem(said)["status"] == 503
    assert said.headers["retry-after"] == "5"
