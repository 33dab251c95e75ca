from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from engine.memory import Memory

LOADS = st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)), max_size=8)


def never() -> object:
    raise AssertionError("it was to be remembered")


def made(value: object) -> Callable[[], object]:
    return lambda: value


def test_what_was_made_of_an_equal_basis_is_the_same_object_in_the_next_load() -> None:
    memory, value = Memory(), object()
    memory.recall("nord", (b"text", 1), made(value))
    memory.forget_unasked()

    assert memory.recall("nord", (b"text", 1), never) is value


def test_of_another_basis_it_is_made_again() -> None:
    memory, newer = Memory(), object()
    memory.recall("nord", b"old", object)
    memory.forget_unasked()

    assert memory.recall("nord", b"new", made(newer)) is newer


def test_what_a_load_did_not_ask_for_is_forgotten() -> None:
    memory, again = Memory(), object()
    memory.recall("nord", b"text", object)
    memory.forget_unasked()
    memory.forget_unasked()

    assert memory.recall("nord", b"text", made(again)) is again


def test_a_load_that_fails_leaves_what_the_one_before_has_made() -> None:
    memory, value = Memory(), object()
    memory.recall("nord", b"text", made(value))
    memory.forget_unasked()
    memory.recall("south", b"text", object)  # and then this load fails: it is never ended

    assert memory.recall("nord", b"text", never) is value


@given(LOADS)
def test_what_is_recalled_is_always_what_would_be_made(loads: list[dict[str, int]]) -> None:
    memory = Memory()
    for load in loads:
        recalled = {name: memory.recall(name, basis, made(f"{name}{basis}")) for name, basis in load.items()}
        memory.forget_unasked()

        assert recalled == {name: f"{name}{basis}" for name, basis in load.items()}
