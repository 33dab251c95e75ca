"""A look at a few paths only, of which somebody told, merged into the look before it.

It must be what a look at everything would be, if whoever tells of changes told of all. So whatever may have
changed more than one file is for a look at everything: a directory that came, went or was replaced, a link
that is new or leads to a directory, a name that cannot be shown, a root that leads elsewhere.
"""

from __future__ import annotations

import operator
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from engine.daemon import fingerprints
from engine.daemon.fingerprints import Kind, Look, Stamp

T = TypeVar("T")


class _MoreError(Exception):
    """More may have changed than was told of."""


class _Seen(NamedTuple):
    """A file at which somebody looked: it is there or not, with its stamp, None behind a link to nowhere."""

    path: str
    is_there: bool
    stamp: Stamp | None = None


def glance(root: Path, before: Look, told: Collection[str]) -> Look | None:
    """Look at these places of a root, and where its links lead; None if more may have changed.

    A place is told of with the directories as they are, no link in them. `before` itself is returned when
    nothing is other than it was.
    """
    try:
        _check_root(root, before)
        seen = [*_told(before, told), *_links(before)]
    except (_MoreError, OSError):
        return None
    return _merged(before, seen)


def _check_root(root: Path, before: Look) -> None:
    is_same = os.path.realpath(root) == before.top and _is_same_folder(before, "")
    if not is_same or not before.is_plain:
        raise _MoreError


def _told(before: Look, told: Collection[str]) -> Iterator[_Seen]:
    top = f"{before.top}/"
    for place in told:
        if place != before.top and not place.startswith(top):
            raise _MoreError
        path = place.removeprefix(top)
        if place == before.top or path in before.folders:
            _check_folder(before, "" if place == before.top else path)
        elif not any(part.startswith(".") for part in path.split("/")):
            yield from _file(before, path)


def _check_folder(before: Look, folder: str) -> None:
    """A directory is told of when something in it came or went, which is told of by itself as well."""
    if not _is_same_folder(before, folder):
        raise _MoreError


def _is_same_folder(before: Look, folder: str) -> bool:
    return fingerprints.identity(f"{before.top}/{folder}") == before.folders.get(folder)


def _file(before: Look, path: str) -> Iterator[_Seen]:
    """Look at what is no directory, and was none."""
    if path.rpartition("/")[0] not in before.folders or not path.isprintable():
        raise _MoreError
    try:
        status = os.lstat(f"{before.top}/{path}")
    except FileNotFoundError:
        if path in before.links:
            raise _MoreError from None
        yield _Seen(path, is_there=False)
        return
    if stat.S_ISDIR(status.st_mode) or stat.S_ISLNK(status.st_mode) != (path in before.links):
        raise _MoreError
    if path not in before.links:
        yield _Seen(path, is_there=True, stamp=fingerprints.stamp_of(status))


def _links(before: Look) -> Iterator[_Seen]:
    """Look through every link to a file: what it leads to may be where nobody tells of changes."""
    for path in before.links & before.stamps.keys():
        place = f"{before.top}/{path}"
        if os.path.isdir(place) or not os.path.islink(place):  # noqa: PTH112, PTH114 - of strings, as all here
            raise _MoreError
        yield _Seen(path, is_there=True, stamp=fingerprints.stamp(place))


def _merged(before: Look, seen: list[_Seen]) -> Look:
    """Return the look with what was seen in it."""
    of_kind: dict[Kind, list[_Seen]] = {kind: [] for kind in Kind}
    for one in seen:
        of_kind[fingerprints.kind(one.path)].append(one)
    configuration = _stamped(before.configuration, of_kind[Kind.CONFIGURATION])
    facts = _stamped(before.facts, of_kind[Kind.FACTS])
    strays = _named(before.strays, of_kind[Kind.STRAY])
    remarks = _named(before.remarks, of_kind[Kind.REMARKED])
    now = (configuration, facts, strays, remarks)
    if all(map(operator.is_, now, (before.configuration, before.facts, before.strays, before.remarks))):
        return before
    touched = before.touched | {one.path for one in seen}
    return replace(
        before, configuration=configuration, facts=facts, strays=strays, remarks=remarks, touched=touched
    )


def _stamped(before: Mapping[str, Stamp | None], seen: list[_Seen]) -> Mapping[str, Stamp | None]:
    if all((one.path in before) == one.is_there and before.get(one.path) == one.stamp for one in seen):
        return before
    there = {one.path: one.stamp for one in seen if one.is_there}
    now = {**before, **there}
    for one in seen:
        if not one.is_there:
            now.pop(one.path, None)
    return now


def _named(before: frozenset[T], seen: list[_Seen]) -> frozenset[T | str]:
    if all((one.path in before) == one.is_there for one in seen):
        return before
    return (before - {one.path for one in seen}) | {one.path for one in seen if one.is_there}
