"""Revisions of a root in git, read without touching the work tree: the only module that knows pygit2.

pygit2 takes 60 to 100 ms to import, so this module is imported by whoever has a revision to read, not before.
libgit2 never fetches what a shallow or partial clone lacks.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import os
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pygit2
from pygit2.enums import DeltaStatus, FileMode, FileStatus, SortMode

from engine.diagnostics import Diagnostic, InputError, nearest
from engine.documents import MAX_BYTES
from engine.trees import LEADS_OUT, Entry, File, too_large, unreadable

_Parts: TypeAlias = tuple[str, ...]
"""The names of a path below the root."""

_CEILING = "GIT_CEILING_DIRECTORIES"
"""Directories at which git stops looking for a repository (git(1)); libgit2 does not read it by itself."""

_MAX_LINKS = 16
"""Links that one path may lead through; more are a loop."""

_ZONES = ("heads", "tags", "remotes")

Stored: TypeAlias = tuple[str, File]
"""Git's id of a content, and a file that has it."""

_UNKNOWN: tuple[str, None] = ("", None)


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a commit."""

    name: str
    email: str


class Repository:
    """The git repository around a root."""

    def __init__(self, repository: pygit2.Repository, prefix: str) -> None:
        self._repository = repository
        self.prefix = prefix
        """What leads from the top of the work tree to the root, with a slash at its end, or nothing."""

    @classmethod
    def at(cls, root: Path) -> Repository:
        """Open the repository in whose work tree the root lies."""
        found = cls.around(root)
        if found is None:
            cure = "revisions come from git: run `git init` there, or leave the revision out"
            raise InputError(f"{root} is not in a git work tree", cure)
        return found

    @classmethod
    def around(cls, root: Path) -> Repository | None:
        """Open the repository in whose work tree the root lies, if there is one."""
        absolute = root.resolve()
        try:
            ceiling = os.environ.get(_CEILING, "")
            path = pygit2.discover_repository(str(absolute), False, ceiling)  # noqa: FBT003 - across_fs, no keyword
            repository = pygit2.Repository(path) if path else None
        except (pygit2.GitError, ValueError) as error:
            raise InputError(
                f"the git repository of {root} cannot be opened: {error}", _cure(error)
            ) from error
        if repository is None or repository.workdir is None:
            return None
        top = Path(repository.workdir).resolve()
        if not absolute.is_relative_to(top):
            return None
        below = absolute.relative_to(top).as_posix()
        return cls(repository, "" if below == "." else f"{below}/")

    @property
    def top(self) -> Path:
        """The top of the work tree."""
        return Path(self._repository.workdir)

    @property
    def is_shallow(self) -> bool:
        """Whether old commits were left out when it was cloned."""
        return self._repository.is_shallow

    @cached_property
    def cut_off(self) -> frozenset[str]:
        """The commits at which a shallow clone ends, as git notes them."""
        file = Path(self._repository.path) / "shallow"
        if not file.exists():
            file = Path(self._repository.path) / "../../shallow"  # of a linked work tree
        return frozenset(file.read_text(encoding="ascii").split()) if self.is_shallow else frozenset()

    def commit(self, ref: str) -> Commit:
        """Return the one commit that `ref` names, as git's own commands read it."""
        try:
            named = self._repository.revparse_single(ref)
            commit = named.peel(pygit2.Commit)
        except (KeyError, ValueError, pygit2.GitError) as error:
            raise self._no_commit(ref, error) from error
        self._check_unambiguous(ref, commit)
        return Commit(self, commit)

    def head(self) -> Commit | None:
        """Return the commit that is checked out; None before the first."""
        if self._repository.head_is_unborn:
            return None
        return self.commit("HEAD")

    def is_changed(self, path: str) -> bool:
        """Whether a file of the root is another than at HEAD: not if git only converts its line ends."""
        try:
            status = self._repository.status_file(f"{self.prefix}{path}")
        except KeyError:  # behind a link, or nowhere
            return True
        return status != FileStatus.CURRENT  # an ignored file that is read is in no commit

    def _check_unambiguous(self, ref: str, commit: pygit2.Commit) -> None:
        """Git guesses, and warns, when a branch and a tag have one name; who reviews must not guess."""
        meanings = {}
        for zone in _ZONES:
            found = self._repository.references.get(f"refs/{zone}/{ref}")
            if found is not None:
                meanings[f"{zone}/{ref}"] = found.peel(type(commit)).id
        if len(set(meanings.values())) > 1:
            message = f"{ref} is ambiguous: it is {' and '.join(meanings)}"
            raise InputError(message, f"write {' or '.join(meanings)}")

    def _no_commit(self, ref: str, error: Exception) -> InputError:
        if isinstance(error, pygit2.AmbiguousError):
            return InputError(f"{ref} is ambiguous: several commits begin so", "write more of its digits")
        if isinstance(error, KeyError):
            return InputError(f"there is no revision {ref}", self._hint(ref))
        cure = "name one commit: a branch, a tag, an id, or such as main~2"
        return InputError(f"{ref!r} does not name a commit", cure)

    def _hint(self, ref: str) -> str:
        names = [name.split("/", 2)[2] for name in self._repository.references if name.startswith("refs/")]
        meant = nearest(ref, names)
        if meant is not None:
            return f"did you mean {meant}?"
        if self.is_shallow:
            return "this clone is shallow; `git fetch --unshallow` gets the rest (in CI: fetch-depth: 0)"
        return "`git branch --all` and `git tag` list names; `git fetch` gets what is new"


