from __future__ import annotations

import time
from pathlib import Path

import pytest
from fuzz import PROJECT

from engine import documents
from engine.fast import guard
from engine.strict import dialect, values

SAMPLES = sorted([*(PROJECT / "config").rglob("*.yaml"), *(PROJECT / "rules").rglob("*.yaml")])


def passes(text: str | bytes) -> bool:
    return guard.admit(text if isinstance(text, bytes) else text.encode()) is not None


# What passes


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_the_sample_root_passes(path: Path) -> None:
    assert passes(path.read_bytes())


@pytest.mark.parametrize(
    "line",
    [
        *("k: v", "k:", "k:   v", "k: v  ", "k: v # c", "k: # c", "k:   # c", "# c", "  # c", "", "   "),
        *("  k: v", "k.l: v", "x-1: v", "_k: v", "'k': v", '"k l": v', "'true': v"),
        *("truely: v", "nullable: v"),
        *("4711: v", "0: v", "  4711: {a: b}"),
        *("- v", "- k: v", "- - v", "- - - k: v", "-   v", "- 12", "- [a, b]", "- {a: b}", "- k:"),
        *("k: 12", "k: 0", "k: -3", "k: " + "9" * 15, "k: 2026-12-21", "k: 12 May"),
        *("k: 3mobile", "k: 4711-acme"),
        *("k: true", "k: null", "k: no", "k: y", "k: inf", "k: Öztürk", "k: 東京"),
        *("k: so 'x'", "k: a, b [c] {d}", "k: 'it''s'", "k: ['''', 'a''']", "k: 4711.example"),
        *("k: http://a.example:80/x", "k: a@b.example", "k: a - b", "k: ''", 'k: ""'),
        *("k: 'a: # b'", 'k: "[a"'),
        *("k: []", "k: {}", "k: [ ]", "k: { a: b }", "k: [a, 12, 'b, c']", "k: {a: b, c: [d, {e: f}]}"),
        *("k: {a: {b: {c: d}}}", "k: [{a: b}, {a: c}] # d", "k: {a: b, }", "k: {a: 2026-12-21, b: -1}"),
    ],
)
def test_a_plainly_written_line_passes(line: str) -> None:
    assert passes(f"{line}\n")


@pytest.mark.parametrize("top", ["---\n", "# c\n---\n", "\n  # c\n\n---\n"])
def test_a_document_may_be_marked_at_the_top(top: str) -> None:
    assert passes(f"{top}k: v\n")


def test_any_number_of_lines_passes() -> None:
    assert passes("k: v\n" * 3_001)


@pytest.mark.parametrize(
    "text",
    [
        *("k: |\n  a\n", "k: |-\n a\n  b\n l: m\n", "k:\n  l: |\n    - a\n\n    # b\nm: n\n"),
        *("k: |\n  a\n\n\nl: |\n  b\nm: n\n", "k: |\n  a: |\n    b\n", "k: |\n  {a\n# b\n"),
    ],
)
def test_a_literal_text_passes(text: str) -> None:
    assert passes(text)


def test_a_key_in_flow_style_is_one_of_a_few_characters() -> None:
    assert passes("k: {" + "a" * 40 + ": v, '" + "b" * 38 + "': v}\n")
    assert not passes("k: {" + "a" * 41 + ": v}\n")
    assert not passes("k: {'" + "b" * 39 + "': v}\n")


# What does not


@pytest.mark.parametrize(
    "line",
    [
        *("v", "k", "k : v", "k:v", "? k", ": v", "[a]: b", "{a: b}: c", "-", "-v", "k: - v"),
        *("k: a: b", "k: a:"),
        *("  {a: b}", "'v'", "é: v", "k l: v", "k" * 129 + ": v", "'" + "k" * 127 + "': v", "<<: v"),
        *("true: v", "Null: v", "FALSE: v", "~: v", "007: v", "-1: v", "1.5: v", "0x1: v", "1" * 16 + ": v"),
        *("- 4711: v", "k: {4711: v}", "k: {true: v}", "k: {null: v}"),
        *("k: 007", "k: 1_000", "k: 0x1f", "k: -0x1f", "k: 0b1", "k: 0o7", "k: +1", "k: 1.5"),
        *("k: 1e3", "k: .inf", "k: 1.e3", "k: 1.e+3", "k: 1..a"),
        *("k: " + "9" * 16, "k: 12:30", "k: 12,5", "k: 1-", "k: ~", "k: 007 # c", "k: 007  "),
        *("k: &a v", "k: *a", "k: !t v", "k: |", "k: >-", "k: %a", "k: @a", "k: `a`", "k: <<"),
        *("k: =", "k: ?a"),
        *("k: 'a", "k: 'a'b", "k: 'a' b", r'k: "a\n"', 'k: "a', "k: v#c"),
        *("k: v # c\rd", "k:\tv"),
        *("k: [a", "k: a]b: c", "k: [a]]", "k: [a] b", "k: [a}", "k: {a: b]", "k: {a: b", "k: {a}", "k: {0}"),
        *("k: {[a]}", "k: {a:b}", "k: {a: }", "k: {a b}", "k: {a:? b}", "k: [a: b]", "k: [[a]]", "k: [a,b]"),
        *("k: [a,, b]", "k: [, a]", "k: [-]", "k: [a #b]", "k: {a: {b: {c: {d: e}}}}", "k: {'a':b}"),
        *("...", "%YAML 1.2", "--- v", " " * 25 + "k: v", "- - - - v"),
    ],
)
def test_what_might_be_read_otherwise_does_not_pass(line: str) -> None:
    assert not passes(f"{line}\n")
    assert not passes(f"a: b\n{line}\nc: d\n")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "k: |\n",
            "k: |\na\n",
            "k: |+\n  a\n",
            "k: |2\n  a\n",
            "k: >\n  a\n",
            "k: | # c\n  a\n",
            "k:  |\n  a\n",
        ),
        *(
            "k: |\n  a\n b\n",
            "k: |\n  a\n b: c\n",
            "k: |\n\n  a\n",
            "k: |\n  a\n  \n",
            "k: |\n  a\n \nl: m\n",
        ),
        *(
            "k: |\n  12: a\n",
            "k: |\n  a\n  12: b\n",
            "k: |\n  a\n   12 b\n",
            "- k: |\n    a\n",
            "k: |\n  a\n  \n  b\n",
        ),
    ],
)
def test_a_text_that_is_not_plainly_one_does_not_pass(text: str) -> None:
    assert not passes(text)


