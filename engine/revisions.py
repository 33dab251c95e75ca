"""Which commit the configuration of a work tree is, and whether it was changed since."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from engine import git, sources
from engine.git import Commit, Repository
from engine.snapshot import State
from engine.sources import Sources
from engine.trees import File, Tree


def of(tree: Tree, root: Path, read: Sources) -> State:
    """Return which commit was read, or which is checked out and whether what was read is something else."""
    if isinstance(tree, Commit):
        return State(tree.id, dirty=False)
    return Checkout(root).state(read)


def checked_out(root: Path) -> str | None:
    """Return the id of the commit that is checked out; None outside of git, and before the first."""
    repository = Repository.around(root)
    head = repository.head() if repository else None
    return head.id if head else None


class Checkout:
    """Tells the same of a work tree again and again: a file that it was asked about before is not compared.

    Files are known by identity, so who asks hands over the same `File` as long as it did not change.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._head = _Head("", "", {}, frozenset())
        self._known: dict[str, _Compared] = {}

    def state(self, read: Sources) -> State:
        """Return which commit is checked out, and whether what was read is something else."""
        repository = Repository.around(self._root)
        commit = repository.head() if repository else None
        if repository is None or commit is None:
            return State()
        if (self._head.commit, self._head.prefix) != (commit.id, repository.prefix):
            self._head, self._known = _Head.of(commit), {}
        return State(commit.id, self._is_dirty(repository, read))

    def _is_dirty(self, repository: Repository, read: Sources) -> bool:
        """Compare contents first: git's own answer, which knows of line ends, takes a look at the disk."""
        self._known = {file.path: self._compared(file) for file in read.files}
        differing = [path for path, compared in self._known.items() if compared.differs]
        is_gone = not self._head.paths <= self._known.keys()
        return is_gone or any(repository.is_changed(path) for path in differing)

    def _compared(self, file: File) -> _Compared:
        known = self._known.get(file.path)
        if known is not None and known.file is file:
            return known
        return _Compared(file, self._head.contents.get(file.path) != git.content_id(file.data))


class _Head(NamedTuple):
    """What a commit has at a root: the content of each file, and the paths of those that decide."""

    commit: str
    prefix: str
    contents: Mapping[str, str]
    paths: frozenset[str]

    @classmethod
    def of(cls, commit: Commit) -> _Head:
        folders = (sources.PARTNERS, sources.RULES)
        contents = {path: content for folder in folders for path, content in commit.content_ids(folder)}
        vendor = commit.content_id(sources.VENDOR)
        if vendor is not None:
            contents[sources.VENDOR] = vendor
        return cls(commit.id, commit.repository.prefix, contents, sources.paths(commit))


class _Compared(NamedTuple):
    """A file, and whether the commit has another one in its place."""

    file: File
    differs: bool
