"""Roots that are not edited but replaced: by links, by git, or altogether."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commandline import ROOT, copy_of_root
from repositories import Scratch
from served import BY_EVENTS, NORDLICHT, Served, replace, served_copy, serving, variant


def test_each_swap_of_a_kubernetes_volume_becomes_live(tmp_path: Path) -> None:  # F3
    volume = tmp_path / "root" / "config" / "partners"
    shutil.copytree(ROOT, tmp_path / "root")
    shutil.rmtree(volume)
    volume.mkdir()
    publish(volume, 0)
    for file in ("nordlicht.yaml", "oakline.yaml"):
        (volume / file).symlink_to(f"..data/{file}")
    with serving(tmp_path / "root", *BY_EVENTS) as served:
        expected = list(served.asker.tags)
        for number in (1, 2, 3):
            served.becomes_idle()
            publish(volume, number)
            expected.append(served.becomes_live())
        for number in (4, 5, 6):  # in a row
            publish(volume, number)
        expected.append(served.becomes_live())

        assert served.asker.tags == expected
        assert served.status()["revision"]["partners"] == 2


def publish(volume: Path, number: int) -> None:
    """Do what the kubelet does: a new hidden directory, a link to it by rename, the old one removed."""
    folder = volume / f"..2026_11_23_{number}"
    folder.mkdir()
    for file in ROOT.glob("config/partners/**/*.yaml"):
        (folder / file.name).write_text(variant(file.read_text(), number))
    (volume / "..data_tmp").symlink_to(folder.name)
    (volume / "..data_tmp").replace(volume / "..data")
    shutil.rmtree(volume / f"..2026_11_23_{number - 1}", ignore_errors=True)


def test_a_root_that_is_a_link_is_followed_when_it_is_swapped(tmp_path: Path) -> None:  # F4
    first, second, current = tmp_path / "r1", tmp_path / "r2", tmp_path / "current"
    shutil.copytree(ROOT, first)
    current.symlink_to("r1")
    with serving(current, *BY_EVENTS) as served:
        expected = list(served.asker.tags)
        for number, checkout in enumerate([second, tmp_path / "r3"]):
            shutil.copytree(ROOT, checkout)
            replace(checkout / NORDLICHT, variant(served.text(), 10 + number))
            served.becomes_idle()
            (tmp_path / "next").symlink_to(checkout.name)
            (tmp_path / "next").replace(current)
            expected.append(served.becomes_live())
            served.becomes_idle()
            served.write(NORDLICHT, variant(served.text(), 20 + number))
            expected.append(served.becomes_live())
        shutil.rmtree(first)

        assert served.asker.tags == expected


def test_what_git_does_to_a_work_tree_becomes_live_once(tmp_path: Path) -> None:  # F5
    with served_repository(tmp_path) as (served, scratch):
        expected = list(served.asker.tags)
        for arguments in (
            ("checkout", "--quiet", "topic"),
            ("checkout", "--quiet", "main"),
            ("rebase", "--quiet", "topic"),
            ("reset", "--quiet", "--hard", "topic"),
            ("pull", "--quiet", "--ff-only", "upstream", "main"),
        ):
            served.becomes_idle()
            scratch.git(*arguments)
            expected.append(served.becomes_live())

        assert served.asker.tags == expected


def test_what_happens_in_git_alone_wakes_nobody(tmp_path: Path) -> None:  # F5
    with served_repository(tmp_path) as (served, scratch):
        served.becomes_idle()
        attempts = served.attempts()
        scratch.git("fetch", "--quiet", "upstream")
        scratch.git("tag", "one")
        scratch.git("commit", "--quiet", "--allow-empty", "--message", "Nothing")
        scratch.git("gc", "--quiet")
        assert served.attempts() == attempts
        served.write(NORDLICHT, variant(served.text(), 9))
        served.becomes_live()

        served.until(lambda _: served.attempts() > attempts)
        assert served.attempts() == attempts + 1


@contextmanager
def served_repository(folder: Path) -> Iterator[tuple[Served, Scratch]]:
    """Serve a work tree on `main`; `topic` is one commit beside it, and `upstream` has both and one more."""
    root = copy_of_root(folder)
    scratch = Scratch.at(root)
    text = (root / NORDLICHT).read_text()
    base = scratch.commit({}, "Begin")
    scratch.git("checkout", "--quiet", "-b", "topic")
    scratch.commit({NORDLICHT: variant(text, 1)}, "Change the address")
    scratch.git("checkout", "--quiet", "main")
    vendor = (root / "config/vendor.yaml").read_text()
    scratch.commit({"config/vendor.yaml": vendor.replace("claire@", "cl@")}, "Change another")
    upstream = Scratch(folder / "upstream")
    scratch.git("clone", "--quiet", str(root), str(upstream.path))
    upstream.git("reset", "--quiet", "--hard", "origin/topic")
    upstream.commit({NORDLICHT: variant(text, 2)}, "Go on")
    scratch.git("remote", "add", "upstream", str(upstream.path))
    assert base
    variables = {"GIT_CEILING_DIRECTORIES": os.sep}
    with serving(root, *BY_EVENTS, variables=variables) as served:
        yield served, scratch


def test_a_root_that_is_removed_and_made_again_becomes_live(tmp_path: Path) -> None:  # F6
    with served_copy(tmp_path) as served:
        before = list(served.asker.tags)
        served.becomes_idle()
        shutil.rmtree(served.root)
        served.until(lambda status: status["last_attempt"]["outcome"] in {"refused", "failed"})
        assert not served.status()["ok"]
        assert served.asker.tags == before
        served.becomes_idle()
        shutil.copytree(ROOT, served.root)
        served.becomes_live()
        served.becomes_idle()
        served.write(NORDLICHT, variant(served.text(), 1))
        new = served.becomes_live()

        assert served.asker.tags == [*before, new]


def test_a_root_that_is_moved_away_and_replaced_becomes_live(tmp_path: Path) -> None:  # F6
    with served_copy(tmp_path) as served:
        before = list(served.asker.tags)
        other = copy_of_root(tmp_path / "other")
        replace(other / NORDLICHT, variant(served.text(), 1))
        served.becomes_idle()
        served.root.rename(tmp_path / "old")
        other.rename(served.root)
        new = served.becomes_live()
        served.becomes_idle()
        replace(tmp_path / "old" / NORDLICHT, variant(served.text(), 2))  # of no concern any more
        served.write(NORDLICHT, variant(served.text(), 3))
        newest = served.becomes_live()

        assert served.asker.tags == [*before, new, newest]
