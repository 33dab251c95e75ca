"""Which partner files name something: a client, a website, the partner itself.

The next version of a root differs from the last in few files. So an index is never changed: its next version
starts as a copy, which takes a millisecond for 250,000 names, and only what differs is entered anew.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import TypeAlias

from engine.checks.partnerfiles import PartnerFile

Names: TypeAlias = Callable[[PartnerFile], Collection[str]]
"""Says what a file names, each name once."""

_Found: TypeAlias = dict[str, tuple[PartnerFile, ...]]
"""Never changed once it is in an index; a dict's own `copy` is many times as fast as any other way."""


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The files that name a text, in path order; `several` are the texts that more than one names."""

    names: Names
    files: _Found
    several: frozenset[str]
    _indexed: Mapping[int, PartnerFile] = field(repr=False)
    """Every file by its identity: to tell two lists of thousands apart takes a fraction of a millisecond."""

    @classmethod
    def of(cls, names: Names, files: Iterable[PartnerFile]) -> Index:
        """Index these files, which are in path order.

        Nearly always each name is named once: then all is one dict made at once, in a third of the time.
        """
        listed = tuple(files)
        named = [names(file) for file in listed]
        pairs = (zip(own, repeat((file,)), strict=False) for own, file in zip(named, listed, strict=True))
        found: _Found = dict(chain.from_iterable(pairs))
        if len(found) < sum(map(len, named)):
            return cls(names, {}, frozenset(), {}).updated(listed)
        return cls(names, found, frozenset(), _by_identity(listed))

    def updated(self, files: Iterable[PartnerFile]) -> Index:
        """Return the index of these files instead, with what it shares with this one."""
        listed = tuple(files)
        before, now = self._indexed, _by_identity(listed)
        gone = [before[key] for key in before.keys() - now.keys()]
        come = [now[key] for key in sorted(now.keys() - before.keys(), key=lambda key: _path(now[key]))]
        if not gone and not come:
            return self
        found = self.files.copy()
        several = set(self.several)
        for name, named_by in _touched(found, gone, come, self.names).items():
            _put(found, several, name, named_by)
        return Index(self.names, found, frozenset(several), now)


def _by_identity(files: Collection[PartnerFile]) -> Mapping[int, PartnerFile]:
    return dict(zip(map(id, files), files, strict=True))


def _touched(
    found: _Found, gone: Iterable[PartnerFile], come: Iterable[PartnerFile], names: Names
) -> dict[str, list[PartnerFile]]:
    """Return the files of every name that was there and has others now; new names are entered at once."""
    touched: dict[str, list[PartnerFile]] = {}
    for file in gone:
        for name in names(file):
            touched.setdefault(name, [*found[name]]).remove(file)
    for file in come:
        own = names(file)
        known = found.keys() & own
        for name in known:
            insort(touched.setdefault(name, [*found[name]]), file, key=_path)
        found.update(dict.fromkeys([name for name in own if name not in known] if known else own, (file,)))
    return touched


def _put(found: _Found, several: set[str], name: str, named_by: Collection[PartnerFile]) -> None:
    if named_by:
        found[name] = tuple(named_by)
    else:
        del found[name]
    if len(named_by) > 1:
        several.add(name)
    else:
        several.discard(name)


def _path(file: PartnerFile) -> str:
    return file.document.path
