"""A process that loads a root until it could decide: `benchmarks.scale.loaded ROOT`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from benchmarks.corpus import ON
from engine import collecting, configuration, snapshot, sources
from engine.reading import ways
from engine.reading.forms import Content
from engine.trees import Folder


def main() -> NoReturn:
    """Load, with nothing remembered; freeing it again is no part of that."""
    with collecting.paused():
        tree, reader = ways.choose(Folder(Path(sys.argv[1])), Content, ON, None)
        checked = configuration.load(sources.read_tree(tree), ON, reader=reader)
        loaded = snapshot.from_configuration(checked)
        os._exit(0 if loaded.listings else 1)


if __name__ == "__main__":
    main()
