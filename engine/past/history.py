"""At which revisions of a branch the decision about a client changed, and who changed it.

The branch is followed by first parents: that is what was live, and since when. A change that came by a merge
is therefore one change, at the merge; the commits that made it are those within the merge that decide
otherwise than each of their parents.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from engine import inquiry, snapshot
from engine.changes.causes import Case, Causes
from engine.changes.differences import Edit
from engine.changes.views import View
from engine.diagnostics import ConfigurationError, InputError, suggest
from engine.facts import Renewal, RenewalFact
from engine.git import Commit
from engine.inquiry import Question
from engine.past import footprint
from engine.past.footprint import Footprint, Footprints
from engine.past.hindsight import Answer, Answers, Hindsight, Verdict
from engine.snapshot import Snapshot
from engine.sources import PARTNERS, Sources


class Kind(StrEnum):
    """What a revision is to the client."""

    CHANGED = "changed"
    """It decides otherwise than the one before it."""
    UNUSABLE = "unusable"
    """Its configuration has errors, so nothing could be decided until it was mended."""
    FIRST = "first"
    """It is the oldest that could be decided."""


class Change(NamedTuple):
    """What became of one renewal, and the line that did it.

    It is about the notice sent on the day that is asked about; if that is as it was, about the first to come
    that is not. `before` or `after` is None where that one is not due.
    """

    renewal: str
    before: View | None
    after: View | None
    cause: Edit | None
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A revision that the client's history is told by; the commit is None for what is not committed yet.

    `made_by` are the commits that a merge brought, if it was one.
    """

    kind: Kind
    commit: Commit | None
    verdict: Verdict
    changes: tuple[Change, ...] = ()
    made_by: tuple[Commit, ...] = ()


class _Revision(NamedTuple):
    """A revision and what it decides; None stands for the work tree."""

    commit: Commit | None
    verdict: Verdict


_NO_ROOT = Verdict()


class Subject(NamedTuple):
    """Whose history it is: the client, its facts, and the day on which every revision is asked."""

    client: str
    facts: Sequence[RenewalFact]
    on: dt.date


def naming(files: Sources, name: str, on: dt.date) -> Snapshot:
    """Return enough of the configuration to know whose id or website that is, even of one with errors."""
    bare = (inquiry.bare(name).encode(), name.encode())
    partners = tuple(file for file in files.partners if any(one in file.data.lower() for one in bare))
    for narrowed in (Sources(partners=partners, vendor=files.vendor), Sources(vendor=files.vendor)):
        try:
            return _built(narrowed, on)
        except ConfigurationError:
            continue
    return _built(Sources(), on)


def _built(files: Sources, on: dt.date) -> Snapshot:
    built = snapshot.build(files, on)
    built.close()  # nobody asks its rules
    return built


def subject(used: Snapshot, known: Sequence[RenewalFact], question: Question, now: dt.datetime) -> Subject:
    """Return whom the question means; the day is its today, where none is given."""
    name = question.client or ""
    client = inquiry.find_client(used, known, name)
    facts = [fact for fact in known if fact.client == client]
    if client is None or not facts:
        raise _unknown(client, name, known)
    first = Renewal.from_fact(facts[0], used.vendor)
    return Subject(client, facts, question.on or inquiry.today(used, first, now))


def _unknown(client: str | None, name: str, known: Iterable[RenewalFact]) -> InputError:
    if client is not None:
        cure = "a history is told by the decisions about its renewals: name their facts with --facts"
        return InputError(f"no renewal is known of client {client}", cure)
    near = suggest(inquiry.bare(name), {fact.client for fact in known})
    return InputError(f"there is no client {name}", near or "`renewctl clients` lists them")


