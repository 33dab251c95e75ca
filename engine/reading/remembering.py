"""A root on disk of which files are not read again that nobody has written to since they were last read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.diagnostics import Diagnostic, InputError
from engine.documents import MAX_BYTES
from engine.reading.cache import Kept
from engine.sources import PARTNERS, is_in
from engine.stamps import Stamp, stamp, stamp_of
from engine.trees import Entry, File, Folder, leads_to_folder

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

    def entries(self, folder: str) -> Iterable[Entry]:
        """Return what is in a folder, and take the stamps of partner files with their names, as is quick."""
        if not is_in(folder, [PARTNERS]):
            return super().entries(folder)
        descriptor = os.open(self.root / folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with os.scandir(descriptor) as found:
                return [self._noted(folder, entry) for entry in found]
        finally:
            os.close(descriptor)

    def _noted(self, folder: str, entry: os.DirEntry[str]) -> Entry:
        """Note the stamp of a file, no link, unless a change right after this might leave it as it is."""
        with suppress(OSError):
            if entry.is_file(follow_symlinks=False):
                found = stamp_of(entry.stat(follow_symlinks=False))
                if max(found.modified, found.changed) < self.begun - _SETTLED:
                    self.stamps[f"{folder}/{entry.name}"] = found
        return Entry(entry.name, leads_to_folder(entry))

    def read(self, path: str, *, limit: int = MAX_BYTES) -> File | Diagnostic:
        """Read a file, or recall that it is known."""
        found = self.stamps.get(path)
        known = self.kept().get(path) if found else None
        if found is None or known is None or known.stamp != found or found.size > limit:
            if found != stamp(f"{self.root}/{path}"):  # written to since its folder was looked at
                self.stamps.pop(path, None)
            return super().read(path, limit=limit)
        return Unchanged(path, found.size, known.sha256, lambda: Folder.read(self, path, limit=limit))
