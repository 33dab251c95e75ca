"""Which partner files name something: a client, a website, the partner itself.

The next version of a root differs from the last in few files. So an index is never changed: its next version
shares with it all but the names in these files.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import TypeAlias

from engine import overlays
from engine.checks.partnerfiles import PartnerFile

Names: TypeAlias = Callable[[PartnerFile], Collection[str]]
"""Says what a file names, each name once."""

_Found: TypeAlias = Mapping[str, tuple[PartnerFile, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The files that name a text, in path order; `several` are the texts that more than one names."""

    names: Names
    files: _Found
    several: frozenset[str]
    _indexed: tuple[PartnerFile, ...] = field(repr=False)

    @classmethod
    def of(cls, names: Names, files: Iterable[PartnerFile]) -> Index:
        """Index these files, which are in path order.

        Nearly always each name is named once: then all is one dict made at once, in a third of the time.
        """
        listed = tuple(files)
        named = [names(file) for file in listed]
        pairs = (zip(own, repeat((file,)), strict=False) for own, file in zip(named, listed, strict=True))
        found = dict(chain.from_iterable(pairs))
        if len(found) < sum(map(len, named)):
            return cls(names, {}, frozenset(), ()).updated(listed)
        return cls(names, found, frozenset(), listed)

    def updated(self, files: Iterable[PartnerFile]) -> Index:
        """Return the index of these files instead, with what it shares with this one."""
        listed = tuple(files)
        gone, come = _difference(self._indexed, listed)
        if not gone and not come:
            return self
        new, touched = _named(self.files, gone, come, self.names)
        others = {name: tuple(named_by) or None for name, named_by in touched.items()}
        found = overlays.changed(self.files, {**new, **others})
        shared = {name for name, named_by in touched.items() if len(named_by) > 1}
        several = self.several.difference(touched) | shared if touched else self.several
        return Index(self.names, found, several, listed)


def _difference(
    before: Sequence[PartnerFile], now: Sequence[PartnerFile]
) -> tuple[Collection[PartnerFile], Collection[PartnerFile]]:
    """Return which files are gone, and which have come; files are told apart by their identity."""
    if len(before) == len(now):  # as ever so often, and then most stand where they stood
        pairs = [(was, is_now) for was, is_now in zip(before, now, strict=True) if was is not is_now]
        before, now = [was for was, _ in pairs], [is_now for _, is_now in pairs]
    old, new = ({id(file): file for file in files} for files in (before, now))
    gone = [file for key, file in old.items() if key not in new]
    return gone, [file for key, file in new.items() if key not in old]


def _named(
    found: _Found, gone: Iterable[PartnerFile], come: Iterable[PartnerFile], names: Names
) -> tuple[dict[str, tuple[PartnerFile, ...]], dict[str, list[PartnerFile]]]:
    """Return the names that are new with the file that names each, and who names now what was known."""
    new: dict[str, tuple[PartnerFile, ...]] = {}
    touched: dict[str, list[PartnerFile]] = {}
    for file in gone:
        for name in names(file):
            touched.setdefault(name, [*found[name]]).remove(file)
    for file in come:
        own = names(file)
        known = {*(found.keys() & own), *(new.keys() & own)}
        for name in known:
            insort(touched.setdefault(name, [*(new.get(name) or found[name])]), file, key=_path)
        new.update(dict.fromkeys([name for name in own if name not in known] if known else own, (file,)))
    return new, touched


def _path(file: PartnerFile) -> str:
    return file.document.path
