"""Where two versions of a root's files say something else, entry by entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple, TypeAlias

from engine.diagnostics import Location
from engine.documents import Document, Path, Value
from engine.model import Origin

Versions: TypeAlias = tuple[Document | None, Document | None]
"""One file as it was and as it is; None where it is not there."""


class Difference(NamedTuple):
    """An entry that both versions have and that says something else, or that only one of them has."""

    base: Origin | None
    head: Origin | None


@dataclass(frozen=True)
class Edit:
    """A place that somebody edited: in the file as it is, or, of what was removed, as it was."""

    origin: Origin
    is_removed: bool

    @cached_property
    def location(self) -> Location:
        """The line of the key, which is where an entry begins: thousands of changes may ask one edit."""
        return self.origin.document.locate_key(self.origin.at)


class Differences:
    """All differences, found by any place at, above or below them."""

    def __init__(self, found: Iterable[Difference]) -> None:
        self._at: dict[Origin, Difference] = {}
        self._below: dict[Origin, Difference] = {}
        for difference in found:
            for origin in filter(None, difference):
                self._at[origin] = difference
                for above in _way_up(origin):
                    self._below.setdefault(above, difference)

    @classmethod
    def of(cls, files: Iterable[Versions]) -> Differences:
        """Compare the versions of each file; what is the same bytes is not looked at."""
        return cls(difference for versions in files for difference in _of_file(*versions))

    @property
    def documents(self) -> Sequence[Document]:
        """The documents with a difference, each once."""
        return list({id(origin.document): origin.document for origin in self._at}.values())

    def edit(self, wanted: Origin) -> Edit | None:
        """Return what was edited there: the entry itself, something in it, or all that it stands in."""
        inside = self._below.get(wanted)
        if inside is not None:
            return _edit(inside, wanted)
        around = (self._at.get(above) for above in _way_up(wanted) if _is_there(wanted))
        return next((_edit(difference, wanted) for difference in around if difference), None)


def _edit(difference: Difference, wanted: Origin) -> Edit:
    """Return the place of the difference, or what was wanted within what only one version has."""
    place, is_removed = difference.head or difference.base or wanted, difference.head is None
    is_within = place.document is wanted.document and len(wanted.at) > len(place.at)
    return Edit(wanted if is_within else place, is_removed)


def _is_there(origin: Origin) -> bool:
    """Whether the file says anything at that place: of what was added, not everything was."""
    value = origin.document.value
    for step in origin.at:
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
        else:
            return False
    return True


def _way_up(origin: Origin) -> Iterator[Origin]:
    """Yield the place and all that it stands in, up to the file."""
    for length in range(len(origin.at), -1, -1):
        yield Origin(origin.document, origin.at[:length])


def _of_file(base: Document | None, head: Document | None) -> Iterator[Difference]:
    if base is None or head is None:
        yield Difference(Origin(base, ()) if base else None, Origin(head, ()) if head else None)
    elif base.text != head.text:
        yield from _differences(Origin(base, ()), base.value, Origin(head, ()), head.value)


def _differences(base_at: Origin, base: Value, head_at: Origin, head: Value) -> Iterator[Difference]:
    if isinstance(base, dict) and isinstance(head, dict):
        yield from _of_mappings(base_at, base, head_at, head)
    elif isinstance(base, list) and isinstance(head, list):
        yield from _of_lists(base_at, base, head_at, head)
    elif base != head:
        yield Difference(base_at, head_at)


def _of_mappings(
    base_at: Origin, base: Mapping[str, Value], head_at: Origin, head: Mapping[str, Value]
) -> Iterator[Difference]:
    if base.keys() == head.keys() and list(base) != list(head):  # the admin who stands first is asked first
        yield Difference(base_at, head_at)
    for key in {**head, **base}:
        if key not in head:
            yield Difference(_within(base_at, key), None)
        elif key not in base:
            yield Difference(None, _within(head_at, key))
        else:
            yield from _differences(_within(base_at, key), base[key], _within(head_at, key), head[key])


def _of_lists(base_at: Origin, base: list[Value], head_at: Origin, head: list[Value]) -> Iterator[Difference]:
    """Pair what is the same or has the same name; of what stands between, the first with the first."""
    matcher = SequenceMatcher(a=[*map(_name, base)], b=[*map(_name, head)], autojunk=False)
    for _, base_from, base_to, head_from, head_to in matcher.get_opcodes():
        paired = min(base_to - base_from, head_to - head_from)
        for old, new in zip(range(base_from, base_to), range(head_from, head_to), strict=False):
            yield from _differences(_within(base_at, old), base[old], _within(head_at, new), head[new])
        for old in range(base_from + paired, base_to):
            yield Difference(_within(base_at, old), None)
        for new in range(head_from + paired, head_to):
            yield Difference(None, _within(head_at, new))


def _name(element: Value) -> str:
    """Return what an element is known by: a rule has a name."""
    return str(element["rule"]) if isinstance(element, dict) and "rule" in element else repr(element)


def _within(origin: Origin, step: str | int) -> Origin:
    at: Path = (*origin.at, step)
    return Origin(origin.document, at)
