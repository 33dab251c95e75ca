from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import documents
from engine.diagnostics import ConfigurationError
from engine.edits import canonical, formatting

PROJECT = Path(__file__).parent.parent
FILES = sorted(
    file
    for folder in ("config", "rules", "tests/root", "tests/broken", "tests/cases")
    for file in (PROJECT / folder).rglob("*.yaml")
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:  1\r\n\r\n# c\r\nb: |\r\n  x\r\n", "a: 1\r\n\r\n# c\r\nb: |\r\n  x\r\n"),
        ("a:  1\r\nb: 2", "a: 1\r\nb: 2\r\n"),
        ("a: 1\r\nb: 2\n", "a: 1\nb: 2\n"),
    ],
    ids=["all of Windows", "none at the end", "mixed"],
)
def test_line_ends_of_windows_stay_where_all_are(before: str, after: str) -> None:
    assert formatted(before) == after
    assert formatted(after) == after


def formatted(text: str) -> str:
    return formatting.formatted("a.yaml", text.encode()).decode()


def meaning(text: str) -> str:
    document, problems = documents.parse("a.yaml", text.encode())
    assert document is not None
    assert not problems
    return repr(document.value)  # not a number is unequal to itself, and the order counts


def comments(text: str) -> list[str]:
    """Return the numbered comments of a drawn text, in order."""
    return re.findall(r"# c[0-9]+", text)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a:\n    b: 1\n    c: 2\n", "a:\n  b: 1\n  c: 2\n"),
        ("a:\n- 1\n- 2\n", "a:\n  - 1\n  - 2\n"),
        ("a:\n  -   b: 1\n      c: 2\n", "a:\n  - b: 1\n    c: 2\n"),
        ("a:\n- - 1\n  - 2\n", "a:\n  - - 1\n    - 2\n"),
        ("a: { b: 1,c : [ 2,3 ] }\n", "a: {b: 1, c: [2, 3]}\n"),
        ("a: {b: , c: }\n", "a: {b: , c: }\n"),
        ("a: {\n      b: 1,\n  c: [\n 2\n]\n  }\n", "a: {\n  b: 1,\n  c: [\n    2\n  ]\n}\n"),
        ("a:   1\nbc: 2\n", "a: 1\nbc: 2\n"),
        ("a :\t1\n", "a: 1\n"),
        ("a: 1 # c\n", "a: 1  # c\n"),
        ("a: 1      # c   \n", "a: 1  # c\n"),
        ("\n\na: 1\n\n\n\nb: 2\n\n\n", "a: 1\n\nb: 2\n"),
        ("a: 1   \nb: 2", "a: 1\nb: 2\n"),
        ("\ufeffa:  1\nb: 2\r\n", "a: 1\nb: 2\n"),
        ("? a\n: 1\n", "? a\n: 1\n"),
        ("%YAML 1.2\n---\na: 1\n...\n", "%YAML 1.2\n---\na: 1\n...\n"),
    ],
    ids=[
        "indentation",
        "a list below its key",
        "a mapping in a list",
        "a list in a list",
        "blanks in brackets",
        "nothing in brackets",
        "brackets over several lines",
        "blanks after a colon",
        "blanks before a colon",
        "too few blanks before a comment",
        "too many blanks before a comment",
        "blank lines",
        "blanks at the end",
        "line ends and byte order mark",
        "question mark",
        "marks of the document",
    ],
)
def test_layout_is_canonical(written: str, expected: str) -> None:
    assert formatted(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"jana"', "jana"),
        ("'Jana Weber'", "Jana Weber"),
        ('"2027-01-01"', "2027-01-01"),
        ("'a: b'", '"a: b"'),
        ('"12"', '"12"'),
        ('"007"', '"007"'),
        ("'no'", '"no"'),
        ('"null"', '"null"'),
        ('""', '""'),
        ('" a"', '" a"'),
        ('"[a"', '"[a"'),
        (r'"\tb"', r'"\tb"'),
        ("no", "no"),
        ("007", "007"),
        ("~", "~"),
    ],
)
def test_quotes_stay_where_they_are_needed(written: str, expected: str) -> None:
    assert formatted(f"a: {written}\nb: [{written}]\n") == f"a: {expected}\nb: [{expected}]\n"


