"""The smallest case, which nothing for large roots may slow down: one decision on the sample root."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks import timing
from benchmarks.corpus import ON
from benchmarks.programme import ROOT
from benchmarks.scale import processes, rows
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

EARLIER = 30.0
"""The ratio before there was anything for large roots."""

_SLACK = 1.1


def measure(volume: Volume) -> Iterator[Row]:
    """Yield how many times a Python that does nothing it takes."""
    turns = {
        "ours": volume.turn(processes.renewctl(ROOT, "decide", "--client", "acme", "--on", str(ON))),
        "nothing": volume.turn([sys.executable, "-c", "pass"]),
    }
    measured = timing.rounds(turns, volume.rounds)
    what = f"decide --client acme on the sample root; the ratio was {EARLIER:g}"
    aim = rows.at_most(round(EARLIER * _SLACK, 1))
    yield rows.compared(what, measured["ours"], measured["nothing"], "python -c pass", aim)
