from __future__ import annotations

import datetime as dt
import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import scripted
from repositories import Scratch, partner

from engine.daemon import fingerprints, glances, watcher
from engine.daemon.fingerprints import Look
from engine.daemon.lookouts import Lookout, Rounds
from engine.daemon.readings import Reading
from engine.daemon.settling import Clock, SettledRoot, StoppedError
from engine.daemon.wakeups import Wakeups
from engine.daemon.watcher import Watch, Watcher
from engine.diagnostics import InputError
from engine.sources import Sources

NORD = "config/partners/nord.yaml"
SUD = "config/partners/sud.yaml"
LONG = 20.0
"""Seconds after which a test has failed; nothing takes so long."""


class Service:
    """Reads a root as the real one does, and keeps what it has read."""

    def __init__(self, root: Path) -> None:
        self.settled = SettledRoot(root, Clock())
        self.causes: list[str] = []
        self.digests: list[str] = []
        self.nord: list[str | None] = []
        self.is_broken = False
        self._changed = threading.Condition()

    @property
    def looked(self) -> Look | None:
        return self.settled.looked

    def reload(self, cause: str) -> None:
        with self._changed:
            self.causes.append(cause)
            self._changed.notify_all()
        if self.is_broken:
            return
        try:
            reading = self.settled.read()
        except InputError:  # there is no root: what is live stays
            reading = Reading(Sources())
        texts = {file.path: file.data.decode() for file in reading.sources.files}
        with self._changed:
            self.digests.append(reading.sources.digest)
            self.nord.append(texts.get(NORD))
            self._changed.notify_all()

    def until(self, happened: Callable[[], bool]) -> None:
        """Wait until a reload has made that true."""
        with self._changed:
            assert self._changed.wait_for(happened, LONG), (self.causes, self.nord)

    def until_read(self, text: str | None) -> None:
        """Wait until nord's file was read with that text."""
        self.until(lambda: self.nord[-1:] == [text])


Told = Callable[[Watcher], object]


class Watched:
    """A root that is loaded and watched, as a daemon has it."""

    def __init__(
        self, root: Path, watch: Watch = Watch.AUTO, every: float = LONG * 10, told: Told = lambda _: None
    ) -> None:
        self.root = root
        self.service = Service(root)
        self.watcher = Watcher(
            self.service.settled,
            self.service.reload,
            watch=watch,
            every=every,
            told=lambda: told(self.watcher),
        )
        self._is_idle = threading.Semaphore(0)
        waiting = self.watcher._woken

        def wait(timeout: float | None = None) -> bool:
            self._is_idle.release()
            return threading.Event.wait(waiting, timeout)

        waiting.wait = wait  # type: ignore[method-assign] # tells when there is nothing left to do

    def start(self) -> None:
        """Load the root, watch it, and wait until nothing is left to do."""
        self.service.reload("start")
        self.watcher.start()
        self.until_idle()

    def until_idle(self) -> None:
        """Wait until the watcher waits for an event, and what was read is what is there."""
        self.until_waiting()
        while self.service.looked != fingerprints.look(self.root):
            self.until_waiting()

    def until_waiting(self) -> None:
        """Wait until the watcher waits for an event once more than before."""
        assert self._is_idle.acquire(timeout=LONG)

    def until(self, happened: Callable[[], bool]) -> None:
        """Wait until that is true at a moment at which the watcher waits."""
        while not happened():
            self.until_waiting()

    def forget(self) -> None:
        """Take how often it has waited so far for nothing."""
        while self._is_idle.acquire(blocking=False):
            pass


Watching = Callable[..., Watched]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "srv" / "root"
    for path, text in {NORD: "old", SUD: "sud", "rules/own.yaml": "", "facts/renewals.jsonl": ""}.items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text(text)
    return made


@pytest.fixture
def watching() -> Iterator[Watching]:
    """Watch a root until the test ends."""
    started: list[Watched] = []

    def start(
        root: Path, watch: Watch = Watch.AUTO, every: float = LONG * 10, told: Told = lambda _: None
    ) -> Watched:
        watched = Watched(root, watch, every, told)
        watched.start()
        started.append(watched)
        return watched

    yield start
    for watched in started:
        watched.watcher.stop()


