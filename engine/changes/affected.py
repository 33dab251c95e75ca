"""Which clients two revisions may decide differently: of all others nothing need be asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from msgspec import structs

from engine.checks.partnerfiles import PartnerFile
from engine.ruleset import NOWHERE
from engine.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Affected:
    """Whom a difference between two revisions may concern: everybody, these partners, or these clients."""

    everybody: bool
    partners: Collection[str] = ()
    clients: Collection[str] = ()

    def has(self, client: str, partner: str | None) -> bool:
        """Whether a renewal may be decided differently; its fact may name another partner than lists it."""
        return self.has_client(client) or partner in self.partners

    def has_client(self, client: str) -> bool:
        """Whether the same is true of whatever is asked about a client."""
        return self.everybody or client in self.clients


def between(base: Snapshot, head: Snapshot) -> Affected:
    """Return whom it may concern: what everybody shares, what a partner's clients do, or single entries."""
    if _shared(base) != _shared(head):
        return Affected(everybody=True)
    partners = set()
    clients: set[str] = set()
    for partner in {**base.partners, **head.partners}:
        was, is_now = base.partners.get(partner), head.partners.get(partner)
        if was is is_now:  # which is most; of a file that both have, the record may not have been read
            continue
        files = [file for file in (was, is_now) if file]
        if len(files) == 1 or _team(files[0]) != _team(files[1]):
            partners.add(partner)
            clients.update(*(file.record.clients for file in files))
        else:
            clients.update(_edited_clients(*files))
    return Affected(everybody=False, partners=partners, clients=clients)


def _shared(snapshot: Snapshot) -> tuple[object, ...]:
    """Return what decides for all partners, wherever it stands in the files."""
    schedule = snapshot.schedule
    return (
        snapshot.vendor,
        [replace(rule, origin=NOWHERE) for rule in snapshot.rulebook.rules],
        schedule.holidays,
        {tier: [replace(step, origin=NOWHERE) for step in steps] for tier, steps in schedule.tiers.items()},
        [replace(step, origin=NOWHERE) for step in schedule.every_tier],
    )


def _team(file: PartnerFile) -> tuple[object, ...]:
    """Return what all clients of a partner share; of admins the one who stands first is asked first."""
    return structs.replace(file.record, clients={}), list(file.record.users)


def _edited_clients(base: PartnerFile, head: PartnerFile) -> Iterator[str]:
    was, is_now = base.record.clients, head.record.clients
    if base.document.text != head.document.text:
        yield from (client for client in {**was, **is_now} if was.get(client) != is_now.get(client))
