"""Which commit last changed a line of the root, as the line reads now.

libgit2's own blame does not follow renames and needs 190 ms for a file with 1,000 commits behind it. This one
goes from a commit to its parents by the file's content id, and looks at the lines only where that differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeAlias

from engine import git
from engine.diagnostics import Diagnostic, Location
from engine.git import Commit, Hunk, Repository
from engine.trees import Tree


class Blamed(NamedTuple):
    """Who wrote a line: a commit, or None while it is not committed yet."""

    commit: Commit | None


_Lines: TypeAlias = dict[int, int]
"""Lines of the file as it is read now, by the line of an older version that they are; both from 0."""


@dataclass
class Blame:
    """The commits behind the files that a configuration was read from; each file is followed back once."""

    tree: Tree
    newest: Commit
    _files: dict[str, Mapping[int, Commit] | None] = field(default_factory=dict)
    _parents: dict[Commit, tuple[Commit, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: Tree, root: Path) -> Blame | None:
        """Look back from the commit that is read, or from the one that is checked out, if there is one."""
        if isinstance(tree, Commit):
            return cls(tree, tree)
        repository = Repository.around(root)
        head = repository.head() if repository else None
        return cls(tree, head) if head else None

    def find(self, place: Location) -> Blamed | None:
        """Return who wrote that line; None of a file that came with renewctl, not with the root."""
        path = place.path
        if path not in self._files:
            found = self.tree.read(path)
            self._files[path] = None if isinstance(found, Diagnostic) else self._follow(path, found.data)
        lines = self._files[path]
        return None if lines is None else Blamed(lines.get(place.line - 1))

    @cached_property
    def _top(self) -> Commit:
        """The newest commit seen from the top of the repository: the root may have been moved in it."""
        return self.newest.seen_from("")

    def _follow(self, path: str, data: bytes) -> Mapping[int, Commit]:
        """Return the commit of every line that is committed."""
        path = f"{self.newest.repository.prefix}{path}"
        committed = _content(self._top, path)
        if committed is None:
            return {}
        lines = {line: line for line in range(data.count(b"\n") + 1)}
        if data != committed and self.tree is not self.newest:
            # In a work tree git may have other line ends than in the commit: those are not a change.
            lines = _carried(lines, git.hunks(_unix(committed), _unix(data)))
        return self._settle(path, lines)

    def _settle(self, path: str, lines: _Lines) -> Mapping[int, Commit]:
        """Go back until every line has met the commit that wrote it."""
        found: dict[int, Commit] = {}
        pending = [_Step(self._top, path, lines)]
        while pending:
            step = self._since(pending.pop())
            left = dict(step.lines)
            for older in self._before(step):
                pending.append(older)
                left = _without(left, older.lines)
            found.update(dict.fromkeys(left.values(), step.commit))
        return found

    def _since(self, step: _Step) -> _Step:
        """Return the step at the oldest commit that has the same file."""
        commit, content = step.commit, step.commit.content_id(step.path)
        while True:
            alike = (one for one in self._parents_of(commit) if one.content_id(step.path) == content)
            parent = next(alike, None)
            if parent is None:
                return step._replace(commit=commit)
            commit = parent

    def _before(self, step: _Step) -> Iterator[_Step]:
        """Yield the lines that a parent has too, each line of one parent only."""
        now, lines = _content(step.commit, step.path), step.lines
        for parent in self._parents_of(step.commit):
            path = step.commit.path_in(parent, step.path)
            was = _content(parent, path) if path else None
            if path and was is not None and now is not None:
                older = _Step(parent, path, _carried(lines, git.hunks(was, now)))
                lines = _without(lines, older.lines)
                yield older

    def _parents_of(self, commit: Commit) -> tuple[Commit, ...]:
        """Return the parents, the same for every file: a commit remembers the folders it looked into."""
        if commit not in self._parents:
            self._parents[commit] = commit.parents
        return self._parents[commit]


class _Step(NamedTuple):
    """Lines that are to be followed from a commit on, and what it calls their file."""

    commit: Commit
    path: str
    lines: _Lines


def _without(lines: _Lines, others: _Lines) -> _Lines:
    taken = set(others.values())
    return {line: now for line, now in lines.items() if now not in taken}


def _carried(lines: _Lines, hunks: Iterable[Hunk]) -> _Lines:
    """Return the lines that an older version has too, by their place there."""
    carried, offset, since = {}, 0, 0
    for hunk in [*hunks, None]:
        until = hunk.after.start if hunk else max(lines, default=-1) + 1
        carried.update({line - offset: lines[line] for line in range(since, until) if line in lines})
        if hunk:
            offset, since = hunk.after.stop - hunk.before.stop, hunk.after.stop
    return carried


def _content(commit: Commit, path: str) -> bytes | None:
    found = commit.read(path)
    return None if isinstance(found, Diagnostic) else found.data


def _unix(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")
