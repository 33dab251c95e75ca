"""A problem that a user can fix: its place, its stable code, one sentence and the cure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

_PLACE = re.compile(r"(?:line|column) [0-9]+|:[0-9]+:[0-9]+")
"""What a message says of other places."""


class Severity(StrEnum):
    """How bad a problem is: an error stops deciding and reload, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file: path relative to the root, line and column from 1, columns in characters."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """What is there, what was expected, and how to mend it."""

    location: Location
    code: str
    message: str
    severity: Severity = Severity.ERROR
    hint: str | None = field(default=None, compare=False)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What stays the same wherever in its file the problem stands, and wherever what it names stands."""
        return self.location.path, self.code, _PLACE.sub("", self.message)

    @property
    def stops_deciding(self) -> bool:
        """Whether no decision may be made while this stands.

        An inactive contact is the one error with a safe answer, the fallback chain (docs/requirements.md).
        """
        return self.severity is Severity.ERROR and self.code != "inactive-contact"

    def __str__(self) -> str:
        return f"{self.location}: {self.severity}: {self.message} [{self.code}]"


class ConfigurationError(Exception):
    """The configuration cannot be used; it carries every diagnostic, sorted by place.

    `rev` is the commit that was asked for; None is the working tree.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], rev: str | None = None) -> None:
        self.rev = rev
        self.diagnostics = tuple(sorted(diagnostics))
        super().__init__("\n".join(map(str, self.diagnostics)))


class InputError(Exception):
    """What was asked for makes no sense or cannot be read; the message says so and `hint` names the cure.

    `diagnostics` are the places, where the input is a file.
    """

    def __init__(self, message: str, hint: str | None = None, diagnostics: Iterable[Diagnostic] = ()) -> None:
        self.message = message
        self.hint = hint
        self.diagnostics = tuple(sorted(diagnostics))
        super().__init__(message)


def warning(location: Location, code: str, message: str, hint: str | None = None) -> Diagnostic:
    """Make a diagnostic that does not stop deciding."""
    return Diagnostic(location, code, message, Severity.WARNING, hint)


def suggest(name: str, known: Iterable[str]) -> str | None:
    """Return `did you mean …?` for the known name nearest to a mistyped one, if one is near."""
    meant = nearest(name, known)
    return None if meant is None else f"did you mean {meant}?"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that a mistyped one was probably meant to be, if one is near."""
    import difflib  # noqa: PLC0415 - nobody misses a name in what is sound

    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return near[0] if near else None
