"""What is served and asked: a corpus, a copy of it to be edited, and for how long."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.scale import volume
from benchmarks.scale.volume import Volume
from benchmarks.serving import questions
from benchmarks.serving.questions import Questions


@dataclass(frozen=True)
class Bench:
    """A corpus with questions about it; `seconds` is how long each turn of load lasts."""

    volume: Volume
    questions: Questions
    seconds: int
    renames: int

    @property
    def rounds(self) -> int:
        """How often everybody has a turn."""
        return self.volume.rounds

    @cached_property
    def served(self) -> Path:
        """The root that the daemon serves: links, so whoever edits a file replaces it."""
        return Path(shutil.copytree(self.volume.root, self.volume.folder / "served", copy_function=os.link))

    @cached_property
    def edited(self) -> Path:
        """The partner file that is edited in it: the median one."""
        files = sorted((self.served / "config" / "partners").rglob("*.yaml"), key=_size)
        return files[len(files) // 2]

    def state(self, name: str) -> Path:
        """Return where a daemon keeps what was last good."""
        return self.volume.folder / f"state-{name}"


def make(folder: Path, partners: int, rounds: int, seconds: int, renames: int) -> Bench:
    """Write a corpus and the questions about it into a new folder."""
    made = volume.make(folder, partners, rounds)
    return Bench(made, questions.write(made), seconds, renames)


def _size(path: Path) -> int:
    return path.stat().st_size
