from __future__ import annotations

import json

import pytest
from deliveries import line, table
from hypothesis import given
from hypothesis import strategies as st
from strategies import MODEST

from engine.facts import RenewalFact
from engine.feeds import factfiles, portions
from engine.feeds.portions import UnsoundError
from engine.trees import File

LINE = line("rn_2")
MISTAKES = st.sampled_from(
    [
        "{",
        "null",
        "[1]",
        LINE,
        line("rn_3", status="who knows"),
        line("rn_4", time_zone="Mars/Olympus"),
        '{"renewal": "rn_5", "client": "a", "client": "b", "renewal_date": "2027-02-28"}',
        '{"renewal": "\\ud800", "client": "a", "renewal_date": "2027-02-28"}',
        "renewal,client,renewal_date",
        "\ufeff",
    ]
)


@pytest.fixture(autouse=True, scope="module")
def small_pieces() -> None:
    pytest.MonkeyPatch().setattr(portions, "_PIECE", 100)


def lines(*numbers: int) -> str:
    return "".join(f"{line(f'rn_{number}')}\n" for number in numbers)


def by_portion(files: list[File], count: int) -> tuple[list[RenewalFact], list[str]]:
    """Return the facts of all portions, and the ids of all."""
    found: list[RenewalFact] = []
    ids: list[str] = []
    for portion in portions.cut(files, count):
        own: set[str] = set()
        found += portions.read(portion, own)
        ids += sorted(own)
    return found, ids


@MODEST
@given(
    st.lists(st.text("ab\n", max_size=3).map(lambda text: text.strip("ab")), max_size=12),
    st.lists(st.tuples(st.integers(0, 20), MISTAKES), max_size=2),
    st.integers(1, 4),
    st.sampled_from(["facts/a.jsonl", "<stdin>", "facts/a"]),
)
def test_portions_hold_what_the_files_hold_or_are_unsound(
    blanks: list[str], mistakes: list[tuple[int, str]], count: int, path: str
) -> None:
    written = [blank + line(f"rn_{number}") for number, blank in enumerate(blanks)]
    for at, mistake in mistakes:
        written.insert(at, mistake)
    files = [
        File(path, "\n".join(written).encode()),
        File("facts/z.csv", table("rn_z,z,2027-01-01").encode()),
    ]
    whole = factfiles.read(files)

    try:
        found, ids = by_portion(files, count)
        is_sound = len(ids) == len(set(ids))
    except UnsoundError:
        is_sound = False

    assert is_sound == (not whole.problems)
    if is_sound:
        assert found == list(whole.renewals)
        assert sorted(ids) == sorted(whole.places)


def test_every_portion_has_about_the_same_size() -> None:
    sizes = [
        sum(map(len, portion))
        for portion in portions.cut([File("facts/a.jsonl", lines(*range(100)).encode())], 3)
    ]

    assert len(sizes) == 3
    assert max(sizes) - min(sizes) < 400


def test_a_list_is_not_cut() -> None:
    document = json.dumps([json.loads(line(f"rn_{number}")) for number in range(9)])
    files = [File("facts/a.json", document.encode())]

    found, _ = by_portion(files, 2)

    assert [fact.renewal for fact in found] == [f"rn_{number}" for number in range(9)]


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_an_empty_file_is_looked_at_as_well(name: str) -> None:
    files = [File(f"facts/{name}", b""), File("facts/b.jsonl", lines(*range(9)).encode())]

    assert factfiles.read(files).problems
    with pytest.raises(UnsoundError):
        by_portion(files, 2)


def test_a_renewal_that_stands_twice_in_a_portion_is_unsound() -> None:
    with pytest.raises(UnsoundError):
        by_portion([File("facts/a.jsonl", lines(1, 2, 1).encode())], 1)


def test_a_file_with_a_byte_order_mark_is_not_cut() -> None:
    files = [File("facts/a.jsonl", ("\ufeff" + lines(*range(9))).encode())]

    found, _ = by_portion(files, 2)

    assert len(found) == 9
