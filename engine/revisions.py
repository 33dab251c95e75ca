"""Which commit the configuration of a work tree is, and whether it was changed since."""

from __future__ import annotations

from pathlib import Path

from engine import git, sources
from engine.git import Commit, Repository
from engine.snapshot import State
from engine.sources import Sources
from engine.trees import Tree


def of(tree: Tree, root: Path, read: Sources) -> State:
    """Return which commit was read, or which is checked out and whether what was read is something else."""
    if isinstance(tree, Commit):
        return State(tree.id, dirty=False)
    repository = Repository.around(root)
    head = repository.head() if repository else None
    if repository is None or head is None:
        return State()
    return State(head.id, _is_dirty(repository, head, read))


def checked_out(root: Path) -> str | None:
    """Return the id of the commit that is checked out; None outside of git, and before the first."""
    repository = Repository.around(root)
    head = repository.head() if repository else None
    return head.id if head else None


def _is_dirty(repository: Repository, head: Commit, read: Sources) -> bool:
    """Compare contents first: git's own answer, which knows of line ends, takes a look at the disk."""
    now = {file.path: git.content_id(file.data) for file in read.files}
    differing = [path for path, content in now.items() if head.content_id(path) != content]
    gone = sources.paths(head) - now.keys()
    return bool(gone) or any(repository.is_changed(path) for path in differing)
