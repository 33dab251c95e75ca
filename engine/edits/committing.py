"""Commits of edited files, made by the `git` program: hooks, signing and identity are those of any commit.

pygit2, which reads revisions, knows nothing of the first two. Of what else is staged or changed nothing is
committed: `git commit --only` takes the named paths alone.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.diagnostics import InputError

_UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
}
_SAFE_DIRECTORY = re.compile(r"git config --global --add safe\.directory .*")
_IDENTITY = "git config --global user.name NAME, and user.email ADDRESS"


def check_ready(root: Path, paths: Iterable[str]) -> None:
    """Make sure, before anything is written, that a commit would hold the edit and nothing else."""
    _check_work_tree(root)
    for name, what in _UNDER_WAY.items():
        if (root / _git(root, "rev-parse", "--git-path", name)).exists():
            raise InputError(f"{what} is under way", "finish or abort it first, or leave out --commit")
    for path in _real(root, paths):
        if _git(root, "status", "--porcelain", "--ignored", "--", path):
            hint = "commit it as it is first, or leave out --commit"
            raise InputError(f"{path} has changes that are not committed", hint)
    for identity in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        if _run(root, "var", identity).returncode != 0:
            raise InputError("git does not know who commits", _IDENTITY)


def commit(root: Path, paths: Iterable[str], subject: str) -> str:
    """Commit these paths and nothing else; return the abbreviated id."""
    _git(root, "commit", "--quiet", "--only", "--message", subject, "--", *_real(root, paths))
    return _git(root, "rev-parse", "--short", "HEAD")


def is_detached(root: Path) -> bool:
    """Whether the commit belongs to no branch."""
    return _run(root, "symbolic-ref", "--quiet", "HEAD").returncode != 0


def _check_work_tree(root: Path) -> None:
    ran = _run(root, "rev-parse", "--is-inside-work-tree")
    if ran.returncode == 0 and ran.stdout.strip() == b"true":
        return
    said = ran.stderr.decode("utf-8", "replace").removeprefix("fatal: ")
    if not said or "not a git repository" in said:
        raise InputError("the root is not in a git work tree", "leave out --commit")
    cure = _SAFE_DIRECTORY.search(said)  # git uses no repository of another user
    hint = f"if you trust it: {cure[0]}" if cure else "leave out --commit"
    raise InputError(f"git says: {said.splitlines()[0]}", hint)


def _real(root: Path, paths: Iterable[str]) -> Sequence[str]:
    """Return the paths of the files themselves: git knows a link by where it leads."""
    top = root.resolve()
    return [(top / path).resolve().relative_to(top).as_posix() for path in paths]


def _git(root: Path, *arguments: str) -> str:
    ran = _run(root, *arguments)
    if ran.returncode != 0:
        said = (ran.stderr.strip() or ran.stdout.strip()).decode("utf-8", "replace")
        raise InputError(f"git {arguments[0]} says: {said}")
    return ran.stdout.decode("utf-8", "surrogateescape").strip()


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "--literal-pathspecs", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - no shell
    except FileNotFoundError as error:
        raise InputError("--commit needs the program git", "install it, or leave out --commit") from error
