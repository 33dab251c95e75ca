"""What is known of partner files that two commits share: recalled by git's ids, or found out at once.

Nothing but the checks has to be known of them, and of these only what they came to. So the processes that
check them read them too, out of git's objects, and the bytes never come here.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Self, TypeAlias

import msgspec

from engine import processes
from engine.git import Commit
from engine.reading import partners, sharing
from engine.reading.cache import Cache, Kept
from engine.reading.forms import Verdict
from engine.reading.partners import PartnerRead, Watcher
from engine.sources import PARTNERS, RULES, VENDOR
from engine.trees import File, Tree

LEAST_FILES = 300
"""So many unknown files make about as many bytes as are worth several processes (`sharing`)."""

_AT_ONCE = 100
"""Files that come back together, as in `sharing`."""


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


ByPath: TypeAlias = Mapping[str, Kept[Checked]]
"""By path; it counts only where the content is the same."""

_Stored: TypeAlias = tuple[str, str]
"""The path of a file in a commit, and git's id of its content."""


def of_both(base: Commit, head: Tree, cache: Cache[Checked] | None, on: dt.date, watcher: Watcher) -> ByPath:
    """Return what is known of the files of two trees: where both are commits, of all that they share.

    Of a file that is not there, however it is wrong, whoever reads it finds out.
    """
    recalled = cache.kept if cache else {}
    if not isinstance(head, Commit) or _may_concern_everybody(base, head) or processes.usable() == 1:
        return recalled
    unknown = [one for one in _shared(base, head) if not _is_known(recalled, *one)]
    if len(unknown) < LEAST_FILES:
        return recalled
    return {**recalled, **_found_out(head, unknown, on, watcher)}


def _may_concern_everybody(base: Commit, head: Commit) -> bool:
    """Whether files that are no partner's differ: then every partner file is read whole."""
    return any(base.content_id(path) != head.content_id(path) for path in (RULES, VENDOR))


def _shared(base: Commit, head: Commit) -> Iterator[_Stored]:
    was = dict(base.file_ids(PARTNERS))
    for path, content in head.file_ids(PARTNERS):
        if was.get(path) == content and path.endswith(".yaml") and "/." not in path:
            yield path, content


def _is_known(known: ByPath, path: str, content: str) -> bool:
    kept = known.get(path)
    return kept is not None and kept.form.content == content


def _found_out(head: Commit, files: Sequence[_Stored], on: dt.date, watcher: Watcher) -> ByPath:
    """Have the files read and checked; the first here, for what that imports and compiles, all need."""
    found = {kept.path: kept for kept in _checked(head, on, files[:1])}
    parts = [files[at : at + _AT_ONCE] for at in range(1, len(files), _AT_ONCE)]
    decode = msgspec.msgpack.Decoder(list[Kept[Checked]]).decode
    work = partial(sharing.made, partial(_checked, head, on), os.getpid())
    for done, made in enumerate(processes.in_order(work, parts, processes.usable())):
        found.update((kept.path, kept) for kept in decode(made))
        watcher(min(done * _AT_ONCE, len(files)), len(files))
    watcher(len(files), len(files))
    return found


def _checked(head: Commit, on: dt.date, files: Sequence[_Stored]) -> list[Kept[Checked]]:
    found = []
    for path, content in files:
        file = head.read(path)
        if isinstance(file, File):
            verdict = Verdict.of(partners.read(file, on))
            found.append(Kept(path, file.sha256, None, Checked(content, file.size, verdict)))
    return found
