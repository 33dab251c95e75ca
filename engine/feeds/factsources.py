"""Where renewal facts come from: the root's `facts/`, a file, standard input, or a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from engine import sources
from engine.diagnostics import Diagnostic, InputError, Severity
from engine.feeds import factfiles
from engine.feeds.factfiles import Facts
from engine.feeds.judging import Item
from engine.trees import File, Folder, Tree

if TYPE_CHECKING:
    from engine.feeds.databases import Selection

FACTS_LIMIT = 1 << 30
"""Bytes of a facts file: renewals come by the hundred thousand, partner files are written by hand."""

STANDARD_INPUT = "-"
_CURE = "mend them, or go on without them with --skip-bad-facts"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a source of facts had: the facts, the paths of its files, and which of these could not be read."""

    facts: Facts
    files: tuple[str, ...] = ()
    unread: tuple[Diagnostic, ...] = ()

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """Everything that is wrong with it."""
        return (*self.unread, *self.facts.problems)


Reader: TypeAlias = Callable[[Sequence[File]], Facts]
"""Makes facts of files: of all that they hold, or of those that somebody needs."""


@dataclass(frozen=True, slots=True)
class Files:
    """Files of facts before anybody has looked into them, and which could not be read."""

    files: tuple[File, ...]
    unread: tuple[Diagnostic, ...] = ()

    @property
    def are_usable(self) -> bool:
        """Whether every file could be read."""
        return not any(problem.severity is Severity.ERROR for problem in self.unread)

    def delivery(self, read: Reader = factfiles.read) -> Delivery:
        """Return the facts in them."""
        return Delivery(read(self.files), tuple(file.path for file in self.files), self.unread)


@dataclass(frozen=True, slots=True)
class Database:
    """A table of facts by its URL; a SQLite file is looked for in `folder`."""

    url: str
    folder: Path

    def stream(self, selection: Selection | None = None) -> Iterator[Item]:
        """Yield the rows that are asked about, a batch of them in memory; without a selection, all."""
        from engine.feeds import databases  # noqa: PLC0415 - most facts are in files

        return databases.stream(self.url, selection or databases.EVERYTHING, folder=self.folder)


def of_root(root: Path) -> Delivery:
    """Read the facts files of a root, and say which could not be."""
    return of_tree(Folder(root))


def of_tree(tree: Tree) -> Delivery:
    """Read the facts files of a root wherever it is kept."""
    return files_of_tree(tree).delivery()


def files_of_tree(tree: Tree) -> Files:
    """Return the facts files of a root."""
    paths, warnings = sources.facts_paths(tree)
    problems = list(warnings)
    files = []
    for path in paths:
        found = tree.read(path, limit=FACTS_LIMIT)
        if isinstance(found, Diagnostic):
            problems.append(found)
        else:
            files.append(found)
    return Files(tuple(files), tuple(problems))


def files_of(name: str, standard_input: BinaryIO) -> Files:
    """Return that file, or what is on standard input for `-`."""
    if name == STANDARD_INPUT:
        return Files((File("<stdin>", standard_input.read()),))
    try:  # whoever names a file means it: a pipe or a link to another directory is as good as any
        data = Path(name).read_bytes()
    except OSError as error:
        raise InputError(
            f"{name} cannot be read: {error.strerror}", "name a file of renewal facts"
        ) from error
    return Files((File(name, data),))


def of_database(database: Database, selection: Selection | None = None) -> Delivery:
    """Read the rows that are asked about; without a selection, all."""
    return Delivery(factfiles.collect(database.stream(selection)))


def check_usable(delivery: Delivery) -> None:
    """Bad facts are an error that names every one."""
    errors = [problem for problem in delivery.problems if problem.severity is Severity.ERROR]
    if errors:
        raise InputError(f"{delivery.facts.bad or 'some'} of the facts cannot be used", _CURE, errors)


def cut_short(bad: int) -> InputError:
    """Return the error of a stream in which some facts were bad: they are named, and output is written."""
    written = "only what comes before the first of them is decided"
    return InputError(f"{bad} of the facts cannot be used; {written}", _CURE)
