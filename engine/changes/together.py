"""Two revisions of a root, read together: what both have is read once, and no further than its checks.

Of a partner file that both have, nobody has to know more than whether it may be used, and whom it lists. An
earlier comparison may have left that, by git's id of the content: then the file is not even read. Its record
is read once somebody asks, for a client that an edited file lists too, or whose fact names that partner.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Self, TypeAlias

import msgspec

from engine import git, sources
from engine.git import Commit
from engine.reading import sharing, ways
from engine.reading.cache import Cache
from engine.reading.forms import Content, Verdict
from engine.reading.partners import PartnerRead, Watcher, in_process, unwatched
from engine.reading.remembering import Unchanged
from engine.sources import Sources
from engine.trees import File, Tree


class Checked(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is remembered of a file that was checked: git's id of its content, its size, what was found."""

    content: str
    size: int
    verdict: Verdict

    @classmethod
    def of(cls, read: PartnerRead) -> Self:
        """Take what a file has come to, of which nothing else is known."""
        return cls("", 0, Verdict.of(read))

    def unpacked(self, file: File) -> PartnerRead:
        """Return the same as reading and checking `file` does."""
        return self.verdict.unpacked(file)


Known: TypeAlias = Cache[Checked]


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of both; a partner file that both have is the same object.

    `contents` has, by path, git's ids of the partner files of the head.
    """

    base: Sources
    head: Sources
    contents: Mapping[str, str]
    known: Known | None

    @classmethod
    def of(cls, base: Commit, head: Tree, known: Known | None) -> Pair:
        """Read both; of the head, what is known is not."""
        now = sources.read_tree(_recalling(head, known))
        contents = dict(_contents(head, now.partners))
        same = {file.path: (contents[file.path], file) for file in now.partners}
        return cls(sources.read_tree(base.beside(same)), now, contents, known)

    def reader(self, files: Sequence[File], on: dt.date, watcher: Watcher) -> Sequence[PartnerRead]:
        """Read partner files of either: what both have, no further than its checks.

        Where something differs that concerns everybody, whatever is in a file can matter.
        """
        if not sharing.is_worth_it(files):
            return in_process(files, on, watcher)
        whole = ways.shared(Content)
        if _without_partners(self.base) != _without_partners(self.head):
            return whole(files, on, watcher)
        shared = {id(file) for file in self.base.partners} & {id(file) for file in self.head.partners}
        same = [file for file in files if id(file) in shared]
        verdicts = iter(self._verdicts(same, on, watcher))
        others = iter(whole([file for file in files if id(file) not in shared], on, unwatched))
        return [next(verdicts).unpacked(file) if id(file) in shared else next(others) for file in files]

    def _verdicts(self, files: Sequence[File], on: dt.date, watcher: Watcher) -> Sequence[Verdict]:
        """Recall what is known of the files, and check the others; then all are known."""
        recalled = map(self.known.recall, files) if self.known else ()
        known = {file.path: one.verdict for file, one in zip(files, recalled, strict=False) if one}
        unknown = [file for file in files if file.path not in known]
        fresh = iter(sharing.read(Verdict, unknown, on, watcher))
        found = [known.get(file.path) or next(fresh) for file in files]
        if self.known and unknown:
            self.known.keep(files, map(self._checked, files, found), {})
        return found

    def _checked(self, file: File, verdict: Verdict) -> Checked:
        return Checked(self.contents[file.path], file.size, verdict)


def _recalling(head: Tree, known: Known | None) -> Tree:
    """Return the tree, of which known files are read once somebody asks for their bytes."""
    if known is None or not isinstance(head, Commit):
        return head
    return head.beside(
        {
            path: (
                kept.form.content,
                Unchanged(path, kept.form.size, kept.sha256, partial(head.read, path)),
            )
            for path, kept in known.kept.items()
        }
    )


def _contents(head: Tree, files: Sequence[File]) -> Iterator[tuple[str, str]]:
    """Yield path and git's id of each file, whose bytes need not have been read."""
    for file in files:
        stored = head.file_id(file.path) if isinstance(head, Commit) else None
        yield file.path, stored or git.content_id(file.data)


def _without_partners(read: Sources) -> Sources:
    return replace(read, partners=(), decision_tests=(), diagnostics=())
