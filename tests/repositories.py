"""Real git repositories for tests, made by the git program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

NORD = "config/partners/nord.yaml"
_IDENTITY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Änne Öz",
    "GIT_AUTHOR_EMAIL": "aenne@vendor.example",
    "GIT_COMMITTER_NAME": "Änne Öz",
    "GIT_COMMITTER_EMAIL": "aenne@vendor.example",
}


class Scratch(NamedTuple):
    """A work tree to make commits in."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> Scratch:
        """Make a repository whose branch is `main`."""
        path.mkdir(parents=True, exist_ok=True)
        scratch = cls(path)
        scratch.git("init", "--quiet", "--initial-branch", "main")
        return scratch

    def git(self, *arguments: str, date: str = "2026-11-01T12:00:00+01:00") -> str:
        """Run git there, at that moment, and return what it says."""
        moment = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        environment = {**os.environ, **_IDENTITY, **moment}
        ran = subprocess.run(
            ["git", *arguments], cwd=self.path, env=environment, check=True, capture_output=True
        )
        return ran.stdout.decode().strip()

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, with the directories that they need."""
        for path, text in files.items():
            file = self.path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())

    def commit(
        self, files: Mapping[str, str], subject: str = "Change", *, date: str = "2026-11-01T12:00:00+01:00"
    ) -> str:
        """Write files, commit everything and return the commit's id."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject, date=date)
        return self.git("rev-parse", "HEAD")


def partner(name: str = "nord", default: str = "{owner: hubspot, contact: ben}", clients: str = "{}") -> str:
    """Return the text of a partner file."""
    return (
        f"version: 1\npartner: {name}\nusers:\n  ben: {{name: Ben, email: ben@{name}.example}}\n"
        f"default: {default}\nclients: {clients}\n"
    )
