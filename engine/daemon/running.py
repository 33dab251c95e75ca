"""The process: a service, its watcher and its server, from the first request to the last."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import uvloop

from engine import collecting
from engine.daemon import events, lastgood, listening
from engine.daemon.deliveries import Deliveries
from engine.daemon.events import Log, SlowAnswers
from engine.daemon.metrics import Metrics
from engine.daemon.service import Service, utc_now
from engine.daemon.settling import Clock, SettledRoot, StoppedError
from engine.daemon.supervisor import Supervisor
from engine.daemon.watcher import EVERY, Watch, Watcher
from engine.server import origins
from engine.server.application import Api, Others
from engine.server.decisions import Decisions
from engine.server.gate import Gate
from engine.server.limits import DEFAULT
from engine.server.places import Places
from engine.server.serving import Server

_SWITCH_SECONDS = 0.0005
"""For which a thread computes while the event loop waits: a reload must not be felt by those who ask."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a daemon is to run; `facts` is a file or a database instead of the facts of the root."""

    root: Path
    host: str = "127.0.0.1"
    port: int | None = 8480
    socket: Path | None = None
    is_open: bool = False
    watch: Watch = Watch.AUTO
    every: float = EVERY
    facts: str | None = None
    skip_bad_facts: bool = False
    start_from_last_good: bool = False
    state: Path | None = None
    announces: bool = True
    """Whether a plain line says where it listens: among logs in JSON, the event `start` does."""


