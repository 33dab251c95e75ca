"""Starts, reloads that are asked for, and kills: one attempt at a time, and never half a record."""

from __future__ import annotations

import datetime as dt
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import daemons
import killing
import pytest
from commandline import PROJECT, copy_of_root, process
from served import BY_EVENTS, NORDLICHT, OAKLINE, is_live, replace, served_copy, serving, variant
from truths import Truth

from engine import sources
from engine.daemon import lastgood

LAST_GOOD = "--start-from-last-good"


def test_a_start_with_errors_tells_all_of_them_and_ends(tmp_path: Path) -> None:  # F15
    root = broken_copy(tmp_path)

    ran = process("--root", str(root), "serve", "--port", "0", "--state", str(tmp_path / "state"))

    assert ran.code == 1
    assert "code=unknown-contact" in ran.err
    assert "code=schema-const" in ran.err
    assert "listening" not in ran.err


def broken_copy(folder: Path) -> Path:
    """Return a copy of the root with a mistake in each of two files."""
    root = copy_of_root(folder)
    break_(root)
    return root


def break_(root: Path) -> None:
    file, other = root / NORDLICHT, root / OAKLINE
    replace(file, file.read_text().replace("contact: jana", "contact: jan"))
    replace(other, other.read_text().replace("version: 1", "version: 9"))


def test_a_start_from_the_last_good_serves_it_until_the_root_is_good(tmp_path: Path) -> None:  # F15
    root = copy_of_root(tmp_path)
    with serving(root, *BY_EVENTS) as served:
        served.write(NORDLICHT, variant(served.text(), 1))
        good = served.becomes_live()
    text = (root / NORDLICHT).read_text()
    break_(root)
    with serving(root, *BY_EVENTS, LAST_GOOD, truth=served.truth) as served:
        status = served.status()
        assert is_live(status, good)
        assert status["revision"]["is_last_good"]
        assert served.is_refused() == [f"{OAKLINE}:2 schema-const", f"{NORDLICHT}:15 unknown-contact"]
        served.write(NORDLICHT, variant(text, 2))
        served.write(OAKLINE, served.text(OAKLINE).replace("version: 9", "version: 1"))
        new = served.becomes_live()

        assert served.asker.tags == [good, new]
        assert not served.status()["revision"]["is_last_good"]


@pytest.mark.parametrize(
    "harm",
    [
        "torn",
        "missing",
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("flipped", "foreign", "old")),
    ],
)
def test_a_last_good_that_is_not_whole_is_never_used(tmp_path: Path, harm: str) -> None:  # F16
    root, state = copy_of_root(tmp_path), tmp_path / "state"
    lastgood.save(state, root, sources.read(root), dt.datetime.now(dt.UTC))
    file = state / lastgood.NAME
    content = file.read_bytes()
    harmed = {
        "torn": content[: len(content) // 2],
        "flipped": content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
        "foreign": b"something else",
        "missing": b"",
        "old": content.replace(b"last good 2", b"last good 1"),
    }[harm]
    file.write_bytes(harmed) if harmed else file.unlink()

    arguments = ("--root", str(root), "serve", "--port", "0", "--state", str(state), LAST_GOOD)
    break_(root)
    refused = process(*arguments)

    assert refused.code == 1
    assert "last good configuration" in refused.err
    assert "code=unknown-contact" in refused.err


def test_a_bad_last_good_does_not_keep_a_good_root_from_being_served(tmp_path: Path) -> None:  # F16
    root = copy_of_root(tmp_path)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / lastgood.NAME).write_bytes(b"something else")
    with serving(root, *BY_EVENTS, LAST_GOOD) as served:
        assert served.status()["ok"]

    assert lastgood.read(tmp_path / "state", root).digest == sources.read(root).digest


def test_reloads_that_are_asked_for_together_come_one_at_a_time(tmp_path: Path) -> None:  # F26
    with served_copy(tmp_path, "--watch", "off") as served:
        attempts = served.attempts()
        served.write(NORDLICHT, variant(served.text(), 1))
        new = served.learn()
        with ThreadPoolExecutor(9) as pool:
            asked = [pool.submit(served.reload) for _ in range(8)]
            served.process.running.send_signal(signal.SIGHUP)
            served.ask_and_leave("POST", "/-/reload")
            said = [one.result().value["attempt"] for one in asked]
        served.becomes_live()

        assert {one["outcome"] for one in said} <= {"loaded", "unchanged"}
        served.until(lambda _: served.attempts() > attempts)
        assert served.attempts() - attempts <= 4
        assert served.asker.tags[-1] == new


