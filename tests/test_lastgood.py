from __future__ import annotations

import datetime as dt
import errno
import fcntl
import hashlib
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from commandline import PROJECT
from hypothesis import given
from hypothesis import strategies as st
from roots import SHIPPED_RULES, SHIPPED_SCHEDULE

from engine.daemon import lastgood
from engine.diagnostics import InputError, Location, warning
from engine.sources import Sources
from engine.trees import File

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
ROOT = Path("/srv/renewals")
PARTNERS = tuple(File(f"config/partners/{name}.yaml", name.encode()) for name in ("nord", "süd"))
OLD = Sources(partners=PARTNERS[:1], vendor=File("config/vendor.yaml", b"\xff\x00"))
NEW = Sources(
    partners=PARTNERS,
    rules=(File("rules/own.yaml", b"version: 1\n"),),
    schedule=File("rules/schedule.yaml", b""),
    shipped_rules=SHIPPED_RULES,
    shipped_schedule=SHIPPED_SCHEDULE,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder in which the old configuration is kept."""
    lastgood.save(tmp_path, ROOT, OLD, NOW)
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_saved_is_read(folder: Path) -> None:
    lastgood.save(folder, ROOT, NEW, NOW)

    kept = lastgood.read(folder, ROOT)

    assert kept.sources == NEW
    assert (kept.saved, kept.root, kept.digest) == (NOW, str(ROOT), NEW.digest)


def test_what_no_decision_depends_on_is_not_saved(folder: Path) -> None:
    stray = warning(Location("config/partners/a.yml"), "ignored-file", "this file is not read")
    tests = (File("rules/own_test.yaml", b"version: 1\n"),)

    lastgood.save(folder, ROOT, replace(NEW, decision_tests=tests, diagnostics=(stray,)), NOW)

    assert lastgood.read(folder, ROOT).sources == NEW


def test_nobody_else_may_read_the_addresses_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "renewctl"
    before = os.umask(0)
    try:
        lastgood.save(folder, ROOT, NEW, NOW)
    finally:
        os.umask(before)

    assert (folder / lastgood.NAME).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_of_a_root_whose_name_is_not_utf_8_something_can_be_kept(tmp_path: Path) -> None:
    root = Path(os.fsdecode(b"/srv/r\xff"))

    lastgood.save(tmp_path, root, NEW, NOW)

    assert lastgood.read(tmp_path, root).sources == NEW


# What is not used


def test_where_nothing_was_saved_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no last good configuration"):
        lastgood.read(tmp_path / "nowhere", ROOT)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / lastgood.NAME).mkdir()

    with pytest.raises(InputError, match=r"cannot be read: .*Is a directory"):
        lastgood.read(tmp_path, ROOT)


def test_what_is_of_another_root_is_not_used(folder: Path) -> None:
    with pytest.raises(InputError, match="is of another root: /srv/renewals"):
        lastgood.read(folder, Path("/srv/others"))


def test_cut_off_anywhere_it_is_not_used(folder: Path) -> None:
    file = folder / lastgood.NAME
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(InputError, match="damaged"):
            lastgood.read(folder, ROOT)


def test_with_any_byte_changed_or_more_at_its_end_it_is_not_used(folder: Path) -> None:
    file = folder / lastgood.NAME
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(InputError, match="damaged"):
            lastgood.read(folder, ROOT)
    file.write_bytes(whole + b"\n")
    with pytest.raises(InputError, match="damaged"):
        lastgood.read(folder, ROOT)


def test_what_another_version_has_written_otherwise_is_not_used(folder: Path) -> None:
    file = folder / lastgood.NAME
    file.write_bytes(file.read_bytes().replace(b"last good 2\n", b"last good 1\n"))

    with pytest.raises(InputError, match="of this version"):
        lastgood.read(folder, ROOT)


def test_whose_digest_is_made_in_another_way_is_not_used(folder: Path) -> None:
    kept = lastgood.LastGood(NOW, "1", str(ROOT), "sha256:0", OLD)
    write(folder, msgspec.msgpack.encode((kept, OLD.partners)))

    with pytest.raises(InputError, match="its digest is another"):
        lastgood.read(folder, ROOT)


@given(st.binary() | st.recursive(st.none() | st.text() | st.binary(), st.lists).map(msgspec.msgpack.encode))
def test_whatever_it_holds_it_is_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    write(folder, content)

    with pytest.raises(InputError, match="cannot be understood"):
        lastgood.read(folder, ROOT)


def write(folder: Path, content: bytes) -> None:
    """Write a file that is whole, whatever it says."""
    text = lastgood._FORMAT + hashlib.sha256(content).digest() + content
    (folder / lastgood.NAME).write_bytes(text)


# When saving fails, or is cut short

KILLED_AT_EACH_CALL = """\
import datetime as dt, os, pathlib, sys, tempfile

from engine.daemon import lastgood
from engine.sources import Sources
from engine.trees import File

folder, root, number = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), 0
new = Sources(partners=(File("config/partners/new.yaml", b"new" * 5_000),))
now = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)

