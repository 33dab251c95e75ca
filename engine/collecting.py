"""Memory after a load: what is kept is kept from the cyclic collector, what is freed goes to the system."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_YOUNG = 1
"""The generations in which nearly all garbage is: a full collection would walk all of what is loaded."""


@contextmanager
def paused(*, sparing: bool = False) -> Iterator[None]:
    """Load with the collector off: it would look at everything again and again, and find nothing.

    With `sparing`, what was loaded is left out of all later collections too. What is garbage is collected
    before, for nobody would later.
    """
    was_on = gc.isenabled()
    if sparing:
        gc.collect(_YOUNG)
    gc.disable()
    try:
        yield
    finally:
        if sparing:
            spare_what_is_there()
        if was_on:
            gc.enable()


def spare_what_is_there() -> None:
    """Leave everything that there is now out of all later collections; what is freed, is freed."""
    gc.freeze()


def give_back() -> None:
    """Return to the system what was freed: a load frees much, and nobody needs as much again for long.

    Python's allocator does so by itself, that of the C library only at the end of its memory.
    """
    import ctypes  # noqa: PLC0415 - only a daemon gives back, and this takes time at each start

    with suppress(AttributeError, OSError, TypeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)
