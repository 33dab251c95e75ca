from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from repositories import NORD, Scratch

from engine import revisions
from engine.daemon import checkout


def test_outside_of_git_there_is_nothing_to_complain_of(tmp_path: Path) -> None:
    assert checkout.complaint(tmp_path) is None


def test_of_a_repository_that_tells_the_commit_there_is_nothing_to_complain(tmp_path: Path) -> None:
    Scratch.at(tmp_path).commit({NORD: ""})

    assert checkout.complaint(tmp_path) is None


@pytest.mark.skipif(os.getuid() != 0, reason="only the superuser gives files away")
def test_a_repository_of_another_user_is_complained_of_with_the_cure(tmp_path: Path) -> None:
    scratch = Scratch.at(tmp_path / "given")
    os.chown(scratch.path / ".git", 65_534, 65_534)
    os.chown(scratch.path, 65_534, 65_534)

    said = checkout.complaint(scratch.path)

    assert said is not None
    assert said.startswith(
        f"nobody knows the commit: the git repository of {scratch.path} cannot be opened: "
    )
    assert said.endswith("; allow it with `git config --global --add safe.directory DIR`")


def test_without_the_library_nobody_is_bothered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Scratch.at(tmp_path)
    monkeypatch.setitem(sys.modules, "engine.revisions", None)
    monkeypatch.delattr("engine.revisions")

    assert checkout.complaint(tmp_path) is None


def test_a_defect_of_git_is_no_complaint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> None:
        raise ValueError("a damaged repository")

    monkeypatch.setattr(revisions, "checked_out", fail)

    assert checkout.complaint(tmp_path) is None
