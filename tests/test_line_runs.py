from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

from hypothesis import given
from hypothesis import strategies as st
from strategies import MODEST

from engine import runs
from engine.runs import Register, Run

LINES = st.lists(st.tuples(st.integers(1, 4), st.text("abc\0é😀", max_size=3)), max_size=20)
"""Of each line its day, and the key of its renewal."""


def registered(lines: list[tuple[int, str, bytes]]) -> Iterator[Run]:
    """Register lines that come renewal by renewal, and yield them day by day."""
    register = Register()
    for number, (day, key, line) in enumerate(lines):
        if not register.keys or register.keys[-1] != key:
            register.keys.append(key)
        register.add(day, number, len(line))
    keys, days = register.in_order()
    for day, (numbers, begins, sizes) in days:
        found = [lines[begin][2] for begin in begins]
        assert sizes == list(map(len, found))
        yield Run(day, [keys[number] for number in numbers], iter(found))


@MODEST
@given(LINES, st.integers(1, 4))
def test_all_lines_come_by_day_then_key_and_those_of_one_key_as_they_are(
    some: list[tuple[int, str]], count: int
) -> None:
    numbered = [(day, key, b"%d" % number) for number, (day, key) in enumerate(some)]
    owner = {key: number % count for number, (_, key) in enumerate(some)}
    by_renewal = sorted(numbered, key=itemgetter(1), reverse=True)
    shares = [[one for one in by_renewal if owner[one[1]] == share] for share in range(count)]

    found = list(runs.merged(map(registered, shares)))

    assert found == [line for _, _, line in sorted(numbered, key=itemgetter(0, 1))]


def test_only_the_lines_that_are_asked_for_are_taken() -> None:
    taken: list[str] = []

    def lines(name: str) -> Iterator[bytes]:
        for number in range(3):
            taken.append(f"{name}{number}")
            yield name.encode()

    found = runs.merged([iter([Run(1, ["a", "c", "e"], lines("x"))]), iter([Run(1, ["b", "d"], lines("y"))])])

    assert [next(found), next(found)] == [b"x", b"y"]
    assert taken == ["x0", "y0"]
