"""A partner file entry by entry: each with its path, and what stands there though the schema refused it.

A part that the schema refused is missing from the record. What depends on it cannot be judged, and is not:
the user would read of one mistake twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, TypeAlias

from engine.documents import Document, Path, Unread, Value
from engine.model import Client, Cover, Dated, DatedT, Default, Hold, Override, Partner, Written
from engine.trees import File

PartnerFile: TypeAlias = Written[Partner]


class Outline(Written[Partner]):
    """A partner file of which only the id and the listings are known until somebody asks for the rest.

    `dated` are the clients that are not listed for ever; `again` reads the record.
    """

    partner: str
    clients: Sequence[str]
    _dated: Mapping[str, Dated]
    _file: File
    _again: Callable[[File], Partner]

    def __init__(
        self,
        file: File,
        partner: str,
        clients: Sequence[str],
        dated: Mapping[str, Dated],
        again: Callable[[File], Partner],
    ) -> None:
        self.__dict__.update(partner=partner, clients=clients, _dated=dated, _file=file, _again=again)

    @cached_property
    def document(self) -> Document:
        """The document, of which nothing is read yet."""
        return unread(self._file)

    @cached_property
    def listings(self) -> Mapping[str, Dated]:
        """Each client with the days on which it is listed."""
        return {**dict.fromkeys(self.clients, _ALWAYS), **self._dated}

    @cached_property
    def record(self) -> Partner:
        """The whole record, read again."""
        return self._again(self._file)


_ALWAYS = Dated()


def unread(file: File) -> Unread:
    """Return the document of a file, of which nothing is read yet."""
    return Unread(file.path, lambda: file.data)


def partner_id(file: PartnerFile) -> str:
    """Return the id of the partner."""
    return file.partner if isinstance(file, Outline) else file.record.partner


def client_ids(file: PartnerFile) -> Collection[str]:
    """Return the clients that a file lists."""
    return file.clients if isinstance(file, Outline) else file.record.clients


def listed(file: PartnerFile) -> Mapping[str, Dated]:
    """Return the clients that a file lists, each with the days on which it does."""
    return file.listings if isinstance(file, Outline) else file.record.clients


class Mention(NamedTuple):
    """A place that names one of the partner's users, and the dated entry it belongs to."""

    user: str
    at: Path
    entry: Dated


def defaults(file: PartnerFile) -> Iterable[tuple[Path, Default]]:
    """Return every entry of the default."""
    return _mappings(file, ("default",), file.record.default)


def covers(file: PartnerFile) -> Iterable[tuple[Path, Cover]]:
    """Return every cover."""
    return _mappings(file, ("covers",), file.record.covers)


def overrides(
    file: PartnerFile, clients: Mapping[str, Client] | None = None
) -> Iterator[tuple[Path, Override]]:
    """Yield every override of these clients, else of all that the file lists."""
    for client_id, client in (file.record.clients if clients is None else clients).items():
        if client.override:  # few have one
            yield from _mappings(file, ("clients", client_id, "override"), client.override)


def holds(file: PartnerFile, clients: Mapping[str, Client] | None = None) -> Iterator[tuple[Path, Hold]]:
    """Yield every hold of these clients, else of all that the file lists."""
    for client_id, client in (file.record.clients if clients is None else clients).items():
        if client.hold:
            yield from _mappings(file, ("clients", client_id, "hold"), client.hold)


def contacts_of(some: Iterable[tuple[Path, Default | Override]]) -> Iterator[Mention]:
    """Yield the contact of every entry that names one."""
    for at, entry in some:
        if entry.contact:
            yield Mention(entry.contact, (*at, "contact"), entry)


def backups_of(some: Iterable[tuple[Path, Default]]) -> Iterator[Mention]:
    """Yield the backup contacts of every default."""
    for at, default in some:
        for index, user in enumerate(default.backup_contacts):
            if user:
                yield Mention(user, (*at, "backup_contacts", index), default)


def substitutes_of(some: Iterable[tuple[Path, Cover]]) -> Iterator[Mention]:
    """Yield who stands in by every cover."""
    for at, cover in some:
        yield Mention(cover.cover, (*at, "cover"), cover)


def is_lost(file: PartnerFile, section: str) -> bool:
    """Whether a section was written but is too faulty to be used; what depends on it cannot be judged."""
    return not getattr(file.record, section) and bool(_written(file, (section,)))


def has_faulty_dates(file: PartnerFile, at: Path, entry: Dated) -> bool:
    """Whether the entry at `at` has a date that could not be read, so that nobody knows when it counts."""
    keys = keys_at(file, at)
    return ("from" in keys and entry.starts is None) or ("until" in keys and entry.until is None)


def keys_at(file: PartnerFile, at: Path) -> Collection[str]:
    """Return the keys that stand in the mapping at `at`, those of faulty values too."""
    written = _written(file, at)
    return written if isinstance(written, dict) else ()


def _written(file: PartnerFile, at: Path) -> Value:
    """Return what the file says at `at`, the schema notwithstanding; None for nothing."""
    node = file.document.value
    for step in at:
        if isinstance(node, dict) and isinstance(step, str):
            node = node.get(step)
        elif isinstance(node, list) and isinstance(step, int):
            node = node[step]
    return node


def _mappings(
    file: PartnerFile, at: Path, field_value: DatedT | tuple[DatedT, ...]
) -> Iterable[tuple[Path, DatedT]]:
    """Return the entries of a field with their paths, but not what stands in for a faulty one in a list.

    That is empty; few others are, so that what is written is seldom looked at.
    """
    if not isinstance(field_value, tuple):
        return ((at, field_value),)
    return (
        ((*at, index), entry)
        for index, entry in enumerate(field_value)
        if entry != type(entry)() or isinstance(_written(file, (*at, index)), dict)
    )
