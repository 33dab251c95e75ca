"""The files of a root, read once as bytes: what every later step sees is one consistent set."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from engine import resources
from engine.diagnostics import Diagnostic, InputError, Location, Severity, warning
from engine.documents import MAX_BYTES
from engine.sentences import choice

PARTNERS = "config/partners"
VENDOR = "config/vendor.yaml"
RULES = "rules"
FACTS = "facts"
SHIPPED = "shipped/"
"""Before the path of a rule file that came with renewctl where the root has one of the same path."""

FACTS_SUFFIXES = (".jsonl", ".json", ".csv")
_ALMOST_YAML = (".yml", ".YAML", ".YML", ".json")
SCHEDULE = "rules/schedule.yaml"
_DECISION_TEST = "_test.yaml"


@dataclass(frozen=True, slots=True)
class File:
    """A file as read: its POSIX path relative to the root, and its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Sources:
    """The configuration and rules of a root, each kind in path order, and what could not be read."""

    partners: tuple[File, ...] = ()
    vendor: File | None = None
    rules: tuple[File, ...] = ()
    schedule: File | None = None
    shipped_rules: tuple[File, ...] = ()
    shipped_schedule: File | None = None
    decision_tests: tuple[File, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def files(self) -> tuple[File, ...]:
        """Every file of the root that decisions depend on."""
        return (*self.partners, *filter(None, (self.vendor, self.schedule)), *self.rules)

    @cached_property
    def digest(self) -> str:
        """What identifies this revision: equal exactly when paths and bytes are equal."""
        total = hashlib.sha256()
        shipped = (*self.shipped_rules, *filter(None, (self.shipped_schedule,)))
        for whose, files in (("", self.files), (SHIPPED, shipped)):
            for file in files:
                content = hashlib.sha256(file.data).hexdigest()
                total.update(f"{content}  {whose}{file.path}\n".encode("utf-8", "surrogateescape"))
        return f"sha256:{total.hexdigest()}"


def find_root(start: Path) -> Path:
    """Return the nearest directory at or above `start` that has `config/partners`."""
    for folder in (start, *start.parents):
        if (folder / PARTNERS).is_dir():
            return folder
    hint = f"give --root DIR, or go to a directory that has {PARTNERS}"
    raise InputError(f"neither {start} nor a directory above it has {PARTNERS}", hint)


def prefix_in_work_tree(root: Path) -> str:
    """Return what leads from the top of the git work tree to `root`, with a slash at its end, or nothing."""
    absolute = root.resolve()
    for folder in (absolute, *absolute.parents):
        if (folder / ".git").exists():
            return "" if folder == absolute else f"{absolute.relative_to(folder).as_posix()}/"
    return ""


def read(root: Path) -> Sources:
    """Read configuration and rules below `root`; what cannot be read becomes a diagnostic, never a gap."""
    problems: list[Diagnostic] = []
    partners = tuple(_read_yaml(root, PARTNERS, problems))
    if not partners and not any(problem.severity is Severity.ERROR for problem in problems):
        problems.append(_no_configuration())
    vendor = _read(root, VENDOR, problems) if os.path.lexists(root / VENDOR) else None
    problems.extend(_check_strays(root))
    rules = [file for file in _read_yaml(root, RULES, problems) if _is_wanted(file, problems)]
    taken = {file.path for file in rules}
    return Sources(
        partners=partners,
        vendor=vendor,
        rules=tuple(file for file in rules if file.path != SCHEDULE and not _is_decision_test(file)),
        schedule=next((file for file in rules if file.path == SCHEDULE), None),
        shipped_rules=shipped_rules(taken),
        shipped_schedule=shipped_schedule(),
        decision_tests=tuple(filter(_is_decision_test, rules)),
        diagnostics=tuple(sorted(problems)),
    )


def _is_decision_test(file: File) -> bool:
    return file.path.endswith(_DECISION_TEST)


def _is_wanted(file: File, problems: list[Diagnostic]) -> bool:
    """Whether a file below `rules` is read: rules lie in it directly, decision tests wherever they like."""
    if file.path.count("/") == 1 or _is_decision_test(file):
        return True
    problems.append(_ignored(file.path, f"rules are read from {RULES}/*.yaml", f"move it to {RULES}/"))
    return False


def facts_paths(root: Path) -> tuple[tuple[str, ...], tuple[Diagnostic, ...]]:
    """Return the paths of the facts files of `root`, in order, and warnings about files that are none."""
    problems: list[Diagnostic] = []
    paths = []
    for path in _walk(root, FACTS, problems):
        if path.endswith(FACTS_SUFFIXES):
            paths.append(path)
        elif not path.endswith(".md"):
            why = f"facts are read from files that end in {choice(FACTS_SUFFIXES)}"
            problems.append(_ignored(path, why, "save it as one of these, or move it elsewhere"))
    return tuple(paths), tuple(problems)


def check_idle_facts(root: Path) -> Iterator[Diagnostic]:
    """A facts file does nothing when facts come from a database."""
    for path in facts_paths(root)[0]:
        why = f"facts are read from the database that {VENDOR} names"
        yield _ignored(path, why, f"move it elsewhere, or remove `facts` from {VENDOR}")


def _no_configuration() -> Diagnostic:
    return Diagnostic(
        Location(PARTNERS),
        "no-configuration",
        "there is no partner file here",
        hint=f"write one, such as {PARTNERS}/nordlicht.yaml",
    )


def shipped_rules(taken: Collection[str] = ()) -> tuple[File, ...]:
    """Read the rules that came with renewctl; a defect in them is ours, so nothing is caught.

    Their paths are those that they have in our repository, marked only where the root has such a file too.
    """
    return tuple(
        File(f"{SHIPPED}{file.path}", file.data) if file.path in taken else file
        for file in _shipped()
        if file.path != SCHEDULE
    )


def shipped_schedule() -> File:
    """Read the schedule that came with renewctl."""
    return next(file for file in _shipped() if file.path == SCHEDULE)


def _shipped() -> Iterator[File]:
    for path in sorted(resources.directory("rules").glob("*.yaml")):
        if not path.name.endswith(_DECISION_TEST):
            yield File(f"{RULES}/{path.name}", path.read_bytes())


def _read_yaml(root: Path, folder: str, problems: list[Diagnostic]) -> Iterator[File]:
    for path in _walk(root, folder, problems):
        if path.endswith(".yaml"):
            file = _read(root, path, problems)
            if file is not None:
                yield file
        elif path.endswith(_ALMOST_YAML):
            why = "configuration is read from files that end in .yaml"
            name = PurePosixPath(path).with_suffix(".yaml").name
            problems.append(_ignored(path, why, f"rename it to {name}, or move it elsewhere"))


def _check_strays(root: Path) -> Iterator[Diagnostic]:
    """A file beside the vendor's is not read, a misspelled vendor.yml least of all."""
    folder = PurePosixPath(VENDOR).parent
    for path in sorted((root / folder).glob("*.*")):
        is_yaml = path.name.isprintable() and path.suffix.lower() in {".yaml", ".yml"}
        if is_yaml and path.name != PurePosixPath(VENDOR).name:
            why = f"configuration is read from {VENDOR} and {PARTNERS}"
            is_vendor = path.stem.lower() == PurePosixPath(VENDOR).stem
            cure = "rename it to vendor.yaml" if is_vendor else f"move it to {PARTNERS}, or elsewhere"
            yield _ignored(f"{folder}/{path.name}", why, cure)


def _ignored(path: str, why: str, cure: str) -> Diagnostic:
    return warning(Location(path), "ignored-file", f"this file is not read: {why}", hint=cure)


def _walk(root: Path, folder: str, problems: list[Diagnostic]) -> Iterator[str]:
    """Yield the path of every entry below `folder` that is not a directory, in path order.

    Hidden names are left out: editors' swap files, and the `..data` copies of a Kubernetes volume, whose
    content the visible links show. A directory behind a link is entered once, so a loop ends.
    """
    found: list[str] = []
    seen: set[tuple[int, int]] = set()
    pending = [folder]
    while pending:
        current = pending.pop()
        try:
            status = (root / current).stat()
            entries = sorted(entry.name for entry in (root / current).iterdir())
        except FileNotFoundError:
            continue
        except OSError as error:
            problems.append(_unreadable(current, error.strerror or str(error)))
            continue
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        for name in entries:
            path = f"{current}/{name}"
            if name.startswith("."):
                continue
            if not name.isprintable():
                problems.append(_unprintable(path))
            else:
                (pending if _is_folder(root / path) else found).append(path)
    yield from sorted(found)


def _is_folder(path: Path) -> bool:
    """Whether to look inside: a directory named like a file is a mistake that `_read` reports."""
    return path.suffix != ".yaml" and path.is_dir()


def _read(root: Path, path: str, problems: list[Diagnostic]) -> File | None:
    problem, data = read_bytes(root, path)
    if problem is not None:
        problems.append(problem)
        return None
    return File(path, data)


def read_bytes(root: Path, path: str, *, limit: int = MAX_BYTES) -> tuple[Diagnostic | None, bytes]:
    """Read one regular file inside `root`; a pipe, a device or a link that leads out is refused unopened."""
    try:
        status = (root / path).stat()
        if not stat.S_ISREG(status.st_mode):
            return _unreadable(path, f"it is {_what_is(status.st_mode)}, not a file"), b""
        if not (root / path).resolve().is_relative_to(root.resolve()):
            return _unreadable(path, "it is a link that leads out of the root"), b""
        if status.st_size > limit:
            return _too_large(path, status.st_size, limit), b""
        return None, (root / path).read_bytes()
    except OSError as error:
        return _unreadable(path, error.strerror or str(error)), b""


def _what_is(mode: int) -> str:
    kinds: Iterable[tuple[bool, str]] = (
        (stat.S_ISDIR(mode), "a directory"),
        (stat.S_ISFIFO(mode), "a pipe"),
        (stat.S_ISSOCK(mode), "a socket"),
    )
    return next((name for holds, name in kinds if holds), "a device")


def _too_large(path: str, size: int, limit: int) -> Diagnostic:
    message = f"the file has {size:,} bytes; at most {limit:,} are read"
    return Diagnostic(Location(path), "yaml-too-large", message, hint="split it")


def _unprintable(path: str) -> Diagnostic:
    """Refuse a name that would break every line it is shown in, or is no text at all."""
    shown = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in path)
    why = "its name holds a character that does not print, or that is not UTF-8"
    return replace(_unreadable(shown, why), hint="rename it")


def _unreadable(path: str, why: str) -> Diagnostic:
    return Diagnostic(Location(path), "unreadable-file", f"the file cannot be read: {why}")
