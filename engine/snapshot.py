"""The configuration as used: indexed for deciding, immutable, and replaced as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import NamedTuple

from engine import configuration, ownership, people
from engine.checks.partnerfiles import PartnerFile, listed
from engine.conditions import ALWAYS
from engine.configuration import Configuration
from engine.diagnostics import ConfigurationError, Diagnostic
from engine.facts import Renewal
from engine.index import Index
from engine.mailings import Mailings
from engine.model import Origin, Vendor
from engine.notices import Notice
from engine.rulebook import Matcher, Rulebook
from engine.ruleset import Step
from engine.schedule import Due, Schedule
from engine.sources import Sources
from engine.standings import Asked, Known, Placement, Standings, until_next_date


class State(NamedTuple):
    """The commit that a configuration is, and whether it was changed since; None outside a git work tree."""

    commit: str | None = None
    dirty: bool | None = None


@dataclass(frozen=True)
class Revision:
    """What identifies the configuration that decided; git is asked when somebody wants to know."""

    digest: str
    ask: Callable[[], State] = field(default=State, compare=False, repr=False)

    @property
    def commit(self) -> str | None:
        """The id of the commit that is checked out, or was read."""
        return self._state.commit

    @property
    def dirty(self) -> bool | None:
        """Whether what was read differs from that commit."""
        return self._state.dirty

    @cached_property
    def _state(self) -> State:
        return self.ask()


class Listing(NamedTuple):
    """The entry of a client in the file of its partner of record."""

    file: PartnerFile
    client_id: str

    @property
    def origin(self) -> Origin:
        """The place of the entry."""
        return self.file.origin("clients", self.client_id)


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Snapshot:
    """Everything that a decision needs besides facts and a date; equal to itself only.

    `listings` holds, for each client that a file lists, the files that do, at most one of them on any day.
    """

    partners: Mapping[str, PartnerFile]
    listings: Mapping[str, tuple[PartnerFile, ...]]
    vendor: Vendor
    rulebook: Rulebook
    schedule: Schedule
    steps: Matcher
    revision: Revision
    diagnostics: tuple[Diagnostic, ...]
    standings: Standings = field(default_factory=Standings)
    mailings: Mailings = field(default_factory=Mailings, init=False)

    def listing(self, client_id: str, on: dt.date) -> Listing | None:
        """Return the entry that makes a partner the client's partner of record on that day."""
        for file in self.listings.get(client_id, ()):
            if file.record.clients[client_id].in_force(on):
                return Listing(file, client_id)
        return None

    def place(self, renewal: Renewal, notice: Notice, on: dt.date) -> Placement:
        """Return who is responsible: the fact's partner decides, else the file that lists the client.

        Clients that no file lists share what is remembered.
        """
        client = renewal.client if renewal.client in self.listings else ""
        follows = notice.type in self.vendor.notice_types_following_override
        asked = (client, renewal.partner, follows)
        return self.standings.placement(asked, on.toordinal(), self._place)

    def is_due(self, due: Due, renewal: Renewal) -> bool:
        """Whether the step's condition holds on the day on which it is due."""
        if due.step.condition == ALWAYS:
            return True
        notice, on = due.step.notice, due.send_on
        standing = self.place(renewal, notice, on).standing
        mask = self.steps.mask(standing, renewal, notice, on.toordinal())
        return self.schedule.position(due.step) in self.steps.holding(mask)

    def with_partners(self, files: Iterable[PartnerFile]) -> Snapshot:
        """Return the same rules and vendor for these partners instead; the rules engine is shared."""
        own = tuple(files)
        partners = {file.record.partner: file for file in own}
        return replace(self, partners=partners, listings=Index.of(listed, own).files, standings=Standings())

    def forgetting(self) -> Iterator[None]:
        """Forget what was remembered, some at a time; who still decides by this finds it anew."""
        yield from self.standings.forgetting()
        yield from self.mailings.forgetting()

    def close(self) -> None:
        """Free the rules engine, after the last decision of this snapshot."""
        self.rulebook.close()
        self.steps.close()

    def _place(self, asked: Asked, day: int) -> Known[Placement]:
        """Find the placement, and the days on which no file that lists the client lists it otherwise."""
        client, named, follows_override = asked
        on = dt.date.fromordinal(day)
        if (file := self._plainly_listing(client, named)) is not None:
            return self.standings.known(file, client, on, follows_override=follows_override)
        listing = self.listing(client, on)
        entries = [file.record.clients[client] for file in self.listings.get(client, ())]
        days = until_next_date(_mismatch(listing, named), entries, day)
        standing = self._standing(listing, asked, on)
        return Known(
            max(days.since, standing.since),
            min(days.until, standing.until),
            standing.value._replace(mismatch=days.value),
        )

    def _plainly_listing(self, client: str, named: str | None) -> PartnerFile | None:
        """Return the file that lists the client on every day, if no other does and the fact says no other."""
        files = self.listings.get(client, ())
        if len(files) != 1 or not files[0].record.clients[client].is_plain:
            return None
        return files[0] if named is None or self.partners.get(named) is files[0] else None

    def _standing(self, listing: Listing | None, asked: Asked, on: dt.date) -> Known[Placement]:
        client, named, follows_override = asked
        file = self.partners.get(named) if named is not None else listing.file if listing else None
        if file is not None:
            return self.standings.known(file, client, on, follows_override=follows_override)
        nobody = ownership.WITHOUT_PARTNER if named is None else ownership.unknown_partner(named)
        return until_next_date(Placement(nobody, nobody), (), on.toordinal())


def _mismatch(listing: Listing | None, named: str | None) -> tuple[Step, ...]:
    """The fact's partner decides; a file that lists the client elsewhere is said, for one of them is old."""
    if named is not None and listing and listing.file.record.partner != named:
        return (Step("PARTNER_MISMATCH", "partner", listing.origin),)
    return ()


def build(sources: Sources, on: dt.date) -> Snapshot:
    """Build the snapshot of `sources`, or raise ConfigurationError with everything that is wrong."""
    return from_configuration(configuration.load(sources, on))


def from_configuration(
    checked: Configuration, state: Callable[[], State] = State, *, previous: Snapshot | None = None
) -> Snapshot:
    """Index a configuration; it must be one that may decide. `state` says which commit it is.

    Rules that are those of the `previous` snapshot are not compiled again.
    """
    if not checked.may_decide:
        raise ConfigurationError(checked.diagnostics)
    vendor = checked.vendor.record
    rulebook, steps = _compiled(checked, vendor, previous)
    return Snapshot(
        partners={partner: described[0] for partner, described in checked.by_partner.files.items()},
        listings=checked.by_client.files,
        vendor=vendor,
        rulebook=rulebook,
        schedule=checked.schedule,
        steps=steps,
        revision=Revision(checked.digest, state),
        diagnostics=checked.diagnostics,
    )


def _compiled(checked: Configuration, vendor: Vendor, previous: Snapshot | None) -> tuple[Rulebook, Matcher]:
    if previous is not None and (
        (previous.rulebook.rules, previous.schedule, previous.vendor)
        == (checked.ruleset.rules, checked.schedule, vendor)
    ):
        return previous.rulebook, previous.steps
    functions = {
        "reachable": partial(people.reachable_roles, vendor=vendor),
        "is_partner_user": people.is_partner_user,
    }
    conditions = [step.condition for step in checked.schedule.steps]
    return Rulebook(checked.ruleset, functions), Matcher(conditions, functions)
