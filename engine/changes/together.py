"""Two revisions of a root, read together: what both have is read once, and no further than its checks.

Of a partner file that both have, nobody has to know more than whether it may be used, and whom it lists.
Where that is known (`known`) the file is not even read here. Its record is read once somebody asks, for a
client that an edited file lists too, or whose fact names that partner.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from engine import git, sources
from engine.changes import known
from engine.changes.known import ByPath, Checked
from engine.git import Commit
from engine.reading import sharing, ways
from engine.reading.cache import Cache
from engine.reading.forms import Content, Verdict
from engine.reading.partners import PartnerRead, Watcher, in_process, unwatched
from engine.reading.remembering import Unchanged
from engine.sources import PARTNERS, Sources
from engine.trees import File, Tree


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of both; a partner file that both have is the same object.

    `contents` has, by path, git's ids of the partner files of the head.
    """

    base: Sources
    head: Sources
    contents: Mapping[str, str]
    known: ByPath
    cache: Cache[Checked] | None

    @classmethod
    def of(
        cls,
        base: Commit,
        head: Tree,
        cache: Cache[Checked] | None,
        on: dt.date,
        watcher: Watcher = unwatched,
    ) -> Pair:
        """Read both; of the head, what is known is not."""
        found = known.of_both(base, head, cache, on, watcher)
        now = sources.read_tree(_recalling(head, found))
        contents = dict(_contents(head, now.partners))
        same = {file.path: (contents[file.path], file) for file in now.partners}
        return cls(sources.read_tree(base.beside(same)), now, contents, found, cache)

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
        """Recall what is known of the files, and check the others; all are remembered."""
        recalled = [self._recalled(file) for file in files]
        unknown = [file for file, one in zip(files, recalled, strict=True) if one is None]
        fresh = iter(sharing.read(Verdict, unknown, on, watcher))
        found = [one or next(fresh) for one in recalled]
        if self.cache and (unknown or self.known is not self.cache.kept):
            self.cache.keep(files, map(self._checked, files, found), {})
        return found

    def _recalled(self, file: File) -> Verdict | None:
        kept = self.known.get(file.path)
        return kept.form.verdict if kept is not None and kept.sha256 == file.sha256 else None

    def _checked(self, file: File, verdict: Verdict) -> Checked:
        return Checked(self.contents[file.path], file.size, verdict)


def _recalling(head: Tree, found: ByPath) -> Tree:
    """Return the tree, of which known files are read once somebody asks for their bytes."""
    if not found or not isinstance(head, Commit):
        return head
    return head.beside(
        {
            path: (
                kept.form.content,
                Unchanged(path, kept.form.size, kept.sha256, partial(head.read, path)),
            )
            for path, kept in found.items()
        }
    )


def _contents(head: Tree, files: Sequence[File]) -> Iterator[tuple[str, str]]:
    """Yield path and git's id of each file, whose bytes need not have been read."""
    stored = dict(head.file_ids(PARTNERS)) if isinstance(head, Commit) else {}
    for file in files:
        yield file.path, stored.get(file.path) or git.content_id(file.data)


def _without_partners(read: Sources) -> Sources:
    return replace(read, partners=(), decision_tests=(), diagnostics=())
