"""What is live, and how the next becomes so: what can fail is built aside, then there is one assignment."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TypeAlias

from engine.daemon import attempts, checkout, fingerprints, lastgood, refusals
from engine.daemon.attempts import Attempt, Cause, Part
from engine.daemon.checkout import Checkout
from engine.daemon.crosschecks import Crosschecks
from engine.daemon.knownfacts import KnownFacts
from engine.daemon.loading import Loaded, Loader
from engine.daemon.readings import Reading
from engine.daemon.settling import StoppedError
from engine.diagnostics import Diagnostic, InputError
from engine.snapshot import Revision, Snapshot

Clock: TypeAlias = Callable[[], dt.datetime]
Later: TypeAlias = Callable[[Callable[[], None]], object]
"""Has something done that nobody waits for, now or in another thread."""

Listener: TypeAlias = Callable[[Attempt], None]
"""Told of every attempt, in the thread that made it: a log, a metric. It must not ask for a reload."""

_NO_FACTS = KnownFacts.of()
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Live:
    """What answers are made of. Read it once for an answer, and the answer is of one revision."""

    loaded: Loaded
    facts: KnownFacts
    since: dt.datetime
    is_last_good: bool = False
    """Whether it was started from what was saved, since the root could not be used."""
    warnings: tuple[Diagnostic, ...] = ()
    """What is odd about configuration and facts together."""

    @property
    def snapshot(self) -> Snapshot:
        """What decides."""
        return self.loaded.snapshot

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What `renewctl validate` says of it."""
        return tuple(sorted({*self.snapshot.diagnostics, *self.warnings}))


class Moment(NamedTuple):
    """What is live, and the attempts that led to it: replaced together, so that they are seen together."""

    live: Live | None = None
    attempt: Attempt | None = None
    success: dt.datetime | None = None


def utc_now() -> dt.datetime:
    """Return the moment, in UTC."""
    return dt.datetime.now(dt.UTC)