def touches_the_disk(function):
    module = getattr(function, "__module__", None) or type(function.__self__).__module__
    return module in ("posix", "fcntl", "io", "_io")

def save_until(last):
    left = last
    def count(frame, event, argument):
        nonlocal left
        if event in ("c_call", "c_return") and touches_the_disk(argument):
            left -= 1
            if left < 0:
                os._exit(9)
    sys.setprofile(count)
    lastgood.save(folder, root, new, now)
    sys.setprofile(None)
    os._exit(0)

while True:
    child = os.fork()
    if child == 0:
        save_until(number)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    found = lastgood.read(folder, root).sources.partners[0].path
    files = sorted(name[:11] for name in os.listdir(folder))
    print(number, code, found, *files, flush=True)
    if code == 0:
        break
    if "new" in found:
        lastgood.save(folder, root, Sources(partners=(File("config/partners/old.yaml", b"old"),)), now)
    number += 1
"""


def test_killed_at_any_moment_it_leaves_the_old_or_the_new_and_at_most_one_file_beside(folder: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", KILLED_AT_EACH_CALL, str(folder), str(ROOT)],
        cwd=PROJECT,
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    lines = [line.split() for line in ran.stdout.splitlines()]

    assert len(lines) > 40
    assert {line[1] for line in lines[:-1]} == {"9"}
    assert lines[-1][1:] == ["0", "config/partners/new.yaml", lastgood.NAME]
    assert all(line[3:] in ([lastgood.NAME], [".last-good.", lastgood.NAME]) for line in lines)
    assert {len(line) for line in lines} == {4, 5}


def test_what_another_process_writes_at_this_moment_is_left_to_it(folder: Path) -> None:
    beside = folder / f".{lastgood.NAME}.other"
    with beside.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lastgood.save(folder, ROOT, NEW, NOW)
        while_it_writes = names(folder)
    lastgood.save(folder, ROOT, NEW, NOW)

    assert while_it_writes == [beside.name, lastgood.NAME]
    assert names(folder) == [lastgood.NAME]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file grow further, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_the_old_one_stays_and_nothing_lies_beside(folder: Path) -> None:
    with files_of_at_most(100), pytest.raises(OSError, match="File too large"):
        lastgood.save(folder, ROOT, NEW, NOW)

    assert lastgood.read(folder, ROOT).sources == OLD
    assert names(folder) == [lastgood.NAME]


@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
def test_whatever_call_fails_what_is_there_is_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        with pytest.raises(OSError, match="No space left"):
            lastgood.save(folder, ROOT, NEW, NOW)

    assert lastgood.read(folder, ROOT).sources in (OLD, NEW)
    assert names(folder) == [lastgood.NAME]


def test_a_place_belongs_to_the_daemon_that_claimed_it_first_until_that_ends(tmp_path: Path) -> None:
    place = tmp_path / "kept" / "here"
    with lastgood.claimed(place) as first, lastgood.claimed(place) as second:
        assert (first, second) == (True, False)

    with lastgood.claimed(place) as next_one:
        assert next_one


def test_two_places_are_claimed_by_two(tmp_path: Path) -> None:
    with lastgood.claimed(tmp_path / "a") as first, lastgood.claimed(tmp_path / "b") as second:
        assert (first, second) == (True, True)


def test_where_nothing_can_be_kept_nobody_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder is to be")

    with lastgood.claimed(tmp_path / "kept") as alone:
        assert alone


def test_a_file_system_without_locks_tells_of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)

    with lastgood.claimed(tmp_path) as alone:
        assert alone


def test_a_claim_keeps_nobody_from_saving_and_reading_there(tmp_path: Path) -> None:
    with lastgood.claimed(tmp_path):
        lastgood.save(tmp_path, ROOT, NEW, NOW)

        assert lastgood.read(tmp_path, ROOT).digest == NEW.digest
