"""A process for each contender: the threads of durable_rules' Host never end, and heaps stay apart."""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from multiprocessing.connection import Connection
from typing import Any

from benchmarks import contenders
from benchmarks.contenders import Answer, Contender
from benchmarks.programme import Programme

_PATIENCE = 120.0
"""Seconds until a contender that says nothing counts as hanging."""


class MissingPeerError(Exception):
    """What the contender needs is not installed."""


class Worker:
    """Asks a contender in a process of its own."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def answers(self, count: int) -> list[Answer | None]:
        """Return the answers to the first questions."""
        answers: list[Answer | None] = self._ask("answers", count)
        return answers

    def rate(self, start: int, count: int) -> float:
        """Return how many questions it answers in a second of CPU, asked `count` of them from `start` on."""
        rate: float = self._ask("rate", start, count)
        return rate

    def _ask(self, *request: object) -> Any:  # noqa: ANN401 - the methods above say what
        self._pipe.send(request)
        return _received(self._pipe)


@contextmanager
def worker(name: str, programme: Programme) -> Iterator[Worker]:
    """Start the contender `module.function`; raise MissingPeerError when it is not installed."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, name, programme), daemon=True)
    process.start()
    theirs.close()
    try:
        missing = _received(ours)
        if missing is not None:
            raise MissingPeerError(missing)
        yield Worker(ours)
    finally:
        process.terminate()
        process.join()
        process.close()
        ours.close()


def _received(pipe: Connection) -> Any:  # noqa: ANN401 - whatever was sent
    if not pipe.poll(_PATIENCE):
        raise TimeoutError(f"no word from a contender for {_PATIENCE:.0f} seconds")
    return pipe.recv()


def _serve(pipe: Connection, name: str, programme: Programme) -> None:
    """Say what is missing, or None; then do as asked until terminated."""
    try:
        asked = _Asked(contenders.enter(name, programme))
    except ImportError as error:
        pipe.send(str(error))
        return
    gc.collect()
    gc.freeze()  # as a service does after a load; the collector stays on
    pipe.send(None)
    while True:
        method, *arguments = pipe.recv()
        pipe.send(getattr(asked, method)(*arguments))


class _Asked:
    """The other end of a Worker."""

    def __init__(self, contender: Contender) -> None:
        self._contender = contender

    def answers(self, count: int) -> list[Answer | None]:
        contender = self._contender
        return [contender.read(contender.ask(question)) for question in contender.inputs[:count]]

    def rate(self, start: int, count: int) -> float:
        contender = self._contender
        ask = contender.ask
        first = start % len(contender.inputs)
        questions = list(islice(cycle(contender.inputs), first, first + count))
        contender.prepare()
        begun = time.process_time()  # what others do on the machine does not count, all own threads do
        for question in questions:
            ask(question)
        return count / (time.process_time() - begun)
