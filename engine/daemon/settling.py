"""When a root that may be changing is read: once it is quiet, or when files are replaced without pause.

A root is quiet when nothing in it has changed for 200 ms: files are whole then, and those that belong
together are there together. It is read twice, at the end of that time and 50 ms before, and every file must
have the same stamp and bytes.

Something that replaces a file every few milliseconds must not put that off for ever. So after 2 s a root is
read that is not quiet, unless a name came or went in the last 200 ms, as half of a move or of a delivery.
Files that were just replaced are held open for 200 ms and read again: one that is being written in place
gives itself away, and the reading counts for nothing. (Another inode proves little: numbers are used again.)

`Service.reload` reads, whoever asks for it and one at a time. The watcher settles nothing: it compares a look
with the one of the last reading, and asks for a reload when they differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from threading import Event, get_ident

from engine.daemon import fingerprints, proofs
from engine.daemon.fingerprints import Look
from engine.daemon.lookouts import Lookout
from engine.daemon.proofs import Proved
from engine.daemon.readings import Reading
from engine.diagnostics import InputError

QUIET = 0.2
AT_MOST = 2.0
BETWEEN_READINGS = 0.05
_CALM = QUIET - BETWEEN_READINGS
"""After so long it is read for the first time."""

PATIENCE = 30.0
"""Seconds after which whoever asked is told which files are being written, rather than wait on."""

_SHOWN = 3
_PAUSE = 0.05
_SHORTEST = 0.001
_SHARE = 5
"""The pause between looks at everything is at least this many times as long as one takes, but for the first
reading: nobody is answered before it."""


class StoppedError(Exception):
    """The wait was ended because the process stops."""


class Clock:
    """Time in seconds since some moment, and waits that end when it is stopped; one for the whole process."""

    def __init__(self) -> None:
        self._stopping = Event()

    def now(self) -> float:
        """Return the time, which never goes back."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Let time pass; StoppedError as soon as the process stops."""
        if self._stopping.wait(seconds):
            raise StoppedError

    def stop(self) -> None:
        """End every wait, now and later."""
        self._stopping.set()

    @property
    def is_stopped(self) -> bool:
        """Whether the process stops."""
        return self._stopping.is_set()


class Ripeness(Enum):
    """Whether a root may be read."""

    UNRIPE = "files are changing"
    CALM = "no file has changed for a while"
    DUE = "files are changing, and none of them came or went"


class Settling:
    """Tells by looks at a root whether it may be read; each look has the moment at which it began."""

    def __init__(self) -> None:
        self._look: Look | None = None
        self._since: dict[str, float] = {}
        self._first = self._moved = self._names_moved = self._begun = 0.0
        self._is_ripe = False

    def take(self, look: Look, at: float, since: float | None = None) -> Ripeness:
        """Take in a look; the first one cannot tell since when files are like that, so somebody else does."""
        before, self._look = self._look, look
        if before is None:
            self._begun = at
            self._first = self._moved = self._names_moved = at if since is None else since
        elif before is not look:
            self._note(before, look, at)
        ripeness = self._ripeness(at)
        self._is_ripe = ripeness is not Ripeness.UNRIPE
        return ripeness

    def pause(self, at: float) -> float:
        """Return for how many seconds not to look: until the root may be calm, if that is soon.

        A root that could be read, and was not whole, is let be for longer.
        """
        left = self._moved + _CALM - at
        return max(left, _SHORTEST) if left < _PAUSE and not self._is_ripe else _PAUSE

    def restless(self, at: float) -> frozenset[str]:
        """Return the files that have not been the same for the quiet period."""
        looked = self._look.stamps if self._look else ()
        return frozenset(path for path in looked if at - self._since.get(path, self._first) < QUIET)

    def begin_again(self, at: float) -> None:
        """Be due again after the maximum wait: a reading has shown that a file is being written."""
        self._begun = at

    def _ripeness(self, at: float) -> Ripeness:
        if at - self._moved >= _CALM:
            return Ripeness.CALM
        is_due = at - self._begun >= AT_MOST - QUIET and at - self._names_moved >= QUIET
        return Ripeness.DUE if is_due else Ripeness.UNRIPE

    def _note(self, before: Look, now: Look, at: float) -> None:
        moved = fingerprints.moved(before, now)
        if moved:
            self._moved = at
        if before.stamps.keys() != now.stamps.keys():
            self._names_moved = at
        self._since |= dict.fromkeys(moved, at)


