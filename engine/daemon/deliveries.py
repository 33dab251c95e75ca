"""Facts that are not in the root: a file, or a database, whose rows are read at each attempt.

A daemon answers from what it has read, so that a database may be down and is not asked at each request. Its
rows become lines of JSON, and these the file in which they might as well have been delivered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import msgspec

from engine import documents
from engine.daemon.readings import Reading
from engine.diagnostics import Diagnostic, InputError, Location
from engine.feeds import databases
from engine.feeds.factsources import Database
from engine.feeds.judging import Item
from engine.sources import VENDOR, Sources
from engine.trees import File

_NAME = "facts"


class Deliveries:
    """Adds facts to readings of a root: those that --facts names, else of the vendor's database."""

    def __init__(self, root: Path, read: Callable[[], Reading], named: str | None = None) -> None:
        self._root = root
        self._read = read
        self._named = named
        self._last: tuple[File, ...] = ()

    def read(self) -> Reading:
        """Read the root, and the facts wherever they are; those of before where they cannot be had."""
        reading = self._read()
        url = self._url(reading.sources)
        if url is None and self._named is None:
            return reading
        try:
            problems = self._renew(url)
        except (InputError, OSError) as error:
            problems = (_unreadable(url, error),)
        return replace(reading, facts=self._last, unread=problems)

    @property
    def moved(self) -> object:
        """What is another when the file has changed; of a database nobody can tell."""
        if self._named is None or databases.is_url(self._named):
            return None
        try:
            status = Path(self._named).stat()
        except OSError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns

    def is_database(self, sources: Sources) -> bool:
        """Whether facts have to be asked for, since nothing tells that they changed."""
        return self._url(sources) is not None

    def _url(self, sources: Sources) -> str | None:
        if self._named is not None:
            return self._named if databases.is_url(self._named) else None
        if sources.vendor is None:
            return None
        document, _ = documents.parse(VENDOR, sources.vendor.data)
        value = document.value if document else None
        url = value.get("facts") if isinstance(value, dict) else None
        return url if isinstance(url, str) and databases.is_url(url) else None

    def _renew(self, url: str | None) -> tuple[Diagnostic, ...]:
        if url is None:
            self._last = (File(Path(self._named or "").name, Path(self._named or "").read_bytes()),)
            return ()
        folder = self._root if self._named is None else Path()
        items = list(Database(url, folder).stream())
        self._last = (File(f"{_NAME}.jsonl", b"".join(_lines(items))),)
        return tuple(problem for item in items if item.fact is None for problem in item.problems)


def _lines(items: Iterable[Item]) -> Iterable[bytes]:
    return (msgspec.json.encode(item.fact) + b"\n" for item in items if item.fact is not None)


def _unreadable(url: str | None, error: Exception) -> Diagnostic:
    place = Location(VENDOR if url else _NAME)
    said = error.strerror if isinstance(error, OSError) else str(error)
    return Diagnostic(place, "unreadable-file", f"the facts cannot be read: {said}")
