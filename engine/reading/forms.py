"""A partner file in a form that another process, or a later run, can hand over: data, and no document.

What a document says is read again from the file's bytes, once somebody asks: few are ever asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, Self, TypeVar

import msgspec
from msgspec import field

from engine.checks.partnerfiles import Outline, PartnerFile, listed, partner_id, unread
from engine.diagnostics import Diagnostic
from engine.model import Dated, Partner, Written
from engine.reading import partners
from engine.reading.files import Read
from engine.reading.partners import PartnerRead
from engine.trees import File


class Form(Protocol):
    """What can be handed over instead of a file that was read."""

    @classmethod
    def of(cls, read: PartnerRead) -> Self:
        """Take from what was read whatever is handed over."""

    def unpacked(self, file: File) -> PartnerRead:
        """Return the same as reading and checking `file` does."""


FormT = TypeVar("FormT", bound=Form)


class Verdict(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the checks across files ask of a partner file; without `partner`, nothing could be read.

    `dated` are the clients that are not listed for ever.
    """

    problems: tuple[Diagnostic, ...] = ()
    partner: str | None = None
    clients: tuple[str, ...] = ()
    dated: Mapping[str, Dated] = field(default_factory=dict)

    @classmethod
    def of(cls, read: PartnerRead) -> Self:
        """Take the id of the partner, and which clients are listed when."""
        file, problems = read
        if file is None:
            return cls(problems)
        entries = listed(file)
        dated = {
            client: Dated(starts=entry.starts, until=entry.until)
            for client, entry in entries.items()
            if entry.starts or entry.until
        }
        return cls(problems, partner_id(file), tuple(entries), dated)

    def unpacked(self, file: File) -> PartnerRead:
        """Return the file with a record that is read again, once somebody asks for more."""
        if self.partner is None:
            return Read(None, self.problems)
        return Read(Outline(file, self.partner, self.clients, self.dated, partners.record), self.problems)


class Content(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Everything that a partner file says."""

    problems: tuple[Diagnostic, ...] = ()
    record: Partner | None = None

    @classmethod
    def of(cls, read: PartnerRead) -> Self:
        """Take the record."""
        return cls(read.problems, None if read.value is None else read.value.record)

    def unpacked(self, file: File) -> PartnerRead:
        """Return the file with its record."""
        written: PartnerFile | None = None if self.record is None else Written(unread(file), self.record)
        return Read(written, self.problems)
