"""A reading made of the one before where only partner files and facts are others: the rest is as it was."""

from __future__ import annotations

from collections.abc import Mapping

from engine.daemon import fingerprints
from engine.daemon.fingerprints import Look
from engine.daemon.readings import Reading
from engine.sources import PARTNERS
from engine.trees import File

_BELOW_PARTNERS = f"{PARTNERS}/"


def paths(reading: Reading, before: Look, now: Look) -> frozenset[str] | None:
    """Return which files to read for what `now` shows, None if they are not enough: then all are read.

    What a reading complains of hangs together: a file is missing, a name is almost right. So no file may be
    among these of which it had, or would have, a word to say.
    """
    if not reading.is_complete or (before.strays, before.remarks) != (now.strays, now.remarks):
        return None
    moved = fingerprints.moved(before, now)
    facts = before.facts.keys() | now.facts.keys()
    spoken_of = {problem.location.path for problem in (*reading.sources.diagnostics, *reading.unread)}
    is_enough = all(path.startswith(_BELOW_PARTNERS) or path in facts for path in moved - spoken_of)
    return moved if is_enough and not moved & spoken_of and _has_partners(before, now) else None


def patched(reading: Reading, now: Look, found: Mapping[str, File | None]) -> Reading:
    """Return the reading with these files in it, None for one that is gone."""
    partners = {path: file for path, file in found.items() if path.startswith(_BELOW_PARTNERS)}
    facts = {file.path: file for file in reading.facts}
    facts |= {path: file for path, file in found.items() if file is not None and path not in partners}
    sources = reading.sources.with_partners(partners)
    return Reading(sources, tuple(facts[path] for path in sorted(now.facts) if path in facts), reading.unread)


def _has_partners(*looks: Look) -> bool:
    return all(any(path.startswith(_BELOW_PARTNERS) for path in look.configuration) for look in looks)
