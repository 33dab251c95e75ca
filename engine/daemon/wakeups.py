"""Wakes whoever waits for a change of a root when the operating system tells of one.

`watchdog` is the library, and only this module knows it. What is odd about it:
- It goes deaf without a word when a directory is replaced, or when the system has no watch left for one
  further down. So it is armed for the directories of a look, and one watch more is tried after all others.
- It reports that files are opened, too: whoever reads after every event would never end. So events are named.
- It starts a thread for everything that is scheduled. So a directory is watched with all that is in it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from watchdog import events
from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirModifiedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from engine.daemon.fingerprints import Look

_CHANGES: list[type[FileSystemEvent]] = [
    *(DirCreatedEvent, DirDeletedEvent, DirModifiedEvent, DirMovedEvent),
    *(FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent),
    # that a file has become readable: an event of its own in newer versions, a modification in older ones
    *(getattr(events, name) for name in ("DirAttribEvent", "FileAttribEvent") if hasattr(events, name)),
]
_ONE_MORE = os.sep
"""A directory in which next to nothing happens."""

_END_WITHIN = 0.5


class Wakeups:
    """Calls `wake`, in another thread, when something in the directories of a root may have changed."""

    def __init__(self, root: Path, wake: Callable[[], None]) -> None:
        self._root = root
        self._wake = wake
        self._observer: BaseObserver | None = None
        self._folders: Mapping[str, Hashable] = {}

    def are_armed(self, look: Look) -> bool:
        """Whether everything is watched in which a change of that root can show, as far as can be known."""
        if self._observer is None or not self._observer.is_alive() or self._folders != look.folders:
            return False
        return all(emitter.is_alive() for emitter in self._observer.emitters)

    def arm(self, look: Look) -> None:
        """Watch the directories of that look, and only these; OSError when there is no watch left."""
        self.close()
        observer = self._observer = Observer()
        observer.start()
        anything = _Waking(self._wake)
        for folder in _below(self._root, look):
            _watch(observer, anything, folder, is_recursive=True)
        _watch(observer, anything, os.path.realpath(self._root))
        for folder, name in _ways(self._root):
            _watch(observer, _Waking(self._wake, name), folder)
        observer.unschedule(observer.schedule(anything, _ONE_MORE, event_filter=_CHANGES))
        self._folders = look.folders

    def close(self) -> None:
        """Watch nothing any more."""
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join(_END_WITHIN)


class _Waking(FileSystemEventHandler):
    """Wakes at any event, or at those about one name."""

    def __init__(self, wake: Callable[[], None], name: str | None = None) -> None:
        self._wake = wake
        self._name = name

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Wake, whatever happened: what did is seen by looking."""
        touched = {Path(os.fsdecode(path)).name for path in (event.src_path, event.dest_path)}
        if self._name is None or self._name in touched:
            self._wake()


def _watch(observer: BaseObserver, handler: _Waking, folder: str, *, is_recursive: bool = False) -> None:
    """Watch a directory; that one is gone by now is what the next look shows."""
    with suppress(FileNotFoundError, NotADirectoryError):
        observer.schedule(handler, folder, recursive=is_recursive, event_filter=_CHANGES)


def _below(root: Path, look: Look) -> Iterator[str]:
    """Yield directories that have all directories of a root in them, also those that links lead to."""
    top = os.path.realpath(root)
    covered: list[str] = []
    for folder in sorted(look.folders.keys() - {""}):
        place = os.path.realpath(f"{top}/{folder}")
        if place.startswith(f"{top}/") and not f"{place}/".startswith(tuple(covered)):
            covered.append(f"{place}/")
            yield place


def _ways(root: Path) -> Iterator[tuple[str, str]]:
    """Yield directory and name of the root, and of every link on the way to it: each may be swapped."""
    way = root.absolute()
    for path in (way, *way.parents):
        if path == way or path.is_symlink():
            yield os.path.realpath(path.parent), path.name
