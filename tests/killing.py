"""Kills a process again and again while it saves a last good configuration: without threads it may fork.

`python killing.py FOLDER TIMES` ends with 0 if what was saved was whole each time.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from engine.daemon import lastgood
from engine.sources import Sources
from engine.trees import File

BOTH = [Sources(partners=(File("config/partners/a.yaml", one * 1_000_000),)) for one in (b"a", b"b")]
NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


def main(folder: Path, times: int) -> None:
    """Kill a writer that often, each time at another moment, and read what it has left."""
    chance = random.Random(5)  # noqa: S311 - no secret
    lastgood.save(folder, folder, BOTH[0], NOW)
    digests = {one.digest for one in BOTH}
    for _ in range(times):
        writer = os.fork()
        if writer == 0:
            save_on(folder)
        time.sleep(chance.random() * 0.03)
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        assert lastgood.read(folder, folder).digest in digests


def save_on(folder: Path) -> NoReturn:
    """Save one and the other, until the end."""
    while True:
        for one in BOTH:
            lastgood.save(folder, folder, one, NOW)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
