"""A partner file entry by entry: each with its path, and what stands there though the schema refused it.

A part that the schema refused is missing from the record. What depends on it cannot be judged, and is not:
the user would read of one mistake twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple, TypeAlias

from engine.documents import Path, Value
from engine.model import Cover, Dated, DatedT, Default, Hold, Override, Partner, Written, entries

PartnerFile: TypeAlias = Written[Partner]


class Mention(NamedTuple):
    """A place that names one of the partner's users, and the dated entry it belongs to."""

    user: str
    at: Path
    entry: Dated


def defaults(file: PartnerFile) -> Iterator[tuple[Path, Default]]:
    """Yield every entry of the default."""
    yield from _mappings(file, ("default",), file.record.default)


def covers(file: PartnerFile) -> Iterator[tuple[Path, Cover]]:
    """Yield every cover."""
    yield from _mappings(file, ("covers",), file.record.covers)


def overrides(file: PartnerFile) -> Iterator[tuple[Path, Override]]:
    """Yield every override of a client."""
    for client_id, client in file.record.clients.items():
        if client.override:  # few have one, and many checks ask
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
