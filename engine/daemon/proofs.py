"""A reading of a root, and the proof that what was read is what was written.

A tree that is read notes the stamp of each file before and after: bytes belong to a stamp if both are equal.
Whether files may have changed between one file and the next is what `read_quiet` and `read_held` differ in.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, Self

from engine import sources
from engine.daemon import fingerprints
from engine.daemon.fingerprints import Look, Stamp
from engine.daemon.readings import Reading
from engine.diagnostics import Diagnostic
from engine.documents import MAX_BYTES
from engine.feeds.factsources import FACTS_LIMIT
from engine.trees import File, Folder

_ATTEMPTS = 3
_MOVING = Stamp(-1, -1, -1, -1, -1)
"""The stamp of a file that moved under every attempt to read it: no look ever shows it."""

_HELD_AT_MOST = 100
"""Files held open at a time: far fewer than a process may have."""


class Proved(NamedTuple):
    """A reading that is whole, and the look that has the stamp of every file in it."""

    reading: Reading
    look: Look


def read_quiet(root: Path, look: Look, pause: Callable[[], None]) -> Proved | None:
    """Read a root twice, with a pause between; None unless every file is as in that look, both times."""
    first = _Recorded.of(root)
    _read(first)
    if first.stamps != look.stamps:
        return None
    digests = first.digests
    first.files.clear()  # hundreds of MB of facts would else be in memory twice
    pause()
    second = _Recorded.of(root)
    read = _read(second)
    if second.stamps != look.stamps or second.digests != digests:
        return None
    return Proved(read, look)


def read_held(root: Path, look: Look, restless: frozenset[str], pause: Callable[[], None]) -> Proved | None:
    """Read a root in which files are replaced; None if one was being written in place, or came, or went.

    All but the `restless` files have been for a while as that look shows them, and are whole if they are
    still like that when they are read. Any other is held open over the pause, and must be the same after it.
    """
    steady = {path: stamp for path, stamp in look.stamps.items() if path not in restless}
    with ExitStack() as descriptors:
        tree = replace(_Held.of(root), steady=steady, descriptors=descriptors)
        read = _read(tree)
        if tree.stamps.keys() != look.stamps.keys() or _MOVING in tree.stamps.values():
            return None
        pause()
        if not all(hold.is_unmoved() for hold in tree.holds):
            return None
    return Proved(read, _with_stamps(look, tree.stamps))


@dataclass(frozen=True)
class _Recorded(Folder):
    """A root on disk that remembers which files were read, and the stamp of each."""

    files: dict[str, File | Diagnostic] = field(default_factory=dict)
    stamps: dict[str, Stamp | None] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path) -> Self:
        """Go where a link leads now, to stay there when it is swapped."""
        return cls(Path(os.path.realpath(root)))

    @property
    def digests(self) -> Mapping[str, str]:
        """What tells the bytes of each file from others."""
        return {path: _digest(file) for path, file in self.files.items()}

    def read(self, path: str, *, limit: int = MAX_BYTES) -> File | Diagnostic:
        """Read a file between two looks at it that agree."""
        place = f"{self.root}/{path}"
        for _ in range(_ATTEMPTS):
            stamp = fingerprints.stamp(place)
            file = super().read(path, limit=limit)
            if fingerprints.stamp(place) == stamp and self.is_kept(path, stamp, file):
                break
        else:
            stamp = _MOVING
        self.files[path], self.stamps[path] = file, stamp
        return file

    def is_kept(self, path: str, stamp: Stamp | None, file: File | Diagnostic) -> bool:
        """Whether it will be known what becomes of the file: here by reading all once more."""
        del path, stamp, file
        return True


class _Hold(NamedTuple):
    """A file that was read, and a descriptor of it, whatever has its name by now."""

    descriptor: int
    stamp: Stamp
    file: File

    def is_unmoved(self) -> bool:
        """Whether nobody has written to it; its time of change moves when its name is taken away, too."""
        now = fingerprints.stamp_of(os.fstat(self.descriptor))
        return now._replace(changed=self.stamp.changed) == self.stamp and self._bytes() == self.file.data

    def _bytes(self) -> bytes:
        with os.fdopen(os.dup(self.descriptor), "rb") as reader:
            reader.seek(0)
            return reader.read(self.stamp.size + 1)


@dataclass(frozen=True)
class _Held(_Recorded):
    """A root on disk of which files that were not steady are held open."""

    steady: Mapping[str, Stamp | None] = field(default_factory=dict)
    descriptors: ExitStack = field(default_factory=ExitStack)
    holds: list[_Hold] = field(default_factory=list)

    def is_kept(self, path: str, stamp: Stamp | None, file: File | Diagnostic) -> bool:
        """Whether the file is steady, or the very file that was read is held."""
        if path in self.steady and self.steady[path] == stamp:
            return True
        if stamp is None or isinstance(file, Diagnostic) or len(self.holds) == _HELD_AT_MOST:
            return False
        return self._hold(stamp, file)

    def _hold(self, stamp: Stamp, file: File) -> bool:
        try:
            descriptor = os.open(self.root / file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False
        self.descriptors.callback(os.close, descriptor)
        is_same = fingerprints.stamp_of(os.fstat(descriptor)) == stamp
        if is_same:
            self.holds.append(_Hold(descriptor, stamp, file))
        return is_same


def _read(tree: _Recorded) -> Reading:
    """Read everything that decisions come from; facts as bytes, to be parsed only if they are others."""
    paths, unread = sources.facts_paths(tree)
    found = [tree.read(path, limit=FACTS_LIMIT) for path in paths]
    return Reading(
        sources=sources.read_tree(tree),
        facts=tuple(file for file in found if isinstance(file, File)),
        unread=(*unread, *(problem for problem in found if isinstance(problem, Diagnostic))),
    )


def _digest(file: File | Diagnostic) -> str:
    return hashlib.sha256(file.data).hexdigest() if isinstance(file, File) else file.message


def _with_stamps(look: Look, stamps: Mapping[str, Stamp | None]) -> Look:
    """Return the look at the files that were read in the place of those that were seen."""
    return replace(
        look,
        configuration={path: stamps[path] for path in look.configuration},
        facts={path: stamps[path] for path in look.facts},
    )
