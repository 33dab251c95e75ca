from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from strategies import MODEST

from engine import runs
from engine.runs import Run

LINES = st.lists(st.tuples(st.text("abc\0é😀", max_size=3), st.integers(0, 3)), max_size=20)


def run_of(lines: list[tuple[str, bytes]]) -> Run:
    return Run([key for key, _ in lines], [line for _, line in lines])


def in_runs(lines: list[tuple[str, bytes]], size: int) -> Iterator[Run]:
    """Yield lines that are in order as runs of that size, with an empty one before each."""
    for begin in range(0, len(lines), size):
        yield run_of([])
        yield run_of(lines[begin : begin + size])


def merged(*streams: Iterator[Run]) -> list[bytes]:
    return [line for lines in runs.merged(streams) for line in lines]


@MODEST
@given(LINES, st.integers(1, 4), st.integers(1, 5))
def test_all_lines_come_in_the_order_of_their_keys(
    lines: list[tuple[str, int]], count: int, size: int
) -> None:
    owned = {key: at % count for key, at in lines}
    numbered = [(key, b"%d" % number) for number, (key, _) in enumerate(lines)]
    streams = [
        sorted((one for one in numbered if owned[one[0]] == stream), key=lambda one: one[0])
        for stream in range(count)
    ]

    found = merged(*(in_runs(stream, size) for stream in streams))

    assert found == [line for _, line in sorted(numbered, key=lambda one: one[0])]


def test_lines_with_one_key_stay_in_the_order_of_their_stream() -> None:
    first = run_of([("a", b"2"), ("b", b"9"), ("b", b"1")])

    assert merged(iter([first]), iter([run_of([("a2", b"0"), ("c", b"0")])])) == [
        b"2",
        b"0",
        b"9",
        b"1",
        b"0",
    ]


def test_only_what_is_needed_of_a_stream_is_taken_from_it() -> None:
    taken = []

    def stream(name: str) -> Iterator[Run]:
        for number in range(3):
            taken.append(name)
            yield run_of([(f"{number}", name.encode())])

    found = runs.merged([stream("a"), stream("b")])

    assert next(found) == [b"a", b"b"]
    assert taken == ["a", "b"]
