"""What lines tell of places is what a walk over the events of the file finds: so it is safe to ask them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import fuzz
import pytest

from engine import documents
from engine.strict import encoding, lines, walking
from engine.strict.places import Place
from engine.strict.values import Path

BLOCK = 2_000
SHORT = range(0, 4_000, BLOCK)
LONG = range(1_000_000, 1_100_000, BLOCK)


def test_the_files_of_the_sample_and_of_the_tests_have_their_places() -> None:
    told, others = compare(fuzz.real_files())

    assert told > 5 * others


def test_every_word_in_every_context_has_its_place() -> None:
    told, _ = compare(fuzz.probes())

    assert told > 1_000


@pytest.mark.parametrize("first", SHORT)
def test_files_at_random_have_their_places(first: int) -> None:
    told, _ = compare(map(fuzz.file, range(first, first + BLOCK)))

    assert told > 0.05 * BLOCK


@pytest.mark.parametrize("hashed", [hash, len])
def test_an_index_of_a_mapping_finds_what_a_search_does(
    monkeypatch: pytest.MonkeyPatch, hashed: Callable[[str], int]
) -> None:
    monkeypatch.setattr(lines, "_LONG", 0)
    monkeypatch.setattr(lines, "hash", hashed, raising=False)  # many keys are as long as others

    compare(fuzz.real_files())
    compare(fuzz.probes())
    compare(map(fuzz.file, range(BLOCK)))
    told, _ = compare([b"- b: 1\n  a: 2\n  'b': 3\n", b'z: 1\n"y": 2\n# c: 1\ny: 3\nx: |\n  y: 4\n'])

    assert told


@pytest.mark.slow
@pytest.mark.parametrize("first", LONG)
def test_many_files_at_random_have_their_places(first: int) -> None:
    compare(map(fuzz.file, range(first, first + BLOCK)))


# A line of each of these says only together with others what it is, or looks like something else.
@pytest.mark.parametrize(
    "text",
    [
        *("a: b\n  c\n", "a: b\n  - c\n", "- a\n  - b\n", "- a: b\n    - c\n", "a: 'b\n  c: d'\n"),
        *('a: "b\n\n  c: d"\n', "a: {b: c,\n  d: e}\n", "a: {b: [c}\n", "a: [b, c: d]\n", "a:\n  b\n"),
        *(
            "a: &b c\n",
            "? a\n: b\n",
            "a : b\n",
            "- a : b\n",
            "a: !t b\n",
            "a: >\n  b\n",
            "'a': {'b''c': d}\n",
        ),
        *("a:\n  # b\n\n  c: d\n", "a:\n- b\n- c: d\n  e: f\ng:\n", "- - a\n  - b\n- c\n", "- a: |\n    b\n"),
        *(
            "a: |\n  b: c\n\n  # d\ne: f\n",
            "a:\n  b: |\n   c: d\n  c: e\n",
            "a: #b\n",
            "a: b#c\n",
            "-\n- a\n",
        ),
        *(
            "a: {b, c}\n",
            "a: {b: }\n",
            'a: {"b\\n": c}\n',
            "---\na: b\n",
            "",
            "# a\n",
            "a: [b, [c], {d: e}]\n",
        ),
        *("a: b\na: {c: d}\n", "4711: a\n47: b\n", "ab: c\na: d\n", "a: O'Brien\nb: {c: O'Brien, d: 'e'}\n"),
    ],
)
def test_a_line_that_is_hard_to_tell_misleads_nobody(text: str) -> None:
    compare([text.encode()])


def test_a_path_that_is_written_like_nothing_leads_nowhere() -> None:
    document, _ = documents.parse("f.yaml", b"'a': b\nc d: e\nf: g\n")
    assert document is not None

    for step in ("'a'", "", "a\n", "f: g", "-", "#"):
        assert document.locate((step,)) == document.locate()


def compare(files: Iterable[bytes]) -> tuple[int, int]:
    """Hold lines to the walk, for every path that there is and some that are not; count both."""
    told = others = 0
    for data in files:
        document, _ = documents.parse("f.yaml", data)
        text = encoding.decode("f.yaml", data)[0] or ""
        found = lines.of(text) if document is not None else None
        if found is None:
            others += document is not None
            continue
        told += 1
        for at, place in _parts(walking.walk(text)):
            answer = found.find(at)
            assert answer is None or answer[:2] == place[:2], (data, at)
    return told, others


def _parts(place: Place, at: Path = ()) -> Iterator[tuple[Path, Place]]:
    yield at, place
    for step in ("nothing", 0, 99):
        if step not in place.parts:
            yield (*at, step), place
    for step, part in place.parts.items():
        yield from _parts(part, (*at, step))


def test_a_line_that_ends_as_only_yaml_knows_is_left_to_a_walk() -> None:
    assert lines.of("a: 1 # comment\rb: 2\n") is None


def test_a_key_that_would_go_over_several_lines_is_left_to_a_walk() -> None:
    told = lines.of("a: 1\nb: 2\n")

    assert told is not None
    assert told.find(("a: 1\nb",)) is None
