"""A client that asks a daemon for decisions all the time, and forgets no answer."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Self

from truths import ALL, ON, ONE, Answer, Question, Tag

_WAIT = 30.0
"""Seconds after which an answer counts as missing."""

_BREATH = 0.001
"""Seconds between two requests: the processor is for who is asked, not for who asks."""

_TAG = re.compile(r'(?:W/)?"([0-9a-f]{16})-([0-9a-f]{16})')
_NOTICE = {"type": "renewal", "kind": "notice"}


class Asker:
    """A thread that asks over two connections that are kept: all clients over TCP, one over a Unix socket."""

    def __init__(self, url: str, file: Path) -> None:
        self.answers: Counter[Answer] = Counter()
        self.tags: list[Tag | None] = []
        """Which revisions answered, in the order in which they did; those that answer in a row once."""
        self.moments: list[float] = []
        """When each of these began to."""
        self.lost: list[str] = []
        self._host = url.removeprefix("http://")
        self._file = file
        self._changed = threading.Condition()
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="asker")

    def __enter__(self) -> Self:
        self._thread.start()
        self.until(lambda: self.tags != [])
        return self

    def __exit__(self, *_: object) -> None:
        self._is_ending.set()
        self._thread.join(_WAIT)

    def until(self, happened: Callable[[], bool], within: float = _WAIT) -> None:
        """Wait until an answer makes that true."""
        with self._changed:
            assert self._changed.wait_for(happened, within), f"{self.tags} {self.lost}"

    def until_tag(self, tag: Tag, within: float = _WAIT) -> None:
        """Wait until that revision answers."""
        self.until(lambda: self.tags[-1:] == [tag], within)

    def _run(self) -> None:
        connections = {ALL: http.client.HTTPConnection(self._host, timeout=_WAIT), ONE: _Unix(self._file)}
        while not self._is_ending.is_set():
            for question, connection in connections.items():
                self._ask(question, connection)
            self._is_ending.wait(_BREATH)
        for connection in connections.values():
            connection.close()

    def _ask(self, question: Question, connection: http.client.HTTPConnection) -> None:
        requests = [{"client": one, "on": str(ON), "notice": _NOTICE} for one in question.clients]
        body = json.dumps({"requests": requests} if question == ALL else requests[0])
        try:
            connection.request("POST", "/v1/decisions", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._note_loss(f"{type(error).__name__}: {error}")
            connection.close()
            self._is_ending.wait(0.05)  # nobody is there, maybe
            return
        tag = _tag(response.headers["ETag"])
        revision = response.headers["Renewctl-Revision"]
        self._note(Answer(question, response.status, tag, revision, content))

    def _note(self, answer: Answer) -> None:
        with self._changed:
            self.answers[answer] += 1
            if self.tags[-1:] != [answer.tag]:
                self.tags.append(answer.tag)
                self.moments.append(time.monotonic())
            self._changed.notify_all()

    def _note_loss(self, what: str) -> None:
        with self._changed:
            self.lost.append(what)
            self._changed.notify_all()


class _Unix(http.client.HTTPConnection):
    """A connection over a Unix socket."""

    def __init__(self, file: Path) -> None:
        super().__init__("localhost", timeout=_WAIT)
        self._file = file

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._file))


def _tag(text: str | None) -> Tag | None:
    found = _TAG.match(text or "")
    return Tag(*found.groups()) if found else None
