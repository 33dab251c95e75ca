"""Renewal facts in JSON: one on each line, or a document that is one or a list of them."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any, TypeAlias

import msgspec

from engine import documents, facts, schemas
from engine.diagnostics import Diagnostic, Location
from engine.documents import Value
from engine.facts import FactError, RenewalFact
from engine.feeds import judging
from engine.feeds.judging import Item, Placer
from engine.feeds.shapes import Shapes
from engine.sentences import Violation
from engine.strict.values import MAX_DEPTH
from engine.trees import File

_OFFSET = re.compile(r" \(byte ([0-9]+)\)$")
_PLACE = re.compile(r"line ([0-9]+), column ([0-9]+)")
_KEY = re.compile(rb'"\s*:')

Numbered: TypeAlias = tuple[int, bytes]
"""A line of a file, and which it is."""


def read_lines(file: File) -> Iterator[Item]:
    """Yield the renewals of JSON Lines."""
    lines = _lines(file.blocks())
    first = next(lines).removeprefix(codecs.BOM_UTF8)
    return read_numbered(file.path, enumerate(chain([first], lines), start=1))


def read_between(file: File, begin: int, end: int) -> Iterator[Item]:
    """Yield the renewals of the lines that begin between two bytes of such a file.

    All of it is read: only then it is known whether it is the file that it was.
    """
    part = _Part(begin, end)
    lines = _lines(part.of(file.blocks()))
    first = next(lines)
    if begin <= 0:
        first = first.removeprefix(codecs.BOM_UTF8)
    return read_numbered(file.path, enumerate(chain([first], lines), start=part.line))


def read_numbered(path: str, lines: Iterable[Numbered]) -> Iterator[Item]:
    """Yield the renewals of some lines of such a file."""
    read = _Reader(path, "write one renewal on each line").read
    for number, line in lines:
        if line.strip():
            yield read(line, number)


def read_blocks(blocks: Iterable[bytes]) -> Iterator[RenewalFact | None]:
    """Yield the renewals of whole lines, wherever these stand, and None for what is none."""
    reader = _Reader("")
    for block in blocks:
        for line in block.split(b"\n"):
            if line and not line.isspace():
                yield reader.quickly(line) or reader.read(line, 1).fact


def read_document(file: File) -> Iterator[Item]:
    """Yield the renewals of a list, or the single one."""
    data = file.data
    try:
        texts = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield explain(data, Location(file.path))
        return
    read = _Reader(file.path).read
    at, end = Location(file.path), 0
    for text in map(bytes, texts):
        begin = data.index(text, end)
        at = _after(data[end:begin], at)
        yield read(text, at.line, at.column)
        at, end = _after(text, at), begin + len(text)


def explain(text: bytes, at: Location, cure: str | None = None) -> Item:
    """Read one renewal in JSON, which begins at `at`, in the way that knows everything that may be wrong."""
    try:
        value = msgspec.json.decode(text)
        _check_depth(value, text)
        may_have_doubles = _keys(value) != len(_KEY.findall(text))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Item.bad(at, text, (_not_json(text, error, at, cure),))
    doubles = _duplicate_keys(text, at) if may_have_doubles else ()
    if doubles:
        return Item.bad(at, text, doubles)
    return judging.from_value(value, _places_in(text, at), text=text, at=at)


class _Reader:
    """Reads the renewals of one file: straight into facts, and a second time what might be wrong."""

    def __init__(self, path: str, cure: str | None = None) -> None:
        self._path = path
        self._cure = cure
        self._shapes = Shapes()

    def read(self, text: bytes, line: int, column: int = 1) -> Item:
        """Read the renewal that begins there. Its depth is that of the fact: no field nests without end."""
        fact = self.quickly(text)
        if fact is not None:
            return Item(fact, self._path, line, column)
        item = explain(text, Location(self._path, line, column), self._cure)
        if item.fact is not None:
            self._shapes.learn(text)
        return item

    def quickly(self, text: bytes) -> RenewalFact | None:
        """Return the fact, or None where only a slower look can tell whether it is one."""
        try:
            fact = facts.from_json(text)
        except FactError:
            return None
        return fact if self._shapes.has(text) else None


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file, wherever the borders of its blocks are; there is one at least."""
    begun: list[bytes] = []
    for block in blocks:
        lines = block.split(b"\n")
        begun.append(lines[0])
        if len(lines) > 1:
            yield b"".join(begun)
            yield from islice(lines, 1, len(lines) - 1)
            begun = [lines[-1]]
    yield b"".join(begun)


