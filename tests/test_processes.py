from __future__ import annotations

import os
import signal
import threading

import pytest

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
