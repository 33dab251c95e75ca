"""Has a root loaded again when it is other than what was read: it looks when woken, and now and then anyway.

What a look shows is the truth; an event is only a reason for one, at the place that it names. When it is time
it looks at everything, in pieces, between which events come first. So an event that is lost, or that the file
system does not deliver, costs some seconds and never a change. Nothing is waited for here: a reload reads the
root once it has settled, and this compares looks with the one of that reading.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Literal, TypeAlias

from engine.daemon import fingerprints
from engine.daemon.attempts import Cause
from engine.daemon.fingerprints import Look
from engine.daemon.lookouts import Rounds
from engine.daemon.settling import SettledRoot, StoppedError
from engine.daemon.wakeups import Wakeups

EVERY = 10.0
"""Seconds between looks when nothing wakes the watcher, give or take a tenth: daemons do not look in step."""

_ARM_AGAIN = 60.0
_BEGIN_AGAIN = 1.0
_PAUSE = 0.05
_SHARE = 5
_END_WITHIN = 1.0
_MISSED = 3
"""Looks that may fail to come before the watcher is taken to hang."""

_PATIENCE = 180.0
"""Seconds for which it may not look: while a large root is taken up it does not, nor while a reload waits."""

Mode: TypeAlias = Literal["events", "poll", "off"]
"""How changes are noticed."""

_log = logging.getLogger(__name__)


class Watch(StrEnum):
    """How changes are to be noticed: by events if that can be, by polling alone, or not at all."""

    AUTO = "auto"
    POLL = "poll"
    OFF = "off"


class Watcher:
    """A thread that never ends by itself; `mode` says how it notices changes now.

    `settled` is the root that `reload` reads: the method of the service. `told` is called when `mode` is
    another.
    """

    def __init__(
        self,
        settled: SettledRoot,
        reload: Callable[[Cause], object],
        *,
        watch: Watch = Watch.AUTO,
        every: float = EVERY,
        told: Callable[[], object] = lambda: None,
    ) -> None:
        self.mode: Mode = "off"
        self.last_look: dt.datetime | None = None
        self._settled = settled
        self._clock = settled.clock
        self._reload = reload
        self._watch_by = watch
        self._tell = told
        self._said: Mode | None = None
        self._every = every
        self._began = dt.datetime.now(dt.UTC)
        self._woken = threading.Event()
        self._lookout = settled.lookout
        self._wakeups = Wakeups(settled.root, self._told)
        self._arm_at = self._poll_at = 0.0
        self._rounds: Rounds | None = None
        self._is_everything_due = True
        self._is_told = False
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Look now and from now on, unless nothing is to be noticed."""
        if self._watch_by is not Watch.OFF:
            self.mode = "poll"
            self._thread.start()

    def stop(self) -> None:
        """Look no more, and end a reload that waits for the root to settle."""
        self._clock.stop()
        self._woken.set()
        if self.is_alive:
            self._thread.join(_END_WITHIN)

    @property
    def is_alive(self) -> bool:
        """Whether changes are being noticed, in whatever way."""
        return self._thread.is_alive()

    def is_well(self, now: dt.datetime) -> bool:
        """Whether somebody looks: a file system that hangs keeps the thread alive, and blind."""
        patience = dt.timedelta(seconds=max(_PATIENCE, _MISSED * self._every))
        return self.is_alive and now - (self.last_look or self._began) < patience

    def _run(self) -> None:
        try:
            while not self._clock.is_stopped:
                self._watch_until_it_fails()
        finally:
            self._wakeups.close()

    def _watch_until_it_fails(self) -> None:
        """Watch; after a defect begin again, a little later: whatever it was, polling has to go on."""
        try:
            self._watch()
        except StoppedError:
            return
        except Exception:  # noqa: BLE001 - the loop that must not end
            _log.exception("watching %s failed, and begins again", self._settled.root)
            self._woken.wait(_BEGIN_AGAIN)

    def _watch(self) -> None:
        cause: Cause = "poll"
        self._rounds, self._is_everything_due = None, True
        if self._settled.looked is not None:
            self._arm(self._settled.looked)  # what changes while everything is looked at is told of already
        while True:
            self._catch_up(cause)
            cause = self._wait()

    def _wait(self) -> Cause:
        """Wait for a reason to look, and return it: something is told, or it is time to look anyway."""
        while not self._woken.wait(max(0.0, self._poll_at - self._clock.now())):
            self._clock.wait(0)
            if not self._lookout.may_glance or self._has_gone_the_rounds():
                return "poll"
        self._woken.clear()  # before the look: what happens from here on wakes again
        self._clock.wait(0)
        return "change"

    def _has_gone_the_rounds(self) -> bool:
        """Go the rounds until something is told, from where that was the last time; False if it is."""
        self._rounds = self._rounds or self._lookout.rounds()
        while not self._woken.is_set():
            try:
                next(self._rounds)
            except StopIteration as end:
                self._has_looked_everywhere(self._clock.now(), is_all_told=end.value)
                return True
            fingerprints.breathe()
        return False

    def _told(self, place: str | None) -> None:
        self._lookout.tell(place)
        self._woken.set()

    def _catch_up(self, cause: Cause) -> None:
        """Look until every directory is watched, and what was read is what is there."""
        while True:
            look, pause = self._look(self._clock.now())
            is_new_watch = self._arm(look)
            self._say_mode()
            is_behind = look != self._settled.looked
            if is_behind and not self._has_reloaded(cause):
                return
            self._clock.wait(pause)
            if not is_new_watch and not is_behind:
                return

    def _look(self, now: float) -> tuple[Look, float]:
        """Look at what was told of; at everything when it is due. Return for how long to let it be, too."""
        if self._must_look_everywhere(now):
            look, pause = self._lookout.look_everywhere(), _PAUSE
            self._has_looked_everywhere(now)
        else:
            look = self._lookout.look()
            pause = max(_PAUSE, _SHARE * (self._clock.now() - now))
            self.last_look = dt.datetime.now(dt.UTC)
        return look, pause

    def _must_look_everywhere(self, now: float) -> bool:
        """Whether it is time, and the rounds cannot be gone, or have not come to an end for too long."""
        is_time, is_late = (now >= at for at in (self._poll_at, self._poll_at + self._every))
        return self._is_everything_due or is_late or (is_time and not self._lookout.may_glance)

    def _has_looked_everywhere(self, now: float, *, is_all_told: bool = True) -> None:
        self._rounds, self._is_everything_due = None, not is_all_told
        self._poll_at = now + self._every * random.uniform(0.9, 1.1)  # noqa: S311 - no secret
        self.last_look = dt.datetime.now(dt.UTC)

    def _has_reloaded(self, cause: Cause) -> bool:
        """Have the root loaded again; False if it could not be read: the next event or poll tries again."""
        before = self._settled.readings
        with self._settled.just_looked():
            self._reload(cause)
        return self._settled.readings != before

    def _arm(self, look: Look) -> bool:
        """Watch the directories of that look; True if they were not, and so may have changed unseen."""
        if self._watch_by is Watch.POLL or self._wakeups.are_armed(look) or self._clock.now() < self._arm_at:
            return False
        try:
            self._wakeups.arm(look)
            self._lookout.rely()
        except OSError as error:
            self._fall_back(error)
            return False
        self.mode = "events"
        return True

    def _say_mode(self) -> None:
        """Tell how changes are noticed from now on."""
        if self.mode != self._said:
            self._said = self.mode
            self._tell()

    def _fall_back(self, error: OSError) -> None:
        """Poll for a while, and say so once."""
        self._lookout.rely_no_more()
        self._wakeups.close()
        self._arm_at = self._clock.now() + _ARM_AGAIN
        if not self._is_told:
            _log.warning("changes are found by polling every %g s only: %s", self._every, error)
        self._is_told = True
        self.mode = "poll"