class Commit:
    """A root as one commit has it; a tree to read from."""

    def __init__(
        self, repository: Repository, commit: pygit2.Commit, known: Mapping[str, Stored] | None = None
    ) -> None:
        self.repository = repository
        self._commit = commit
        self._known = known or {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Commit) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def id(self) -> str:
        """The commit's id, forty hexadecimal digits."""
        return str(self._commit.id)

    @property
    def short_id(self) -> str:
        """As much of the id as people read."""
        return self._commit.short_id

    @property
    def author(self) -> Author:
        """Who made the change."""
        return Author(self._commit.author.name, self._commit.author.email)

    @property
    def authored(self) -> dt.datetime:
        """When the change was made, in the author's time zone."""
        zone = dt.timezone(dt.timedelta(minutes=self._commit.author.offset))
        return dt.datetime.fromtimestamp(self._commit.author.time, zone)

    @property
    def is_cut_off(self) -> bool:
        """Whether what came before was left out of this shallow clone."""
        return self.id in self.repository.cut_off

    @property
    def subject(self) -> str:
        """The first line of its message."""
        return self._commit.message.strip().partition("\n")[0]

    @property
    def parents(self) -> tuple[Commit, ...]:
        """The commits that it follows; what a shallow clone left out is missing."""
        try:
            return tuple(Commit(self.repository, parent) for parent in self._commit.parents)
        except KeyError:
            return ()

    def seen_from(self, prefix: str) -> Commit:
        """Return the same commit as a tree of the root that lies, or lay, at `prefix`."""
        return Commit(Repository(self.repository._repository, prefix), self._commit)  # noqa: SLF001 - ours

    def beside(self, files: Mapping[str, Stored]) -> Commit:
        """Return the same commit, with these very files where it has the same content."""
        return Commit(self.repository, self._commit, files)

    def changed_paths(self, other: Commit) -> frozenset[str]:
        """Return the paths in the root at which the commits have different files; links are not followed."""
        deltas = self._diff(other).deltas
        return frozenset(path for delta in deltas for path in (delta.old_file.path, delta.new_file.path))

    def path_in(self, parent: Commit, path: str) -> str | None:
        """Return what a parent calls the file at `path`: the same, or the name before it was renamed."""
        if parent.content_id(path) is not None:
            return path
        diff = self._diff(parent)
        diff.find_similar()
        renamed = (delta for delta in diff.deltas if delta.status == DeltaStatus.RENAMED)
        return next((delta.old_file.path for delta in renamed if delta.new_file.path == path), None)

    def without(self, base: Commit) -> Iterator[Commit]:
        """Yield the commits that lead to this one and not to `base`, the newest first."""
        walker = self.repository._repository.walk(self._commit.id, SortMode.TOPOLOGICAL)  # noqa: SLF001 - ours
        walker.hide(base._commit.id)
        yield from (Commit(self.repository, commit) for commit in walker)

    def exists(self, path: str) -> bool:
        """Whether the commit has anything of that name."""
        return self._look_up(_parts(path)) is not None

    def entries(self, folder: str) -> Iterable[Entry]:
        """Return what is in a folder."""
        found = self._look_up(self._real_folder(folder))
        if not isinstance(found, pygit2.Tree):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), folder)
        return [Entry(entry.name or "", self._is_folder(_parts(folder), entry)) for entry in found]

    def identity(self, folder: str) -> Hashable:
        """Return the path without links: two folders of equal content are two nevertheless."""
        return self._real_folder(folder)

    def read(self, path: str, *, limit: int = MAX_BYTES) -> File | Diagnostic:
        """Read one file."""
        content, known = self._known.get(path, _UNKNOWN)
        if known is not None and known.size <= limit and content == self.file_id(path):
            return known
        real = self._real(_parts(path))
        if real is None:
            return unreadable(path, LEADS_OUT if self.exists(path) else "the commit does not have it")
        found = self._look_up(real)
        if isinstance(found, pygit2.Tree):
            return unreadable(path, "it is a directory, not a file")
        if not isinstance(found, pygit2.Blob):
            return unreadable(path, "it is a submodule")
        try:
            if found.size > limit:
                return too_large(path, found.size, limit)
            return File(path, found.data)
        except KeyError as error:
            cure = "`git fetch --refetch` gets what a clone with --filter left out (in CI: no filter)"
            raise InputError(f"this partial clone does not have {path} of {self.short_id}", cure) from error

    def content_id(self, path: str) -> str | None:
        """Return what two files or folders of one content share; None if there is none."""
        found = self._look_up(_parts(path))
        return None if found is None else str(found.id)

    def file_id(self, path: str) -> str | None:
        """Return the same of a file that no link leads to; None if there is none."""
        found = self._look_up(_parts(path))
        is_file = isinstance(found, pygit2.Blob) and found.filemode != FileMode.LINK
        return str(found.id) if found is not None and is_file else None

    def content_ids(self, folder: str) -> Iterator[tuple[str, str]]:
        """Yield path and content id of every file below a folder, links not followed."""
        found = self._look_up(_parts(folder))
        if isinstance(found, pygit2.Tree):
            yield from ((path, str(entry.id)) for path, entry in _below(folder, found))

    def file_ids(self, folder: str) -> Iterator[tuple[str, str]]:
        """Yield the same of every file below a folder that is no link, and behind none."""
        found = self._look_up(_parts(folder))
        for path, entry in _below(folder, found) if isinstance(found, pygit2.Tree) else ():
            if isinstance(entry, pygit2.Blob) and entry.filemode != FileMode.LINK:
                yield path, str(entry.id)

    def _diff(self, before: Commit) -> pygit2.Diff:
        was, now = before._root, self._root
        if not isinstance(now, pygit2.Tree):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.repository.prefix)
        return was.diff_to_tree(now) if isinstance(was, pygit2.Tree) else now.diff_to_tree(swap=True)

    def _look_up(self, parts: _Parts) -> pygit2.Object | None:
        """Return what is written at the path, a link as itself."""
        if not parts:
            return self._root
        folder = self._folder(parts[:-1])
        try:
            return None if folder is None else folder[parts[-1]]
        except KeyError:
            return None

    def _folder(self, parts: _Parts) -> pygit2.Tree | None:
        if parts not in self._folders:
            found = self._look_up(parts)
            self._folders[parts] = found if isinstance(found, pygit2.Tree) else None
        return self._folders[parts]

    @cached_property
    def _folders(self) -> dict[_Parts, pygit2.Tree | None]:
        """The folders that were looked into."""
        return {}

    @cached_property
    def _root(self) -> pygit2.Object | None:
        try:
            return (
                self._commit.tree[self.repository.prefix[:-1]]
                if self.repository.prefix
                else self._commit.tree
            )
        except KeyError:
            return None

    def _is_folder(self, folder: _Parts, entry: pygit2.Object) -> bool:
        if entry.filemode != FileMode.LINK:
            return isinstance(entry, pygit2.Tree)
        real = self._real((*folder, entry.name or ""))
        return real is not None and isinstance(self._look_up(real), pygit2.Tree)

    def _real_folder(self, folder: str) -> _Parts:
        real = self._real(_parts(folder))
        if real is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
        return real

    def _real(self, path: _Parts) -> _Parts | None:
        """Follow the links of a path inside the root; None when they lead out of it, or nowhere."""
        done: _Parts = ()
        todo, links = path, 0
        while todo:
            name, todo = todo[0], todo[1:]
            if name == "..":
                if not done:
                    return None
                done = done[:-1]
                continue
            found = self._look_up((*done, name))
            if found is None:
                return None
            if not isinstance(found, pygit2.Blob) or found.filemode != FileMode.LINK:
                done = (*done, name)
                continue
            links += 1
            target = os.fsdecode(found.data)
            if links > _MAX_LINKS or target.startswith("/"):
                return None
            todo = (*_parts(target), *todo)
        return done


