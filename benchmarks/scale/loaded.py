"""A process that loads a root as a daemon does: `python -m benchmarks.scale.loaded ROOT WHAT`.

WHAT is `configuration`, or `reload` to load the renewals too and then everything once more while the first is
live; it then prints the peak of its memory, in bytes, before and after the second.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from benchmarks.corpus import ON
from engine import configuration, snapshot, sources
from engine.daemon.knownfacts import KnownFacts, digest
from engine.snapshot import Snapshot
from engine.trees import File, Folder

_FACTS = "facts/renewals.jsonl"
_LIMIT = 1 << 40
_KIB = 1024


def main() -> int:
    """Load, and keep it until the end."""
    root, what = Path(sys.argv[1]), sys.argv[2]
    live = _load(root, with_facts=what != "configuration")
    if what == "reload":
        before = _peak()
        again = _load(root, with_facts=True)
        print(before, _peak())
        again[0].close()
    live[0].close()
    return 0


def _load(root: Path, *, with_facts: bool) -> tuple[Snapshot, KnownFacts]:
    made = snapshot.from_configuration(configuration.load(sources.read(root), ON))
    return made, _facts(root) if with_facts else KnownFacts.of()


def _facts(root: Path) -> KnownFacts:
    file = Folder(root).read(_FACTS, limit=_LIMIT)
    if not isinstance(file, File):
        raise TypeError(str(file))
    return KnownFacts.of([file], digest([file]))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB


if __name__ == "__main__":
    sys.exit(main())
