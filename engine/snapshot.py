"""The configuration as used: indexed for deciding, immutable, and replaced as a whole."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import NamedTuple

from engine import configuration, ownership, people
from engine.checks.partnerfiles import PartnerFile
from engine.conditions import ALWAYS
from engine.configuration import Configuration
from engine.diagnostics import ConfigurationError, Diagnostic
from engine.facts import Renewal
from engine.model import Origin, Vendor
from engine.notices import Notice
from engine.ownership import Standing
from engine.rulebook import Matcher, Rulebook
from engine.schedule import Due, Schedule
from engine.sources import Sources
from engine.standings import Standings


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


@dataclass(frozen=True, slots=True)
class Listing:
    """The entry of a client in the file of its partner of record."""

    file: PartnerFile
    client_id: str

    @property
    def origin(self) -> Origin:
        """The place of the entry."""
        return self.file.origin("clients", self.client_id)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a decision needs besides facts and a date.

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

    def listing(self, client_id: str, on: dt.date) -> Listing | None:
        """Return the entry that makes a partner the client's partner of record on that day."""
        for file in self.listings.get(client_id, ()):
            if file.record.clients[client_id].in_force(on):
                return Listing(file, client_id)
        return None

    def standing(self, renewal: Renewal, listing: Listing | None, notice: Notice, on: dt.date) -> Standing:
        """Return who is responsible: the fact's partner decides, else the file that lists the client."""
        file = listing.file if listing else None
        if renewal.partner is not None:
            file = self.partners.get(renewal.partner)
            if file is None:
                return ownership.unknown_partner(renewal.partner)
        if file is None:
            return ownership.WITHOUT_PARTNER
        follows = notice.type in self.vendor.notice_types_following_override
        return self.standings.of(file, renewal.client, on, follows_override=follows)

    def is_due(self, due: Due, renewal: Renewal) -> bool:
        """Whether the step's condition holds on the day on which it is due."""
        if due.step.condition == ALWAYS:
            return True
        notice, on = due.step.notice, due.send_on
        standing = self.standing(renewal, self.listing(renewal.client, on), notice, on)
        mask = self.steps.mask(standing, renewal, notice, on.toordinal())
        return self.schedule.steps.index(due.step) in self.steps.holding(mask)

    def with_partners(self, files: Iterable[PartnerFile]) -> Snapshot:
        """Return the same rules and vendor for these partners instead; the rules engine is shared."""
        listed = tuple(files)
        partners = {file.record.partner: file for file in listed}
        return replace(self, partners=partners, listings=_listings(listed), standings=Standings())

    def close(self) -> None:
        """Free the rules engine, after the last decision of this snapshot."""
        self.rulebook.close()
        self.steps.close()


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
        partners={file.record.partner: file for file in checked.partners},
        listings=_listings(checked.partners),
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


def _listings(files: Iterable[PartnerFile]) -> Mapping[str, tuple[PartnerFile, ...]]:
    listings: dict[str, tuple[PartnerFile, ...]] = defaultdict(tuple)
    for file in files:
        for client_id in file.record.clients:
            listings[client_id] += (file,)
    return dict(listings)
