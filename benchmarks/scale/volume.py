"""The corpus as it is measured: with its facts, without them, and how often everything has a turn."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path

from benchmarks import corpus
from benchmarks.corpus import Made
from benchmarks.programme import ROOT
from benchmarks.scale import processes
from benchmarks.scale.processes import Clock

FACTS = "facts/renewals.jsonl"
PARTNER_SCHEMA = ROOT / "schemas" / "partner.schema.json"
_FEWER = 3


@dataclass(frozen=True)
class Volume:
    """A folder with the corpus in it, and how many rounds a measurement has."""

    folder: Path
    made: Made
    rounds: int
    clock: Clock

    @property
    def fewer_rounds(self) -> int:
        """For what takes long, and where nothing is promised of the median of many."""
        return min(self.rounds, _FEWER)

    @property
    def root(self) -> Path:
        """The root with its facts."""
        return self.folder / "corpus"

    @property
    def bare(self) -> Path:
        """The same without facts: what there is of configuration."""
        return self.folder / "bare"

    @property
    def facts(self) -> Path:
        """The renewals."""
        return self.root / FACTS

    @cached_property
    def partner_files(self) -> Sequence[Path]:
        """The partner files, in path order."""
        return sorted((self.bare / "config" / "partners").rglob("*.yaml"))

    def seconds(self, arguments: Sequence[str], *, expected: Sequence[int] = (0,)) -> float:
        """Return how long a process takes."""
        return self.clock(processes.run(arguments, expected=expected))

    def turn(self, arguments: Sequence[str], *, expected: Sequence[int] = (0,)) -> Callable[[int], float]:
        """Return what times a process in each round."""
        return lambda _: self.seconds(arguments, expected=expected)

    def another(self, name: str) -> Path:
        """Return a copy without facts, to be edited: links, so whoever edits a file replaces it."""
        return _linked(self.bare, self.folder / name)


def make(folder: Path, partners: int, rounds: int, clock: Clock = attrgetter("wall")) -> Volume:
    """Write the corpus into a new folder."""
    made = corpus.write(folder / "corpus", partners)
    volume = Volume(folder, made, rounds, clock)
    _linked(volume.root, volume.bare)
    shutil.rmtree(volume.bare / "facts")
    return volume


def _linked(folder: Path, copy: Path) -> Path:
    return Path(shutil.copytree(folder, copy, copy_function=os.link))
