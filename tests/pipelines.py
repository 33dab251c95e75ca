"""What the definitions for CI services run in: a change to a root, merged, and cloned as a service would.

Only what the network would answer is made up, by programs that stand before the real ones on the path.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from commandline import PROJECT, ROOT, Run, environment

MARKER = "<!-- renewctl diff -->"
"""What the comment about a change begins with, so that it is found again."""

NORDLICHT = "config/partners/nordlicht.yaml"
_AUTHOR = ("-c", "user.name=Jana", "-c", "user.email=jana@nordlicht.example", "-c", "commit.gpgsign=false")


class Change(NamedTuple):
    """A proposed change: the bare repository, its target, its head and the merge of both, by id."""

    origin: Path
    base: str
    head: str
    merge: str


def git(folder: Path, *arguments: str) -> str:
    """Run git there and return what it says."""
    done = subprocess.run(
        ["git", *_AUTHOR, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path, subject: str) -> str:
    """Commit everything there; return the id."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", subject)
    return git(folder, "rev-parse", "HEAD")


def proposed_change(
    folder: Path, old: str, new: str, *, below: str = ".", message: str = "Merge change into main"
) -> Change:
    """Replace a text in nordlicht's file on a branch while the target goes on, and merge both for a trial."""
    work = folder / "work"
    shutil.copytree(ROOT, work / below)
    git(work, "init", "--quiet", "--initial-branch", "main")
    commit(work, "A root")
    git(work, "checkout", "--quiet", "-b", "change")
    path = work / below / NORDLICHT
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    head = commit(work, "Change nordlicht")
    git(work, "checkout", "--quiet", "main")
    (work / "README.md").write_text("Who gets the mail.\n", encoding="utf-8")
    base = commit(work, "Explain")
    git(work, "checkout", "--quiet", "-b", "trial")
    git(work, "merge", "--quiet", "--no-ff", "--message", message, "change")
    git(folder, "clone", "--quiet", "--bare", str(work), "origin.git")
    return Change(folder / "origin.git", base, head, git(work, "rev-parse", "HEAD"))


def shallow_clone(change: Change, folder: Path, branch: str = "trial") -> Path:
    """Clone as CI does: one branch, its last commit only."""
    origin = change.origin.as_uri()
    git(folder, "clone", "--quiet", "--depth", "1", "--branch", branch, origin, "workspace")
    return folder / "workspace"


def break_nordlicht(workspace: Path) -> None:
    """Name somebody as a contact whom the partner does not have."""
    path = workspace / NORDLICHT
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("contact: tom", "contact: tim"), encoding="utf-8")


def program(folder: Path, name: str, script: str) -> None:
    """Put a program of that name there."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/usr/bin/env bash\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def renewctl_on(folder: Path) -> None:
    """Put the command line of this project there."""
    command = shlex.join([sys.executable, str(PROJECT / "cli.py")])
    program(folder, "renewctl", f'exec {command} "$@"')


def bash(script: str, cwd: Path, programs: Path, variables: Mapping[str, str]) -> Run:
    """Run a script as CI services do: it ends where a command fails."""
    path = f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=cwd,
        env=environment({**variables, "PATH": path}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    return Run(done.returncode, done.stdout, done.stderr)
