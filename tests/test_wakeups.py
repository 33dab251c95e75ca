from __future__ import annotations

import errno
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from watchdog.events import FileSystemEvent
from watchdog.observers import Observer

from engine.daemon import fingerprints, wakeups
from engine.daemon.wakeups import Wakeups

LONG = 20.0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "srv" / "root"
    (made / "config/partners").mkdir(parents=True)
    (made / "rules").mkdir()
    (made / "shared").mkdir()
    return made


@pytest.fixture
def woken() -> threading.Event:
    return threading.Event()


@pytest.fixture
def armed(root: Path, woken: threading.Event) -> Iterator[Wakeups]:
    """Watch the root, from before a link in it leads anywhere."""
    (root / "config/partners/shared").symlink_to("../../shared")
    waking = Wakeups(root, lambda _: woken.set())
    waking.arm(fingerprints.look(root))
    yield waking
    waking.close()


@pytest.mark.parametrize("folder", [".", "config", "config/partners", "rules", "shared"])
def test_anything_in_the_directories_of_a_root_wakes(
    root: Path, armed: Wakeups, woken: threading.Event, folder: str
) -> None:
    assert armed.are_armed(fingerprints.look(root))

    (root / folder / "anything").touch()

    assert woken.wait(LONG)


def test_a_directory_that_is_made_below_wakes_too(root: Path, armed: Wakeups, woken: threading.Event) -> None:
    (root / "config/partners/new").mkdir()
    assert woken.wait(LONG)

    assert not armed.are_armed(fingerprints.look(root)), "it is to be armed again"


@pytest.fixture
def causes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the path of every event before it may wake anybody."""
    seen: list[str] = []

    def noting(handle: Callable[[Any, FileSystemEvent], None]) -> Callable[[Any, FileSystemEvent], None]:
        def note(self: wakeups._Telling, event: FileSystemEvent) -> None:
            seen.append(os.fsdecode(event.src_path))
            handle(self, event)

        return note

    for handler in (wakeups._Telling, wakeups._TellingOfName):
        monkeypatch.setattr(handler, "on_any_event", noting(handler.on_any_event))
    return seen


def test_neighbours_of_the_root_wake_nobody(root: Path, causes: list[str]) -> None:
    """Nor does a directory outside of it that a link leads to: no file is read there."""
    (root / "config/partners/away").symlink_to(root.parent)
    woken_by: queue.Queue[str] = queue.Queue()
    waking = Wakeups(root, lambda _: woken_by.put(causes[-1]))
    waking.arm(fingerprints.look(root))

    (root.parent / "neighbour").touch()
    root.rename(root.with_name("moved"))

    assert woken_by.get(timeout=LONG) == str(root)
    waking.close()


def test_reading_wakes_nobody(root: Path, causes: list[str]) -> None:
    (root / "rules/own.yaml").write_text("read")
    woken_by: queue.Queue[str] = queue.Queue()
    waking = Wakeups(root, lambda _: woken_by.put(causes[-1]))
    waking.arm(fingerprints.look(root))

    (root / "rules/own.yaml").read_text()
    list((root / "rules").iterdir())
    (root / "rules/other").mkdir()

    assert woken_by.get(timeout=LONG) == str(root / "rules/other")
    waking.close()


def test_a_limit_that_watchdog_does_not_tell_of_is_noticed(
    root: Path, woken: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on without the directories further down; one watch more than all is refused."""

    class Limited(Observer):  # type: ignore[valid-type,misc] # watchdog chooses its class at run time
        def schedule(self, handler: object, path: str, **options: object) -> object:
            if path == os.sep:
                raise OSError(errno.ENOSPC, "inotify watch limit reached")
            return super().schedule(handler, path, **options)

    monkeypatch.setattr(wakeups, "Observer", Limited)
    waking = Wakeups(root, lambda _: woken.set())

    with pytest.raises(OSError, match="limit reached"):
        waking.arm(fingerprints.look(root))
    assert not waking.are_armed(fingerprints.look(root))
    waking.close()


def test_a_directory_that_has_gone_since_the_look_is_left_to_the_next_one(
    root: Path, woken: threading.Event
) -> None:
    look = fingerprints.look(root)
    (root / "rules").rmdir()
    waking = Wakeups(root, lambda _: woken.set())

    waking.arm(look)

    assert not waking.are_armed(fingerprints.look(root))
    waking.close()


@pytest.fixture
def told(root: Path) -> Iterator[queue.Queue[str | None]]:
    """Watch the root, and keep what is told."""
    places: queue.Queue[str | None] = queue.Queue()
    waking = Wakeups(root, places.put)
    waking.arm(fingerprints.look(root))
    yield places
    waking.close()


def until(places: queue.Queue[str | None], last: str | None) -> set[str | None]:
    """Return what was told, once that was."""
    seen = {places.get(timeout=LONG)}
    while last not in seen:
        seen.add(places.get(timeout=LONG))
    return seen


def test_a_file_is_told_of_by_its_place(root: Path, told: queue.Queue[str | None]) -> None:
    partners = root / "config/partners"
    (partners / ".nord.yaml.new").touch()
    (partners / ".nord.yaml.new").rename(partners / "nord.yaml")

    assert None not in until(told, str(partners / "nord.yaml"))


def test_half_a_rename_holds_nothing_back(root: Path, told: queue.Queue[str | None]) -> None:
    """The other half may never come: the file went to a directory that nobody watches."""
    (root / "rules/own.yaml").touch()
    until(told, str(root / "rules"))
    begun = time.monotonic()

    (root / "rules/own.yaml").rename(root.parent / "away.yaml")
    (root / "rules/last.yaml").touch()
    until(told, str(root / "rules/last.yaml"))

    assert time.monotonic() - begun < 0.4


@pytest.mark.parametrize("happens", [Path.mkdir, lambda folder: folder.parent.rmdir()])
def test_with_a_directory_that_came_or_went_anything_may_have(
    root: Path, told: queue.Queue[str | None], happens: Callable[[Path], object]
) -> None:
    happens(root / "rules/deep")

    until(told, None)


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        ("InotifyEmitter.queue_events() called when the thread is inactive", False),
        ("Inotify queue overflowed; reconciling recursive watches below %r", True),
    ],
)
def test_that_a_thread_ends_as_its_directory_is_gone_is_not_logged(said: str, *, is_told: bool) -> None:
    log = logging.getLogger("watchdog.observers.inotify")

    assert bool(log.filter(logging.LogRecord(log.name, logging.ERROR, "", 0, said, (), None))) is is_told
