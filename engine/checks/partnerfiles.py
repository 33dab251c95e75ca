"""A partner file entry by entry: each with its path, and what stands there though the schema refused it.

A part that the schema refused is missing from the record. What depends on it cannot be judged, and is not:
the user would read of one mistake twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, TypeAlias

from msgspec import structs

from engine.documents import Document, Path, Value
from engine.model import Cover, Dated, DatedT, Default, Hold, Override, Partner, Written, entries

PartnerFile: TypeAlias = Written[Partner]


class Outline(Written[Partner]):
    """A partner file of which only the id and the listings are known until somebody asks for the rest."""

    partner: str
    listings: Mapping[str, Dated]
    _again: Callable[[], Partner]

    def __init__(
        self, document: Document, partner: str, listings: Mapping[str, Dated], again: Callable[[], Partner]
    ) -> None:
        object.__setattr__(self, "document", document)
        self.__dict__.update(partner=partner, listings=listings, _again=again)

    @cached_property
    def record(self) -> Partner:
        """The whole record, read again."""
        return self._again()


class Examined(Written[Partner]):
    """A partner file while it is examined: what many checks go through is gathered once.

    Clients that are only listed, which is most of them, are left out: there is nothing to object to.
    """

    def __init__(self, file: PartnerFile) -> None:
        clients = {
            client_id: client
            for client_id, client in file.record.clients.items()
            if client.override or client.hold or client.starts or client.until
        }
        object.__setattr__(self, "document", file.document)
        object.__setattr__(self, "record", structs.replace(file.record, clients=clients))

    @cached_property
    def defaults(self) -> tuple[tuple[Path, Default], ...]:
        """Every entry of the default."""
        return tuple(_mappings(self, ("default",), self.record.default))

    @cached_property
    def overrides(self) -> tuple[tuple[Path, Override], ...]:
        """Every override of a client."""
        return tuple(_overrides(self))

    @cached_property
    def override_contacts(self) -> tuple[Mention, ...]:
        """The contact of every override."""
        return tuple(_override_contacts(self))


def partner_id(file: PartnerFile) -> str:
    """Return the id of the partner."""
    return file.partner if isinstance(file, Outline) else file.record.partner


def listed(file: PartnerFile) -> Mapping[str, Dated]:
    """Return the clients that a file lists, each with the days on which it does."""
    return file.listings if isinstance(file, Outline) else file.record.clients


class Mention(NamedTuple):
    """A place that names one of the partner's users, and the dated entry it belongs to."""

    user: str
    at: Path
    entry: Dated


def defaults(file: PartnerFile) -> Iterator[tuple[Path, Default]]:
    """Yield every entry of the default."""
    if isinstance(file, Examined):
        return iter(file.defaults)
    return _mappings(file, ("default",), file.record.default)


def covers(file: PartnerFile) -> Iterator[tuple[Path, Cover]]:
    """Yield every cover."""
    yield from _mappings(file, ("covers",), file.record.covers)


def overrides(file: PartnerFile) -> Iterator[tuple[Path, Override]]:
    """Yield every override of a client."""
    return iter(file.overrides) if isinstance(file, Examined) else _overrides(file)


def _overrides(file: PartnerFile) -> Iterator[tuple[Path, Override]]:
    for client_id, client in file.record.clients.items():
        if client.override:  # few have one
            yield from _mappings(file, ("clients", client_id, "override"), client.override)


def holds(file: PartnerFile) -> Iterator[tuple[Path, Hold]]:
    """Yield every hold of a client."""
    for client_id, client in file.record.clients.items():
        if client.hold:
            yield from _mappings(file, ("clients", client_id, "hold"), client.hold)


def dated(file: PartnerFile) -> Iterator[tuple[Path, Dated]]:
    """Yield everything in the file that may carry dates."""
    yield from defaults(file)
    yield from covers(file)
    yield from overrides(file)
    yield from holds(file)
    for client_id, client in file.record.clients.items():
        yield ("clients", client_id), client


def contacts(file: PartnerFile) -> Iterator[Mention]:
    """Yield whoever is named as a contact."""
    yield from default_contacts(file)
    yield from backup_contacts(file)
    yield from override_contacts(file)


def default_contacts(file: PartnerFile) -> Iterator[Mention]:
    """Yield the contact of every default."""
    for at, default in defaults(file):
        if default.contact:
            yield Mention(default.contact, (*at, "contact"), default)


def backup_contacts(file: PartnerFile) -> Iterator[Mention]:
    """Yield the backup contacts of every default."""
    for at, default in defaults(file):
        for index, user in enumerate(default.backup_contacts):
            if user:
                yield Mention(user, (*at, "backup_contacts", index), default)


def override_contacts(file: PartnerFile) -> Iterator[Mention]:
    """Yield the contact of every override."""
    return iter(file.override_contacts) if isinstance(file, Examined) else _override_contacts(file)


def _override_contacts(file: PartnerFile) -> Iterator[Mention]:
    for at, override in overrides(file):
        if override.contact:
            yield Mention(override.contact, (*at, "contact"), override)


def substitutes(file: PartnerFile) -> Iterator[Mention]:
    """Yield who stands in by every cover."""
    for at, cover in covers(file):
        yield Mention(cover.cover, (*at, "cover"), cover)


def is_lost(file: PartnerFile, section: str) -> bool:
    """Whether a section was written but is too faulty to be used; what depends on it cannot be judged."""
    return bool(_written(file, (section,))) and not getattr(file.record, section)


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
) -> Iterator[tuple[Path, DatedT]]:
    """Yield the entries of a field with their paths, but not what stands in for a faulty one."""
    for path, entry in entries(field_value):
        if isinstance(_written(file, (*at, *path)), dict):
            yield (*at, *path), entry
