"""Collects the renewal facts of files in every format; every bad fact is named by its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.diagnostics import Diagnostic, Location
from engine.facts import RenewalFact
from engine.feeds import csvfacts, jsonfacts
from engine.feeds.judging import Item
from engine.sentences import shown
from engine.sources import FACTS_SUFFIXES
from engine.trees import File

_WORD = re.compile(r"[a-z0-9._-]+")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_READERS: Mapping[str, Callable[[File], Iterator[Item]]] = MappingProxyType(
    {".jsonl": jsonfacts.read_lines, ".json": jsonfacts.read_document, ".csv": csvfacts.read}
)


@dataclass(frozen=True, slots=True)
class Facts:
    """The renewals that were delivered, in order; where each stands; what is wrong with the `bad` others.

    `words` are those of the bad ones: a client among them has a renewal, if one that cannot be used.
    """

    renewals: tuple[RenewalFact, ...] = ()
    places: Mapping[str, Location] = field(default_factory=dict)
    problems: tuple[Diagnostic, ...] = ()
    bad: int = 0
    words: frozenset[str] = frozenset()


def read(files: Iterable[File]) -> Facts:
    """Read every renewal of the files."""
    return collect(item for file in files for item in _items(file))


def collect(items: Iterable[Item]) -> Facts:
    """Tell the renewals that can be used from the bad ones; the id of a renewal may stand there once."""
    renewals: list[RenewalFact] = []
    places: dict[str, Location] = {}
    problems: list[Diagnostic] = []
    words: set[str] = set()
    bad = 0
    for item in items:
        if item.fact is not None and item.fact.renewal not in places:
            places[item.fact.renewal] = item.place
            renewals.append(item.fact)
            continue
        bad += 1
        words.update(_WORD.findall(item.text.decode("utf-8", "replace")))
        problems.extend(item.problems)
        if item.fact is not None:
            problems.append(_duplicate(item.fact, item.place, places))
    return Facts(tuple(renewals), places, tuple(problems), bad, frozenset(words))


def _items(file: File) -> Iterator[Item]:
    plain = File(file.path, file.data.removeprefix(_BYTE_ORDER_MARK))
    return _READERS[_format(plain)](plain)


def _format(file: File) -> str:
    """Return the suffix, or guess it by the first character: a list, a mapping on each line, or a table."""
    for suffix in FACTS_SUFFIXES:
        if file.path.endswith(suffix):
            return suffix
    text = file.data.lstrip()
    if text.partition(b"\n")[0].rstrip() == b"{":
        return ".json"  # one mapping over several lines
    return {b"[": ".json", b"{": ".jsonl", b"": ".jsonl"}.get(text[:1], ".csv")


def _duplicate(fact: RenewalFact, place: Location, places: Mapping[str, Location]) -> Diagnostic:
    message = f"renewal {shown(fact.renewal)} is already at {places[fact.renewal]}"
    return Diagnostic(place, "duplicate-renewal", message, hint="a renewal is delivered once: remove one")
