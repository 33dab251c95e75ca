"""When a root that may be changing is read: once it is quiet, or when files are replaced without pause.

A root is quiet when nothing in it has changed for 200 ms: files are whole then, and those that belong
together are there together. It is read twice, 50 ms apart, and every file must have the same stamp and bytes.

Something that replaces a file every few milliseconds must not put that off for ever. So after 2 s a root is
read that is not quiet, unless a name came or went in the last 200 ms, as half of a move or of a delivery.
Files that were just replaced are held open for 200 ms and read again: one that is being written in place
gives itself away, and the reading counts for nothing. (Another inode proves little: numbers are used again.)

`Service.reload` reads, whoever asks for it and one at a time. The watcher settles nothing: it compares a look
with the one of the last reading, and asks for a reload when they differ.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from threading import Event

from engine.daemon import fingerprints, proofs
from engine.daemon.fingerprints import Look, Stamp
from engine.daemon.proofs import Proved
from engine.daemon.readings import Reading
from engine.diagnostics import InputError

QUIET = 0.2
AT_MOST = 2.0
BETWEEN_READINGS = 0.05

PATIENCE = 30.0
"""Seconds after which whoever asked is told which files are being written, rather than wait on."""

_SHOWN = 3
_PAUSE = 0.05
_SHARE = 5
"""The pause between looks is at least this many times as long as a look takes."""


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
    QUIET = "no file has changed for a while"
    DUE = "files are changing, and none of them came or went"


class Settling:
    """Tells by looks at a root whether it may be read; each look has the moment at which it began."""

    def __init__(self) -> None:
        self._look: Look | None = None
        self._since: dict[str, float] = {}
        self._moved = self._names_moved = self._begun = 0.0

    def take(self, look: Look, at: float) -> Ripeness:
        """Take in a look; the first one cannot tell how long the files have been like that."""
        before, self._look = self._look, look
        if before is None:
            self._begun = at
        if before is None or before.stamps != look.stamps:
            self._note(before.stamps if before else {}, look.stamps, at)
        if at - self._moved >= QUIET:
            return Ripeness.QUIET
        is_due = at - self._begun >= AT_MOST - QUIET and at - self._names_moved >= QUIET
        return Ripeness.DUE if is_due else Ripeness.UNRIPE

    def restless(self, at: float) -> frozenset[str]:
        """Return the files that have not been the same for the quiet period."""
        return frozenset(path for path, since in self._since.items() if at - since < QUIET)

    def begin_again(self, at: float) -> None:
        """Be due again after the maximum wait: a reading has shown that a file is being written."""
        self._begun = at

    def _note(self, before: Mapping[str, Stamp | None], now: Mapping[str, Stamp | None], at: float) -> None:
        self._moved = at
        if before.keys() != now.keys() or not self._since:
            self._names_moved = at
        same = {path for path, stamp in now.items() if path in before and before[path] == stamp}
        self._since = {path: self._since[path] if path in same else at for path in now}


class SettledRoot:
    """A root that is read when it has settled; `looked` is what it looked like in the last reading.

    A reading that left out a file it could not read counts for nothing: no later look is like it.
    """

    def __init__(self, root: Path, clock: Clock) -> None:
        self.root = root
        self.clock = clock
        self.looked: Look | None = None

    def read(self) -> Reading:
        """Wait until the root may be read, and read it; one at a time.

        InputError when files keep changing for too long, or the root is gone; StoppedError when the process
        stops.
        """
        settling = Settling()
        begun = self.clock.now()
        while True:
            at = self.clock.now()
            look = fingerprints.look(self.root)
            pause = max(_PAUSE, _SHARE * (self.clock.now() - at))
            proved = self._read(settling, look, at)
            if proved is not None:
                self.looked = proved.look if proved.reading.is_complete else None
                if proved.reading.is_empty and not self.root.is_dir():
                    raise InputError(f"the root {self.root} does not exist", "restore it, or mount it")
                return proved.reading
            if self.clock.now() - begun > PATIENCE:
                raise _unsettled(settling.restless(at))
            self.clock.wait(pause)

    def _read(self, settling: Settling, look: Look, at: float) -> Proved | None:
        """Read the root if it may be read now."""
        match settling.take(look, at):
            case Ripeness.QUIET:
                return proofs.read_quiet(self.root, look, lambda: self.clock.wait(BETWEEN_READINGS))
            case Ripeness.DUE:
                restless = settling.restless(at)
                proved = proofs.read_held(self.root, look, restless, lambda: self.clock.wait(QUIET))
                settling.begin_again(self.clock.now())
                return proved
            case Ripeness.UNRIPE:
                return None


def _unsettled(restless: Iterable[str]) -> InputError:
    names = sorted(restless)
    shown = ", ".join(names[:_SHOWN]) + (" and others" if len(names) > _SHOWN else "")
    verb = "is" if len(names) == 1 else "are"
    what = f"{shown} {verb} still being written" if names else "files come and go all the time"
    return InputError(
        f"the files cannot be read as a whole: {what}", "write a file elsewhere, then rename it"
    )
