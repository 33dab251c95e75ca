"""What a root looks like without reading a file: a stamp of every file that it is read from.

Two looks that are equal saw the same files. The walk is that of `sources`, so what is looked at is what is
read, and its rules for hidden names, links and loops hold here too. Thousands of files take some time: others
are let in between, for whoever is asked for a decision shares the interpreter.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path

from engine.diagnostics import Diagnostic
from engine.sources import FACTS, FACTS_SUFFIXES, PARTNERS, RULES, VENDOR
from engine.stamps import Stamp, stamp, stamp_of
from engine.trees import Entry, Folder, leads_to_folder, walk

__all__ = [
    "Kind",
    "Look",
    "Stamp",
    "breathe",
    "identity",
    "kind",
    "look",
    "looking",
    "moved",
    "stamp",
    "stamp_of",
]

_CONFIG = "config"
_ALMOST_READ = (".yml", ".YAML", ".YML", ".json")
"""Names that configuration is not read from, but warned about."""

_BLOCK = 50
_BREATH = 0.0002
"""Seconds for which others are let in after a block of files: a look has time, an answer has none."""

_NEVER = Stamp(-1, -1, -1, -1, -1)
"""The stamp of no file."""


class Kind(Enum):
    """What becomes of a file, by its path."""

    CONFIGURATION = "it is read as configuration"
    FACTS = "it is read as facts"
    STRAY = "it is warned about, for it looks as if it should be read"
    REMARKED = "it is remarked on whenever the root is read"
    NOTHING = "it does not matter"


@dataclass(frozen=True)
class Look:
    """The files that a root is read from, each with its stamp; None for a link that leads nowhere.

    `strays` are names that are warned about instead of read. What follows is no reason to read the root:
    `remarks` are the other names that a reading has a word about, and the names and directories that it
    cannot read; `folders` are the directories in which a change can show, each with what tells that another
    has taken its place; `links` are the links in them that show something.
    """

    configuration: Mapping[str, Stamp | None] = field(default_factory=dict)
    facts: Mapping[str, Stamp | None] = field(default_factory=dict)
    strays: frozenset[str] = frozenset()
    remarks: frozenset[str | Diagnostic] = field(default=frozenset(), compare=False)
    folders: Mapping[str, Hashable] = field(default_factory=dict, compare=False)
    links: frozenset[str] = field(default=frozenset(), compare=False)
    top: str = field(default="", compare=False)
    """Where the root led."""

    basis: object = field(default_factory=object, compare=False, repr=False)
    """The look at everything from which this stems; others of that basis differ in what either `touched`."""

    touched: frozenset[str] = field(default=frozenset(), compare=False, repr=False)

    @cached_property
    def stamps(self) -> Mapping[str, Stamp | None]:
        """The stamps of all files, those of facts too."""
        return {**self.configuration, **self.facts}

    @cached_property
    def is_plain(self) -> bool:
        """Whether every link leads to a file: what is in a directory is at one path then."""
        return self.links <= self.stamps.keys()

    def tells_the_same(self, other: Look) -> bool:
        """Whether the other look has nothing else to tell, be it a reason to read or not."""
        return self == other and self.has_the_frame_of(other)

    def has_the_frame_of(self, other: Look) -> bool:
        """Whether all that is no reason to read is the same in the other look."""
        aside = ("remarks", "folders", "links", "top")
        return all(getattr(self, name) == getattr(other, name) for name in aside)


def kind(path: str) -> Kind:
    """Return what becomes of a file of that path, if it is none of a hidden name."""
    if path.startswith((f"{PARTNERS}/", f"{RULES}/")):
        return Kind.CONFIGURATION if path.endswith(".yaml") else _almost(path, Kind.NOTHING)
    if path.startswith(f"{FACTS}/"):
        if path.endswith(FACTS_SUFFIXES):
            return Kind.FACTS
        return Kind.NOTHING if path.endswith(".md") else Kind.REMARKED
    if path.startswith(f"{_CONFIG}/"):
        return Kind.CONFIGURATION if path == VENDOR else _almost(path, Kind.REMARKED)
    return Kind.NOTHING


def look(root: Path) -> Look:
    """Look at every file of a root, wherever a link leads at this moment."""
    pieces = looking(root)
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            found: Look = end.value
            return found
        breathe()


def looking(root: Path) -> Generator[None, None, Look]:
    """Look at every file of a root, some at a time: whoever goes on decides when."""
    top = os.path.realpath(root)
    tree = _Noting(Path(top))
    problems: list[Diagnostic] = []
    found = [path for folder in (PARTNERS, RULES, FACTS) for path in walk(tree, folder, problems)]
    found += [f"{_CONFIG}/{name}" for name in tree.names(_CONFIG) if not name.startswith(".")]
    tree.names("")  # a directory in it may be swapped
    of_kind: dict[Kind, list[str]] = {one: [] for one in Kind}
    for path in found:
        of_kind[kind(path)].append(path)
    return Look(
        configuration=(yield from _stamps(top, of_kind[Kind.CONFIGURATION])),
        facts=(yield from _stamps(top, of_kind[Kind.FACTS])),
        strays=frozenset(of_kind[Kind.STRAY]),
        remarks=frozenset([*of_kind[Kind.REMARKED], *problems]),
        folders=tree.noted,
        links=frozenset(path for path in tree.links if not _is_aside(path)),
        top=top,
    )


def moved(before: Look, now: Look) -> frozenset[str]:
    """Return the paths of files that came, went, or have another stamp."""
    if before.basis is now.basis:
        paths = before.touched | now.touched
    else:
        paths = frozenset(before.stamps.keys() | now.stamps.keys())
    was, has = before.stamps, now.stamps
    return frozenset(path for path in paths if was.get(path, _NEVER) != has.get(path, _NEVER))


def identity(place: str) -> Hashable:
    """Return what is another when a directory was replaced, or is for others to read."""
    status = os.stat(place)  # noqa: PTH116 - one of many
    return status.st_dev, status.st_ino, status.st_mode, status.st_uid, status.st_gid


def breathe() -> None:
    """Let others in."""
    time.sleep(_BREATH)


def _almost(path: str, otherwise: Kind) -> Kind:
    return Kind.STRAY if path.endswith(_ALMOST_READ) else otherwise


def _is_aside(path: str) -> bool:
    """Whether a link shows nothing by itself: it is hidden, or beside the directories that are read."""
    folder, _, name = path.rpartition("/")
    if folder in {"", _CONFIG}:
        return path not in {_CONFIG, PARTNERS, RULES, FACTS}
    return name.startswith(".")


def _stamps(top: str, paths: Iterable[str]) -> Generator[None, None, Mapping[str, Stamp | None]]:
    found = {}
    for number, path in enumerate(paths, start=1):
        found[path] = stamp(f"{top}/{path}")
        if number % _BLOCK == 0:
            yield
    return found


@dataclass(frozen=True, slots=True)
class _Noting(Folder):
    """A root on disk that notes its directories that are entered, which each then was, and links in them."""

    noted: dict[str, Hashable] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)

    def entries(self, folder: str) -> Iterable[Entry]:
        place = f"{self.root}/{folder}"
        self.noted[folder] = identity(place)
        with os.scandir(place) as found:
            entries = [*self._noting(folder, found)]
        if len(entries) >= _BLOCK or len(self.noted) % _BLOCK == 0:
            breathe()
        return entries

    def names(self, folder: str) -> list[str]:
        """Return what is in a directory, if it is one of the root."""
        try:
            self.identity(folder)
            return [entry.name for entry in self.entries(folder)]
        except OSError:
            return []

    def _noting(self, folder: str, found: Iterable[os.DirEntry[str]]) -> Iterator[Entry]:
        for entry in found:
            if entry.is_symlink():
                self.links.append(f"{folder}/{entry.name}".removeprefix("/"))
            yield Entry(entry.name, leads_to_folder(entry))