def truncate_and_write(file: Path) -> None:
    file.write_text("new")


def backup_and_swap(file: Path) -> None:
    file.rename(f"{file}~")
    file.write_text("new")


def as_vim(file: Path) -> None:
    probe = file.with_name("4913")
    probe.touch()
    probe.unlink()
    backup_and_swap(file)
    file.with_name(f"{file.name}~").unlink()


@pytest.mark.parametrize(
    "save", [truncate_and_write, backup_and_swap, as_vim, lambda file: scripted.replace(file, "new")]
)
def test_whatever_way_an_editor_saves_is_noticed_once(
    root: Path, watching: Watching, save: Callable[[Path], None]
) -> None:
    """F1."""
    watched = watching(root)

    save(root / NORD)

    watched.service.until_read("new")
    watched.until_idle()
    assert watched.service.causes == ["start", "change"]
    assert watched.watcher.mode == "events"


def test_each_of_several_replacements_is_noticed(root: Path, watching: Watching) -> None:
    """F2: whoever watches a file sees the first only."""
    watched = watching(root)

    for text in ("one", "two", "three"):
        scripted.replace(root / NORD, text)
        watched.service.until_read(text)

    assert watched.service.nord == ["old", "one", "two", "three"]


def test_replacements_in_a_row_are_one_change(root: Path, watching: Watching) -> None:
    """F2."""
    watched = watching(root)

    for text in ("one", "two", "three"):
        scripted.replace(root / NORD, text)

    watched.service.until_read("three")
    assert watched.service.nord == ["old", "three"]


def test_every_swap_of_a_volume_is_noticed(root: Path, watching: Watching) -> None:
    """F3: a Kubernetes ConfigMap."""
    volume = root / "config/partners"
    shutil.rmtree(volume)
    volume.mkdir()
    swap_volume(volume, "one")
    (volume / "nord.yaml").symlink_to("..data/nord.yaml")
    watched = watching(root)

    for text in ("two", "three", "four"):
        swap_volume(volume, text)
        watched.service.until_read(text)

    assert watched.service.nord == ["one", "two", "three", "four"]


def swap_volume(volume: Path, text: str) -> None:
    """Do what the kubelet does: a new directory, a link to it, and the old directory is gone."""
    before = volume / (volume / "..data").readlink() if (volume / "..data").is_symlink() else None
    (volume / f"..{text}").mkdir()
    (volume / f"..{text}" / "nord.yaml").write_text(text)
    (volume / "..data_tmp").symlink_to(f"..{text}")
    (volume / "..data_tmp").rename(volume / "..data")
    if before:
        shutil.rmtree(before)


@pytest.mark.parametrize("below", ["", "renewals"])
def test_a_root_that_is_swapped_is_noticed_and_so_are_edits_in_the_new_one(
    tmp_path: Path, root: Path, watching: Watching, below: str
) -> None:
    """F4: git-sync, with the root in a directory of the repository, too."""
    link = tmp_path / "current"
    for revision in ("r1", "r2"):
        shutil.copytree(root, tmp_path / "revisions" / revision / below, dirs_exist_ok=True)
    link.symlink_to("revisions/r1")
    watched = watching(link / below)

    scripted.replace(tmp_path / "revisions/r2" / below / NORD, "second")
    (tmp_path / "next").symlink_to("revisions/r2")
    (tmp_path / "next").rename(link)
    watched.service.until_read("second")
    watched.until_idle()
    scripted.replace(tmp_path / "revisions/r2" / below / NORD, "edited")
    watched.service.until_read("edited")

    assert watched.service.nord == ["old", "second", "edited"]