class Service:
    """Answers are made of `live`; `reload` replaces it, or leaves it and says why.

    `read` returns the root as it is once nobody writes to it, and is told why it is read. `kept` is the
    folder of the last good configuration, None to keep none: `later` has it written, for a disk may be slow,
    and the next change does not wait for it.
    """

    def __init__(
        self,
        root: Path,
        read: Callable[[Cause], Reading],
        *,
        kept: Path | None = None,
        clock: Clock = utc_now,
        skip_bad_facts: bool = False,
        later: Later = lambda do: do(),
    ) -> None:
        self.root = root
        self.started = clock()
        self.listeners: list[Listener] = []
        self.moment = Moment()
        self.complaint: str | None = None
        """What is wrong with keeping the last good configuration."""
        self._distrust: str | None = None
        self._read = read
        self._kept = kept
        self._clock = clock
        self._checkout = Checkout(root)
        self._loader = Loader(self._checkout.state, skip_bad_facts=skip_bad_facts)
        self._crosschecks = Crosschecks()
        self._later = later
        self._lock = Lock()
        self._keeping = Lock()
        self._begun = self._ended = 0
        self._saved: str | None = None
        self._may_use_last_good = False

    @property
    def live(self) -> Live:
        """What is live; there is something once the service was started."""
        live = self.moment.live
        if live is None:
            raise RuntimeError("nothing is live before the service was started")
        return live

    @property
    def complaints(self) -> tuple[str, ...]:
        """What is wrong beside the root."""
        return tuple(one for one in (self.complaint, self._distrust) if one is not None)

    @property
    def last_attempt(self) -> Attempt | None:
        """The latest attempt that ended."""
        return self.moment.attempt

    @property
    def last_success(self) -> dt.datetime | None:
        """When what is live was last known to be what is there."""
        return self.moment.success

    def start(self, *, from_last_good: bool = False) -> None:
        """Make the root live, or raise with everything that is wrong with it.

        With `from_last_good`, a configuration that was good once may serve until the root is good again; the
        facts have to be good either way.
        """
        self._may_use_last_good = from_last_good
        self._distrust = checkout.complaint(self.root)
        attempt = self.reload("start")
        live = self.moment.live
        if live is None:
            raise refusals.not_started(attempt)
        refusals.check_facts(attempt.facts, is_last_good=live.is_last_good)

    def reload(self, cause: Cause) -> Attempt:
        """Take up what is on disk, and return what came of it; one attempt at a time.

        Who asks while one is running gets the next, for the running one may have read before the change that
        is meant. Those who wait together share it.
        """
        begun = self._begun
        with self._lock:
            attempt = self.moment.attempt
            if attempt is not None and self._ended > begun:
                return attempt
            self._begun += 1
            attempt = self._attempt(cause)
            self._ended = self._begun
            return attempt

    def prepare(self, reading: Reading) -> None:
        """Make what a reading may become while it is still being proved: nobody sees anything of it.

        What goes wrong here does so again, and is told, if the reading is whole.
        """
        live = self.moment.live
        with suppress(Exception):
            loaded = self._loader.prepare(reading.sources, self._clock().date(), self._replaceable)
            if loaded is not None and live is not None:
                self._crosschecks.warnings(loaded, live.facts)

    def ask_git_again(self) -> None:
        """Update which commit is live: HEAD moves after a checkout wrote the files, or without them."""
        with self._lock:
            self._distrust = checkout.complaint(self.root)
            live = self.moment.live
            if live is None or live.is_last_good:
                return
            known = live.snapshot.revision
            state = self._checkout.state(live.loaded.sources)
            if state != (known.commit, known.dirty):
                revision = Revision(known.digest, lambda: state)
                loaded = live.loaded._replace(snapshot=replace(live.snapshot, revision=revision))
                self.moment = self.moment._replace(live=replace(live, loaded=loaded))

    def _attempt(self, cause: Cause) -> Attempt:
        at, begun, before = self._clock(), time.monotonic(), self.moment.live
        live, configuration, facts = self._take_up(at, cause)
        attempt = Attempt(
            at, cause, time.monotonic() - begun, configuration, facts, live.warnings if live else ()
        )
        self.moment = Moment(live, attempt, at if attempt.is_success else self.moment.success)
        if cause == "start":
            self.keep_again()
        else:
            self._later(self.keep_again)
        self._tell(attempt)
        if before is not None and live is not None and before.snapshot is not live.snapshot:
            self._later(partial(_forget, before.snapshot))
        return attempt

    def _take_up(self, now: dt.datetime, cause: Cause) -> tuple[Live | None, Part, Part]:
        """Return what is to be live, and what became of configuration and facts: each by itself."""
        try:
            reading = self._read(cause)
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001 - what is live stays whatever happens, and somebody is told
            failed = attempts.failed(error)
            return self._live_or_last_good(now), failed, failed
        live = self.moment.live
        loaded, configuration = attempts.judged(lambda: self._configuration(reading, now.date()))
        if live is None and loaded is None:
            live = self._live_or_last_good(now)
        known, facts = attempts.judged(lambda: self._loader.facts(reading, live.facts if live else None))
        return self._checked(_next(live, loaded, known, now)), configuration, facts

    def _checked(self, live: Live | None) -> Live | None:
        """Return what is to be live with its warnings; a defect in finding these keeps nothing from it."""
        before = self.moment.live
        if live is None or live is before:
            return live
        try:
            return replace(live, warnings=self._crosschecks.warnings(live.loaded, live.facts))
        except Exception:  # noqa: BLE001 - see above
            _log.exception("configuration and facts cannot be checked together")
            return live

    def _configuration(self, reading: Reading, on: dt.date) -> tuple[Loaded | None, Part]:
        return self._loader.configuration(reading.sources, on, self._replaceable)

    @property
    def _replaceable(self) -> Loaded | None:
        """What is live, if it was made of the root."""
        live = self.moment.live
        return live.loaded if live and not live.is_last_good else None

    def _live_or_last_good(self, now: dt.datetime) -> Live | None:
        """Return what is live; before anything is, what was saved, if it may and can be used."""
        live = self.moment.live
        if live is not None or not self._may_use_last_good or self._kept is None:
            return live
        try:
            kept = lastgood.read(self._kept, self.root)
        except InputError as error:
            self.complaint = f"the last good configuration is ignored: {error.message}"
            return None
        loaded, part = attempts.judged(lambda: self._loader.configuration(kept.sources, now.date(), None))
        if loaded is None:
            why = attempts.reason(part)
            self.complaint = f"the last good configuration is ignored, for it is no longer good: {why}"
            return None
        _log.warning("what renewctl %s saved at %s answers for the root", kept.version, kept.saved)
        return Live(loaded, _NO_FACTS, now, is_last_good=True)

    def keep_again(self) -> None:
        """Save what is live if that was not done, or if somebody has removed what was saved."""
        with self._keeping:
            self._keep(self.moment.live, self._clock())

    def _keep(self, live: Live | None, now: dt.datetime) -> None:
        """Save what is live, unless it is; that it cannot be is said, and keeps nobody from being served."""
        if self._kept is None or live is None or live.is_last_good:
            return
        sources = live.loaded.sources
        if sources.digest == self._saved and lastgood.is_there(self._kept):
            self.complaint = None
            return
        try:
            lastgood.save(self._kept, self.root, sources, now)
        except OSError as error:
            why = error.strerror or error
            self.complaint = f"the last good configuration cannot be kept in {self._kept}: {why}"
        else:
            self._saved, self.complaint = sources.digest, None

    def _tell(self, attempt: Attempt) -> None:
        """Tell all who listen; what one of them does wrong is nothing to the others, nor to who asked."""
        for listener in self.listeners:
            try:
                listener(attempt)
            except Exception:  # noqa: BLE001 - see above
                _log.exception("a listener failed when told of an attempt")


def _forget(snapshot: Snapshot) -> None:
    """Have a snapshot that is no longer live forget, while others are let in."""
    for _ in snapshot.forgetting():
        fingerprints.breathe()


def _next(
    live: Live | None, loaded: Loaded | None, known: KnownFacts | None, now: dt.datetime
) -> Live | None:
    """Return what is live with what could be loaded in its place."""
    if live is None:
        return Live(loaded, known or _NO_FACTS, now) if loaded else None
    if loaded is None:
        return replace(live, facts=known, since=now) if known else live
    is_same = known is None and loaded.sources.digest == live.loaded.sources.digest
    return Live(loaded, known or live.facts, live.since if is_same else now)
