from __future__ import annotations

import platform
import resource
from pathlib import Path

import pytest

from engine import collecting

only_with_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@only_with_glibc
def test_what_was_freed_between_what_is_kept_is_given_back() -> None:
    pieces = [bytearray(50_000) for _ in range(1_000)]
    kept = pieces[::20]
    pieces.clear()
    before = resident()

    collecting.give_back()

    assert before - resident() > 20_000_000
    assert len(kept) == 50