def test_what_git_does_to_the_files_is_noticed_once(tmp_path: Path, watching: Watching) -> None:
    """F5."""
    scratch = Scratch.at(tmp_path / "root")
    first = {f"config/partners/p{number}.yaml": partner(f"p{number}") for number in range(30)}
    scratch.commit({**first, NORD: "old"})
    scratch.git("switch", "--quiet", "--create", "next")
    scratch.commit({**{path: f"{text}# next\n" for path, text in first.items()}, NORD: "new"})
    watched = watching(scratch.path)

    scratch.git("switch", "--quiet", "main")
    watched.service.until_read("old")
    watched.until_idle()
    scratch.git("reset", "--hard", "--quiet", "next")
    watched.service.until_read("new")

    assert watched.service.nord == ["new", "old", "new"]


def test_what_git_keeps_for_itself_wakes_nobody(tmp_path: Path, watching: Watching) -> None:
    """F5: the event of a file that is no part of the root comes last, so those before it were seen."""
    scratch = Scratch.at(tmp_path / "root")
    scratch.commit({NORD: "old"})
    watched = watching(scratch.path)
    looked = watched.watcher.last_look

    scratch.git("commit", "--quiet", "--allow-empty", "--message", "Nothing")
    scratch.git("tag", "v1")
    scratch.git("gc", "--quiet")

    assert watched.watcher.last_look == looked
    watched.forget()
    (scratch.path / "README.md").write_text("anything")
    watched.until_waiting()
    assert watched.service.causes == ["start"]


def test_a_root_that_is_made_again_is_noticed_and_so_are_edits_in_it(root: Path, watching: Watching) -> None:
    """F6."""
    watched = watching(root)
    aside = root.with_name("aside")
    shutil.copytree(root, aside)
    scripted.replace(aside / NORD, "again")

    shutil.rmtree(root)
    watched.service.until_read(None)
    watched.until_idle()
    aside.rename(root)
    watched.service.until_read("again")
    watched.until_idle()
    scripted.replace(root / NORD, "edited")
    watched.service.until_read("edited")

    assert list(dict.fromkeys(watched.service.nord)) == ["old", None, "again", "edited"]


@pytest.mark.parametrize("folder", ["config", "config/partners", "rules", "facts"])
def test_a_directory_that_is_replaced_is_watched_again(root: Path, watching: Watching, folder: str) -> None:
    """F6, further down."""
    watched = watching(root)
    shutil.copytree(root / folder, root / "aside")

    for _ in range(2):
        shutil.rmtree(root / folder)
        shutil.copytree(root / "aside", root / folder)
        watched.until_idle()
        before = watched.service.looked
        file = next(path for path in (root / folder).rglob("*") if path.is_file())
        scripted.append(file, "#")
        watched.service.until(lambda before=before: watched.service.looked is not before)  # type: ignore[misc]
        watched.until_idle()


def test_a_new_directory_is_watched(root: Path, watching: Watching) -> None:
    watched = watching(root)

    watched.forget()
    (root / "config/partners/deep").mkdir()
    watched.until_waiting()
    (root / "config/partners/deep/west.yaml").write_text("west")
    watched.service.until(lambda: len(watched.service.digests) == 2)


@pytest.mark.parametrize("path", [NORD, "config/partners"])
def test_that_something_was_made_readable_is_noticed(root: Path, watching: Watching, path: str) -> None:
    watched = watching(root)
    before = watched.watcher.last_look

    (root / path).chmod(0o700)

    watched.until(lambda: watched.watcher.last_look != before)


def test_the_same_content_again_is_the_same_digest(root: Path, watching: Watching) -> None:
    """F27: the service leaves everything as it is."""
    watched = watching(root)

    os.utime(root / NORD)
    scripted.replace(root / NORD, "old")
    (root / NORD).write_text("old")

    watched.service.until(lambda: len(watched.service.digests) == 2)
    assert len(set(watched.service.digests)) == 1


