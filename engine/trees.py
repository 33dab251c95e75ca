"""Where the files of a root are read from: a directory here, a commit in `git`."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from engine import digests
from engine.diagnostics import Diagnostic, InputError, Location
from engine.documents import MAX_BYTES

_BLOCK = 1 << 18
"""Bytes that are read at once of a file that is not kept: with more, nothing is quicker."""

ContentT = TypeVar("ContentT")


@dataclass(frozen=True)
class File:
    """A file as read: its POSIX path relative to the root, and its bytes."""

    path: str
    data: bytes

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.data)

    def blocks(self) -> Iterator[bytes]:
        """Yield its bytes in parts, for whoever need not see all of them at once."""
        for begin in range(0, len(self.data), _BLOCK):
            yield self.data[begin : begin + _BLOCK]

    @cached_property
    def sha256(self) -> bytes:
        """What tells its bytes from any others."""
        return digests.sha256(self.data).digest()

    @cached_property
    def listed(self) -> bytes:
        """Its line in what identifies many files; thousands of lines would cost more to make than to hash."""
        return f"{self.sha256.hex()}  {self.path}\n".encode("utf-8", "surrogateescape")


class Unheld(File):
    """A file whose bytes are not kept: whoever wants them has it read again, and it must be the same.

    `again` reads it, or says why not.
    """

    def __init__(
        self, path: str, size: int, sha256: bytes, again: Callable[[], Iterable[bytes] | Diagnostic]
    ) -> None:
        self.__dict__.update(path=path, _size=size, sha256=sha256, _again=again)

    @property
    def size(self) -> int:
        """How many bytes it had."""
        size: int = self.__dict__["_size"]
        return size

    @property
    def data(self) -> bytes:
        """Read the file."""
        return b"".join(self.blocks())

    def blocks(self) -> Iterator[bytes]:
        """Read the file in parts.

        Only after the last of them it is known whether it is the same: what was made of the others is to be
        thrown away when that raises.
        """
        found: Iterable[bytes] | Diagnostic = self.__dict__["_again"]()
        total = digests.sha256()
        try:
            for block in () if isinstance(found, Diagnostic) else found:
                total.update(block)
                yield block
        except OSError as error:
            raise self._changed() from error
        if isinstance(found, Diagnostic) or total.digest() != self.sha256:
            raise self._changed()

    def _changed(self) -> InputError:
        return InputError(f"{self.path} is no longer what it was", "it is read again once it is quiet")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unheld) and self.listed == other.listed

    def __hash__(self) -> int:
        return hash(self.listed)


class Entry(NamedTuple):
    """A name in a folder, and whether it is a folder itself, be it behind a link."""

    name: str
    is_folder: bool


class Tree(Protocol):
    """The files of a root; every path is POSIX and relative to it."""

    def exists(self, path: str) -> bool:
        """Whether there is anything of that name, be it a link that leads nowhere."""

    def entries(self, folder: str) -> Iterable[Entry]:
        """Return what is in a folder; FileNotFoundError when there is none."""

    def identity(self, folder: str) -> Hashable:
        """Return what is the same for two paths of one folder."""

    def read(self, path: str, *, limit: int = MAX_BYTES) -> File | Diagnostic:
        """Read one file, or say why not."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A root on disk."""

    root: Path
    _entered: set[str] = field(init=False, default_factory=set, compare=False, repr=False)
    """The folders that were found to lie in the root, links and all."""

    def exists(self, path: str) -> bool:
        """Whether there is anything of that name."""
        return os.path.lexists(self.root / path)

    def entries(self, folder: str) -> Iterable[Entry]:
        """Return what is in a folder."""
        with os.scandir(self.root / folder) as found:
            return [Entry(entry.name, leads_to_folder(entry)) for entry in found]

    def identity(self, folder: str) -> Hashable:
        """Return device and inode; a folder outside of the root may be a whole disk: it is left alone."""
        path = self.root / folder
        self._entered.discard(folder)
        status = path.stat()
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise PermissionError(errno.EACCES, LEADS_OUT, folder)
        self._entered.add(folder)
        return status.st_dev, status.st_ino

    def read(self, path: str, *, limit: int = MAX_BYTES) -> File | Diagnostic:
        """Read one regular file; a pipe, a device or a link that leads out is refused unopened."""
        return self._read(path, limit, lambda place, size: File(path, _content(place, size)))

    def read_unheld(self, path: str, *, limit: int) -> File | Diagnostic:
        """Read one regular file as `read` does, to know it without keeping its bytes."""

        def known(place: str, size: int) -> File:
            again = partial(Folder(self.root).blocks, path, limit=limit)  # holds nothing that this one knows
            return Unheld(path, size, _sha256(place), again)

        return self._read(path, limit, known)

    def blocks(self, path: str, *, limit: int) -> Iterable[bytes] | Diagnostic:
        """Read one regular file as `read` does, in parts."""
        return self._read(path, limit, lambda place, _: blocks_of(place))

    def _read(self, path: str, limit: int, content: Callable[[str, int], ContentT]) -> ContentT | Diagnostic:
        place = f"{self.root}/{path}"
        try:
            status = os.lstat(place)
            if is_link := stat.S_ISLNK(status.st_mode):
                status = os.stat(place)  # noqa: PTH116 - pathlib takes longer than the reading
            if not stat.S_ISREG(status.st_mode):
                return unreadable(path, f"it is {_what_is(status.st_mode)}, not a file")
            if not self._is_inside(path, is_link=is_link):
                return unreadable(path, LEADS_OUT)
            if status.st_size > limit:
                return too_large(path, status.st_size, limit)
            return content(place, status.st_size)
        except OSError as error:
            return unreadable(path, error.strerror or str(error))

    def _is_inside(self, path: str, *, is_link: bool) -> bool:
        """Whether no link leads out."""
        if self.is_entered(path) and not is_link:
            return True
        return (self.root / path).resolve().is_relative_to(self.root.resolve())

    def is_entered(self, path: str) -> bool:
        """Whether its folder was walked and lies in the root, so that what is no link itself does too."""
        return path.rpartition("/")[0] in self._entered