def _below(folder: str, tree: pygit2.Tree) -> Iterator[tuple[str, pygit2.Object]]:
    """Yield everything below a folder that is none itself, by its path."""
    for entry in tree:
        path = f"{folder}/{entry.name}"
        if isinstance(entry, pygit2.Tree):
            yield from _below(path, entry)
        else:
            yield path, entry


def _parts(path: str) -> _Parts:
    return tuple(name for name in path.split("/") if name not in {"", "."})


class Hunk(NamedTuple):
    """Lines of a file, from 0, and those that stand in their place in its next version."""

    before: range
    after: range


def hunks(before: bytes, after: bytes) -> Iterator[Hunk]:
    """Yield where two versions of a file differ."""
    patch = pygit2.Patch.create_from(before, after, context_lines=0)
    for hunk in patch.hunks:
        yield Hunk(_lines(hunk.old_start, hunk.old_lines), _lines(hunk.new_start, hunk.new_lines))


def _lines(start: int, count: int) -> range:
    """Return lines from 0; git counts from 1, and names the line before where there are none."""
    first = start - 1 if count else start
    return range(first, first + count)


def content_id(data: bytes) -> str:
    """Return what git calls a file of this content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _cure(error: Exception) -> str | None:
    """Return what to do when git does not trust a directory of somebody else, as in a container."""
    return "git config --global --add safe.directory DIR" if "owned by" in str(error) else None
