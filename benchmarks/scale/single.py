"""`validate` of a root with one partner file, against the import of the libraries that it needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from benchmarks import timing
from benchmarks.programme import ROOT
from benchmarks.scale import processes, rows
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

_IMPORT = re.compile(r"import time:\s+\d+ \|\s+\d+ \|( +)(\S+)")


def measure(volume: Volume) -> Iterator[Row]:
    """Yield the row of the smallest root that there is."""
    command = processes.validate(_root(volume))
    libraries = _libraries(command)
    turns = {
        "ours": volume.turn(command),
        "imports": volume.turn([sys.executable, "-c", f"import {', '.join(libraries)}"]),
    }
    measured = timing.rounds(turns, volume.rounds)
    other = f"import {', '.join(libraries)}"
    aim = rows.at_most(1.3)
    yield rows.compared("validate: one partner file", measured["ours"], measured["imports"], other, aim)


def _root(volume: Volume) -> Path:
    """Return a root with the median partner alone."""
    by_size = sorted(volume.partner_files, key=lambda path: path.stat().st_size)
    root = volume.folder / "single"
    (root / "config" / "partners").mkdir(parents=True)
    shutil.copy(by_size[len(by_size) // 2], root / "config" / "partners")
    shutil.copy(volume.bare / "config" / "vendor.yaml", root / "config")
    shutil.copytree(volume.bare / "rules", root / "rules")
    return root


def _libraries(command: list[str]) -> list[str]:
    """Return the libraries that a run imports, leaving out what only they import."""
    interpreter, *others = command
    listed = subprocess.run(
        [interpreter, "-X", "importtime", *others], cwd=ROOT, capture_output=True, text=True, check=False
    ).stderr
    names = {name.split(".")[0] for _, name in _IMPORT.findall(listed)}
    return sorted(names & _declared())


def _declared() -> set[str]:
    """Return the packages of the libraries that we say we need."""
    declared = {re.split(r"[<>=;\[ ]", line)[0].lower() for line in metadata.requires("renewctl") or ()}
    declared |= {"yaml-rs", "jsonschema-rs"}
    packages = metadata.packages_distributions()
    return {
        package
        for package, distributions in packages.items()
        if any(one.lower().replace("_", "-") in declared for one in distributions) and package.isidentifier()
    }