def walk(tree: Tree, folder: str, problems: list[Diagnostic]) -> list[str]:
    """Return the path of every entry below `folder` that is not a folder, in path order.

    Hidden names are left out: editors' swap files, and the `..data` copies of a Kubernetes volume, whose
    content the visible links show. A folder behind a link is entered once, so a loop ends.
    """
    found: list[str] = []
    seen: set[Hashable] = set()
    pending = [folder]
    while pending:
        current = pending.pop()
        try:
            identity = tree.identity(current)
            entries = sorted(tree.entries(current))
        except FileNotFoundError:
            continue
        except OSError as error:
            problems.append(unreadable(current, error.strerror or str(error)))
            continue
        if identity in seen:
            continue
        seen.add(identity)
        for entry in entries:
            path = f"{current}/{entry.name}"
            if entry.name.startswith("."):
                continue
            if not entry.name.isprintable():
                problems.append(_unprintable(path))
            else:
                (pending if _is_entered(entry) else found).append(path)
    return sorted(found)


def _is_entered(entry: Entry) -> bool:
    """Whether to look inside: a folder named like a file is a mistake that reading it reports."""
    return entry.is_folder and not entry.name.endswith(".yaml")


def _sha256(place: str) -> bytes:
    with open(place, "rb", buffering=0) as stream:  # noqa: PTH123 - as where a file is read
        return digests.of_file(stream)


def blocks_of(place: str | Path) -> Iterator[bytes]:
    """Yield the bytes of a file on disk in parts."""
    with open(place, "rb", buffering=0) as stream:  # noqa: PTH123 - as where a file is read
        yield from iter(partial(stream.read, _BLOCK), b"")


def _content(place: str, size: int) -> bytes:
    """Read a file to its end, wherever that is by now; the layers of `open` take longer than the reading.

    A regular file gives all that it was asked for, if it has that much: less is its end.
    """
    descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = os.read(descriptor, size + 1)
        return content if len(content) <= size else content + b"".join(_rest(descriptor))
    finally:
        os.close(descriptor)


def _rest(descriptor: int) -> Iterator[bytes]:
    return iter(partial(os.read, descriptor, _BLOCK), b"")


LEADS_OUT = "it is a link that leads out of the root"


def unreadable(path: str, why: str) -> Diagnostic:
    """Say that a file is there and cannot be read."""
    return Diagnostic(Location(path), "unreadable-file", f"the file cannot be read: {why}")


def too_large(path: str, size: int, limit: int) -> Diagnostic:
    """Say that a file is larger than `limit` bytes."""
    message = f"the file has {size:,} bytes; at most {limit:,} are read"
    return Diagnostic(Location(path), "yaml-too-large", message, hint="split it")


def leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder, be it behind a link."""
    try:
        return entry.is_dir()
    except OSError:  # a link to itself: reading it says so
        return False


def _what_is(mode: int) -> str:
    kinds: Iterable[tuple[bool, str]] = (
        (stat.S_ISDIR(mode), "a directory"),
        (stat.S_ISFIFO(mode), "a pipe"),
        (stat.S_ISSOCK(mode), "a socket"),
    )
    return next((name for holds, name in kinds if holds), "a device")


def _unprintable(path: str) -> Diagnostic:
    """Refuse a name that would break every line it is shown in, or is no text at all."""
    shown = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in path)
    why = "its name holds a character that does not print, or that is not UTF-8"
    return replace(unreadable(shown, why), hint="rename it")
