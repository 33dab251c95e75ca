"""Edited files: what a root would say with them, how they differ, and writing them whole or not at all."""

from __future__ import annotations

import contextlib
import datetime as dt
import difflib
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from engine import configuration, sources
from engine.configuration import Memory
from engine.diagnostics import Diagnostic, InputError, Severity
from engine.sources import Sources
from engine.trees import File


@dataclass(frozen=True, slots=True)
class Edit:
    """A file as it was read and as it is to be; the POSIX path is relative to the root."""

    path: str
    before: bytes
    after: bytes


class Found(NamedTuple):
    """What a root says after edits: what is new, and the errors that stand in the edited files anyway."""

    new: tuple[Diagnostic, ...]
    standing: tuple[Diagnostic, ...]


def check(root: Path, edits: Sequence[Edit], on: dt.date, memory: Memory | None = None) -> Found:
    """Return what the whole root would say after the edits.

    What was wrong before does not stand in the way: otherwise one mistake could only be mended by mending
    every other in the same edit. With the memory of an earlier load only the edited files are read again.
    """
    memory = memory or Memory()
    before = sources.read(root)
    after = _edited(before, edits)
    was = _Said(before, configuration.load(before, on, memory=memory).diagnostics)
    now = _Said(after, configuration.load(after, on, memory=memory).diagnostics)
    new, edited = now.beyond(was), {edit.path for edit in edits}
    errors = (one for one in now.diagnostics if one.severity is Severity.ERROR)
    standing = (one for one in errors if one.location.path in edited and one not in new)
    return Found(tuple(new), tuple(standing))


def difference(edits: Iterable[Edit]) -> str:
    """Return the edits as a unified diff, without its last line feed, that `patch -p1` takes in the root."""
    return "\n".join(line for edit in edits for line in _difference(edit))


def write(root: Path, edits: Sequence[Edit]) -> None:
    """Write every file, by renaming a complete one into its place, or none of them.

    A file that is no longer what was read is somebody else's work, and is not overwritten.
    """
    targets = [(root / edit.path).resolve() for edit in edits]  # a link stays one
    with contextlib.ExitStack() as written:
        ready = [
            written.enter_context(_complete(edit, target))
            for edit, target in zip(edits, targets, strict=True)
        ]
        for edit, target in zip(edits, targets, strict=True):
            _check_untouched(edit, target)
        for temporary, target in zip(ready, targets, strict=True):
            temporary.replace(target)
    for folder in {target.parent for target in targets}:
        _sync(folder)


class _Said:
    """What a root says, and the lines that it says it of."""

    def __init__(self, read: Sources, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        concerned = {diagnostic.location.path for diagnostic in diagnostics}
        files = (file for file in (*read.files, *read.decision_tests) if file.path in concerned)
        self._lines = {file.path: file.data.split(b"\n") for file in files}

    def beyond(self, other: _Said) -> list[Diagnostic]:
        """Return what the other does not say as often; a warning that became an error is another problem.

        Of several that say the same, those count whose line is not in the other.
        """
        known = {(_what(one), other.line(one)) for one in other.diagnostics}
        left = Counter(_what(one) for one in other.diagnostics)
        found = []
        for diagnostic in sorted(self.diagnostics, key=lambda one: (_what(one), self.line(one)) not in known):
            left[_what(diagnostic)] -= 1
            if left[_what(diagnostic)] < 0:
                found.append(diagnostic)
        return sorted(found)

    def line(self, diagnostic: Diagnostic) -> bytes:
        """Return the text of the line that a diagnostic is about, wherever in its file it stands."""
        lines, number = self._lines.get(diagnostic.location.path, []), diagnostic.location.line
        return lines[number - 1] if number <= len(lines) else b""


def _what(diagnostic: Diagnostic) -> tuple[object, ...]:
    return (*diagnostic.identity, diagnostic.severity)


def _edited(read: Sources, edits: Iterable[Edit]) -> Sources:
    """Return the sources with the edited files instead of those that were read."""
    after = {edit.path: edit.after for edit in edits}

    def each(files: Iterable[File]) -> tuple[File, ...]:
        return tuple(File(file.path, after.get(file.path, file.data)) for file in files)

    return replace(
        read,
        partners=each(read.partners),
        vendor=next(iter(each(filter(None, (read.vendor,)))), None),
        rules=each(read.rules),
        schedule=next(iter(each(filter(None, (read.schedule,)))), None),
        decision_tests=each(read.decision_tests),
    )


def _difference(edit: Edit) -> Iterator[str]:
    before, after = _lines(edit.before), _lines(edit.after)
    for line in difflib.unified_diff(before, after, f"a/{edit.path}", f"b/{edit.path}", lineterm="\n"):
        text, newline, _ = line.rpartition("\n")
        yield text if newline else f"{line}\n\\ No newline at end of file"


def _lines(data: bytes) -> list[str]:
    """Split as git does, at line feeds only."""
    return re.findall(r"[^\n]*\n|[^\n]+", data.decode("utf-8", "surrogateescape"))


@contextlib.contextmanager
def _complete(edit: Edit, target: Path) -> Iterator[Path]:
    """Write what the file is to be beside it, with the same mode; gone again unless it was renamed."""
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(edit.after)
            file.flush()
            os.fchmod(file.fileno(), target.stat().st_mode & 0o7777)
            os.fsync(file.fileno())
        yield temporary
    except OSError as error:
        raise InputError(f"{edit.path} cannot be written: {error.strerror}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _check_untouched(edit: Edit, target: Path) -> None:
    if target.read_bytes() != edit.before:
        message = f"{edit.path} has changed since it was read; nothing is written"
        raise InputError(message, "run the command again")


def _sync(folder: Path) -> None:
    """Make the rename last through a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
