from __future__ import annotations

import io
import os
import sys
import tempfile
from typing import NoReturn

import pytest

from engine import spills
from engine.diagnostics import InputError
from engine.spills import Spill

LINES = [b"one", b"two", b"three" * 100_000]

only_where_forked = pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked here")


def added(spill: Spill) -> list[int]:
    spill.begin()
    begins = [spill.add(line) for line in LINES]
    spill.end()
    return begins


def test_lines_are_read_in_any_order() -> None:
    with Spill() as spill:
        one, two, three = added(spill)

        assert list(spill.lines([three, one, two], [500_000, 3, 3])) == [LINES[2], LINES[0], LINES[1]]


@only_where_forked
def test_what_another_process_adds_is_read_here() -> None:
    with Spill() as spill:
        process = os.fork()
        if process == 0:
            added(spill)
            os._exit(0)
        os.waitpid(process, 0)

        assert list(spill.lines([3, 6], [3, 5])) == [b"two", b"three"]


def test_who_begins_again_begins_at_the_start() -> None:
    with Spill() as spill:
        begins = added(spill)

        assert added(spill) == begins
        assert list(spill.lines(begins[:1], [3])) == [b"one"]


def refuse(*_: object, **__: object) -> NoReturn:
    raise OSError(28, "No space left on device")


@only_where_forked
def test_where_no_folder_takes_a_file_lines_wait_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)

    with Spill() as spill:
        begins = added(spill)

        assert list(spill.lines(begins[:2], [3, 3])) == LINES[:2]


class _Full(io.BytesIO):
    write = flush = refuse


@pytest.mark.parametrize("act", [lambda spill: spill.add(b"line"), Spill.end], ids=["write", "flush"])
def test_a_full_disk_is_said_to_be_full(act: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spills, "_nameless", _Full)

    with Spill() as spill, pytest.raises(InputError) as refused:
        act(spill)  # type: ignore[operator]  # a function of the table above

    assert "No space left on device" in refused.value.message
    assert "TMPDIR" in (refused.value.hint or "")
