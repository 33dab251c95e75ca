"""A root on disk of which files are not read again that nobody has written to since they were last read."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.diagnostics import Diagnostic, InputError
from engine.documents import MAX_BYTES
from engine.reading.cache import Kept
from engine.sources import PARTNERS
from engine.stamps import Stamp, stamp_of
from engine.trees import File, Folder

_SETTLED = 2_000_000_000
"""Nanoseconds after which a later change has other times, on any file system that we know of."""


class Unchanged(File):
    """A file as it was read before; its bytes are read once somebody asks, and must be the same."""

    def __init__(self, path: str, size: int, sha256: bytes, again: Callable[[], File | Diagnostic]) -> None:
        self.__dict__.update(path=path, _size=size, sha256=sha256, _again=again)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        size: int = self.__dict__["_size"]
        return size

    @cached_property
    def data(self) -> bytes:
        """Read the file."""
        found: File | Diagnostic = self.__dict__["_again"]()
        if isinstance(found, Diagnostic) or found.sha256 != self.sha256:
            raise InputError(f"{self.path} was changed while it was read", "run the command again")
        return found.data


@dataclass(frozen=True)
class Remembering(Folder):
    """A root on disk, and what is known of its partner files by path."""

    kept: Callable[[], Mapping[str, Kept[Any]]] = dict
    begun: int = field(default_factory=time.time_ns)
    stamps: dict[str, Stamp] = field(default_factory=dict)
    """Of each partner file the stamp that it had before it was read, if it tells of any later change."""

    def read(self, path: str, *, limit: int = MAX_BYTES) -> File | Diagnostic:
        """Read a file, or recall that it is known."""
        if not path.startswith(f"{PARTNERS}/"):
            return super().read(path, limit=limit)
        found = self._stamp(path)
        if found is not None:
            self.stamps[path] = found
            known = self.kept().get(path)
            if known is not None and known.stamp == found and found.size <= limit:
                return Unchanged(path, found.size, known.sha256, lambda: Folder.read(self, path, limit=limit))
        return super().read(path, limit=limit)

    def _stamp(self, path: str) -> Stamp | None:
        """Return the stamp of a file, unless a change right after this might leave it as it is."""
        try:
            status = os.lstat(f"{self.root}/{path}")
        except OSError:
            return None
        found = stamp_of(status)
        is_settled = max(found.modified, found.changed) < self.begun - _SETTLED
        is_inside = stat.S_ISREG(status.st_mode) and self.is_entered(path)
        return found if is_settled and is_inside else None
