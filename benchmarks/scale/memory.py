"""Memory of a process that has loaded everything, and of one that loads it again while the first is live."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.scale import loading, processes, rows
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

_MB = 1e6
MOST_MB = 400


def measure(volume: Volume) -> Iterator[Row]:
    """Yield the peaks: configuration alone, with all renewals, and while a reload has two of everything."""
    alone = processes.run(loading.loaded(volume, "configuration")).peak / _MB
    loaded, reloaded = (
        int(peak) / _MB for peak in processes.run(loading.loaded(volume, "reload")).output.split()
    )
    aim = rows.at_most(MOST_MB, "MB")
    yield Row("memory, peak: the snapshot alone", f"{alone:.0f} MB", aim=aim, value=alone)
    yield Row("memory, peak: loaded, with all renewals", f"{loaded:.0f} MB", aim=aim, value=loaded)
    ratio = reloaded / loaded
    yield Row(
        "memory, peak: during a reload of everything",
        f"{reloaded:.0f} MB",
        f"loaded: {loaded:.0f} MB",
        f"{ratio:.2f}",
        rows.at_most(1.3),
        ratio,
    )
