from __future__ import annotations

import pytest

from engine import bounded
from engine.bounded import Bounded


def test_what_is_kept_is_found() -> None:
    memory: Bounded[str, int] = Bounded(2)

    assert memory.keep("one", 1) == 1
    assert memory.get("one") == 1
    assert memory.get("two") is None


def test_never_more_than_the_limit_is_kept() -> None:
    memory: Bounded[int, int] = Bounded(3)

    sizes = []
    for number in range(10):
        memory.keep(number, number)
        sizes.append(len(memory))

    assert max(sizes) == 3
    assert memory.get(9) == 9


def test_everything_is_forgotten_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "_AT_ONCE", 4)
    memory: Bounded[int, int] = Bounded(100)
    for number in range(10):
        memory.keep(number, number)

    assert [len(memory) for _ in memory.forgetting()] == [6, 2, 0]