def test_a_change_before_the_watch_is_armed_is_found(
    root: Path, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F23: after the last look before it, and no event tells."""
    arm = Wakeups.arm

    def change_then_arm(self: Wakeups, look: Look) -> None:
        scripted.replace(root / NORD, "new")
        arm(self, look)

    monkeypatch.setattr(Wakeups, "arm", change_then_arm)
    watched = watching(root)

    assert watched.service.nord == ["old", "new"]
    assert watched.service.causes == ["start", "poll"]


def test_polling_alone_finds_a_change(root: Path, watching: Watching) -> None:
    """F22: as on file systems that tell of nothing."""
    watched = watching(root, Watch.POLL, 0.05)

    scripted.replace(root / NORD, "new")

    watched.service.until_read("new")
    assert watched.service.causes == ["start", "poll"]
    assert watched.watcher.mode == "poll"


def test_rounds_find_what_no_event_tells_of(
    root: Path, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F22: as long as nothing was missed, nobody knows that events are."""
    monkeypatch.setattr(Watcher, "_told", lambda *_: None)
    watched = watching(root, every=0.05)
    assert watched.watcher.mode == "events"

    scripted.replace(root / NORD, "new")

    watched.service.until_read("new")
    assert watched.service.causes == ["start", "poll"]


def test_an_edit_does_not_wait_for_the_end_of_the_rounds(
    root: Path, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def endless(_: Lookout) -> Rounds:
        begun.set()
        while True:
            yield

    monkeypatch.setattr(Lookout, "rounds", endless)
    watched = watching(root, every=0.05)
    assert begun.wait(LONG)

    scripted.replace(root / NORD, "new")

    watched.service.until_read("new")


def test_rounds_that_never_end_are_given_up_for_a_look_at_everything(
    root: Path, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(_: Lookout) -> Rounds:
        while True:
            yield

    monkeypatch.setattr(Lookout, "rounds", endless)
    monkeypatch.setattr(Watcher, "_told", lambda self, _: self._woken.set())  # of what, nobody says
    watched = watching(root, every=0.05)
    scripted.replace(root / NORD, "new")

    while watched.service.nord[-1] != "new":
        (root / "README.md").write_text("whatever wakes")
        watched.until_waiting()


def test_nothing_is_noticed_when_nothing_is_to_be(root: Path) -> None:
    service = Service(root)
    idle = Watcher(service.settled, service.reload, watch=Watch.OFF)

    idle.start()

    assert idle.mode == "off"
    assert idle.last_look is None
    assert not idle.is_alive
    idle.stop()


def test_who_wants_to_know_is_told_of_each_other_way_of_noticing(
    root: Path, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "_ARM_AGAIN", 0.0)
    arm = Wakeups.arm
    modes: list[str] = []

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    watched = watching(root, every=0.05, told=lambda one: modes.append(one.mode))
    assert modes == ["events"]
    monkeypatch.setattr(Wakeups, "arm", fail)
    watched.watcher._wakeups.close()
    watched.until(lambda: watched.watcher.mode == "poll")
    monkeypatch.setattr(Wakeups, "arm", arm)
    watched.until(lambda: watched.watcher.mode == "events")

    assert modes == ["events", "poll", "events"]


def test_who_looks_is_well_for_as_long_as_it_looks_now_and_then(root: Path, watching: Watching) -> None:
    """F24, F30: a file system that hangs leaves the thread alive, and blind."""
    often, rarely = watching(root, every=LONG).watcher, watching(root, every=1000.0).watcher
    assert often.last_look is not None
    assert rarely.last_look is not None
    often._began = often.last_look - dt.timedelta(days=1)

    assert often.is_well(often.last_look + dt.timedelta(seconds=179))
    assert not often.is_well(often.last_look + dt.timedelta(seconds=180))
    assert rarely.is_well(rarely.last_look + dt.timedelta(seconds=2999))
    assert not rarely.is_well(rarely.last_look + dt.timedelta(seconds=3000))


def test_who_has_stopped_or_never_began_is_not_well(root: Path, watching: Watching) -> None:
    service = Service(root)
    idle = Watcher(service.settled, service.reload)
    stopped = watching(root).watcher
    stopped.stop()

    now = dt.datetime.now(dt.UTC)
    assert not idle.is_well(now)
    assert not stopped.is_well(now)


def test_before_the_first_look_has_ended_there_is_patience(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, hangs = threading.Event(), threading.Event()

    def hang(_: Path) -> Look:
        entered.set()
        hangs.wait(LONG)
        raise StoppedError

    service = Service(root)
    blind = Watcher(service.settled, service.reload)
    monkeypatch.setattr(fingerprints, "look", hang)
    before = dt.datetime.now(dt.UTC)
    blind.start()
    assert entered.wait(LONG)

    assert blind.is_well(before + dt.timedelta(seconds=179))
    assert not blind.is_well(before + dt.timedelta(seconds=180 + LONG))
    hangs.set()
    blind.stop()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE])
def test_without_watches_it_polls_and_says_so_once(
    root: Path,
    watching: Watching,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    number: int,
) -> None:
    """F21."""
    monkeypatch.setattr(watcher, "_ARM_AGAIN", 0.0)
    limited = threading.Event()
    limited.set()
    arm = Wakeups.arm

    def arm_within_limits(self: Wakeups, look: Look) -> None:
        if limited.is_set():
            raise OSError(number, os.strerror(number))
        arm(self, look)

    monkeypatch.setattr(Wakeups, "arm", arm_within_limits)
    watched = watching(root, every=0.05)
    assert watched.watcher.mode == "poll"
    scripted.replace(root / NORD, "new")
    watched.service.until_read("new")
    limited.clear()
    watched.until(lambda: watched.watcher.mode == "events")

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert os.strerror(number) in caplog.text


def test_after_a_defect_it_goes_on(
    root: Path, watching: Watching, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """F24."""
    monkeypatch.setattr(watcher, "_BEGIN_AGAIN", 0.01)
    watched = watching(root)
    glance = glances.glance

    def fail_once(*arguments: Any) -> Look | None:  # noqa: ANN401 - as they are
        del arguments
        monkeypatch.setattr(glances, "glance", glance)
        raise RuntimeError("a defect")

    monkeypatch.setattr(glances, "glance", fail_once)
    scripted.replace(root / NORD, "new")

    watched.service.until_read("new")
    assert "a defect" in caplog.text
    assert watched.watcher.is_alive


def test_an_observer_that_has_died_is_replaced(root: Path, watching: Watching) -> None:
    """F24."""
    watched = watching(root, every=0.05)
    dead = watched.watcher._wakeups._observer
    assert dead is not None

    dead.stop()
    dead.join(LONG)
    watched.until(lambda: watched.watcher._wakeups.are_armed(fingerprints.look(root)))

    assert watched.watcher._wakeups._observer is not dead


def test_an_emitter_that_has_died_is_replaced(root: Path, watching: Watching) -> None:
    """F24."""
    watched = watching(root, every=0.05)
    observer = watched.watcher._wakeups._observer
    assert observer is not None

    emitter = next(iter(observer.emitters))
    emitter.stop()
    emitter.join(LONG)
    watched.until(lambda: watched.watcher._wakeups.are_armed(fingerprints.look(root)))

    assert watched.watcher._wakeups._observer is not observer


def test_a_reload_that_reads_nothing_is_tried_again_at_the_next_event_only(
    root: Path, watching: Watching
) -> None:
    elsewhere = root.parent.with_name("elsewhere")
    elsewhere.write_text("new")
    watched = watching(root)
    watched.service.is_broken = True
    watched.forget()

    elsewhere.rename(root / NORD)  # one event
    watched.service.until(lambda: len(watched.service.causes) >= 2)
    watched.until_waiting()
    watched.service.is_broken = False
    (root / "README.md").write_text("any event")

    watched.service.until_read("new")


def test_it_stops_while_the_root_is_not_quiet(root: Path, watching: Watching) -> None:
    watched = watching(root)
    scripted.replace(root / NORD, "new")
    watched.service.until(lambda: len(watched.service.causes) == 2)

    watched.watcher.stop()

    assert not watched.watcher.is_alive
    assert watched.service.nord == ["old"]


def test_no_thread_and_no_descriptor_is_left(root: Path, watching: Watching) -> None:
    watching(root).watcher.stop()
    threads, descriptors = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(3):
        watching(root).watcher.stop()

    assert threading.active_count() == threads
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