class History:
    """The revisions of one client; entries are found as they are asked for, the newest first."""

    def __init__(self, of: Subject) -> None:
        partners = {fact.partner for fact in of.facts if fact.partner is not None}
        self._footprints = Footprints(of.client, partners)
        self._hindsight = Hindsight(of.facts, of.on)
        self._known: dict[Footprint, Verdict] = {}

    def close(self) -> None:
        """Free the rules engine, after the last entry."""
        self._hindsight.close()

    def entries(self, newest: Commit, work_tree: Sources | None) -> Iterator[Entry]:
        """Yield every revision at which something changed, back to the first."""
        waiting: list[_Revision] = []
        for revision in _stretches(self._revisions(newest, work_tree)):
            if revision.verdict.is_usable:
                yield from self._told(waiting, revision)
                waiting = []
            waiting.append(revision)
        yield from self._told(waiting, None)

    def _revisions(self, newest: Commit, work_tree: Sources | None) -> Iterator[_Revision]:
        """Yield what was live, the newest first."""
        if work_tree is not None:
            files = self._footprints.narrowed(work_tree)
            yield _Revision(None, self._verdict(self._footprints.of_files(files), files))
        commit = newest if newest.exists(PARTNERS) else None
        while commit is not None:
            yield _Revision(commit, self._at(commit))
            commit = _before(commit)

    def _at(self, commit: Commit) -> Verdict:
        if not commit.exists(PARTNERS):  # a merge may bring commits from before there was a root
            return _NO_ROOT
        found = self._footprints.of_commit(commit)
        return self._known.get(found) or self._verdict(found, footprint.read(commit, found))

    def _verdict(self, found: Footprint, files: Sources) -> Verdict:
        if found not in self._known:
            self._known[found] = self._hindsight.verdict(files)
        return self._known[found]

    def _told(self, waiting: Iterable[_Revision], older: _Revision | None) -> Iterator[Entry]:
        """Yield the entries of a usable revision and of the unusable ones before it, down to `older`."""
        for revision in waiting:
            if not revision.verdict.is_usable:
                if older:
                    yield Entry(Kind.UNUSABLE, revision.commit, revision.verdict)
            elif older is None:
                yield Entry(Kind.FIRST, revision.commit, revision.verdict, _first(revision.verdict))
            elif not revision.verdict.is_like(older.verdict):
                changes = _changes(older.verdict, revision.verdict)
                made_by = tuple(self._makers(revision.commit)) if revision.commit else ()
                yield Entry(Kind.CHANGED, revision.commit, revision.verdict, changes, made_by)

    def _makers(self, merge: Commit) -> Iterator[Commit]:
        """Yield the commits of a merge that decide otherwise than each of their parents."""
        if len(merge.parents) < 2:  # noqa: PLR2004 - a merge has two
            return
        for commit in merge.without(merge.parents[0]):
            verdict = self._at(commit)
            is_as_before = any(self._at(parent).is_like(verdict) for parent in commit.parents)
            if commit != merge and verdict.is_usable and not is_as_before:
                yield commit


def _stretches(revisions: Iterable[_Revision]) -> Iterator[_Revision]:
    """Yield of each stretch of revisions that decide alike the oldest, which began it."""
    last: _Revision | None = None
    for revision in revisions:
        if last and not last.verdict.is_like(revision.verdict):
            yield last
        last = revision
    if last:
        yield last


def _before(commit: Commit) -> Commit | None:
    """Return the first parent, seen from where the root lay in it; None where there was no root."""
    parent = next(iter(commit.parents), None)
    if parent is None or parent.exists(PARTNERS):
        return parent
    prefix = _former_prefix(commit, parent)
    return None if prefix is None else parent.seen_from(prefix)


def _former_prefix(commit: Commit, parent: Commit) -> str | None:
    """Return the folder that the root was moved from: it had partners, and has none any more."""
    was, now = parent.seen_from(""), commit.seen_from("")
    suffix = f"{PARTNERS}/"
    folders = {path.partition(suffix)[0] for path in was.changed_paths(now) if suffix in f"/{path}"}
    gone = [one for one in folders if was.exists(f"{one}{PARTNERS}") and not now.exists(f"{one}{PARTNERS}")]
    return gone[0] if len(gone) == 1 else None


def _first(verdict: Verdict) -> tuple[Change, ...]:
    asked = (answers.asked for answers in verdict.answers)
    return tuple(Change(decision.renewal.renewal or "", None, view, None) for decision, view in asked)


def _changes(before: Verdict, after: Verdict) -> tuple[Change, ...]:
    """Return what became of each renewal that is decided otherwise."""
    if before.side is None or after.side is None:
        return ()
    causes = Causes(before.side, after.side)
    pairs = zip(before.answers, after.answers, strict=True)
    return tuple(_change(causes, *pair) for pair in pairs if pair[0].views != pair[1].views)


class _Difference(NamedTuple):
    """Two answers about one notice that are not the same; None where it is not due."""

    before: Answer | None
    after: Answer | None
    step: str | None = None

    @property
    def send_on(self) -> dt.date:
        """The day on which the notice would be sent, on the earlier side."""
        return min(answer.decision.send_on for answer in (self.before, self.after) if answer)


def _change(causes: Causes, before: Answers, after: Answers) -> Change:
    """Return what became of the notice on the day, else of the first to come that is decided otherwise."""
    if before.asked.view != after.asked.view:
        found = _Difference(before.asked, after.asked)
    else:
        found = min(_differences(before, after), key=lambda one: one.send_on)
    was, now, step = found
    renewal = after.asked.decision.renewal
    cause = causes.find(renewal.client, _case(before, was), _case(after, now))
    return Change(renewal.renewal or "", was.view if was else None, now.view if now else None, cause, step)


def _differences(before: Answers, after: Answers) -> Iterator[_Difference]:
    for key in {**before.to_come, **after.to_come}:
        was, now = before.to_come.get(key), after.to_come.get(key)
        if (was.view if was else None) != (now.view if now else None):
            yield _Difference(was, now, key[1])


def _case(answers: Answers, answer: Answer | None) -> Case:
    """Return what one side says, which is who is responsible even where nothing is due."""
    if answer is None:
        return Case(answers.asked.decision.standing)
    return Case(answer.decision.standing, answer.decision)
