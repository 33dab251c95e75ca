"""A process that loads a root until it could decide, as commands do: `benchmarks.scale.loaded ROOT`."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.corpus import ON
from engine import collecting, configuration, snapshot, sources
from engine.reading import ways
from engine.reading.forms import Content
from engine.trees import Folder


def main() -> int:
    """Load, with nothing remembered."""
    with collecting.paused():
        tree, reader = ways.choose(Folder(Path(sys.argv[1])), Content, ON, None)
        checked = configuration.load(sources.read_tree(tree), ON, reader=reader)
        snapshot.from_configuration(checked).close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
