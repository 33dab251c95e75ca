"""What an earlier run found out about partner files: recalled by their content, rebuilt when in doubt.

There is a file for each root and form. It is written by rename, so two processes that write it do no harm; a
checksum tells whether it is whole; it is ours only if nobody else may write to it. The checks across files
always run, so it is never asked what a root means. It names people: nobody else may read it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Generic

import msgspec

from engine import digests
from engine.reading.forms import FormT
from engine.stamps import Stamp
from engine.trees import File

_DIGEST = 32
_SUFFIX = ".renewctl"
_UNFINISHED = ".unfinished"
MOST_FILES = 16
"""Roots and forms that are kept; of more, those go that were not written for the longest time."""


class Kept(msgspec.Struct, Generic[FormT], frozen=True, array_like=True, gc=False):
    """What is known of a file with that content; with the stamp that it had, if that is sure to tell."""

    path: str
    sha256: bytes
    stamp: Stamp | None
    form: FormT


class _Book(msgspec.Struct, Generic[FormT], frozen=True, array_like=True, gc=False):
    """All that is known of a root, for one day."""

    root: str
    day: dt.date
    entries: list[Kept[FormT]]


class Cache(Generic[FormT]):
    """What is known of the partner files of a root in one form, for one day."""

    def __init__(self, folder: Path, root: Path, form: type[FormT], day: dt.date) -> None:
        self._folder = folder
        self._root = os.path.realpath(root)
        self._form = form
        self._day = day

    @cached_property
    def kept(self) -> Mapping[str, Kept[FormT]]:
        """What an earlier run has left, by path; nothing if it is not certain that it is whole and ours."""
        try:
            return self._decoded(_read_own(self._path))
        except (OSError, ValueError):  # msgspec's errors are ValueErrors
            return {}

    def recall(self, file: File) -> FormT | None:
        """Return what is known of a file with this content."""
        known = self.kept.get(file.path)
        return known.form if known is not None and known.sha256 == file.sha256 else None

    def keep(self, files: Sequence[File], forms: Iterable[FormT], stamps: Mapping[str, Stamp]) -> None:
        """Remember these files, and no others, unless they are known already."""
        known = [(one.path, one.sha256, one.stamp) for one in self.kept.values()]
        if known == [(file.path, file.sha256, stamps.get(file.path)) for file in files]:
            return
        entries = [
            Kept(file.path, file.sha256, stamps.get(file.path), form)
            for file, form in zip(files, forms, strict=True)
        ]
        with contextlib.suppress(OSError, ValueError):  # where nothing can be kept, the next run is slower
            self._write(_Book(self._root, self._day, entries))

    @property
    def _path(self) -> Path:
        """A file for each root and form: what it held of an earlier day or version is gone for good."""
        name = f"{self._form.__name__}\0{self._root}".encode("utf-8", "surrogateescape")
        return self._folder / f"{digests.sha256(name).hexdigest()[:32]}{_SUFFIX}"

    def _decoded(self, data: bytes) -> Mapping[str, Kept[FormT]]:
        from engine.reading import versions  # noqa: PLC0415 - small roots have no cache, and do without

        content = memoryview(data)[_DIGEST:]
        if digests.sha256(content).digest() != data[:_DIGEST]:
            raise ValueError("it is damaged")
        if content[:_DIGEST] != versions.digest():
            raise ValueError("another version wrote it")
        book = msgspec.msgpack.decode(content[_DIGEST:], type=_Book[self._form])  # type: ignore[name-defined]
        if (book.root, book.day) != (self._root, self._day):
            raise ValueError("it is of another day")
        return {entry.path: entry for entry in book.entries}

    def _write(self, book: _Book[FormT]) -> None:
        import tempfile  # noqa: PLC0415 - the same

        from engine.reading import versions  # noqa: PLC0415 - the same

        content = versions.digest() + msgspec.msgpack.encode(book)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_own(self._folder.stat())
        descriptor, name = tempfile.mkstemp(_UNFINISHED, dir=self._folder)  # which only we may read
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
                file.write(digests.sha256(content).digest())
                file.write(content)
            os.replace(name, self._path)  # noqa: PTH105 - as mkstemp has it
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)  # noqa: PTH108 - the same
            raise
        _evict(self._folder)


def _read_own(path: Path) -> bytes:
    """Return what a file holds that nobody but us can have written."""
    _check_own(path.parent.stat())
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
        status = os.fstat(descriptor)
        _check_own(status)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a file")
        return file.read()


def _check_own(status: os.stat_result) -> None:
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise ValueError("others may write to it")


def _evict(folder: Path) -> None:
    """Remove what is too many, and what was never finished."""
    finished = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    newest = finished[0].stat().st_mtime
    unfinished = (path for path in folder.glob(f"tmp*{_UNFINISHED}") if path.stat().st_mtime < newest - 3600)
    for path in (*finished[MOST_FILES:], *unfinished):
        path.unlink(missing_ok=True)
