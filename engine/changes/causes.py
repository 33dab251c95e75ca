"""The line that a changed decision comes from: the one that a reviewer has to look at."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine import documents
from engine.changes.differences import Differences, Edit, Versions
from engine.decisions import Decision
from engine.documents import Document, Path, Value
from engine.model import Origin
from engine.ownership import Standing
from engine.persons import Person
from engine.ruleset import RuleKind
from engine.snapshot import Snapshot
from engine.sources import VENDOR, Sources
from engine.trees import File
from engine.vocabulary import CLIENT_ROLES, PARTNER_ROLES, VENDOR_ROLE_PREFIX

_RULE_KINDS = frozenset({RuleKind.ROUTE.value, RuleKind.ADJUSTMENT.value})


@dataclass(frozen=True, slots=True)
class Side:
    """One of two revisions: the configuration that decides, and the files that it was made of."""

    snapshot: Snapshot
    files: Sources


class Case(NamedTuple):
    """What one side says of a client: who is responsible, and the decision, if something is due."""

    standing: Standing
    decision: Decision | None = None


class Causes:
    """Finds the edited line for each decision that two revisions disagree about."""

    def __init__(self, base: Side, head: Side) -> None:
        shared = tuple(_shared_versions(base.files, head.files))
        self._base = _Places(base.snapshot, [old for old, _ in shared if old])
        self._head = _Places(head.snapshot, [new for _, new in shared if new])
        self._differences = Differences.of((*_partner_versions(base, head), *shared))

    @property
    def documents(self) -> Sequence[Document]:
        """The documents in which something was edited."""
        return self._differences.documents

    def find(self, client: str, before: Case, after: Case) -> Edit | None:
        """Return what was edited where both disagree, of the head side if there is anything.

        The places that matter are looked at in turn, from what only this client has to what everybody shares;
        a value that is there goes before one that is gone.
        """
        sides = (self._head, after, before), (self._base, before, after)
        wanted = (
            origin
            for aspect in _ASPECTS
            for places, mine, other in sides
            for origin in aspect(places, client, mine, other)
        )
        return next(filter(None, map(self._differences.edit, wanted)), None)


def _shared_versions(base: Sources, head: Sources) -> Iterator[Versions]:
    """Yield the files that are no partner's, as far as they differ, parsed again for the places in them."""
    was, is_now = _shared_files(base), _shared_files(head)
    for path in {**was, **is_now}:
        if was.get(path) != is_now.get(path):
            yield _parsed(was.get(path)), _parsed(is_now.get(path))


def _shared_files(files: Sources) -> Mapping[str, File]:
    shared = (files.vendor, files.schedule, *files.rules)
    return {file.path: file for file in shared if file is not None}


def _parsed(file: File | None) -> Document | None:
    return documents.parse(file.path, file.data)[0] if file else None


def _partner_versions(base: Side, head: Side) -> Iterator[Versions]:
    """Yield each partner's file on both sides: by the partner, for a file may be renamed."""
    was, is_now = base.snapshot.partners, head.snapshot.partners
    for partner in {**was, **is_now}:
        old, new = was.get(partner), is_now.get(partner)
        if old is not new:
            yield old.document if old else None, new.document if new else None


class _Places:
    """Where one side says things; of the files that are no partner's, those that were edited."""

    def __init__(self, snapshot: Snapshot, shared: Sequence[Document]) -> None:
        self._snapshot = snapshot
        self.files = [Origin(document, ()) for document in shared]
        self.rules = _named("rule", shared)
        self.steps = _named("step", shared)

    def partner(self, standing: Standing, *paths: Path) -> Iterator[Origin]:
        """Yield places of the partner's file."""
        file = self._snapshot.partners.get(standing.partner_id or "")
        if file is not None:
            yield from (file.origin(*path) for path in paths)

    def entries(self, client: str) -> Iterator[Origin]:
        """Yield the client's entry in every file, for a fact may name another partner than lists it."""
        files = self._snapshot.listings.get(client, ())
        return (file.origin("clients", client) for file in files)

    def vendor(self, *paths: Path) -> Iterator[Origin]:
        """Yield places of the vendor's file."""
        documents_of_vendor = (origin.document for origin in self.files if origin.document.path == VENDOR)
        yield from (Origin(document, path) for document in documents_of_vendor for path in paths)


def _named(key: str, shared: Iterable[Document]) -> Mapping[str, list[Origin]]:
    """Return the entries that have such a key, by its value: rules and steps of the schedule."""
    found: dict[str, list[Origin]] = defaultdict(list)
    for document in shared:
        for at, entry in _entries(document.value, ()):
            if key in entry:
                found[str(entry[key])].append(Origin(document, at))
    return found


