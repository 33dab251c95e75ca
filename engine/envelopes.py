"""Who is in TO and in CC of a notice: each person once, in the role that came first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from engine import people
from engine.facts import Renewal
from engine.model import Record, Vendor
from engine.ownership import Standing
from engine.persons import Person, Reached
from engine.ruleset import Step, Target
from engine.vocabulary import CLIENT_ROLES

Purpose: TypeAlias = Literal["action", "information", "copy"]


class Recipient(Record, frozen=True, gc=False):
    """A person, and what the mail is to them: a task (`action`), for `information`, or a `copy`."""

    person: Person
    purpose: Purpose


class Case(Record, frozen=True, gc=False):
    """What a notice is about: whom each role reaches."""

    standing: Standing
    renewal: Renewal
    vendor: Vendor

    def reach(self, target: Target) -> Reached:
        """Return the people of the first role of the target that reaches anybody."""
        return people.reach(target, self.standing, self.renewal, self.vendor)


class Envelope:
    """TO and CC by address, each person in the role that came first, and every cover once.

    Its loops are plain ones: they are what most of the time of a decision goes into.
    """

    __slots__ = ("_case", "_cc", "_is_to_partner_user", "steps", "to")

    def __init__(self, case: Case) -> None:
        self.to: dict[str, Recipient] = {}
        self.steps: dict[Step, None] = {}
        self._cc: dict[str, Recipient] = {}
        self._case = case
        self._is_to_partner_user = False

    def address(self, targets: Iterable[Target]) -> None:
        """Write to whom these targets reach."""
        standing = self._case.standing
        for target in targets:
            reached = self._case.reach(target)
            for person in reached.people:
                if person.address not in self.to:
                    self.to[person.address] = Recipient(person, _purpose(person, standing.owner))
                if person.role == "decision_maker" and person.address in standing.addresses:
                    self._is_to_partner_user = True
            if reached.steps:
                self._cover(reached)

    def copy(self, targets: Iterable[Target]) -> None:
        """Copy the notice to whom these targets reach."""
        for target in targets:
            reached = self._case.reach(target)
            for person in reached.people:
                if person.address not in self._cc:
                    self._cc[person.address] = Recipient(person, "copy")
            if reached.steps:
                self._cover(reached)

    def copied(self) -> tuple[Recipient, ...]:
        """Return who is in CC, of whom nobody is in TO."""
        if self._cc.keys().isdisjoint(self.to):
            return tuple(self._cc.values())
        return tuple(one for address, one in self._cc.items() if address not in self.to)

    def reasons(self) -> Iterator[str]:
        """Yield what is noteworthy about who is where."""
        if not self._cc.keys().isdisjoint(self.to):
            yield "CC_DEDUPED"
        if self._is_to_partner_user:
            yield "DECISION_MAKER_IS_PARTNER_USER"

    def _cover(self, reached: Reached) -> None:
        self.steps |= dict.fromkeys(reached.steps)
        for person in reached.copies:
            self._cc.setdefault(person.address, Recipient(person, "copy"))


def _purpose(person: Person, owner: str | None) -> Purpose:
    """A partner-owned renewal is a task for whoever looks after it, never for the client (R28-29)."""
    return "action" if owner == "partner" and person.role not in CLIENT_ROLES else "information"
