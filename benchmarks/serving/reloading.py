"""From the rename of a changed file to the first answer with it: ours, Cerbos' and Alertmanager's."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks import timing
from benchmarks.scale import alertmanager, peers, renaming, rows
from benchmarks.scale.peers import Listed
from benchmarks.scale.renaming import Asks
from benchmarks.scale.rows import Row
from benchmarks.serving import cerbos, questions, servers
from benchmarks.serving.bench import Bench
from benchmarks.serving.servers import Server
from engine.daemon.settling import BETWEEN_READINGS, QUIET

_WHAT = "reload of one partner"
_MS = 1e3
_PAUSE = 0.005
_PATIENTLY = f"asked every {_PAUSE * _MS:.0f} ms"


def measure(bench: Bench) -> Iterator[Row]:
    """Yield two rows of ours, and one of each of the others."""
    yield from _ours(bench)
    program = cerbos.found()
    yield _skipped("Cerbos", cerbos.MISSING) if program is None else _cerbos(bench, program)
    program = peers.found("prometheus-alertmanager", "alertmanager")
    missing = "Alertmanager is not installed (Debian: prometheus-alertmanager)"
    yield _skipped("Alertmanager", missing) if program is None else _alertmanager(bench, program)


class _Patient:
    """Asks with pauses: who asks without leaves the daemon half a core to reload with."""

    def __init__(self, asker: Asks) -> None:
        self._asker = asker

    def revision(self) -> str:
        """Return which revision answers, in a while."""
        time.sleep(_PAUSE)
        return self._asker.revision()


def _ours(bench: Bench) -> Iterator[Row]:
    quiet = QUIET + BETWEEN_READINGS
    said = f"less the quiet period of {quiet * _MS:.0f} ms"
    client = next(peers.listed([bench.edited])).clients[0]
    with (
        servers.daemon(bench.served, bench.state("reloading")) as daemon,
        closing(renaming.Asker(daemon.port, client)) as asker,
    ):
        for how, who in ((_PATIENTLY, _Patient(asker)), ("asked without pause", asker)):
            taken = [renaming.renamed(who, bench.edited, number) for number in range(bench.renames)]
            yield _row(f"ours, {how}", [one.seconds - quiet for one in taken], said)


def _cerbos(bench: Bench, program: str) -> Row:
    policies = cerbos.write(bench.volume, "policies-edited")
    partner = next(peers.listed([bench.edited]))
    path = policies / f"{partner.partner}.yaml"
    with servers.cerbos(program, policies) as server:
        asker = _Patient(_Asker(server, partner))
        taken = [renaming.replaced(asker, path, _edited(partner, number)) for number in range(bench.renames)]
    return _row(f"Cerbos, {_PATIENTLY}", [one.seconds for one in taken], "its own wait for quiet included")


class _Asker:
    """Asks Cerbos about one client, whose owner is edited to and fro."""

    def __init__(self, server: Server, partner: Listed) -> None:
        fact = {"partner": partner.partner, "client": partner.clients[0]}
        body = json.dumps(questions.about(fact)).encode()
        self._request = urllib.request.Request(server.url, body, {"Content-Type": "application/json"})  # noqa: S310 - it runs on this machine

    def revision(self) -> str:
        """Return whether the partner receives."""
        with urllib.request.urlopen(self._request) as answer:  # noqa: S310 - the same
            effect: str = json.load(answer)["results"][0]["actions"]["receive"]
            return effect


def _edited(partner: Listed, number: int) -> str:
    """Return the policy in which the first client has another owner than it had before."""
    owners = cerbos.owners(partner.clients)
    others = [owner for owner in cerbos.OWNERS if owner != owners[partner.clients[0]]]
    turns = [*others, owners[partner.clients[0]]]
    return cerbos.policy(partner.partner, {**owners, partner.clients[0]: turns[number % len(turns)]})


def _alertmanager(bench: Bench, program: str) -> Row:
    """Alertmanager has one file, and notices nothing: the reload is asked for."""
    configuration = bench.volume.folder / "alertmanager.yml"
    text = "".join(alertmanager.routes(bench.volume))
    configuration.write_text(text)
    with alertmanager.running(program, configuration, bench.volume.folder / "alertmanager") as (_, url):
        taken = [
            _asked_for(configuration, f"{text}# edit {number}\n", url) for number in range(bench.renames)
        ]
    return _row("Alertmanager, told to", taken, "POST /-/reload, all of it in one file")


def _asked_for(path: Path, text: str, url: str) -> float:
    new = path.with_name(f"{path.name}.new")
    new.write_text(text)
    begun = time.perf_counter()
    new.replace(path)
    with urllib.request.urlopen(url, b""):  # noqa: S310 - the same
        return time.perf_counter() - begun


def _row(who: str, taken: Sequence[float], said: str) -> Row:
    p50, longest = timing.spread(taken).median * _MS, max(taken) * _MS
    return Row(f"{_WHAT}, {who}", f"p50 {p50:.0f} ms, max {longest:.0f} ms of {len(taken)}", said)


def _skipped(who: str, why: str) -> Row:
    return rows.skipped(f"{_WHAT}, {who}", why)