def test_who_asks_while_a_reload_runs_gets_what_was_written_before_he_asked(tmp_path: Path) -> None:  # F26
    with served_copy(tmp_path, "--watch", "off") as served, ThreadPoolExecutor(2) as pool:
        for number in range(1, 5):
            running = pool.submit(served.reload)
            served.write(NORDLICHT, variant(served.text(), number))
            new = served.learn()
            served.reload()
            assert served.status()["revision"]["digest"].startswith(f"sha256:{new.revision}")
            running.result()


def test_an_asker_who_is_gone_has_started_a_reload_all_the_same(tmp_path: Path) -> None:  # F26
    with served_copy(tmp_path, "--watch", "off") as served:
        served.write(NORDLICHT, variant(served.text(), 1))
        served.ask_and_leave("POST", "/-/reload")
        served.becomes_live()


def test_a_signal_while_a_reload_runs_takes_up_the_later_change(tmp_path: Path) -> None:  # F26
    with served_copy(tmp_path, "--watch", "off") as served:
        for number in range(1, 4):
            served.process.running.send_signal(signal.SIGHUP)
            served.write(NORDLICHT, variant(served.text(), number))
            served.learn()
            served.process.running.send_signal(signal.SIGHUP)
            served.becomes_live()


def test_an_address_in_the_configuration_is_refused_and_nothing_is_half_applied(
    tmp_path: Path,
) -> None:  # F28
    """No key of the configuration is about the process: where it listens is told at its start only."""
    with served_copy(tmp_path) as served:
        vendor = served.text("config/vendor.yaml")
        served.write("config/vendor.yaml", f"{vendor}listen: 0.0.0.0:80\n")
        served.write(NORDLICHT, variant(served.text(), 1))

        assert [error.split()[1] for error in served.is_refused()] == ["schema-additionalProperties"]
        assert len(served.asker.tags) == 1
        served.write("config/vendor.yaml", vendor)
        served.becomes_live()


def test_reloads_leave_neither_memory_nor_threads_behind(tmp_path: Path) -> None:  # F25
    reload_often(tmp_path, first=10, times=20, more=15_000)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_thousand_reloads_leave_neither_memory_nor_threads_behind(tmp_path: Path) -> None:  # F25
    reload_often(tmp_path, first=100, times=1_000, more=15_000)


def reload_often(folder: Path, first: int, times: int, more: int) -> None:
    """Reload with other content each time; after the first ones nothing grows by more KiB than that."""
    with served_copy(folder, "--watch", "off") as served:
        texts = [variant(served.text(), number) for number in range(5)]
        for text in texts:
            served.learn(lambda root, text=text: replace(root / NORDLICHT, text))  # type: ignore[misc]
        for number in range(times):
            served.write(NORDLICHT, texts[number % 5])
            assert served.reload().value["attempt"]["outcome"] == "loaded"
            if number == first:
                before = served.resources()
        after = served.resources()
        served.becomes_live()

        assert after["VmRSS"] - before["VmRSS"] < more
        assert after["Threads"] <= before["Threads"] + 1
        assert served.attempts() >= times


def test_a_kill_at_any_moment_leaves_a_daemon_that_starts_again(tmp_path: Path) -> None:  # F30
    kill_often(tmp_path, times=2)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_hundred_kills_leave_a_daemon_that_starts_again(tmp_path: Path) -> None:  # F30
    kill_often(tmp_path, times=200)


def kill_often(folder: Path, times: int) -> None:
    """Kill it about when it takes up a change and saves it; in the end, what was saved is served."""
    root, chance, truth = copy_of_root(folder), random.Random(5), Truth()  # noqa: S311 - no secret
    truth.learn(root)
    for number in range(times):
        with daemons.daemon(root, *BY_EVENTS) as (daemon, _):
            replace(root / NORDLICHT, variant((root / NORDLICHT).read_text(), number))
            truth.learn(root)
            time.sleep(0.2 + chance.random() * 0.3)
            assert daemon.end(signal.SIGKILL) == -signal.SIGKILL
    break_(root)
    with serving(root, *BY_EVENTS, LAST_GOOD, truth=truth) as served:
        assert served.status()["revision"]["is_last_good"]


def test_a_kill_while_the_last_good_is_written_leaves_a_whole_one(tmp_path: Path) -> None:  # F30
    kill_writers(tmp_path, times=20)


@pytest.mark.slow
def test_two_hundred_kills_while_the_last_good_is_written_leave_a_whole_one(tmp_path: Path) -> None:  # F30
    kill_writers(tmp_path, times=200)


def kill_writers(folder: Path, times: int) -> None:
    program = Path(killing.__file__)
    subprocess.run([sys.executable, program, folder, str(times)], check=True, cwd=PROJECT)
