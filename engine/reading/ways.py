"""The ways to read a root: where its files come from, and who reads its partners."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.reading import sharing
from engine.reading.cache import Cache
from engine.reading.forms import FormT
from engine.reading.partners import PartnerRead, PartnerReader, Watcher, in_process
from engine.reading.remembering import Remembering
from engine.stamps import Stamp
from engine.trees import File, Folder, Tree


class Way(NamedTuple):
    """Where files are read from, and how those of partners are."""

    tree: Tree
    reader: PartnerReader


def choose(tree: Tree, form: type[FormT], on: dt.date, folder: Path | None) -> Way:
    """Choose for a root as it is in `tree`; `folder` is where a cache may be, for files on disk.

    Small roots are read as if there were no other way: what is quick for large ones would only cost them.
    """
    if folder is None or not isinstance(tree, Folder):
        return Way(tree, shared(form))
    cache = Cache(folder, tree.root, form, on)
    remembering = Remembering(tree.root, lambda: cache.kept)
    return Way(remembering, _cached(form, cache, remembering.stamps))


def cache_folder() -> Path | None:
    """Return the directory for what a user's programs keep to be quicker (XDG Base Directory), if any."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - without a home it stays `~`, and nothing is raised
    if named.is_absolute():
        return named / "renewctl"
    return home / ".cache" / "renewctl" if home.is_absolute() else None


def shared(form: type[FormT]) -> PartnerReader:
    """Read in several processes, if it is worth it."""
    return _reader(lambda files, on, watcher: sharing.read(form, files, on, watcher))


def _cached(form: type[FormT], cache: Cache[FormT], stamps: Mapping[str, Stamp]) -> PartnerReader:
    """Read what is not known, and remember it."""

    def read(files: Sequence[File], on: dt.date, watcher: Watcher) -> Sequence[FormT]:
        known = [cache.recall(file) for file in files]
        others = [file for file, one in zip(files, known, strict=True) if one is None]
        fresh = iter(sharing.read(form, others, on, watcher))
        found = [next(fresh) if one is None else one for one in known]
        cache.keep(files, found, stamps)
        return found

    return _reader(read)


def _reader(forms: Callable[[Sequence[File], dt.date, Watcher], Sequence[FormT]]) -> PartnerReader:
    def read(files: Sequence[File], on: dt.date, watcher: Watcher) -> Sequence[PartnerRead]:
        if not sharing.is_worth_it(files):
            return in_process(files, on, watcher)
        found = forms(files, on, watcher)
        return [form.unpacked(file) for form, file in zip(found, files, strict=True)]

    return read
