from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from commandline import PROJECT

from engine import processes

LARGE = 1 << 20
PARTS = [bytes([65 + number]) * (number * LARGE // 4) for number in range(9)]

only_where_forked = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")


@only_where_forked
@pytest.mark.parametrize("number", [1, 2, 3, 20])
def test_what_several_make_comes_in_order(number: int) -> None:
    found = list(processes.in_order(lambda part: part.lower(), PARTS, number))

    assert found == [part.lower() for part in PARTS]


@only_where_forked
def test_the_work_is_done_elsewhere_and_nobody_is_left() -> None:
    makers = {int(one) for one in processes.in_order(lambda _: b"%d" % os.getpid(), PARTS, 2)}

    assert len(makers) == 2
    assert os.getpid() not in makers
    assert not any(map(_is_there, makers))


@only_where_forked
def test_who_fails_there_fails_here_and_what_was_made_before_is_kept() -> None:
    def work(part: int) -> bytes:
        if part == 3:
            raise ValueError("three")
        return b"%d" % part

    each = processes.in_order(work, range(6), 2)

    assert [next(each) for _ in range(3)] == [b"0", b"1", b"2"]
    with pytest.raises(ValueError, match="three"):
        next(each)


@only_where_forked
def test_a_process_that_is_killed_leaves_its_work_to_us() -> None:
    here = os.getpid()

    def work(part: int) -> bytes:
        if part == 2 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return b"%d" % part

    assert list(processes.in_order(work, range(5), 2)) == [b"0", b"1", b"2", b"3", b"4"]


@only_where_forked
def test_when_nobody_wants_more_the_processes_end() -> None:
    each = processes.in_order(lambda _: b"%d" % os.getpid(), range(1_000), 2)
    maker = int(next(each))

    each.close()  # type: ignore[attr-defined]  # a generator

    assert not _is_there(maker)


def test_beside_a_thread_nothing_is_forked() -> None:
    done = threading.Event()
    beside = threading.Thread(target=done.wait)
    beside.start()

    usable = processes.usable()
    done.set()
    beside.join()

    assert usable == 1


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def counted(part: int) -> Iterator[bytes]:
    """Yield three pieces, each with who makes it."""
    for number in range(3):
        yield b"%d.%d %d" % (part, number, os.getpid())


@only_where_forked
def test_each_stream_is_made_by_a_process_of_its_own() -> None:
    with processes.streams(counted, range(2)) as streams:
        found = [list(stream) for stream in streams]

    makers = [{int(piece.split()[1]) for piece in stream} for stream in found]
    assert [[piece.split()[0] for piece in stream] for stream in found] == [
        [b"0.0", b"0.1", b"0.2"],
        [b"1.0", b"1.1", b"1.2"],
    ]
    assert len(makers[0] | makers[1]) == 2
    assert os.getpid() not in makers[0] | makers[1]
    assert not any(map(_is_there, makers[0] | makers[1]))


def test_a_single_stream_is_made_here() -> None:
    with processes.streams(counted, [7]) as (stream,):
        assert [piece.split()[1] for piece in stream] == [b"%d" % os.getpid()] * 3


@only_where_forked
def test_what_does_not_come_any_more_of_a_stream_is_made_here() -> None:
    here = os.getpid()

    def work(_: int) -> Iterator[bytes]:
        yield b"first"
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        yield b"second"

    with processes.streams(work, range(2)) as streams:
        assert [list(stream) for stream in streams] == [[b"first", b"second"]] * 2


@only_where_forked
def test_what_fails_in_a_stream_fails_here_after_what_came_before() -> None:
    def work(_: int) -> Iterator[bytes]:
        yield b"first"
        raise ValueError("second")

    with processes.streams(work, range(2)) as (stream, _):
        assert next(stream) == b"first"
        with pytest.raises(ValueError, match="second"):
            next(stream)


@only_where_forked
def test_streams_that_nobody_reads_end() -> None:
    with processes.streams(
        lambda _: map(b"%d %1000d".__mod__, ((os.getpid(), 0) for _ in range(10_000))), range(2)
    ) as streams:
        makers = [int(next(stream).split()[0]) for stream in streams]

    assert not any(map(_is_there, makers))


@only_where_forked
def test_nobody_is_left_when_who_reads_is_killed() -> None:
    script = (
        "import os, signal; from engine import processes\n"
        f"each = processes.in_order(lambda _: bytes({LARGE} * 8), range(8), 2)\n"
        "next(each); os.kill(os.getpid(), signal.SIGKILL)"
    )

    ran = subprocess.run(  # reads until nobody is left who could write
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, check=False, timeout=60
    )

    assert ran.returncode == -signal.SIGKILL
