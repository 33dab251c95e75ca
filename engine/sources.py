"""The files of a root, read once as bytes: what every later step sees is one consistent set."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from pathlib import Path, PurePosixPath

from engine import digests, resources
from engine.diagnostics import Diagnostic, InputError, Location, Severity, warning
from engine.sentences import choice
from engine.trees import File, Folder, Tree, walk

PARTNERS = "config/partners"
VENDOR = "config/vendor.yaml"
RULES = "rules"
FACTS = "facts"
SHIPPED = "shipped/"
"""Before the path of a rule file that came with renewctl where the root has one of the same path."""

FACTS_SUFFIXES = (".jsonl", ".json", ".csv")
_ALMOST_YAML = (".yml", ".YAML", ".YML", ".json")
SCHEDULE = "rules/schedule.yaml"
DECISION_TEST = "_test.yaml"


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
        total = digests.sha256(b"".join(file.listed for file in self.files))
        for file in (*self.shipped_rules, *filter(None, (self.shipped_schedule,))):
            total.update(File(f"{SHIPPED}{file.path}", file.data).listed)
        return f"sha256:{total.hexdigest()}"

    def with_partners(self, others: Mapping[str, File | None]) -> Sources:
        """Return the sources with partner files as they are now, None for one that is gone.

        A file that has the bytes of before is the very one of before.
        """
        partners = list(self.partners)
        for path, file in others.items():
            at = bisect_left(partners, path, key=attrgetter("path"))
            there = [one for one in partners[at : at + 1] if one.path == path]
            if file is None:
                partners[at : at + len(there)] = []
            elif [one.sha256 for one in there] != [file.sha256]:
                partners[at : at + len(there)] = [file]
        return replace(self, partners=tuple(partners))


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
    """Read configuration and rules below the directory `root`."""
    return read_tree(Folder(root))


def read_tree(tree: Tree) -> Sources:
    """Read configuration and rules; what cannot be read becomes a diagnostic, never a gap."""
    problems: list[Diagnostic] = []
    partners = tuple(_read_yaml(tree, PARTNERS, problems))
    if not partners and not any(problem.severity is Severity.ERROR for problem in problems):
        problems.append(_no_configuration())
    vendor = _read(tree, VENDOR, problems) if tree.exists(VENDOR) else None
    problems.extend(_check_strays(tree))
    rules = [file for file in _read_yaml(tree, RULES, problems) if _is_wanted(file, problems)]
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


def paths(tree: Tree) -> frozenset[str]:
    """Return the path of every file that decisions depend on, as `Sources.files` has them."""
    found = [path for folder in (PARTNERS, RULES) for path in walk(tree, folder, [])]
    wanted = (path for path in found if path.endswith(".yaml") and not path.endswith(DECISION_TEST))
    rules_or_partners = (one for one in wanted if not one.startswith(f"{RULES}/") or one.count("/") == 1)
    return frozenset([*rules_or_partners, *([VENDOR] if tree.exists(VENDOR) else ())])


def is_in(path: str, folders: Iterable[str]) -> bool:
    """Whether the path is one of these files or directories, or below one."""
    return any(folder in {".", path} or path.startswith(f"{folder}/") for folder in folders)


def _is_decision_test(file: File) -> bool:
    return file.path.endswith(DECISION_TEST)


def _is_wanted(file: File, problems: list[Diagnostic]) -> bool:
    """Whether a file below `rules` is read: rules lie in it directly, decision tests wherever they like."""
    if file.path.count("/") == 1 or _is_decision_test(file):
        return True
    problems.append(_ignored(file.path, f"rules are read from {RULES}/*.yaml", f"move it to {RULES}/"))
    return False


def facts_paths(tree: Tree) -> tuple[tuple[str, ...], tuple[Diagnostic, ...]]:
    """Return the paths of the facts files of a root, in order, and warnings about files that are none."""
    problems: list[Diagnostic] = []
    paths = []
    for path in walk(tree, FACTS, problems):
        if path.endswith(FACTS_SUFFIXES):
            paths.append(path)
        elif not path.endswith(".md"):
            why = f"facts are read from files that end in {choice(FACTS_SUFFIXES)}"
            problems.append(_ignored(path, why, "save it as one of these, or move it elsewhere"))
    return tuple(paths), tuple(problems)


def check_idle_facts(tree: Tree) -> Iterator[Diagnostic]:
    """A facts file does nothing when facts come from a database."""
    for path in facts_paths(tree)[0]:
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
        if not path.name.endswith(DECISION_TEST):
            yield File(f"{RULES}/{path.name}", path.read_bytes())


def _read_yaml(tree: Tree, folder: str, problems: list[Diagnostic]) -> Iterator[File]:
    for path in walk(tree, folder, problems):
        if path.endswith(".yaml"):
            file = _read(tree, path, problems)
            if file is not None:
                yield file
        elif path.endswith(_ALMOST_YAML):
            why = "configuration is read from files that end in .yaml"
            name = PurePosixPath(path).with_suffix(".yaml").name
            problems.append(_ignored(path, why, f"rename it to {name}, or move it elsewhere"))


def _check_strays(tree: Tree) -> Iterator[Diagnostic]:
    """A file beside the vendor's is not read, a misspelled vendor.yml least of all."""
    folder = PurePosixPath(VENDOR).parent
    try:
        names = sorted(entry.name for entry in tree.entries(str(folder)))
    except OSError:  # nothing there to be misspelled; an unreadable one is reported where partners are read
        return
    for name in names:
        is_yaml = name.isprintable() and PurePosixPath(name).suffix.lower() in {".yaml", ".yml"}
        if is_yaml and name != PurePosixPath(VENDOR).name and not name.startswith("."):
            why = f"configuration is read from {VENDOR} and {PARTNERS}"
            is_vendor = PurePosixPath(name).stem.lower() == PurePosixPath(VENDOR).stem
            cure = "rename it to vendor.yaml" if is_vendor else f"move it to {PARTNERS}, or elsewhere"
            yield _ignored(f"{folder}/{name}", why, cure)


def _ignored(path: str, why: str, cure: str) -> Diagnostic:
    return warning(Location(path), "ignored-file", f"this file is not read: {why}", hint=cure)


def _read(tree: Tree, path: str, problems: list[Diagnostic]) -> File | None:
    found = tree.read(path)
    if isinstance(found, Diagnostic):
        problems.append(found)
        return None
    return found
