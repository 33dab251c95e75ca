"""The cyclic collector, kept away from the many objects of a configuration, which form no cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Load with the collector off: it would look at everything again and again, and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def spare_what_is_there() -> None:
    """Leave everything that there is now out of all later collections."""
    gc.freeze()
