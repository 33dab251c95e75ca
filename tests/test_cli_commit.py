"""`--commit`: one commit of the edit and of nothing else, made by git as any other."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commandline import Renewctl

PARTNER = Path("config/partners/nordlicht.yaml")
SET = ("set", "--client", "acme", "--owner", "partner", "--contact", "aylin", "--commit")


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture(autouse=True)
def _repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a repository of the copy of the root."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    for name in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL", "DIR", "INDEX_FILE"):
        monkeypatch.delenv(f"GIT_{name}", raising=False)
    git("init", "-q", "-b", "main")
    git("config", "user.name", "Ada Öz")
    git("config", "user.email", "ada@vendor.example")
    git("config", "user.useConfigOnly", "true")
    git("add", ".")
    git("commit", "-qm", "First")
    assert root.is_dir()


def test_one_commit_holds_the_edit_in_a_sentence(renewctl: Renewctl) -> None:
    ran = renewctl(*SET)

    assert ran.code == 0
    assert git("log", "--format=%an <%ae> %s", "--name-only", "main~..main") == (
        f"Ada Öz <ada@vendor.example> Set owner of acme to partner, contact aylin\n\n{PARTNER}\n"
    )
    commit, subject = git("log", "-1", "--format=%h %s").split(" ", 1)
    assert ran.err.endswith(f"\ncommitted {commit}: {subject}")
    assert git("status", "--porcelain") == ""


def test_what_else_is_staged_or_changed_stays_so(renewctl: Renewctl) -> None:
    other = Path("config/partners/americas/oakline.yaml")
    other.write_text(other.read_text() + "# staged\n")
    git("add", ".")
    Path("config/vendor.yaml").write_text(Path("config/vendor.yaml").read_text() + "# changed\n")
    status = git("status", "--porcelain")

    assert renewctl(*SET).code == 0
    assert git("status", "--porcelain") == status
    assert git("show", "--format=", "--name-only") == f"{PARTNER}\n"


def test_a_file_with_changes_of_its_own_is_not_committed(renewctl: Renewctl) -> None:
    PARTNER.write_text(changed := PARTNER.read_text() + "# mine\n")

    ran = renewctl(*SET)

    assert ran.code == 2
    assert f"error: nothing is written: {PARTNER} has changes that are not committed\n" in ran.err
    assert PARTNER.read_text() == changed


def test_without_an_identity_nothing_is_written(renewctl: Renewctl) -> None:
    git("config", "--unset", "user.email")
    before = PARTNER.read_text()

    ran = renewctl(*SET)

    assert ran.code == 2
    assert "error: nothing is written: git does not know who commits\n" in ran.err
    assert PARTNER.read_text() == before


def test_a_hook_that_refuses_leaves_everything_as_it_was(renewctl: Renewctl) -> None:
    hook = Path(".git/hooks/pre-commit")
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n")
    hook.chmod(0o755)

    ran = renewctl(*SET)

    assert ran.code == 2
    assert "error: nothing is written: git commit says: not on a Friday\n" in ran.err
    assert git("status", "--porcelain") == ""
    assert git("log", "--format=%s") == "First\n"


def test_during_a_merge_nothing_is_committed(renewctl: Renewctl) -> None:
    git("switch", "-qc", "other")
    git("commit", "-q", "--allow-empty", "-m", "Other")
    git("switch", "-q", "main")
    git("merge", "-q", "--no-commit", "--no-ff", "other")

    ran = renewctl(*SET)

    assert (ran.code, ran.out) == (2, "")
    assert "error: nothing is written: a merge is under way\n" in ran.err
    assert git("status", "--porcelain") == ""


def test_a_link_is_committed_where_it_leads(renewctl: Renewctl) -> None:
    PARTNER.rename("nordlicht.text")
    PARTNER.symlink_to("../../nordlicht.text")
    git("add", "--all")
    git("commit", "-qm", "Linked")

    assert renewctl(*SET).code == 0
    assert git("show", "--format=", "--name-only") == "nordlicht.text\n"


def test_on_a_detached_head_the_commit_is_made_and_the_danger_said(renewctl: Renewctl) -> None:
    git("switch", "-q", "--detach")

    ran = renewctl(*SET)

    assert ran.code == 0
    assert "hint: HEAD is detached" in ran.err
    assert git("log", "-1", "--format=%s") == "Set owner of acme to partner, contact aylin\n"


def test_a_root_below_the_top_of_the_work_tree_is_committed_too(
    renewctl: Renewctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".git").rename(tmp_path / ".git")
    monkeypatch.chdir(tmp_path)
    git("add", "--all")
    git("commit", "-qm", "Moved")

    assert renewctl("--root", "root", *SET).code == 0
    assert git("show", "--format=", "--name-only") == f"root/{PARTNER}\n"


def test_outside_of_git_there_is_nothing_to_commit_to(renewctl: Renewctl, tmp_path: Path) -> None:
    Path(".git").rename(tmp_path / "moved")

    ran = renewctl(*SET)

    assert ran.code == 2
    assert "error: nothing is written: the root is not in a git work tree\n" in ran.err


def test_a_repository_of_somebody_else_is_said_in_the_words_of_git_with_the_cure(
    renewctl: Renewctl, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own tests do it like this

    ran = renewctl(*SET)

    assert (ran.code, ran.out) == (2, "")
    assert "error: nothing is written: git says: detected dubious ownership in repository at" in ran.err
    assert f"hint: if you trust it: git config --global --add safe.directory {root.resolve()}\n" in ran.err