def test_a_portal_number_needs_no_quotes_as_a_key() -> None:
    assert formatted('"4471823": 1\n"007": 2\n') == '4471823: 1\n"007": 2\n'


@pytest.mark.parametrize(
    "table",
    [
        "jana: {name: Jana Weber, locale: de}\ntom:  {name: Tom Kern,   locale: en}\n",
        "a: 1        # one\nlonger: 22  # two\n",
        "a:\n  - {b: 1,   c: 2}\n  - {b: 100, c: 2}\n",
    ],
)
def test_a_table_stays_aligned(table: str) -> None:
    assert formatted(table) == table


def test_a_comment_stays_with_what_it_is_about() -> None:
    written = """\
a:
# of the list
    -   1
    # of two
    -   2
    # at the end of the list
# of b
b:
      c:
         d: 1
         # at the end of c
      # at the end of b
"""

    assert (
        formatted(written)
        == """\
a:
  # of the list
  - 1
  # of two
  - 2
  # at the end of the list
# of b
b:
  c:
    d: 1
    # at the end of c
  # at the end of b
"""
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a: |\n     b\n       c\n\n\nd: 1\n", "a: |\n  b\n    c\n\nd: 1\n"),
        ("a: >-  # c\n b\n", "a: >-  # c\n  b\n"),
        ("a: |4\n      b\n     c\n", "a: |2\n    b\n   c\n"),
        ("a: |+\n    b\n\n\n", "a: |+\n  b\n\n\n"),
        ("a: |\n   b", "a: |-\n  b\n"),
        ("a: |\n   b  \n", "a: |\n  b  \n"),
        ("a: |\n    b\n  # c\nd: 1\n", "a: |\n  b\n# c\nd: 1\n"),
    ],
    ids=[
        "lines move together",
        "header",
        "indentation that does not show",
        "line feeds that count",
        "no line feed",
        "blanks that count",
        "comment below",
    ],
)
def test_a_text_of_several_lines_keeps_every_character(written: str, expected: str) -> None:
    assert formatted(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('a: "b   \n\n\n     c"\n', 'a: "b\n\n\n  c"\n'),
        ('a: "b\\  \n   c"\n', 'a: "b\\  \n  c"\n'),
        ("a: b\n      c\n", "a: b\n  c\n"),
    ],
    ids=["quoted", "an escaped blank", "plain"],
)
def test_a_text_that_goes_on_below_is_indented(written: str, expected: str) -> None:
    assert formatted(written) == expected