class _Part:
    """The lines of a file that begin between two bytes, and the number of the first, once it was yielded."""

    def __init__(self, begin: int, end: int) -> None:
        self._begin, self._end = _Border(begin), _Border(end)
        self.line = 1

    def of(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what belongs to it of each block of the file."""
        for block in blocks:
            begin, end = self._begin.within(block), self._end.within(block)
            self.line += block.count(b"\n", 0, begin)
            yield block[begin:end]


class _Border:
    """Where the first line begins that does not begin before a byte of a file, which goes by in blocks."""

    def __init__(self, byte: int) -> None:
        self._left = byte
        self._is_passed = byte <= 0

    def within(self, block: bytes) -> int:
        """Return how much of the next block stands before it."""
        if self._is_passed:
            return 0
        border = block.find(b"\n", max(self._left - 1, 0)) + 1
        self._left -= len(block)
        self._is_passed = border > 0
        return border or len(block)


def _check_depth(value: Value, text: bytes) -> None:
    """Refuse what is nested so deeply that who handles it later might fail; no renewal comes near."""
    level: list[Value] = [value] if text.count(b"[") + text.count(b"{") > MAX_DEPTH else []
    for _ in range(MAX_DEPTH):
        level = [inner for node in level for inner in _parts(node)]
    if level:
        raise RecursionError


def _parts(value: Value) -> Iterable[Value]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _keys(value: Any) -> int:  # noqa: ANN401 - any JSON
    """Count the keys of every mapping in a value: fewer than were written means that one stood twice."""
    if isinstance(value, dict):
        return len(value) + sum(map(_keys, value.values()))
    return sum(map(_keys, value)) if isinstance(value, list) else 0


def _places_in(text: bytes, at: Location) -> Placer:
    """Return how to place violations in JSON; it is read again, as YAML, only when one must be placed."""

    def place(violation: Violation) -> Location:
        document, _ = documents.parse(at.path, text)
        return _moved(schemas.place(document, violation), at) if document else at

    return place


def _not_json(text: bytes, error: Exception, at: Location, cure: str | None) -> Diagnostic:
    """Place what msgspec says; its complaint ends with the offset of the byte, where it knows one."""
    try:
        text.decode()
    except UnicodeDecodeError as fault:
        place = _after(text[: fault.start], at)
        return Diagnostic(place, "yaml-encoding", "this is not UTF-8", hint="save the file as UTF-8")
    if isinstance(error, RecursionError):
        return Diagnostic(at, "json-syntax", "this is nested too deeply")
    complaint = str(error).removeprefix("JSON is malformed: ").partition(" - at ")[0]
    offset = _OFFSET.search(complaint)
    message, place = _OFFSET.sub("", complaint).lower(), _after(text[: int(offset[1])], at) if offset else at
    if "truncated" in message:
        message, place = "it ends too early", _after(text.rstrip(), at)
    return Diagnostic(place, "json-syntax", f"this is not JSON: {message}", hint=cure)


def _duplicate_keys(text: bytes, at: Location) -> tuple[Diagnostic, ...]:
    """Find keys that stand twice, which JSON readers pass over: read as YAML, they have a place."""
    document, found = documents.parse(at.path, text)
    doubles = [problem for problem in found if problem.code == "yaml-duplicate-key"]
    if document is None and not doubles and _has_double(text):
        return (Diagnostic(at, "yaml-duplicate-key", "a key stands twice here", hint="keep one of them"),)
    return tuple(_moved_problem(problem, at) for problem in doubles)


def _moved_problem(problem: Diagnostic, begin: Location) -> Diagnostic:
    """Move a problem of a text to where the text stands, and the place that its message names."""

    def moved(match: re.Match[str]) -> str:
        place = _moved(Location(begin.path, int(match[1]), int(match[2])), begin)
        return f"line {place.line}, column {place.column}"

    message = _PLACE.sub(moved, problem.message)
    return replace(problem, location=_moved(problem.location, begin), message=message)


def _has_double(text: bytes) -> bool:
    doubles: list[object] = []

    def note(pairs: list[tuple[str, object]]) -> None:
        if len(dict(pairs)) < len(pairs):
            doubles.append(pairs)

    json.loads(text, object_pairs_hook=note)
    return bool(doubles)


def _moved(location: Location, begin: Location) -> Location:
    """Return a place in a text as one in the file in which the text begins there."""
    if location.line == 1:
        return replace(begin, column=begin.column + location.column - 1)
    return replace(location, line=begin.line + location.line - 1)


def _after(text: bytes, begin: Location) -> Location:
    """Return where the text that begins there ends."""
    *lines, last = text.decode("utf-8", "replace").split("\n")
    return _moved(Location(begin.path, len(lines) + 1, len(last) + 1), begin)
