"""Facts that are not in the root: a file, or a database.

A daemon answers from what it has read, so that a database may be down and is not asked at each request. Its
rows become lines of JSON, and these the file in which they might as well have been delivered.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine import documents
from engine.daemon.attempts import Cause
from engine.daemon.readings import Reading
from engine.diagnostics import Diagnostic, InputError, Location
from engine.feeds import connections
from engine.feeds.factsources import Database
from engine.feeds.judging import Item
from engine.sources import VENDOR, Sources
from engine.stamps import Stamp, stamp
from engine.trees import File, Unheld, blocks_of

ASKED_EVERY = 300.0
"""Seconds after which a database is asked for facts again."""

_UNASKED: frozenset[Cause] = frozenset({"change", "poll"})
"""Why the root may be read though nobody asked for it."""

_NAME = "facts"

_LEVEL = 1
"""How hard zlib tries on the rows of a database."""


class Deliveries:
    """Adds facts to readings of a root: those that --facts names, else of the vendor's database.

    A file is read again when it has changed. A database cannot tell: it is asked when somebody wants the root
    to be read, and otherwise every few minutes, for a change of a partner's file is no reason to.
    """

    def __init__(
        self,
        root: Path,
        read: Callable[[], Reading],
        named: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = root
        self._read = read
        self._named = named
        self._clock = clock
        self._last = _Delivery()
        self._tried = _Tried()

    def read(self, cause: Cause) -> Reading:
        """Read the root, and the facts wherever they are; those of before where they cannot be had."""
        reading = self._read()
        url = self._url(reading.sources)
        if url is None and self._named is None:
            return reading
        if cause not in _UNASKED or self._tried.failed or self._is_due(url):
            self._renew(url)
        unread = (*self._last.problems, *self._tried.failed)
        return replace(reading, facts=self._last.files, unread=unread)

    def are_due(self, sources: Sources) -> bool:
        """Whether a reading would bring other facts, as far as can be told: nobody tells of these."""
        url = self._url(sources)
        return (url is not None or self._named is not None) and self._is_due(url)

    def _is_due(self, url: str | None) -> bool:
        tried = self._tried
        if tried.at is None or tried.url != url:
            return True
        if url is None:
            return stamp(self._named or "") != tried.stamp
        return self._clock() - tried.at > ASKED_EVERY

    def _renew(self, url: str | None) -> None:
        """Read the facts again; the stamp of a file is that from before it is read."""
        seen = None if url else stamp(self._named or "")
        self._tried = _Tried(url, self._clock(), seen)
        try:
            self._last = self._delivery(url)
        except (InputError, OSError) as error:
            self._tried = self._tried._replace(failed=(_unreadable(url, error),))

    def _url(self, sources: Sources) -> str | None:
        if self._named is not None:
            return self._named if connections.is_url(self._named) else None
        if sources.vendor is None:
            return None
        document, _ = documents.parse(VENDOR, sources.vendor.data)
        value = document.value if document else None
        url = value.get("facts") if isinstance(value, dict) else None
        return url if isinstance(url, str) and connections.is_url(url) else None

    def _delivery(self, url: str | None) -> _Delivery:
        if url is None:
            return _Delivery((_unheld(Path(self._named or "")),))
        folder = self._root if self._named is None else Path()
        problems: list[Diagnostic] = []
        file = _packed(_lines(Database(url, folder).stream(), problems))
        return _Delivery((file,), tuple(problems))


class _Delivery(NamedTuple):
    """Facts from elsewhere."""

    files: tuple[File, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


class _Tried(NamedTuple):
    """When the facts were last asked for, and how a file looked then; `failed` says why there are none."""

    url: str | None = None
    at: float | None = None
    stamp: Stamp | None = None
    failed: tuple[Diagnostic, ...] = ()


def _unheld(path: Path) -> File:
    """Return the file at that path, without keeping its bytes."""
    size, total = 0, hashlib.sha256()
    for block in blocks_of(path):
        size += len(block)
        total.update(block)
    return Unheld(path.name, size, total.digest(), partial(blocks_of, path))


def _packed(lines: Iterable[bytes]) -> File:
    """Return the rows of a database as a file that takes little memory, even while somebody reads it."""
    size, total = 0, hashlib.sha256()
    packer, packed = zlib.compressobj(_LEVEL), bytearray()
    for line in lines:
        size += len(line)
        total.update(line)
        packed += packer.compress(line)
    packed += packer.flush()
    name = f"{_NAME}.jsonl"
    return Unheld(name, size, total.digest(), partial(_unpacked, File(name, bytes(packed))))


def _unpacked(packed: File) -> Iterator[bytes]:
    return map(zlib.decompressobj().decompress, packed.blocks())


def _lines(items: Iterable[Item], problems: list[Diagnostic]) -> Iterator[bytes]:
    """Yield the facts as lines, and note what is wrong with the others."""
    for item in items:
        if item.fact is None:
            problems += item.problems
        else:
            yield msgspec.json.encode(item.fact) + b"\n"


def _unreadable(url: str | None, error: Exception) -> Diagnostic:
    place = Location(VENDOR if url else _NAME)
    said = error.strerror if isinstance(error, OSError) else str(error)
    return Diagnostic(place, "unreadable-file", f"the facts cannot be read: {said}")
