"""Deadlines at a fraction of what `asyncio.timeout` costs: looked at twice a second, not a timer each."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

_EVERY = 0.5

_Task = asyncio.Task[Any]


class Deadlines:
    """Ends what takes too long, up to half a second late: `with deadlines.within(10): await ...`."""

    def __init__(self) -> None:
        self._ends: dict[_Task, float] = {}
        self._expired: set[_Task] = set()
        self._looking: asyncio.AbstractEventLoop | None = None

    def within(self, seconds: float) -> _Deadline:
        """Raise TimeoutError in the block once the time is over; there are no blocks in blocks."""
        return _Deadline(self, seconds)

    def begin(self, seconds: float) -> None:
        """Set the deadline of the running task."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("only a task has a deadline")
        self._ends[task] = loop.time() + seconds
        if self._looking is not loop:
            self._looking = loop
            loop.call_later(min(_EVERY, seconds), self._look, loop)

    def end(self) -> bool:
        """Forget the deadline of the running task; whether it was over."""
        task = asyncio.current_task()
        if task is None:
            return False
        self._ends.pop(task, None)
        if task not in self._expired:
            return False
        self._expired.discard(task)
        task.uncancel()
        return True

    def expire(self, task: _Task) -> bool:
        """End the block that a task is in now; whether it is in one."""
        if self._ends.pop(task, None) is None:
            return False
        self._expired.add(task)
        task.cancel()
        return True

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for task in [task for task, end in self._ends.items() if end <= now]:
            self.expire(task)
        if self._ends:
            loop.call_later(_EVERY, self._look, loop)
        else:
            self._looking = None


class _Deadline:
    """A block with a deadline."""

    __slots__ = ("_deadlines", "_seconds")

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self._deadlines = deadlines
        self._seconds = seconds

    def __enter__(self) -> None:
        self._deadlines.begin(self._seconds)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        is_over = self._deadlines.end()
        if is_over and kind is not None and issubclass(kind, asyncio.CancelledError):
            raise TimeoutError from error


DEADLINES = Deadlines()
"""Those of this process: a task has one at a time, whoever set it."""