@pytest.mark.parametrize("text", ["a: b\n---\n", "---\n---\n", "---\n# c\n---\n", "a: b", "# c"])
def test_a_second_mark_and_an_unfinished_line_do_not_pass(text: str) -> None:
    assert not passes(text)


@pytest.mark.parametrize(
    "character", ["\0", "\t", "\r", "\x7f", "\x85", "\xa0", "\u2028", "\u3000", "\ufeff", "\uffff", "\u200b"]
)
@pytest.mark.parametrize("text", ["{}k: v\n", "k: v{}\n", "k: '{}'\n", "# {}\n", "k: v\n{}"])
def test_a_character_that_may_not_stand_or_does_not_show_does_not_pass(character: str, text: str) -> None:
    assert passes(text.format("")) or text.endswith("{}")
    assert not passes(text.format(character))


@pytest.mark.parametrize("data", [b"k: \xff\n", b"k: \xed\xa0\x80\n", "k: v\n".encode("utf-16")])
def test_what_is_not_utf_8_does_not_pass(data: bytes) -> None:
    assert not passes(data)


def test_a_file_that_is_too_large_for_the_strict_tier_does_not_pass() -> None:
    lines = documents.MAX_BYTES // 1024

    assert passes(("#" * 1023 + "\n") * lines)
    assert not passes(("#" * 1023 + "\n") * lines + "\n")


def test_nothing_that_passes_is_nested_deeper_than_the_strict_tier_reads() -> None:
    """The deepest file: a list in a mapping at each column, and on the last line all that one may hold."""
    columns = range(guard.MAX_INDENT)
    blocks = "".join(f"{' ' * column}{sign}\n" for column in columns for sign in ("k:", "- k:"))
    flow = "{a: " * guard.MAX_FLOW_DEPTH + "b" + "}" * guard.MAX_FLOW_DEPTH
    ladder = "".join(f"{' ' * column}k:\n" for column in columns)
    deepest = f"{ladder}{' ' * guard.MAX_INDENT}- - - k: {flow}\n"

    assert passes(deepest)
    assert passes(blocks)
    assert guard.MAX_INDENT * 2 + 3 + 1 + guard.MAX_FLOW_DEPTH + 2 <= values.MAX_DEPTH
    assert dialect.read("f.yaml", deepest)[1] == []


def test_no_word_begins_with_anything_but_a_letter() -> None:
    beginnings = [
        one for one in map(chr, range(0x80, 0x20000)) if one.isprintable() and passes(f"k: {one}\n")
    ]

    assert len(beginnings) > 30_000
    assert all(map(str.isalpha, beginnings))


# What it hands to yaml-rs


def test_a_portal_number_as_a_key_is_quoted() -> None:
    text = guard.admit(b"4711: a\nk:\n  12: {a: b}\n  # 12: c\n  l: 12\n")

    assert text == "\n'4711': a\nk:\n  '12': {a: b}\n  # 12: c\n  l: 12\n"


# What it costs


@pytest.mark.parametrize(
    "text",
    [
        *("- " * 500_000, "a: " + "[" * 1_000_000, "a: {" + "a: b, " * 160_000 + "}\n", "\n" * 1_000_000),
        *(" " * 1_000_000, "#" * 1_000_000, "a: " + "b:" * 500_000, "a: b" + ":b" * 500_000 + ": \n"),
        *("a: '" + "b" * 1_000_000, "a" * 1_000_000, "a: " + "1" * 1_000_000, "a: " + "1 " * 500_000),
        *("a: [" + "[], " * 250_000 + "]\n", "- - - a: b\n" * 90_000, "a: b\n" * 200_000, "é" * 500_000),
        *("a: " + "{a: " * 3 + "b" + "}" * 3 + "\n", ("a: " + "{a: " * 4 + "b" + "}" * 4 + "\n") * 40_000),
        *("a: [" + "b, " * 499 + "\n", ("a: [" + "b, " * 499 + "b]\n") * 660, "a: 'b" * 160_000),
        *("a: |\n b\n" * 120_000, "a: |\n" + " b\n" * 330_000 + " 1\n", "a: |\n b" + "\n" * 990_000 + " c"),
        "".join(" " * (number % 25) + "a: |\n" for number in range(60_000)) + " " * 25 + "1\n",
    ],
    ids=lambda text: f"{text[:12]}…{text[-4:]}".encode("unicode_escape").decode(),
)
def test_a_hostile_megabyte_takes_time_in_proportion(text: str) -> None:
    begun = time.process_time()
    passes(text)

    assert time.process_time() - begun < 0.5  # it takes some milliseconds, where backtracking would take days


def test_more_literal_texts_than_are_worth_it_do_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MAX_TEXTS", 2)
    texts = [f"{key}: |\n  text\n" for key in "abc"]

    assert passes("".join(texts[:2]))
    assert not passes("".join(texts))