def _entries(value: Value, at: Path) -> Iterator[tuple[Path, Mapping[str, Value]]]:
    """Yield every mapping that stands in a list."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _entries(part, (*at, name))
    elif isinstance(value, list):
        yield from (((*at, index), entry) for index, entry in enumerate(value) if isinstance(entry, dict))


def _listing(places: _Places, client: str, mine: Case, other: Case) -> Iterator[Origin]:
    """The entry that makes a partner the client's: the client may have moved."""
    if mine.standing.partner_id != other.standing.partner_id:
        yield from places.partner(mine.standing, ("clients", client), ("partner",))


def _owner(places: _Places, client: str, mine: Case, other: Case) -> Iterator[Origin]:
    """What says who owns the renewal; the dates of an entry do so as well."""
    standing, others = mine.standing, other.standing
    if (standing.owner, standing.owner_source) != (others.owner, others.owner_source):
        yield from filter(None, (standing.owner_origin,))
        yield from places.partner(standing, ("clients", client, "override"), ("default",))
        yield from places.vendor(("notice_types_following_override",))


def _contact(places: _Places, client: str, mine: Case, other: Case) -> Iterator[Origin]:
    """Who was chosen, or the user who can no longer be, or can again."""
    standing, others = mine.standing, other.standing
    if (standing.contact, standing.contact_source) != (others.contact, others.contact_source):
        yield from filter(None, (standing.contact_origin,))
        users = (("users", user) for user in (standing.contact, others.contact) if user)
        yield from places.partner(standing, *users)
        yield from places.partner(standing, ("clients", client, "override"), ("default",), ("users",))


def _people(places: _Places, client: str, mine: Case, other: Case) -> Iterator[Origin]:
    """The people whom only one side reaches, and what makes them reachable."""
    del client
    only_one = _persons(mine) ^ _persons(other)
    for user in sorted({person.user for person in only_one if person.user}):
        yield from places.partner(mine.standing, ("users", user))
    for role in sorted({person.role for person in only_one}):
        if role in PARTNER_ROLES:
            yield from places.partner(mine.standing, ("covers",), *_NAMED_IN.get(role, ()))
        elif role not in CLIENT_ROLES:
            yield from places.vendor((role,), ("roles", role.removeprefix(VENDOR_ROLE_PREFIX)))


_NAMED_IN: Mapping[str, tuple[Path, ...]] = {
    "backup_contacts": (("default",),),
    "partner_admins": (("users",),),
}
"""Where a partner's file names people in a role; who is the contact, the standing knows."""


def _persons(case: Case) -> frozenset[Person]:
    decision = case.decision
    if decision is None:
        return frozenset()
    received = (*decision.to, *decision.cc, *(one for task in decision.tasks for one in task.inform))
    return frozenset(recipient.person for recipient in received)


def _step(places: _Places, client: str, mine: Case, other: Case) -> Iterator[Origin]:
    """The step of the schedule that is due on one side only, or on another day."""
    del client
    for decision in filter(None, (mine.decision, other.decision)):
        if _day(mine) != _day(other):
            yield from places.steps.get(decision.notice.step or "", ())


def _day(case: Case) -> dt.date | None:
    return case.decision.send_on if case.decision else None


def _rules(places: _Places, client: str, mine: Case, other: Case) -> Iterator[Origin]:
    """The rules that hold on one side only, then those that hold on both and may say something else."""
    del client
    ours, theirs = _rule_names(mine), _rule_names(other)
    for name in (*sorted(ours, key=theirs.__contains__), *theirs):
        yield from places.rules.get(name, ())


def _rule_names(case: Case) -> list[str]:
    decision = case.decision
    return [step.rule for step in decision.trace if step.kind in _RULE_KINDS] if decision else []


def _rest(places: _Places, client: str, mine: Case, other: Case) -> Iterator[Origin]:
    """What is left: the client's own entry, then what a condition may ask of it or of the partner."""
    del other
    paths: tuple[Path, ...] = (("clients", client, "hold"), ("clients", client), ("default",), ("covers",))
    yield from places.partner(mine.standing, *paths, ("users",), ("labels",))
    yield from places.entries(client)
    yield from places.vendor(("deadline_lead_days",), ("locale",), ("renewal_manager",))
    yield from places.files
    yield from places.partner(mine.standing, ())


_ASPECTS = (_listing, _owner, _contact, _people, _step, _rules, _rest)
"""In this order: what settles a decision first is its likeliest reason to change."""