class SettledRoot:
    """A root that is read when it has settled; `looked` is what it looked like in the last reading.

    A reading that left out a file it could not read counts for nothing: no later look is like it. `prepare`
    is given what was read once and has still to be read again: what it makes of that takes no time then.
    """

    def __init__(self, root: Path, clock: Clock) -> None:
        self.root = root
        self.clock = clock
        self.prepare: Callable[[Reading], object] = _identified
        self.lookout = Lookout(root, clock.now)
        self.readings = 0
        self._proved: Proved | None = None
        self._has_looked: int | None = None

    @property
    def looked(self) -> Look | None:
        """What the root looked like when it was last read as a whole."""
        proved = self._proved
        return proved.look if proved is not None and proved.reading.is_complete else None

    @contextmanager
    def just_looked(self) -> Iterator[None]:
        """Let the readings of this thread begin with what was told of, as it has just looked by itself."""
        self._has_looked = get_ident()
        try:
            yield
        finally:
            self._has_looked = None

    def read(self) -> Reading:
        """Wait until the root may be read, and read it; one at a time.

        InputError when files keep changing for too long, or the root is gone; StoppedError when the process
        stops.
        """
        settling = Settling()
        begun = self.clock.now()
        look_first = self.lookout.look if self._has_looked == get_ident() else self.lookout.look_everywhere
        for look_now in chain([look_first], repeat(self.lookout.look)):
            at = self.clock.now()
            look = look_now()
            took = self.clock.now() - at
            proved = self._read(settling, look, at)
            if proved is not None:
                return self._taken(proved)
            if self.clock.now() - begun > PATIENCE:
                break
            share = 0.0 if self.lookout.may_glance or self._proved is None else _SHARE * took
            self.clock.wait(max(share, settling.pause(at + took)))
        raise _unsettled(settling.restless(at))

    def _taken(self, proved: Proved) -> Reading:
        self._proved = proved
        self.readings += 1
        if proved.reading.is_empty and not self.root.is_dir():
            raise InputError(f"the root {self.root} does not exist", "restore it, or mount it")
        return proved.reading

    def _read(self, settling: Settling, look: Look, at: float) -> Proved | None:
        """Read the root if it may be read now."""
        match settling.take(look, at, self.lookout.unmoved_since(at)):
            case Ripeness.CALM:
                return proofs.read_quiet(self.root, look, self._look_later, self._proved)
            case Ripeness.DUE:
                restless = settling.restless(at)
                pause = partial(self.clock.wait, QUIET)
                proved = proofs.read_held(self.root, look, restless, pause, self._proved)
                settling.begin_again(self.clock.now())
                return proved
            case Ripeness.UNRIPE:
                return None

    def _look_later(self, reading: Reading) -> Look:
        begun = self.clock.now()
        self.prepare(reading)
        self.clock.wait(max(0.0, BETWEEN_READINGS - (self.clock.now() - begun)))
        return self.lookout.look()


def _identified(reading: Reading) -> str:
    return reading.sources.digest


def _unsettled(restless: Iterable[str]) -> InputError:
    names = sorted(restless)
    shown = ", ".join(names[:_SHOWN]) + (" and others" if len(names) > _SHOWN else "")
    verb = "is" if len(names) == 1 else "are"
    what = f"{shown} {verb} still being written" if names else "files come and go all the time"
    return InputError(
        f"the files cannot be read as a whole: {what}", "write a file elsewhere, then rename it"
    )
