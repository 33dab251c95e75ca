"""Changes that are hard to notice: too many, at a bad moment, or where no event tells of them."""

from __future__ import annotations

import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from commandline import copy_of_root
from served import BY_EVENTS, NORDLICHT, SOON, Served, replace, served_copy, serving, variant

from engine import trees
from engine.daemon.service import Service
from engine.daemon.settling import Clock, SettledRoot
from engine.daemon.watcher import Watcher
from engine.diagnostics import Diagnostic
from engine.trees import File, Folder

EVERY = 0.5


_STORM = """
import pathlib, sys
file, number = pathlib.Path(sys.argv[1]), 0
text = file.read_text()
for number in range(int(sys.argv[2])):
    file.write_text(text.replace("jana@", f"jana{number % 10}@"))
"""


@pytest.mark.parametrize("writes", [2_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_a_storm_of_writes_ends_in_one_revision(tmp_path: Path, writes: int) -> None:  # F20
    with served_copy(tmp_path) as served:
        before = list(served.asker.tags)
        subprocess.run([sys.executable, "-c", _STORM, served.root / NORDLICHT, str(writes)], check=True)
        new = served.becomes_live()

        assert served.asker.tags == [*before, new]


def test_a_trickle_of_replaces_is_live_within_the_longest_wait(tmp_path: Path) -> None:  # F20
    trickle(tmp_path, seconds=3)


@pytest.mark.slow
def test_a_trickle_of_a_minute_is_live_all_the_time(tmp_path: Path) -> None:  # F20
    trickle(tmp_path, seconds=60)


def trickle(folder: Path, seconds: float) -> None:
    """Replace a file each 30 ms by one of many: the same again would be no other revision."""
    with served_copy(folder) as served:
        texts = [variant(served.text(), number) for number in range(30)]
        for text in texts:
            served.learn(lambda root, text=text: replace(root / NORDLICHT, text))  # type: ignore[misc]
        begun = time.monotonic()
        number = 0
        while time.monotonic() < begun + seconds:
            served.write(NORDLICHT, texts[number % len(texts)])
            number += 1
            time.sleep(0.03)
        ended = time.monotonic()
        live = [moment for moment in served.asker.moments if begun < moment < ended]
        served.becomes_live()

        gaps = [later - earlier for earlier, later in zip([begun, *live], [*live, ended], strict=True)]
        assert live
        assert max(gaps) < SOON  # one of them is the same again, now and then


@pytest.mark.parametrize(("limit", "error"), [("watches", "ENOSPC"), ("instances", "EMFILE")])
def test_without_events_left_changes_are_found_by_polling(tmp_path: Path, limit: str, error: str) -> None:
    """A user namespace of its own has limits of its own: nobody else on the machine feels them."""  # F21
    before = ["unshare", "--user", "--map-root-user", "sh", "-c"]
    before += [f'echo 0 > /proc/sys/user/max_inotify_{limit} && exec "$@"', "sh"]
    if subprocess.run([*before, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("user namespaces cannot be made here")
    with serving(copy_of_root(tmp_path), "--poll", str(EVERY), before=before) as served:
        for number in (1, 2):
            served.write(NORDLICHT, variant(served.text(), number))
            served.becomes_live()

        assert served.status()["watch"]["mode"] == "poll", error
        assert mode_of(served) == "poll"
        assert len([line for line in served.process.seen if "by polling every" in line]) == 1


def mode_of(served: Served) -> str:
    """Return how changes are noticed, as the metrics say it."""
    [(mode, _)] = [
        (found[1], value)
        for name, value in served.metrics().items()
        if (found := re.fullmatch(r'renewctl_watch_mode\{mode="(\w+)"\}', name)) and value == 1
    ]
    return mode


def test_with_no_descriptor_left_the_old_answers_until_there_is_one(tmp_path: Path) -> None:  # F21
    with served_copy(tmp_path, "--poll", str(EVERY)) as served:
        served.becomes_live()
        served.until(lambda status: status["watch"]["mode"] == "events")
        running = served.process.running.pid
        limits = resource.prlimit(running, resource.RLIMIT_NOFILE)
        resource.prlimit(running, resource.RLIMIT_NOFILE, (3, limits[1]))  # what is open stays open
        served.write(NORDLICHT, variant(served.text(), 1))
        failed = "reload: configuration failed"
        served.asker.until(lambda: any(failed in line for line in served.process.seen))
        assert len(served.asker.tags) == 1
        resource.prlimit(running, resource.RLIMIT_NOFILE, limits)
        served.becomes_live()


def test_a_file_that_could_not_be_read_for_a_moment_is_read_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # F21
    root = copy_of_root(tmp_path)
    with watched(root) as (service, watching):
        watching.start()
        until(lambda: watching.mode == "events")
        read, refused = Folder.read, threading.Event()

        def fail(folder: Folder, path: str, **limit: int) -> File | Diagnostic:
            is_bad = path == NORDLICHT and not refused.is_set()
            return trees.unreadable(path, "Too many open files") if is_bad else read(folder, path, **limit)

        monkeypatch.setattr(Folder, "read", fail)
        service.listeners.append(lambda attempt: refused.set() if attempt.outcome == "refused" else None)
        replace(root / NORDLICHT, variant((root / NORDLICHT).read_text(), 1))

        until(lambda: address(service) == "jana1@nordlicht.example")
        assert refused.is_set()


def test_more_events_than_the_system_keeps_lose_no_change(tmp_path: Path) -> None:  # F21
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if most > 100_000:
        pytest.skip("the system keeps too many events for a short test")
    with served_copy(tmp_path) as served:
        served.becomes_idle()
        served.process.running.send_signal(signal.SIGSTOP)
        noise = served.root / "config/partners/.noise"
        for _ in range(most):  # creating and removing are events of their own
            noise.touch()
            noise.unlink()
        served.write(NORDLICHT, variant(served.text(), 1))
        served.process.running.send_signal(signal.SIGCONT)
        served.becomes_live(within=20)
        served.write(NORDLICHT, variant(served.text(), 2))
        served.becomes_live()


def test_where_no_event_tells_of_a_change_it_is_found_by_looking(tmp_path: Path) -> None:  # F22
    with served_copy(tmp_path, "--watch", "poll", "--poll", str(EVERY)) as served:
        expected = list(served.asker.tags)
        for number in (1, 2, 3):
            served.write(NORDLICHT, variant(served.text(), number))
            expected.append(served.becomes_live())
        shutil.rmtree(served.root / "config/partners/americas")
        expected.append(served.becomes_live())

        assert served.asker.tags == expected
        assert mode_of(served) == "poll"


@pytest.mark.parametrize("how", [pytest.param(one, marks=[pytest.mark.slow] * (one > 0)) for one in range(8)])
def test_a_change_while_the_daemon_starts_is_found(tmp_path: Path, how: int) -> None:  # F23
    """Once the root was loaded and nobody watches yet; then a little later, and so on."""
    root = copy_of_root(tmp_path)
    text = (root / NORDLICHT).read_text()

    def change() -> None:
        time.sleep(0.4 + how * 0.1)
        replace(root / NORDLICHT, variant(text, 1))

    changing = threading.Thread(target=change)
    changing.start()
    with serving(root, *BY_EVENTS) as served:
        changing.join()
        served.becomes_live()


def test_a_change_before_the_watch_is_armed_is_found(tmp_path: Path) -> None:  # F23
    root = copy_of_root(tmp_path)
    with watched(root) as (service, watching):
        replace(root / NORDLICHT, variant((root / NORDLICHT).read_text(), 1))
        watching.start()

        until(lambda: address(service) == "jana1@nordlicht.example")


def test_a_watcher_that_fails_begins_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # F24
    root = copy_of_root(tmp_path)
    with watched(root) as (service, watching):
        watching.start()
        until(lambda: watching.mode == "events")
        failed = threading.Event()

        def fail(*_: object) -> None:
            monkeypatch.undo()
            failed.set()
            raise MemoryError

        monkeypatch.setattr(Watcher, "_look", fail)
        replace(root / NORDLICHT, variant((root / NORDLICHT).read_text(), 1))

        until(lambda: address(service) == "jana1@nordlicht.example")
        assert failed.is_set()
        assert watching.is_alive


def test_when_the_threads_of_the_library_die_looking_goes_on(tmp_path: Path) -> None:  # F24
    root = copy_of_root(tmp_path)
    with watched(root) as (service, watching):
        watching.start()
        until(lambda: watching.mode == "events")
        observer = watching._wakeups._observer
        assert observer is not None
        for emitter in observer.emitters:
            emitter.stop()
            emitter.join(SOON)
        replace(root / NORDLICHT, variant((root / NORDLICHT).read_text(), 1))
        until(lambda: address(service) == "jana1@nordlicht.example")
        assert watching._wakeups._observer is not observer
        assert watching.mode == "events"


@contextmanager
def watched(root: Path) -> Iterator[tuple[Service, Watcher]]:
    """Make a service over a root and its watcher, as the daemon has them, in this process."""
    settled = SettledRoot(root, Clock())
    service = Service(root, lambda _: settled.read())
    service.start()
    watching = Watcher(settled, service.reload, every=EVERY)
    yield service, watching
    watching.stop()


def address(service: Service) -> str:
    """Return the address of jana, of whatever is live."""
    return service.live.snapshot.partners["nordlicht"].record.users["jana"].email


def until(happened: Callable[[], bool]) -> None:
    """Wait until that is true."""
    ends = time.monotonic() + SOON
    while not happened():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_when_nobody_watches_it_is_ready_and_says_so(tmp_path: Path) -> None:  # F29
    with served_copy(tmp_path, "--watch", "off") as served:
        before = list(served.asker.tags)
        served.write(NORDLICHT, variant(served.text(), 1))

        assert served.get("/-/ready").status == 200
        assert served.get("/-/healthy").status == 200
        assert mode_of(served) == "off"
        assert served.metrics()["renewctl_watch_last_look_timestamp_seconds"] == 0
        assert served.status()["watch"] == {"mode": "off", "last_look": None, "stale_seconds": None}
        assert served.asker.tags == before
        assert served.reload().value["attempt"]["outcome"] == "loaded"
        served.becomes_live()


def test_how_long_nobody_has_looked_is_told_and_readiness_is_another_matter(tmp_path: Path) -> None:  # F29
    with served_copy(tmp_path) as served:
        looked = served.until(lambda status: status["watch"]["stale_seconds"] is not None)
        first = looked["watch"]["stale_seconds"]
        later = served.until(lambda status: status["watch"]["stale_seconds"] > first + 0.5)

        assert later["ok"]
        assert served.get("/-/ready").status == 200
        served.write(NORDLICHT, variant(served.text(), 1))
        served.becomes_live()
        assert served.status()["watch"]["stale_seconds"] < later["watch"]["stale_seconds"]
