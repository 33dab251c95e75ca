"""A YAML file as it was written: what it says, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from engine.diagnostics import Diagnostic, Location
from engine.strict import encoding
from engine.strict.values import Path, Value

if TYPE_CHECKING:  # imported when used: what is written plainly, and sound, needs no parser of ours
    from engine.strict.lines import Lines
    from engine.strict.places import Place

__all__ = ["MAX_BYTES", "Document", "Path", "Unread", "Value", "parse"]

MAX_BYTES = 16 * 2**20


@dataclass(frozen=True, eq=False)
class Document:
    """What one file says; where it says it is found by reading it again, once somebody asks.

    A document is equal to itself only: comparing or hashing one never walks its content.
    """

    path: str
    value: Value
    text: bytes = field(repr=False)

    def locate(self, at: Path = ()) -> Location:
        """Return where the value at `at` is written, or the deepest one on the way there that exists."""
        return Location(self.path, *self._place(at).value or ())

    def locate_key(self, at: Path) -> Location:
        """Return where the last key of `at` is written, likewise; an element of a list is its own key."""
        return Location(self.path, *self._place(at).key or ())

    def released(self) -> Document:
        """Return the document without its value, which takes many times the memory of the text."""
        text = self.text
        return Unread(self.path, lambda: text)

    def _place(self, at: Path) -> Place:
        """Ask the lines, and the parser only where they do not tell."""
        found = self._lines.find(at) if self._lines else None
        return found or self._places.at(at)

    @cached_property
    def _lines(self) -> Lines | None:
        from engine.strict import lines  # noqa: PLC0415 - see above

        return lines.of(self._decoded)

    @cached_property
    def _places(self) -> Place:
        from engine.strict import walking  # noqa: PLC0415 - see above

        return walking.walk(self._decoded)

    @property
    def _decoded(self) -> str:
        return encoding.decode(self.path, self.text)[0] or ""


class Unread(Document):
    """A document whose file was read before, here or elsewhere: what it says is read again on demand."""

    def __init__(self, path: str, data: Callable[[], bytes]) -> None:
        self.__dict__.update(path=path, _data=data)

    @cached_property
    def text(self) -> bytes:
        """The bytes of the file."""
        data: bytes = self.__dict__["_data"]()
        return data

    @cached_property
    def value(self) -> Value:
        """What the file says."""
        return _read(self.path, self.text)[0]


def parse(path: str, data: bytes) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """Return what a file says, unless nothing can be made of it, and every problem with how it says it."""
    value, problems = _read(path, data)
    if value is None and not problems:
        problems = [Diagnostic(Location(path), "yaml-empty", "the file is empty")]
    document = None if value is None else Document(path, value, data)
    return document, tuple(sorted(problems, key=lambda problem: problem.location))


def _read(path: str, data: bytes) -> tuple[Value, list[Diagnostic]]:
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read"
        return None, [Diagnostic(Location(path), "yaml-too-large", message, hint="split it")]
    from engine.strict import dialect  # noqa: PLC0415 - see above

    text, bad_characters = encoding.decode(path, data)
    if text is None:
        return None, bad_characters
    value, problems = dialect.read(path, text)
    return value, [*bad_characters, *problems]
