"""A reading of a root, and the proof that what was read is what is written.

Bytes belong to a stamp if a file has that before it is read and after. Whether files may have changed between
one file and the next is what `read_quiet` and `read_held` differ in.

What was proved stays so: a file that was left alone for a while is not written to without its stamp becoming
another. So a file with the stamp of before is the very `File` of before, and no reading reads it again. The
bytes of facts are not kept: they are read for whoever wants them, and compared with what was proved.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeAlias

from engine import sources
from engine.daemon import patches
from engine.daemon.fingerprints import Look, Stamp
from engine.daemon.readings import Reading
from engine.daemon.recordings import MOVING, Held, Recorded
from engine.diagnostics import Diagnostic
from engine.trees import File

_Known: TypeAlias = Mapping[str, tuple[Stamp | None, File]]


class Proved(NamedTuple):
    """A reading that is whole, and the look that has the stamp of every file in it."""

    reading: Reading
    look: Look


def read_quiet(
    root: Path, look: Look, again: Callable[[Reading], Look], before: Proved | None = None
) -> Proved | None:
    """Read twice what is not as `before`; None unless every file is as in that look, both times.

    `again` is given the first reading, and looks once more after a pause.
    """
    before = _in_place(before, look)
    few = patches.paths(before.reading, before.look, look) if before else None
    if before is None or few is None:
        return _read_all(root, look, again, _known(before))
    found = _read_few(root, look, few)
    if found is None:
        return None
    files = {path: file for path, file in found.items() if not isinstance(file, Diagnostic)}
    if len(files) < len(found):
        return _read_all(root, look, again, _known(before))
    reading = patches.patched(before.reading, look, files)
    is_same = again(reading) == look and _read_few(root, look, few) == found
    return Proved(reading, look) if is_same else None


def read_held(
    root: Path,
    look: Look,
    restless: frozenset[str],
    pause: Callable[[], None],
    before: Proved | None = None,
) -> Proved | None:
    """Read a root in which files are replaced; None if one was being written in place, or came, or went.

    All but the `restless` files have been for a while as that look shows them, and are whole if they are
    still like that when they are read. Any other is held open over the pause, and must be the same after it.
    """
    steady = {path: stamp for path, stamp in look.stamps.items() if path not in restless}
    known = _known(_in_place(before, look))
    with ExitStack() as descriptors:
        tree = Held(_place(root), known, steady=steady, descriptors=descriptors)
        reading = _read(tree)
        if tree.stamps.keys() != look.stamps.keys() or MOVING in tree.stamps.values():
            return None
        pause()
        if not all(hold.is_unmoved() for hold in tree.holds):
            return None
    return Proved(reading, _with_stamps(look, tree.stamps))


def _in_place(before: Proved | None, look: Look) -> Proved | None:
    """Return what was proved of the directory to which the root leads now."""
    return before if before and before.look.top == look.top else None


def _read_all(root: Path, look: Look, again: Callable[[Reading], Look], known: _Known) -> Proved | None:
    """Read every file of a root that is not known."""
    first, second = Recorded(_place(root), known), Recorded(_place(root), known)
    reading = _read(first)
    if first.stamps != look.stamps or again(reading) != look:
        return None
    _read(second)
    is_same = second.stamps == look.stamps and second.digests == first.digests
    return Proved(reading, look) if is_same else None


def _read_few(root: Path, look: Look, paths: frozenset[str]) -> Mapping[str, File | Diagnostic | None] | None:
    """Read these files, None for one that is gone; nothing at all if one is not as in that look."""
    tree = Recorded(_place(root), inside=look.folders if look.is_plain else ())
    found = {path: _find(tree, path, look) for path in paths}
    is_seen = tree.stamps == {path: look.stamps[path] for path in paths if path in look.stamps}
    return found if is_seen else None


def _place(root: Path) -> Path:
    """Go where a link leads now, to stay there when it is swapped."""
    return Path(os.path.realpath(root))


def _find(tree: Recorded, path: str, look: Look) -> File | Diagnostic | None:
    if path in look.facts:
        return tree.read_facts(path)
    return tree.read(path) if path in look.configuration else None


def _known(before: Proved | None) -> _Known:
    if before is None:
        return {}
    read = before.reading.sources
    files = (*read.files, *read.decision_tests, *before.reading.facts)
    return {file.path: (before.look.stamps[file.path], file) for file in files}


def _read(tree: Recorded) -> Reading:
    """Read everything that decisions come from."""
    paths, unread = sources.facts_paths(tree)
    found = [tree.read_facts(path) for path in paths]
    return Reading(
        sources=sources.read_tree(tree),
        facts=tuple(file for file in found if isinstance(file, File)),
        unread=(*unread, *(problem for problem in found if isinstance(problem, Diagnostic))),
    )


def _with_stamps(look: Look, stamps: Mapping[str, Stamp | None]) -> Look:
    """Return the look at the files that were read in the place of those that were seen."""
    return replace(
        look,
        configuration={path: stamps[path] for path in look.configuration},
        facts={path: stamps[path] for path in look.facts},
        basis=object(),
    )
