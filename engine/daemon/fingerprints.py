"""What a root looks like without reading a file: a stamp of every file that it is read from.

Two looks that are equal saw the same files. The walk is that of `sources`, so what is looked at is what is
read, and its rules for hidden names, links and loops hold here too.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from engine.sources import FACTS, FACTS_SUFFIXES, PARTNERS, RULES, VENDOR
from engine.stamps import Stamp, stamp, stamp_of
from engine.trees import Entry, Folder, walk

__all__ = ["Look", "Stamp", "look", "stamp", "stamp_of"]

_ALMOST_READ = (".yml", ".YAML", ".YML", ".json")
"""Names that configuration is not read from, but warned about."""


@dataclass(frozen=True)
class Look:
    """The files that a root is read from, each with its stamp; None for a link that leads nowhere.

    `strays` are names that are warned about instead of read; `folders` are the directories in which a change
    can show, each with what tells that another has taken its place.
    """

    configuration: Mapping[str, Stamp | None] = field(default_factory=dict)
    facts: Mapping[str, Stamp | None] = field(default_factory=dict)
    strays: frozenset[str] = frozenset()
    folders: Mapping[str, Hashable] = field(default_factory=dict, compare=False)

    @cached_property
    def stamps(self) -> Mapping[str, Stamp | None]:
        """The stamps of all files, those of facts too."""
        return {**self.configuration, **self.facts}


def look(root: Path) -> Look:
    """Look at every file of a root, wherever a link leads at this moment."""
    tree = _Noting(Path(os.path.realpath(root)))
    top = f"{tree.root}/"
    written = [path for folder in (PARTNERS, RULES) for path in walk(tree, folder, [])]
    beside = [f"config/{name}" for name in tree.names("config")]
    configuration = [path for path in written if path.endswith(".yaml")]
    configuration += [path for path in beside if path == VENDOR]
    facts = [path for path in walk(tree, FACTS, []) if path.endswith(FACTS_SUFFIXES)]
    strays = (path for path in (*written, *beside) if path.endswith(_ALMOST_READ))
    tree.names("")  # a directory in it may be swapped
    return Look(_stamps(top, configuration), _stamps(top, facts), frozenset(strays), tree.noted)


def _stamps(top: str, paths: Iterable[str]) -> Mapping[str, Stamp | None]:
    return {path: stamp(top + path) for path in paths}


@dataclass(frozen=True, slots=True)
class _Noting(Folder):
    """A root on disk that notes which of its directories are entered, and which directory each then was."""

    noted: dict[str, Hashable] = field(default_factory=dict)

    def entries(self, folder: str) -> Iterable[Entry]:
        self.noted[folder] = self.identity(folder)
        return Folder.entries(self, folder)

    def names(self, folder: str) -> list[str]:
        """Return what is in a directory, if it is one."""
        try:
            return [entry.name for entry in self.entries(folder)]
        except OSError:
            return []
