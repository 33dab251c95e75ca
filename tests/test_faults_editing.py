"""Files that are being edited: what answers is what was before, or what was meant, and nothing in between."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from served import NORDLICHT, OAKLINE, RENEWALS, SOON, Served, replace, served_copy, variant

MOVED = "\n  umbrella: {override: {owner: partner, contact: ruth}}\n"
"""A client of oakline, below `clients:`."""


def rename_replace(file: Path, text: str) -> None:
    replace(file, text)


def truncate_then_write(file: Path, text: str) -> None:
    with file.open("w") as writer:
        writer.flush()
        time.sleep(0.02)  # a writer is not quicker than that when it has to think
        writer.write(text)


def backup_and_swap(file: Path, text: str) -> None:
    file.rename(f"{file}~")
    file.write_text(text)


def backup_beside(file: Path, text: str) -> None:
    shutil.copy(file, f"{file}.bak")
    file.write_text(text)


def with_vim(file: Path, text: str) -> None:
    steps = ["-c", "set backup", "-c", f"%s/^  jana:.*/{jana(text)}/", "-c", "wq"]
    subprocess.run(
        ["vim", "-u", "NONE", "-es", *steps, file], check=True, stdin=subprocess.DEVNULL, cwd=file.parent
    )


def with_sed(file: Path, text: str) -> None:
    subprocess.run(["sed", "-i", f"s/^  jana:.*/{jana(text)}/", file], check=True)


def jana(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("  jana:"))


SAVES = [rename_replace, truncate_then_write, backup_and_swap, backup_beside, with_sed]
if shutil.which("vim"):
    SAVES.append(with_vim)


def test_however_an_editor_saves_the_new_revision_becomes_live_once(tmp_path: Path) -> None:  # F1
    with served_copy(tmp_path) as served:
        expected = list(served.asker.tags)
        for number, save in enumerate(SAVES):
            served.becomes_idle()
            text = variant(served.text(), number)
            save(served.root / NORDLICHT, text)
            assert served.text() == text
            expected.append(served.becomes_live())
            assert served.status()["last_attempt"]["cause"] == "change"

        assert served.asker.tags == expected


def test_of_two_replaces_in_a_row_the_last_one_is_live(tmp_path: Path) -> None:  # F2
    with served_copy(tmp_path) as served:
        before = list(served.asker.tags)
        for number in (1, 2):
            served.write(NORDLICHT, variant(served.text(), number))
        once = served.becomes_live()
        for number in (3, 4, 5):
            served.write(NORDLICHT, variant(served.text(), number))
        twice = served.becomes_live()

        assert served.asker.tags == [*before, once, twice]


def test_a_file_that_is_back_after_a_moment_was_never_missed(tmp_path: Path) -> None:  # F7
    with served_copy(tmp_path) as served:
        attempts = served.attempts()
        text = served.text()
        (served.root / NORDLICHT).unlink()
        time.sleep(0.1)
        served.write(NORDLICHT, text)
        served.until(lambda _: served.attempts() > attempts)

        assert served.status()["last_attempt"]["outcome"] == "unchanged"
        assert len(served.asker.tags) == 1


def test_a_partner_that_facts_still_name_leaves_its_renewals_unroutable(tmp_path: Path) -> None:  # F8
    with served_copy(tmp_path) as served:
        (served.root / OAKLINE).unlink()
        served.becomes_live()
        decisions = served.get("/v1/clients/hooli/decision?on=2026-12-05").value["decisions"]

        assert [one["outcome"] for one in decisions] == ["unroutable"]
        assert ["UNKNOWN_PARTNER" in one["reasons"] for one in decisions] == [True]


def test_while_a_slow_writer_writes_the_old_is_answered(tmp_path: Path) -> None:  # F10
    with served_copy(tmp_path) as served:
        before = list(served.asker.tags)
        write_slowly(served.root / NORDLICHT, variant(served.text(), 1).encode(), pause=0.004)
        new = served.becomes_live()

        assert served.asker.tags == [*before, new]


@pytest.mark.slow
def test_while_a_very_slow_writer_writes_the_old_is_answered(tmp_path: Path) -> None:  # F10
    with served_copy(tmp_path) as served:
        before = list(served.asker.tags)
        write_slowly(served.root / NORDLICHT, variant(served.text(), 1).encode(), pause=0.01)
        new = served.becomes_live()

        assert served.asker.tags == [*before, new]


def write_slowly(file: Path, data: bytes, pause: float) -> None:
    with file.open("wb", buffering=0) as writer:
        for byte in data:
            writer.write(bytes([byte]))
            time.sleep(pause)


def test_a_file_that_is_cut_anywhere_for_a_moment_is_not_read_like_that(tmp_path: Path) -> None:  # F11
    cut_everywhere(tmp_path, step=31)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_file_that_is_cut_at_each_byte_for_a_moment_is_not_read_like_that(tmp_path: Path) -> None:  # F11
    cut_everywhere(tmp_path, step=1)


def cut_everywhere(folder: Path, step: int) -> None:
    """Cut the file at some bytes, each time for 60 ms, in place."""
    with served_copy(folder) as served:
        file = served.root / NORDLICHT
        data = file.read_bytes()
        for offset in range(0, len(data), step):
            with file.open("wb", buffering=0) as writer:
                writer.write(data[:offset])
                time.sleep(0.06)
                writer.write(data[offset:])
        served.write(NORDLICHT, variant(served.text(), 1))
        served.becomes_live()

        assert len(served.asker.tags) == 2


@pytest.mark.parametrize("is_added_first", [True, False])
def test_between_two_files_that_belong_together_nothing_is_served(
    tmp_path: Path, *, is_added_first: bool
) -> None:  # F12
    """Between the two, globex is listed twice, which is an error, or by nobody, which is none."""
    with served_copy(tmp_path) as served:
        before = list(served.asker.tags)
        changes: list[Callable[[], None]] = [lambda: add_globex(served), lambda: remove_globex(served)]
        for change in changes if is_added_first else reversed(changes):
            change()
            time.sleep(0.12)
        new = served.becomes_live()

        assert served.asker.tags == [*before, new]
        assert served.metrics()['renewctl_config_reloads_total{outcome="refused",part="configuration"}'] == 0


def add_globex(served: Served) -> None:
    served.write(OAKLINE, served.text(OAKLINE) + "clients: {globex: {}}\n")


def remove_globex(served: Served) -> None:
    served.write(NORDLICHT, served.text().partition("  globex:")[0])


def test_configuration_and_facts_that_change_together_become_live_together(tmp_path: Path) -> None:  # F12
    with served_copy(tmp_path) as served:
        expected = list(served.asker.tags)
        for number in range(3):
            served.write(NORDLICHT, variant(served.text(), number))
            served.write(RENEWALS, re.sub(r"ada\d*@", f"ada{number}@", served.text(RENEWALS)))
            expected.append(served.becomes_live())

        assert served.asker.tags == expected


def test_an_error_that_is_taken_back_leaves_nothing_behind(tmp_path: Path) -> None:  # F13
    with served_copy(tmp_path) as served:
        good = served.text()
        served.write(NORDLICHT, good.replace("contact: jana", "contact: jan"))
        assert served.is_refused() == [f"{NORDLICHT}:15 unknown-contact"]
        served.write(NORDLICHT, good)
        served.becomes_live()

        assert served.status()["last_attempt"]["outcome"] == "unchanged"
        assert len(served.asker.tags) == 1


def test_the_status_has_the_latest_errors_and_then_none(tmp_path: Path) -> None:  # F14
    with served_copy(tmp_path) as served:
        good = served.text()
        served.write(NORDLICHT, good.replace("contact: jana", "contact: jan"))
        first = served.is_refused()
        served.write(NORDLICHT, good.replace("version: 1", "version: 9"))
        served.until(lambda _: served.is_refused() != first)
        second = served.is_refused()
        served.write(NORDLICHT, variant(good, 1))
        served.becomes_live()

        assert [problem.split()[1] for problem in first] == ["unknown-contact"]
        assert [problem.split()[1] for problem in second] == ["schema-const"]
        assert served.status()["last_attempt"]["diagnostics"] == []
        assert len(served.asker.tags) == 2


def test_the_same_content_again_is_no_new_revision(tmp_path: Path) -> None:  # F27
    with served_copy(tmp_path) as served:
        attempts, since = served.attempts(), served.status()["revision"]["since"]
        served.write(NORDLICHT, served.text())
        served.until(lambda _: served.attempts() > attempts)
        assert served.reload().value["attempt"]["outcome"] == "unchanged"

        assert served.status()["revision"]["since"] == since
        assert served.metrics()['renewctl_config_reloads_total{outcome="loaded",part="configuration"}'] == 1
        assert len(served.asker.tags) == 1


@pytest.mark.slow
def test_a_change_is_live_a_second_after_it_was_made(tmp_path: Path) -> None:
    """The bound that people are promised, taken on the half of many changes: the machine may be busy."""
    with served_copy(tmp_path) as served:
        took = []
        for number in range(21):
            served.write(NORDLICHT, variant(served.text(), number))
            written = time.monotonic()
            served.becomes_live(SOON)
            took.append(served.asker.moments[-1] - written)

        assert sorted(took)[10] < 1.0
