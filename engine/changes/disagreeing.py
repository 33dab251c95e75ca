"""What two revisions disagree about, client by client: how dangerous it is, and the line that did it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from engine import inquiry, planning
from engine.changes import dangers, pairing, views
from engine.changes.causes import Case, Causes, Side
from engine.changes.dangers import Danger
from engine.changes.differences import Edit
from engine.changes.views import View
from engine.decisions import Decision, decide
from engine.documents import Document
from engine.facts import Renewal, RenewalFact
from engine.notices import RENEWAL_NOTICE, Notice
from engine.ownership import WITHOUT_PARTNER, Standing
from engine.planning import Window
from engine.snapshot import Snapshot


class Subject(NamedTuple):
    """What was decided about: a notice of a renewal, on its day."""

    renewal: str | None
    notice: Notice
    send_on: dt.date


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a client's notices that change alike: what was, what is, and the edit that did it.

    Without subjects no renewal of the client is known. `before` or `after` is None where no notice is due, or
    where the client was not listed.
    """

    client: str
    subjects: tuple[Subject, ...]
    before: View | None
    after: View | None
    dangers: tuple[Danger, ...]
    cause: Edit | None

    @property
    def danger(self) -> Danger:
        """The worst."""
        return self.dangers[0]

    @property
    def partner(self) -> str | None:
        """The client's partner, as it is if it has one."""
        return next((view.partner for view in (self.after, self.before) if view and view.partner), None)


@dataclass(frozen=True, slots=True)
class Question:
    """Which days are compared: a notice sent on `on`, else today, and all that are due until `until`."""

    now: dt.datetime
    on: dt.date | None = None
    until: dt.date | None = None


class Asked(NamedTuple):
    """A client that both may decide differently, and its renewals, if any are known."""

    client: str
    facts: Sequence[RenewalFact]


class Disagreements:
    """Finds what becomes of clients."""

    def __init__(self, base: Side, head: Side, question: Question) -> None:
        self._base, self._head = base.snapshot, head.snapshot
        self._question = question
        self._causes = Causes(base, head)

    @property
    def documents(self) -> Sequence[Document]:
        """The documents in which something was edited."""
        return self._causes.documents

    def of(self, asked: Iterable[Asked]) -> Iterator[Change]:
        """Decide by both revisions, from the same facts, and yield what differs."""
        for client, facts in asked:
            yield from _alike(self._of_client(client, facts), self._causes)

    def _of_client(self, client: str, facts: Sequence[RenewalFact]) -> Iterator[_Disagreement]:
        if not facts:
            yield from _of_standing(self._base, self._head, client, self._question)
        for fact in facts:
            yield from _of_fact(self._base, self._head, fact, self._question)


class _Disagreement(NamedTuple):
    """What both sides say about one subject, where that is not the same."""

    client: str
    subject: Subject | None
    views: tuple[View | None, View | None]
    cases: tuple[Case, Case]


def _of_standing(base: Snapshot, head: Snapshot, client: str, question: Question) -> Iterator[_Disagreement]:
    """Compare who is responsible for a client of whom no renewal is known."""
    on = question.on or question.now.date()
    was, is_now = _standing(base, client, on), _standing(head, client, on)
    seen = views.of_standing(was) if was else None, views.of_standing(is_now) if is_now else None
    if seen[0] != seen[1]:
        cases = Case(was or WITHOUT_PARTNER), Case(is_now or WITHOUT_PARTNER)
        yield _Disagreement(client, None, seen, cases)


def _standing(snapshot: Snapshot, client: str, on: dt.date) -> Standing | None:
    listing = snapshot.listing(client, on)
    return snapshot.standings.of(listing.file, client, on, follows_override=True) if listing else None


def _of_fact(
    base: Snapshot, head: Snapshot, fact: RenewalFact, question: Question
) -> Iterator[_Disagreement]:
    """Compare the notices about a renewal: the one sent on the day, and those that are due from then on."""
    on = question.on or inquiry.today(head, Renewal.from_fact(fact, head.vendor), question.now)
    days = planning.window(on, question.until)
    decided = _decided(base, fact, days), _decided(head, fact, days)
    for was, is_now in pairing.pairs(*decided):
        seen = _view(base, was), _view(head, is_now)
        decision = is_now or was
        if decision and seen[0] != seen[1]:
            subject = Subject(fact.renewal, decision.notice, decision.send_on)
            cases = _case(base, fact, subject, was), _case(head, fact, subject, is_now)
            yield _Disagreement(fact.client, subject, seen, cases)


def _view(snapshot: Snapshot, decision: Decision | None) -> View | None:
    return views.of_decision(decision, snapshot.vendor) if decision else None


_Key = tuple[str, str | None, int]


def _decided(snapshot: Snapshot, fact: RenewalFact, days: Window) -> Mapping[_Key, Decision]:
    """Return the decisions by type and step; of a step that is due twice, by which time it is."""
    renewal = Renewal.from_fact(fact, snapshot.vendor)
    times: Counter[tuple[str, str | None]] = Counter()
    found = {}
    for decision in (
        decide(snapshot, renewal, RENEWAL_NOTICE, days.since),
        *planning.plan(snapshot, [renewal], days),
    ):
        name = decision.notice.type, decision.notice.step
        found[*name, times[name]] = decision
        times[name] += 1
    return found


def _case(snapshot: Snapshot, fact: RenewalFact, subject: Subject, decision: Decision | None) -> Case:
    """Return what one side says; where nothing is due, it still knows who is responsible on that day."""
    if decision is not None:
        return Case(decision.standing, decision)
    renewal, (_, notice, on) = Renewal.from_fact(fact, snapshot.vendor), subject
    return Case(snapshot.place(renewal, notice, on).standing)


def _alike(found: Iterable[_Disagreement], causes: Causes) -> Iterator[Change]:
    """Make one change of the notices of a client that change alike by the same edit, on whatever day."""
    groups: dict[tuple[object, ...], Change] = {}
    for client, subject, (before, after), cases in found:
        cause = causes.find(client, *cases)
        danger = tuple(dangers.of(before, after))
        key = (client, *_differing(before, after), danger, cause)
        subjects = (subject,) if subject else ()
        known = groups.get(key)
        groups[key] = (
            Change(client, subjects, before, after, danger, cause)
            if known is None
            else replace(known, subjects=known.subjects + subjects)
        )
    yield from groups.values()


def _differing(before: View | None, after: View | None) -> tuple[View | None, View | None]:
    """Return both views without their days, and without the reasons that they share."""
    shared = set(before.reasons) & set(after.reasons) if before and after else set()
    return _without(before, shared), _without(after, shared)


def _without(view: View | None, reasons: Collection[str]) -> View | None:
    if view is None:
        return None
    return view._replace(send_on=None, reasons=tuple(one for one in view.reasons if one not in reasons))
