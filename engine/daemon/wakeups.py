"""Tells of the places of a root at which the operating system says that something has changed.

`watchdog` is the library, and only this module knows it. What is odd about it:
- It goes deaf without a word when a directory is replaced, or when the system has no watch left for one
  further down. So it is armed for the directories of a look, and one watch more is tried after all others.
- It reports that files are opened, too: whoever reads after every event would never end. So events are named.
- It starts a thread for everything that is scheduled. So a directory is watched with all that is in it.
- It holds back the first half of a rename, and all that comes after it, for half a second in case that the
  other half is late. So it is told to wait less: to us a half says enough.
- It logs an error when a directory that it watched is gone and its thread is about to end. That is no error.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

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
_OF_MANY = (DirCreatedEvent, DirDeletedEvent, DirMovedEvent)
_ONE_MORE = os.sep
"""A directory in which next to nothing happens."""

_END_WITHIN = 0.5
_HALF_A_RENAME = 0.01
"""Seconds for which the second half of a rename is waited for; it comes at once, if at all."""

_PAIRING = (
    ("inotify_move_event_grouper", "InotifyMoveEventGrouper"),
    ("inotify_buffer", "InotifyBuffer"),
)


Tell: TypeAlias = Callable[[str | None], None]
"""Takes the place of something that may have changed, None for anything; called in another thread."""


class Wakeups:
    """Tells when something in the directories of a root may have changed."""

    def __init__(self, root: Path, tell: Tell) -> None:
        self._root = root
        self._tell = tell
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
        anything = _Telling(self._tell)
        for folder in _below(self._root, look):
            _watch(observer, anything, folder, is_recursive=True)
        _watch(observer, anything, os.path.realpath(self._root))
        for folder, name in _ways(self._root):
            _watch(observer, _TellingOfName(self._tell, name), folder)
        observer.unschedule(observer.schedule(anything, _ONE_MORE, event_filter=_CHANGES))
        self._folders = look.folders

    def close(self) -> None:
        """Watch nothing any more."""
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join(_END_WITHIN)


def _wait_less() -> None:
    """Have the halves of renames waited for as long as we want; who pairs them depends on the version."""
    for module, name in _PAIRING:
        with suppress(ImportError):
            getattr(import_module(f"watchdog.observers.{module}"), name).delay = _HALF_A_RENAME


def _is_news(record: logging.LogRecord) -> bool:
    """Whether it is worth a line that watchdog logs that: not that a thread ends in its own time."""
    return "when the thread is inactive" not in record.msg


_wait_less()
logging.getLogger("watchdog.observers.inotify").addFilter(_is_news)


class _Telling(FileSystemEventHandler):
    """Tells of every event by its places; those of a directory that came or went may be about any file."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Tell of it, whatever happened: what did is seen by looking."""
        for path in (event.src_path, event.dest_path):
            if path:
                self._tell(None if isinstance(event, _OF_MANY) else os.fsdecode(path))


class _TellingOfName(_Telling):
    """Tells that anything may have changed at the events about one name."""

    def __init__(self, tell: Tell, name: str) -> None:
        super().__init__(tell)
        self._name = name

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Tell of it if it is about that name."""
        if self._name in {Path(os.fsdecode(path)).name for path in (event.src_path, event.dest_path)}:
            self._tell(None)


def _watch(observer: BaseObserver, handler: _Telling, folder: str, *, is_recursive: bool = False) -> None:
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
