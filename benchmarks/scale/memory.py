"""Memory of a process that has loaded all partner files; the daemon's is measured with its reloads."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.scale import loading, processes
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

_MB = 1e6


def measure(volume: Volume) -> Iterator[Row]:
    """Yield the peak with everything but facts."""
    alone = processes.run(loading.loaded(volume)).peak / _MB
    yield Row("memory, peak: a process that has loaded the partner files", f"{alone:.0f} MB")
