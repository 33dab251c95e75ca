"""A root on disk that notes what was read of it, and the stamp that each file had: its bytes belong to that.

A file that is known by its stamp is not read. A file that may be in somebody's hands can be held open.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from engine.daemon import fingerprints
from engine.daemon.fingerprints import Stamp
from engine.diagnostics import Diagnostic
from engine.documents import MAX_BYTES
from engine.feeds.factsources import FACTS_LIMIT
from engine.trees import File, Folder

_ATTEMPTS = 3
MOVING = Stamp(-1, -1, -1, -1, -1)
"""The stamp of a file that moved under every attempt to read it: no look ever shows it."""

_HELD_AT_MOST = 100
"""Files held open at a time: far fewer than a process may have."""

_BLOCK = 100
_UNKNOWN: tuple[None, None] = (None, None)


@dataclass(frozen=True)
class Recorded(Folder):
    """A root on disk that remembers which files were read, and the stamp of each."""

    known: Mapping[str, tuple[Stamp | None, File]] = field(default_factory=dict)
    """The files that need not be read if they have this stamp."""

    inside: Collection[str] = ()
    """Directories of which a look has shown that they lie in the root."""

    files: dict[str, File | Diagnostic] = field(default_factory=dict)
    stamps: dict[str, Stamp | None] = field(default_factory=dict)

    def is_entered(self, path: str) -> bool:
        """Whether the directory of a file lies in the root."""
        return path.rpartition("/")[0] in self.inside or super().is_entered(path)

    @property
    def digests(self) -> Mapping[str, str]:
        """What tells the bytes of each file from others."""
        return {
            path: file.sha256.hex() if isinstance(file, File) else file.message
            for path, file in self.files.items()
        }

    def read(self, path: str, *, limit: int = MAX_BYTES) -> File | Diagnostic:
        """Read a file of configuration."""
        return self._between_looks(path, partial(super().read, path, limit=limit))

    def read_facts(self, path: str) -> File | Diagnostic:
        """Read a file of facts, which may have hundreds of MB: they are read again once they are wanted."""
        return self._between_looks(path, partial(self.read_unheld, path, limit=FACTS_LIMIT))

    def _between_looks(self, path: str, read: Callable[[], File | Diagnostic]) -> File | Diagnostic:
        """Read a file between two looks at it that agree."""
        place = f"{self.root}/{path}"
        known, file = self.known.get(path, _UNKNOWN)
        for _ in range(_ATTEMPTS):
            stamp = fingerprints.stamp(place)
            found = file if file is not None and stamp == known else read()
            if fingerprints.stamp(place) == stamp and self.is_kept(path, stamp, found):
                break
        else:
            stamp = MOVING
        self.files[path], self.stamps[path] = found, stamp
        if len(self.stamps) % _BLOCK == 0:
            fingerprints.breathe()
        return found

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
        return now._replace(changed=self.stamp.changed) == self.stamp and self._sha256() == self.file.sha256

    def _sha256(self) -> bytes:
        with os.fdopen(os.dup(self.descriptor), "rb", buffering=0) as stream:
            stream.seek(0)
            return hashlib.file_digest(stream, "sha256").digest()


@dataclass(frozen=True)
class Held(Recorded):
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