@pytest.mark.parametrize("text", ["a: [1\n", "a: 1\na: 2\n", "", "- a\n", "a\n", "a: &b c\n"])
def test_what_is_no_sound_mapping_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        formatted(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_files_of_the_project_keep_their_meaning(path: Path) -> None:
    try:
        once = formatting.formatted(path.name, path.read_bytes())
    except ConfigurationError:
        return

    assert meaning(once.decode()) == meaning(path.read_bytes().decode("utf-8-sig"))
    assert formatting.formatted(path.name, once) == once


def test_a_long_table_takes_no_quadratic_time() -> None:
    rows = "".join(f"k{number}:{' ' * (1 + number % 7)}{{a: 1}}  # c{number}\n" for number in range(3_000))

    assert comments(formatted(rows)) == comments(rows)


SCALARS = st.sampled_from(
    [
        *("a", "a b", "no", "007", "0x1F", "1.50", "~", "2027-01-01", "it's", "-1", "http://a.example", "ü"),
        *("'no'", "'it''s'", "'a b'", "' a '", "'007'", "''", "'[]'", "'#'"),
        *('"a"', '"\\u00e9"', '"a: b"', '"a #b"', '"\\ta"', '"12"', '"2027-01-01"', '"say \\"hi\\""'),
    ]
)
BLANKS = st.sampled_from(["", "", " ", "   "])


class Writer:
    """Writes random mappings in random styles, with a number in each comment."""

    def __init__(self, data: st.DataObject) -> None:
        self.draw = data.draw
        self.numbers = itertools.count(1)

    def mapping(self, column: int, depth: int) -> Iterator[str]:
        for index in range(self.draw(st.integers(1, 3))):
            yield from self.noise()
            key = self.draw(st.sampled_from(["k{}", '"k{}"', "'k {}'", "47{}", '"47{}"'])).format(index)
            yield from self.entry(f"{' ' * column}{key}{self.draw(BLANKS)}:", column, depth)

    def sequence(self, column: int, depth: int) -> Iterator[str]:
        for _ in range(self.draw(st.integers(1, 3))):
            yield from self.noise()
            dash = f"{' ' * column}-{self.draw(st.sampled_from([' ', '   ']))}"
            if depth and self.draw(st.booleans()):
                first, *others = self.mapping(len(dash), depth - 1)
                while not first.strip() or first.lstrip().startswith("#"):
                    first, *others = others
                yield dash + first.lstrip()
                yield from others
            else:
                yield dash + self.inline(depth) + self.comment()

    def entry(self, start: str, column: int, depth: int) -> Iterator[str]:
        match self.draw(st.sampled_from(["inline", "inline", "nothing", "mapping", "list", "text", "below"])):
            case "mapping" if depth:
                yield start + self.comment()
                yield from self.mapping(column + self.draw(st.integers(1, 5)), depth - 1)
            case "list" if depth:
                yield start + self.comment()
                yield from self.sequence(column + self.draw(st.integers(0, 4)), depth - 1)
            case "text":
                yield f"{start} {self.draw(st.sampled_from(['|', '>', '|-', '>-', '|+']))}{self.comment()}"
                inner = " " * (column + self.draw(st.integers(1, 5)))
                yield inner + "text"
                yield from self.draw(st.sampled_from([[], [f"{inner}  more "], ["", f"{inner}# text"], [""]]))
            case "below":
                yield f"{start} word"
                yield f"{' ' * (column + self.draw(st.integers(1, 5)))}more words{self.comment()}"
            case "nothing":
                yield start + self.comment()
            case _:
                yield f"{start} {self.draw(BLANKS)}{self.inline(depth)}{self.comment()}"

    def inline(self, depth: int) -> str:
        if not depth or self.draw(st.booleans()):
            return self.draw(SCALARS)
        parts = [self.inline(depth - 1) for _ in range(self.draw(st.integers(0, 3)))]
        if self.draw(st.booleans()):
            parts = [f"k{index}:{' ' + self.draw(BLANKS)}{part}" for index, part in enumerate(parts)]
            return self.bracketed("{", parts, "}")
        return self.bracketed("[", parts, "]")

    def bracketed(self, opening: str, parts: list[str], closing: str) -> str:
        gap = self.draw(st.sampled_from(["", " ", f"  # c{next(self.numbers)}\n            "]))
        return opening + gap + f"{self.draw(BLANKS)},{gap or ' '}".join(parts) + gap + closing

    def noise(self) -> list[str]:
        comment = f"{' ' * self.draw(st.integers(0, 9))}# c{next(self.numbers)} "
        return self.draw(st.sampled_from([[], [], [""], ["", "  ", ""], [comment], ["", comment]]))

    def comment(self) -> str:
        return self.draw(
            st.sampled_from(["", "", f" # c{next(self.numbers)}", f"\t # c{next(self.numbers)}"])
        )


@given(st.data())
def test_formatting_changes_nothing_that_is_said_and_is_done_once(data: st.DataObject) -> None:
    lines = Writer(data).mapping(0, 3)
    text = data.draw(st.sampled_from(["\n", "\r\n"])).join(lines) + data.draw(st.sampled_from(["", "\n"]))

    once = formatted(text)

    assert meaning(once) == meaning(text)
    assert comments(once) == comments(text)
    assert formatted(once) == once


def test_tabs_align_nothing() -> None:
    assert canonical.laid_out("k:\t\tv\nkk: v\n") == "k: v\nkk: v\n"  # two would look aligned
