"""A partner file while it is examined: what many checks go through is gathered once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from engine.checks.partnerfiles import (
    Mention,
    PartnerFile,
    backups_of,
    contacts_of,
    covers,
    defaults,
    holds,
    overrides,
)
from engine.documents import Path
from engine.model import Client, Cover, Dated, Default, Hold, Override, Partner, Written


@dataclass(frozen=True, slots=True)
class Examined(Written[Partner]):
    """A partner file with its entries, each with its path.

    `ending` are those that end on some day, `named` are the users who are named as a contact.
    """

    defaults: Sequence[tuple[Path, Default]]
    covers: Sequence[tuple[Path, Cover]]
    overrides: Sequence[tuple[Path, Override]]
    holds: Sequence[tuple[Path, Hold]]
    ending: Sequence[tuple[Path, Dated]]
    named: frozenset[str]

    @classmethod
    def of(cls, file: PartnerFile) -> Examined:
        """Gather the entries of a file."""
        some = _without_mere_listings(file.record.clients)
        own, covering = tuple(defaults(file)), tuple(covers(file))
        replaced, held = tuple(overrides(file, some)), tuple(holds(file, some))
        listed = ((("clients", client_id), client) for client_id, client in some.items())
        dated: Iterator[tuple[Path, Dated]] = chain(own, covering, replaced, held, listed)
        return cls(
            file.document,
            file.record,
            own,
            covering,
            replaced,
            held,
            ending=tuple(item for item in dated if item[1].until),
            named=frozenset(_named(own, replaced)),
        )

    @property
    def contacts(self) -> Iterator[Mention]:
        """Whoever is named as a contact, and where."""
        return chain(contacts_of(self.defaults), backups_of(self.defaults), contacts_of(self.overrides))


def _without_mere_listings(clients: Mapping[str, Client]) -> Mapping[str, Client]:
    """Leave out the clients that are listed for ever, and nothing else, which is most of them."""
    return {
        client_id: client
        for client_id, client in clients.items()
        if client.override or client.hold or client.until
    }


def _named(own: Iterable[tuple[Path, Default]], replaced: Iterable[tuple[Path, Override]]) -> Iterator[str]:
    """Yield the same without the places, which are seldom asked for."""
    for _, default in own:
        yield from filter(None, (default.contact, *default.backup_contacts))
    yield from (override.contact for _, override in replaced if override.contact)
