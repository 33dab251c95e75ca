"""Single decisions under load, beside the echo and Cerbos in the same rounds, and during reloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

from benchmarks import timing
from benchmarks.scale import rows
from benchmarks.scale.rows import Aim, Row
from benchmarks.serving import cerbos, editing, load, numbers, servers
from benchmarks.serving.bench import Bench
from benchmarks.serving.load import Load
from benchmarks.serving.servers import Server

_OF_THE_ECHO, _TWICE, _OF_CERBOS = rows.at_least(0.6), rows.at_most(2), rows.at_least(4)
_TAKEN_UP = rows.at_least(0.75, "a second")
"""Of an edit each second; the last of each turn is live after its end."""
_LONGER = 3
"""How many times as long the turn with the edits lasts: a reload under load may take seconds."""
_WARM_UP = 1

Turn: TypeAlias = Callable[[int], Load]


class _Pair(NamedTuple):
    """Two turns to be compared, and what is aimed at."""

    what: str
    ours: str
    other: str
    rate: Aim
    p99: Aim


_PAIRS = (
    _Pair("a client", "client", "echo", _OF_THE_ECHO, _TWICE),
    _Pair("a renewal's facts", "facts", "echo of facts", _OF_THE_ECHO, _TWICE),
    _Pair("a renewal's facts", "facts", "Cerbos", _OF_CERBOS, rows.NONE),
    _Pair("a renewal's facts, an edit each second", "disturbed", "facts", rows.NONE, _TWICE),
)


def measure(bench: Bench) -> Iterator[Row]:
    """Yield the rows of each pair."""
    reloads: list[int] = []
    with ExitStack() as stack:
        measured = timing.rounds(_turns(bench, stack, reloads), bench.rounds)
    for pair in _PAIRS:
        if pair.other in measured:
            yield from _rows(pair, measured[pair.ours], measured[pair.other])
        else:
            yield rows.skipped(_title(pair, "a second"), cerbos.MISSING, pair.rate)
    yield _taken_up(sum(reloads), len(reloads) * _LONGER * bench.seconds)


def _turns(bench: Bench, stack: ExitStack, reloads: list[int]) -> Mapping[str, Turn]:
    """Start everybody, let them warm up, and return what a turn of each is."""
    daemon = stack.enter_context(servers.daemon(bench.served, bench.state("answering")))
    echo = stack.enter_context(servers.echo())
    asked = bench.questions
    turns: dict[str, Turn] = {
        "echo": _turn(bench, echo, asked.clients),
        "client": _turn(bench, daemon, asked.clients),
        "echo of facts": _turn(bench, echo, asked.facts),
        "facts": _turn(bench, daemon, asked.facts),
        "disturbed": partial(_disturbed, bench, daemon, reloads),
    }
    program = cerbos.found()
    if program is not None:
        peer = stack.enter_context(servers.cerbos(program, cerbos.write(bench.volume, "policies")))
        turns["Cerbos"] = _turn(bench, peer, asked.cerbos)
    return turns


def _turn(bench: Bench, server: Server, questions: Path) -> Turn:
    load.put(server, questions, _WARM_UP)
    return lambda _: load.put(server, questions, bench.seconds)


def _disturbed(bench: Bench, daemon: Server, reloads: list[int], _: int) -> Load:
    with editing.each_second(daemon, bench.edited) as revisions:
        measured = load.put(daemon, bench.questions.facts, _LONGER * bench.seconds)
    reloads.append(len(set(revisions)) - 1)
    return measured


def _rows(pair: _Pair, ours: Sequence[Load], theirs: Sequence[Load]) -> Iterator[Row]:
    shown = (("a second", "rate", pair.rate), ("a second of CPU", "rate_of_core", rows.NONE))
    for unit, name, aim in shown:
        mine, other = numbers.of(ours, name), numbers.of(theirs, name)
        yield numbers.rates(_title(pair, unit), mine, pair.other, other, aim)
    mine, other = numbers.of(ours, "p99"), numbers.of(theirs, "p99")
    yield numbers.waits(_title(pair, "p99"), mine, pair.other, other, pair.p99)


def _taken_up(reloads: int, seconds: int) -> Row:
    """Return the row without which the p99 during reloads means nothing."""
    a_second = reloads / seconds
    said = f"an edit each second, for {seconds} s"
    return Row("revisions that went live during those edits", f"{reloads}", said, "", _TAKEN_UP, a_second)


def _title(pair: _Pair, measured: str) -> str:
    return f"single decisions, {pair.what}: {measured}"
