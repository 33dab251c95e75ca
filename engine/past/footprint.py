"""The files of a root that the decision about one client is made of: its footprint, at any commit.

Those are the vendor's file, the rules, and of the partners only who lists the client or is named by its
facts. What is wrong in any other file is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cache
from pathlib import PurePosixPath
from typing import NamedTuple, TypeAlias

from engine import git, sources
from engine.diagnostics import Diagnostic
from engine.git import Commit
from engine.sources import DECISION_TEST, PARTNERS, RULES, SCHEDULE, VENDOR, Sources
from engine.trees import File

_Content: TypeAlias = tuple[str, str]
"""A file by its path and content id."""


class Footprint(NamedTuple):
    """What a decision is made of; two that are equal decide alike."""

    partners: frozenset[_Content]
    shared: frozenset[_Content]


_NOTHING = Footprint(frozenset(), frozenset())


class Footprints:
    """Finds the footprint of a client in one commit after another, looking only at what differs."""

    def __init__(self, client: str, partners: Collection[str]) -> None:
        """Look for the client by its id, and for these partners, whom its facts name."""
        self._partners = partners
        self._mention = re.compile(rb"(?<![\w.-])%s(?![\w.-])" % re.escape(client.encode()))
        self._mentions: dict[str, bool] = {}
        self._last: tuple[Commit, Footprint] | None = None

    def narrowed(self, files: Sources) -> Sources:
        """Return the sources without the partners that do not matter."""
        partners = (
            file for file in files.partners if self._is_named(file.path) or self._is_mentioned(file.data)
        )
        problems = (
            problem
            for problem in files.diagnostics
            if _is_shared(problem.location.path) or self._is_named(problem.location.path)
        )
        return replace(files, partners=tuple(partners), decision_tests=(), diagnostics=tuple(problems))

    def of_files(self, files: Sources) -> Footprint:
        """Return the footprint of narrowed sources, wherever they were read."""
        shared = (file for file in files.files if file not in files.partners)
        return Footprint(_contents(files.partners), _contents(shared))

    def of_commit(self, commit: Commit) -> Footprint:
        """Return the footprint in a commit; quick after one that is near to it."""
        before, known = self._last or (None, _NOTHING)
        changed = commit.changed_paths(before) if before else _every_path(commit)
        partners = (path for path in changed if _is_partner(path) and self._is_in(commit, path))
        shared = filter(_is_shared, changed)
        found = Footprint(
            _updated(known.partners, changed, _contents_in(commit, partners)),
            _updated(known.shared, changed, _contents_in(commit, shared)),
        )
        self._last = commit, found
        return found

    def _is_in(self, commit: Commit, path: str) -> bool:
        """Whether that partner's file of the commit matters; the same content is read once."""
        if self._is_named(path):
            return True
        content = commit.content_id(path)
        if content is not None and content not in self._mentions:
            found = commit.read(path)
            self._mentions[content] = not isinstance(found, Diagnostic) and self._is_mentioned(found.data)
        return content is not None and self._mentions[content]

    def _is_named(self, path: str) -> bool:
        """Whether a fact names the partner of that file."""
        return PurePosixPath(path).stem in self._partners

    def _is_mentioned(self, data: bytes) -> bool:
        """Whether a partner's file may list the client: an escape may spell it."""
        return b"\\" in data or self._mention.search(data) is not None


def read(commit: Commit, footprint: Footprint) -> Sources:
    """Read the files of a footprint."""
    files, problems = [], []
    for path in sorted(path for path, _ in footprint.partners | footprint.shared):
        found = commit.read(path)
        if isinstance(found, Diagnostic):
            problems.append(found)
        else:
            files.append(found)
    rules = tuple(file for file in files if file.path.startswith(f"{RULES}/") and file.path != SCHEDULE)
    by_path = {file.path: file for file in files}
    return Sources(
        partners=tuple(file for file in files if _is_partner(file.path)),
        vendor=by_path.get(VENDOR),
        rules=rules,
        schedule=by_path.get(SCHEDULE),
        shipped_rules=_shipped_rules(frozenset(file.path for file in rules)),
        shipped_schedule=_shipped_schedule(),
        diagnostics=tuple(problems),
    )


_shipped_rules = cache(sources.shipped_rules)
_shipped_schedule = cache(sources.shipped_schedule)


def _every_path(commit: Commit) -> frozenset[str]:
    found = (path for folder in (PARTNERS, RULES) for path, _ in commit.content_ids(folder))
    return frozenset((VENDOR, *found))


def _updated(
    known: frozenset[_Content], changed: Collection[str], now: Iterable[_Content]
) -> frozenset[_Content]:
    return frozenset((*(one for one in known if one[0] not in changed), *now))


def _contents(files: Iterable[File]) -> frozenset[_Content]:
    return frozenset((file.path, git.content_id(file.data)) for file in files)


def _contents_in(commit: Commit, paths: Iterable[str]) -> Iterable[_Content]:
    for path in paths:
        content = commit.content_id(path)
        if content is not None:
            yield path, content


def _is_partner(path: str) -> bool:
    return path.startswith(f"{PARTNERS}/") and path.endswith(".yaml") and "/." not in path


def _is_shared(path: str) -> bool:
    """Whether it is the vendor's file or has rules; decision tests decide nothing."""
    folder, _, name = path.rpartition("/")
    is_rules = folder == RULES and name.endswith(".yaml") and not name.startswith(".")
    return path == VENDOR or (is_rules and not name.endswith(DECISION_TEST))
