"""The configuration as typed, immutable records: partners, their users and clients, and the vendor.

Every field that a schema requires has an empty default here all the same: a file with a violation is still
checked for meaning, with the violating parts left out. Such a record never gets into a snapshot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar

import msgspec
from msgspec import field

from engine.diagnostics import Location
from engine.documents import Document, Path, Value
from engine.vocabulary import NOTICE_TYPES

Owner: TypeAlias = Literal["hubspot", "partner"]
OverrideOwner: TypeAlias = Literal["default", "hubspot", "partner"]
UserId: TypeAlias = str

_NO_LABELS: Mapping[str, str] = MappingProxyType({})
"""Shared by hundreds of thousands of clients."""


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What all records share: immutable, and without work for the cyclic collector (they form no cycle)."""


class Dated(Record, frozen=True, kw_only=True, gc=False):
    """Something in force from `starts` (inclusive) until `until` (exclusive); None is without end."""

    starts: dt.date | None = field(default=None, name="from")
    until: dt.date | None = None

    def in_force(self, on: dt.date) -> bool:
        """Whether it counts for a notice sent on that day."""
        return (self.starts is None or self.starts <= on) and (self.until is None or on < self.until)

    def overlaps(self, other: Dated) -> bool:
        """Whether there is a day on which both are in force."""
        if self.is_empty or other.is_empty:
            return False
        return _starts_before_end(self, other) and _starts_before_end(other, self)

    @property
    def is_empty(self) -> bool:
        """Whether it is never in force."""
        return self.starts is not None and self.until is not None and self.until <= self.starts


def _starts_before_end(one: Dated, other: Dated) -> bool:
    return one.starts is None or other.until is None or one.starts < other.until


class User(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A person who works for the partner; ids compare within one partner only."""

    name: str = ""
    email: str = ""
    locale: str | None = None
    admin: bool = False
    active: bool = True


class Default(Dated, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Who owns the renewals of all of a partner's clients, and which user is the contact."""

    owner: Owner | None = None
    contact: UserId | None = None
    backup_contacts: tuple[UserId, ...] = ()


class Override(Dated, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What replaces the default for one client; without owner, or with `default`, nothing is replaced."""

    owner: OverrideOwner | None = None
    contact: UserId | None = None
    note: str | None = None

    @property
    def pins(self) -> Owner | None:
        """The owner that this override sets, if it sets one."""
        return None if self.owner == "default" else self.owner


class Hold(Dated, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """While it is in force the client gets no notices."""

    reason: str = ""
    by: str = ""


class Cover(Dated, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A user's absence: `cover` receives instead (`replace`) or as well (`copy`)."""

    user: UserId = ""
    cover: UserId = ""
    mode: Literal["replace", "copy"] = "replace"


class Client(Dated, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A client's entry in its partner's file; its dates say when the partner is the partner of record."""

    website: str | None = None
    name: str | None = None
    labels: Mapping[str, str] = _NO_LABELS
    override: Override | tuple[Override, ...] = ()
    hold: Hold | tuple[Hold, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it is listed for ever and follows its partner's default on every day, as most do."""
        return not (self.override or self.hold or self.starts or self.until)


class Partner(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A partner agency as its file describes it."""

    version: int = 1
    partner: str = ""
    name: str | None = None
    time_zone: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[UserId, User] = field(default_factory=dict)
    default: Default | tuple[Default, ...] = ()
    covers: tuple[Cover, ...] = ()
    clients: Mapping[str, Client] = field(default_factory=dict)


class VendorContact(Record, frozen=True, kw_only=True, gc=False):
    """A person or mailbox at the vendor."""

    name: str = ""
    email: str = ""
    locale: str | None = None


class Vendor(Record, frozen=True, kw_only=True, gc=False):
    """What holds for every partner; every field has a default, so the file may be missing."""

    version: int = 1
    facts: str | None = None
    renewal_manager: VendorContact | None = None
    roles: Mapping[str, VendorContact] = field(default_factory=dict)
    time_zone: str = "UTC"
    locale: str | None = None
    deadline_lead_days: int = 45
    notice_types_following_override: tuple[str, ...] = NOTICE_TYPES


RecordT = TypeVar("RecordT", bound=Record)
DatedT = TypeVar("DatedT", bound=Dated)


class Origin(NamedTuple):
    """The place of a value, found only when somebody reads it: finding it walks the file."""

    document: Document
    at: Path

    @property
    def location(self) -> Location:
        """File, line and column."""
        return self.document.locate(self.at)

    def __str__(self) -> str:
        return str(self.location)


@dataclass(frozen=True, slots=True)
class Written(Generic[RecordT]):
    """A record with the document it was written in, so that each of its values knows its place."""

    document: Document
    record: RecordT

    def origin(self, *at: str | int) -> Origin:
        """Return the place of the value at that path."""
        return Origin(self.document, at)


def from_value(kind: type[RecordT], value: Value) -> RecordT:
    """Make the record of a value that its schema accepts.

    The quick way serves what is written plainly; null for "empty" and ids that read as numbers are rare.
    """
    with suppress(msgspec.ValidationError):
        return msgspec.convert(_with_entries(value), kind)
    return msgspec.convert(_tidied(value), kind)


def entries(field_value: DatedT | tuple[DatedT, ...]) -> Iterator[tuple[Path, DatedT]]:
    """Yield the entries of a field that holds one mapping or a list of them, each with its path below it."""
    if isinstance(field_value, tuple):
        for index, entry in enumerate(field_value):
            yield (index,), entry
    else:
        yield (), field_value


def in_force(field_value: DatedT | tuple[DatedT, ...], on: dt.date) -> tuple[Path, DatedT] | None:
    """Return the entry that counts for a notice sent on that day, with its path below the field."""
    return next(((path, entry) for path, entry in entries(field_value) if entry.in_force(on)), None)


_ID_FIELDS = frozenset({"partner", "contact", "user", "cover", "backup_contacts", "rule"})


def _with_entries(value: Value) -> Value:
    """Give clients without content an entry, which leaves most of a large value as it is."""
    if not isinstance(value, dict) or not isinstance(clients := value.get("clients"), dict):
        return value
    empty: dict[str, Value] = {name: {} for name, entry in clients.items() if entry is None}
    return {**value, "clients": clients | empty} if empty else value


def _tidied(value: Value, key: str = "") -> Value:
    """Leave out empty fields, keep clients without content, and take portal numbers as text."""
    if isinstance(value, dict):
        fields = value.items() if key != "clients" else ((name, entry or {}) for name, entry in value.items())
        return {
            name: item if isinstance(item, str) else _tidied(item, name)
            for name, item in fields
            if item is not None
        }
    if isinstance(value, list):
        return [_tidied(item, key) for item in value]
    return str(value) if key in _ID_FIELDS and isinstance(value, int) else value
