"""The last configuration that was good, kept on disk for a start at which the root is not.

The file is a checksum and the files of the root as msgpack, written piece by piece: a large root takes a
while, in which others need the interpreter too. It replaces its predecessor by a rename, so that
whoever reads it reads a whole one; a torn or foreign one is told by its checksum and never used. It holds
people's addresses, so nobody but its owner may read it.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import structs

from engine import __version__
from engine.diagnostics import InputError
from engine.sources import Sources
from engine.trees import File

_FORMAT = b"renewctl last good 2\n"
_CONTENT = len(_FORMAT) + hashlib.sha256().digest_size
_PAIR, _LIST = b"\x92", b"\xdd"
"""What msgpack begins a pair with, and a list, whose length follows in four bytes."""

_AT_ONCE = 64
"""Partner files in a piece."""

_BUFFER = 2**18
NAME = "last-good"


class LastGood(msgspec.Struct, frozen=True):
    """The files of a root as they were when they became live."""

    saved: dt.datetime
    version: str
    root: str
    digest: str
    sources: Sources


def save(folder: Path, root: Path, sources: Sources, now: dt.datetime) -> None:
    """Replace the last good configuration of a root; OSError when that cannot be done."""
    whole = replace(sources, decision_tests=(), diagnostics=())
    kept = LastGood(now, __version__, _name(root), sources.digest, whole)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _remove_leavings(folder)
    _replace(folder / NAME, _pieces(kept))


def _pieces(kept: LastGood) -> Iterator[bytes]:
    """Yield the configuration without its partners, and then these, which are nearly all of it.

    They come some at a time: whoever hashes or writes a piece lets others in, who may be slow to leave.
    """
    partners = kept.sources.partners
    yield _PAIR + msgspec.msgpack.encode(_with_partners(kept, ()))
    yield _LIST + len(partners).to_bytes(4, "big")
    for begin in range(0, len(partners), _AT_ONCE):
        yield b"".join(map(msgspec.msgpack.encode, partners[begin : begin + _AT_ONCE]))


def is_there(folder: Path) -> bool:
    """Whether something was saved, and nobody has removed it since."""
    return os.path.lexists(folder / NAME)


@contextmanager
def claimed(folder: Path) -> Iterator[bool]:
    """Tell whether no other daemon keeps its last good configuration there; none will while this one runs."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield True  # nobody can keep anything there, which is said when that is tried
        return
    try:
        yield _is_locked(descriptor)
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks tells nothing
    return True


def read(folder: Path, root: Path) -> LastGood:
    """Return what was saved, or say why it is not used."""
    path = folder / NAME
    kept = _decoded(path, _content(path))
    if kept.sources.digest != kept.digest:
        raise InputError(f"{path} does not hold what it says: its digest is another")
    if kept.root != _name(root):
        raise InputError(f"{path} is of another root: {kept.root}")
    return kept


def _content(path: Path) -> bytes:
    """Return what follows the checksum, if that is right."""
    try:
        text = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"there is no last good configuration: {path} does not exist") from error
    except OSError as error:
        raise InputError(f"the last good configuration cannot be read: {path}: {error.strerror}") from error
    content = text[_CONTENT:]
    if text[:_CONTENT] != _FORMAT + hashlib.sha256(content).digest():
        raise InputError(f"{path} is not a last good configuration of this version, or it is damaged")
    return content


def _decoded(path: Path, content: bytes) -> LastGood:
    try:
        kept, partners = msgspec.msgpack.decode(content, type=tuple[LastGood, tuple[File, ...]])
        return _with_partners(kept, partners)
    except (msgspec.MsgspecError, ValueError) as error:
        raise InputError(f"{path} cannot be understood: {error}") from error


def _with_partners(kept: LastGood, partners: tuple[File, ...]) -> LastGood:
    return structs.replace(kept, sources=replace(kept.sources, partners=partners))


def _name(root: Path) -> str:
    """Return the path of a root as text, be it UTF-8 or not."""
    return os.fsencode(root.absolute()).decode("utf-8", "backslashreplace")


def _replace(path: Path, pieces: Iterable[bytes]) -> None:
    """Write beside, flush to the disk, rename, and flush the directory: at no moment is there half a file."""
    descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb", _BUFFER) as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # for as long as this process lives, it is no leaving
            _write(file, pieces)
            file.flush()
            os.fsync(file.fileno())
            Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    _flush(path.parent)


def _write(file: BinaryIO, pieces: Iterable[bytes]) -> None:
    """Write the pieces, and before them, once it is known, their checksum."""
    checksum = hashlib.sha256()
    file.write(_FORMAT + bytes(checksum.digest_size))
    for piece in pieces:
        checksum.update(piece)
        file.write(piece)
    file.seek(len(_FORMAT))
    file.write(checksum.digest())


def _flush(folder: Path) -> None:
    """Have the disk know that a file was renamed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_leavings(folder: Path) -> None:
    """Remove what processes were killed over: a file that nobody locks is being written by nobody."""
    for leaving in folder.glob(f".{NAME}.*"):
        with suppress(OSError), leaving.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            leaving.unlink()
