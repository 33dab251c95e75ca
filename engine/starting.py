"""A new root: what `init` writes, out of templates, the shipped rules and the schemas."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine import __version__, resources, schemas, sources
from engine.diagnostics import InputError
from engine.strict import scalars

HOSTS = ("github", "gitlab", "none")
"""Where a root may be checked at every change, by whose files."""

EXAMPLE_PARTNER = "example-partner"

_SHOWN = 5
_HIDDEN = "dot-"
"""Begins the name of a template for a hidden file, which tools would take for their own."""

_AS_A_VALUE = re.compile(rf"(?<=[ {{]){EXAMPLE_PARTNER}(?=[:,}}\n])")
"""Where the id stands as a value or a key of YAML, and not in a path or a sentence."""

_DAYS_AHEAD = {"2027-02-15": 100, "2027-03-31": 160}
"""The renewal dates in the templates, and how far ahead of today they shall be."""


@dataclass(frozen=True, slots=True)
class Start:
    """What is asked for: a root in this folder, for this partner, checked by this host.

    With `keep`, what is there already is no obstacle.
    """

    folder: Path
    partner: str
    host: str
    today: dt.date
    keep: bool = False

    @property
    def top(self) -> Path:
        """Where hosts and pre-commit look for their files: the top of the work tree that the root is in."""
        depth = len(PurePosixPath(sources.prefix_in_work_tree(self.folder)).parts)
        if depth == 0:
            return self.folder
        return Path(os.path.relpath(self.folder.resolve().parents[depth - 1]))


def begin(start: Start) -> tuple[Path, ...]:
    """Write the files of the new root and return their paths.

    What is there already stays as it is: unless that is wanted (`keep`), nothing is written at all.
    """
    _check_id(start.partner)
    files = dict(_files(start))
    taken = [path for path in files if _is_taken(path)]
    if taken and not start.keep:
        raise InputError(
            f"there is already {_named(taken)}",
            "nothing was written; --keep leaves what is there as it is, and writes the other files",
        )
    missing = [path for path in files if path not in taken]
    for path in missing:
        _write(path, files[path])
    return tuple(missing)


def _check_id(partner: str) -> None:
    pattern = schemas.schema("partner")["$defs"]["id"]["pattern"]
    if not re.fullmatch(pattern, partner):
        raise InputError(
            f"{partner!r} is not an id",
            "write one of lower-case letters, digits, dots, dashes and underscores, such as nordlicht",
        )


def _files(start: Start) -> Iterator[tuple[Path, bytes]]:
    """Yield each file with what it shall hold; hosts' files only where a host is asked for."""
    yield from _made(start, "root", start.folder)
    for path in (*_shipped_rules(), *map(resources.schema_path, resources.schema_kinds())):
        yield start.folder / path.parent.name / path.name, path.read_bytes()
    yield from _made(start, "top", start.top)
    if start.host != "none":
        yield from _made(start, start.host, start.top)


def _shipped_rules() -> Iterator[Path]:
    """Yield the shipped rules with their tests; other tests beside them are about the clients of a sample."""
    for path in sorted(resources.directory("rules").glob("*.yaml")):
        if path.with_name(path.name.replace("_test.yaml", ".yaml")).exists():
            yield path


def _made(start: Start, kind: str, folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield the files of a directory of templates with the partner, the root and the days put in."""
    templates = resources.TEMPLATES / kind
    for template in sorted(path for path in templates.rglob("*") if path.is_file()):
        path = template.relative_to(templates).as_posix().replace(EXAMPLE_PARTNER, start.partner)
        hidden = (re.sub(f"^{_HIDDEN}", ".", part) for part in path.split("/"))
        yield folder.joinpath(*hidden), _filled(start, template)


def _filled(start: Start, template: Path) -> bytes:
    data = template.read_text(encoding="utf-8")
    if template.suffix == ".jsonl":
        for day, ahead in _DAYS_AHEAD.items():
            data = data.replace(day, str(start.today + dt.timedelta(ahead)))
    if template.suffix == ".yaml" and not _reads_as_text(start.partner):
        data = _AS_A_VALUE.sub(f'"{start.partner}"', data)
    within = start.folder.resolve().relative_to(start.top.resolve()).as_posix()
    data = data.replace("ROOT/", "" if within == "." else f"{within}/").replace("ROOT", within)
    return data.replace("VERSION", __version__).replace(EXAMPLE_PARTNER, start.partner).encode()


def _reads_as_text(partner: str) -> bool:
    """Whether YAML takes the id for text without quotes, everywhere."""
    return scalars.is_key(partner) and isinstance(scalars.resolve(partner), str)


def _is_taken(path: Path) -> bool:
    """Whether something is there that would be lost; an empty file would not."""
    return os.path.lexists(path) and not (path.is_file() and path.stat().st_size == 0)


def _named(paths: list[Path]) -> str:
    shown = ", ".join(map(str, paths[:_SHOWN]))
    return shown if len(paths) <= _SHOWN else f"{shown} and {len(paths) - _SHOWN} more"


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error