def run(settings: Settings) -> None:
    """Answer until the process is told to stop."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    threading.excepthook = _tell_of_thread
    with ExitStack() as stack:
        sockets = list(_listeners(settings, stack))
        _claim(settings.state, stack)
        daemon = Daemon(settings)
        daemon.start()
        uvloop.run(daemon.answer(sockets))


def _tell_of_thread(ended: threading.ExceptHookArgs) -> None:
    """Log what ended a thread: Python would write it to stderr as it is, with addresses."""
    _log.error("a thread ended by a defect", exc_info=ended.exc_value)


def _listeners(settings: Settings, stack: ExitStack) -> Sequence[socket.socket]:
    """Listen before anything is loaded: that an address is taken is said at once."""
    found = []
    if settings.port is not None:
        tcp = listening.tcp(settings.host, settings.port, is_open=settings.is_open)
        found.append(stack.enter_context(tcp))
    if settings.socket is not None:
        found.append(stack.enter_context(listening.unix(settings.socket)))
    return found


def _claim(state: Path | None, stack: ExitStack) -> None:
    """Warn if another daemon keeps its last good configuration in the same place."""
    if state is not None and not stack.enter_context(lastgood.claimed(state)):
        _log.warning(
            "another daemon keeps its last good configuration in %s, too: choose with --state", state
        )


class Daemon:
    """What the process is made of."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        clock = Clock()
        settled = SettledRoot(settings.root, clock)
        self._keeper = ThreadPoolExecutor(1, "keeper")
        self._deliveries = Deliveries(settings.root, settled.read, settings.facts)
        self._service = Service(
            settings.root,
            self._deliveries.read,
            kept=settings.state,
            skip_bad_facts=settings.skip_bad_facts,
            later=self._do_aside,
        )
        settled.prepare = self._service.prepare
        self._watcher = Watcher(
            settled,
            self._service.reload,
            watch=settings.watch,
            every=settings.every,
            told=self._say_mode,
        )
        self._supervisor = Supervisor(os.environ)
        self._log = Log(self._service, self._watcher)
        metrics = Metrics(self._service, self._watcher, lambda: self._gate.running)
        self._observer = SlowAnswers(metrics)
        self._service.listeners += [metrics.attempt, self._log.attempt]
        self._api = self._make_api()
        self._gate = self._make_gate()
        self._server = Server(self._gate, DEFAULT)
        self._reloads: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Make the root live, or raise why that cannot be."""
        self._service.start(from_last_good=self._settings.start_from_last_good)
        gc.collect()
        gc.freeze()  # a full collection would walk all of what is loaded while somebody waits
        collecting.give_back()

    async def answer(self, sockets: Sequence[socket.socket]) -> None:
        """Answer until a signal says that it is enough."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, signal.Signals(number).name)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        self._watcher.start()
        tasks = [asyncio.create_task(task) for task in (self._begin(sockets), self._look(), self._ping())]
        try:
            await self._server.answer(sockets)
        finally:
            await self._end(tasks)

    async def _begin(self, sockets: Sequence[socket.socket]) -> None:
        """Say where to ask, once there is an answer."""
        names = [listening.name(one) for one in sockets]
        await self._server.is_answering.wait()
        self._log.started(names)
        if self._settings.is_open:
            _log.warning("--insecure: whoever reaches the address is answered, by whatever Host he asks")
        for name in names if self._settings.announces else ():
            print(f"listening on {name}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever waits for it
        self._supervisor.ready(self._text())

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.to_thread(self._watcher.stop)
        await asyncio.to_thread(self._keeper.shutdown)
        self._api.threads.stop()
        events.stopped()

    def _do_aside(self, do: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the process ends, and so does the thread
            self._keeper.submit(_told_of, do)

    def _say_mode(self) -> None:
        self._log.look()

    def _stop(self, reason: str) -> None:
        events.stopping(reason)
        self._supervisor.stopping()
        self._server.stop()

    def _reload(self) -> None:
        """Take up what is on disk, as SIGHUP asks; another signal meanwhile asks once more."""
        self._supervisor.reloading()
        reloading = asyncio.create_task(self._reload_once())
        self._reloads.add(reloading)
        reloading.add_done_callback(self._reloads.discard)

    async def _reload_once(self) -> None:
        with suppress(StoppedError):
            await asyncio.to_thread(self._service.reload, "signal")
            self._supervisor.ready(self._text())

    async def _look(self) -> None:
        """Take up what no event tells: a new day, other facts elsewhere, a commit that was checked out."""
        while True:
            await asyncio.sleep(min(self._settings.every, _until_midnight(utc_now())))
            try:
                await asyncio.to_thread(self._take_up)
            except StoppedError:
                return
            except Exception:  # noqa: BLE001 - the loop that must not end
                _log.exception("a look failed, and there will be another")

    def _take_up(self) -> None:
        attempt, now = self._service.last_attempt, utc_now()
        if attempt is None or attempt.at.date() != now.date():  # once a day, be it refused or not
            self._service.reload("day")
        elif self._deliveries.are_due(self._service.live.loaded.sources):
            self._service.reload("poll")
        else:
            self._service.ask_git_again()
            self._service.keep_again()
        collecting.give_back()
        self._log.look()

    async def _ping(self) -> None:
        """Tell the supervisor that all is well, as long as it is."""
        seconds = self._supervisor.ping_seconds
        while seconds is not None:
            if self._settings.watch is Watch.OFF or self._watcher.is_well(utc_now()):
                self._supervisor.ping()
            await asyncio.sleep(seconds)

    def _text(self) -> str:
        revision = self._service.live.snapshot.revision
        return f"answering from {revision.commit or revision.digest}"

    def _make_api(self) -> Api:
        return Api(
            self._service,
            self._watcher,
            limits=DEFAULT,
            observer=self._observer,
            clock=utc_now,
            is_stopping=lambda: self._server.should_exit,
        )

    def _make_gate(self) -> Gate:
        places = Places(DEFAULT)
        decide = Decisions(self._service, places, self._observer, utc_now)
        return Gate(
            self._service,
            decide,
            Others(self._api, decide),
            places=places,
            observer=self._observer,
            hosts=None if self._settings.is_open else origins.LOOPBACK,
        )


def _told_of(do: Callable[[], None]) -> None:
    """Do it; nobody waits for what comes of it, so a defect is logged here."""
    try:
        do()
    except Exception:  # noqa: BLE001 - see above
        _log.exception("what was to be done aside failed")


def _until_midnight(now: dt.datetime) -> float:
    """Return the seconds until it is another day in UTC, and a little more."""
    midnight = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), dt.UTC)
    return (midnight - now).total_seconds() + 0.01
