import json

import pytest
import yaml
import yaml_rs
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from engine.strict import dialect
from engine.strict.values import MAX_DEPTH, Value


def value_of(text: str) -> Value:
    value, problems = dialect.read("f.yaml", text)
    assert problems == []
    return value


def problems_of(text: str) -> list[str]:
    _, problems = dialect.read("f.yaml", text)
    return [f"{problem.location.line}:{problem.location.column} {problem.code}" for problem in problems]


# What YAML says


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\tb\u00e9\x41\U0001F600\N\0\/\"\\"', 'a\tbéA😀\x85\0/"\\'),
        ('"a\n  b\n\n  c \\\n  d"', "a b\nc d"),
        ("'it''s\n  \"so\"'", 'it\'s "so"'),
        ("a b\n  c\n\n  d", "a b c\nd"),
        ("k: |\n  a\n   b\n\n  c\n", {"k": "a\n b\n\nc\n"}),
        ("k: |-\n  a\n", {"k": "a"}),
        ("k: |+\n  a\n\n", {"k": "a\n\n"}),
        ("k: >\n  a\n  b\n\n  c\n   d\n", {"k": "a b\nc\n d\n"}),
        ("k: |2\n    a\n", {"k": "  a\n"}),
        ("k: # why\n  - a # b\n  - c#d\n", {"k": ["a", "c#d"]}),
        ("{a: [1, {b: }], 'c': \"d\",}", {"a": [1, {"b": None}], "c": "d"}),
        ('{"a":1,"b":[true,null]}', {"a": 1, "b": [True, None]}),
        ("k:\n- - a\n  - b\n-\n", {"k": [["a", "b"], None]}),
        ("? k\n: v\n", {"k": "v"}),
        ("%YAML 1.2\n---\nk: no\n...\n", {"k": "no"}),
        (
            "url: http://a.example:80/x?y=1,2\nat: 12:30\n",
            {"url": "http://a.example:80/x?y=1,2", "at": "12:30"},
        ),
    ],
)
def test_text_is_what_yaml_says(text: str, value: Value) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize("style", ["'{}'", '"{}"', "|-\n  {}", ">-\n  {}"])
@pytest.mark.parametrize("text", ["007", "12", "1.5", "true", "null", "~", ""])
def test_what_is_quoted_or_a_block_is_text(text: str, style: str) -> None:
    assert value_of(f"k: {style.format(text)}\n") == {"k": text}


def test_plain_scalars_follow_the_core_schema() -> None:
    text = "[no, on, 0b1, 1_000, +0x1, 2026-12-21, 007, 7, 0x1f, 0o17, 1.5, true, null, ~, ]"

    assert value_of(text) == [
        *["no", "on", "0b1", "1_000", "+0x1", "2026-12-21", "007"],
        *[7, 31, 15, 1.5, True, None, None],
    ]


def test_portal_numbers_are_text_as_keys() -> None:
    assert value_of("4711: a\n0: b\n") == {"4711": "a", "0": "b"}


@pytest.mark.parametrize("text", ["", "  \n\n", "# nothing\n", "---\n", "null\n", "--- # later\n...\n"])
def test_a_document_that_says_nothing_is_none(text: str) -> None:
    assert value_of(text) is None


# What the dialect refuses


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\nb: 2\na: 3\n", "3:1"),
        ("a: {b: 1, b: 2}\n", "1:11"),
        ("a: 1\n'a': 2\n", "2:1"),
        ("4711: 1\n'4711': 2\n", "2:1"),
        ("é: 1\n  \n? é\n: 2\n", "3:3"),
    ],
)
def test_a_duplicate_key_is_refused(text: str, place: str) -> None:
    assert problems_of(text) == [f"{place} yaml-duplicate-key"]


def test_of_two_equal_keys_the_first_counts_and_is_named() -> None:
    value, (problem,) = dialect.read("f.yaml", "a:\n  b: 1\n  c: 2\n  b: 3\n")

    assert value == {"a": {"b": 1, "c": 2}}
    assert problem.message == "the key `b` is already at line 2, column 3"


def test_every_duplicate_is_reported() -> None:
    assert problems_of("a: 1\na: 2\na: {x: 1, x: 2}\n") == [
        "2:1 yaml-duplicate-key",
        "3:1 yaml-duplicate-key",
        "3:11 yaml-duplicate-key",
    ]


def test_the_same_key_at_different_places_is_no_duplicate() -> None:
    assert value_of("a: {a: {a: 1}}\nb: [{a: 1}, {a: 2}]\n") == {
        "a": {"a": {"a": 1}},
        "b": [{"a": 1}, {"a": 2}],
    }


@pytest.mark.parametrize(
    ("text", "value", "places"),
    [
        ("a: &x 1\nb: *x\n", {"a": 1, "b": None}, ["1:4", "2:4"]),
        ("a: &x\n  b: 1\n", {"a": {"b": 1}}, ["1:4"]),
        ("- &x [1]\n- *y\n", [[1], None], ["1:3", "2:3"]),
        ("&x a: 1\n*x : 2\n", {"a": 1}, ["1:1", "2:1"]),
        ("*x", None, ["1:1"]),
    ],
)
def test_an_alias_and_an_anchor_are_refused(text: str, value: Value, places: list[str]) -> None:
    assert dialect.read("f.yaml", text)[0] == value
    assert problems_of(text) == [f"{place} yaml-alias" for place in places]


@pytest.mark.parametrize(
    ("text", "value", "place"),
    [
        ("a: !!str 12\n", {"a": 12}, "1:4"),
        ("a: ! 12\n", {"a": 12}, "1:4"),
        ('a: ! "12"\n', {"a": "12"}, "1:4"),
        ("a: ! [1]\n", {"a": [1]}, "1:4"),
        ("a: !env {b: 1}\n", {"a": {"b": 1}}, "1:4"),
        ("a: !<tag:x> b\n", {"a": "b"}, "1:4"),
        ("!!str a: b\n", {"a": "b"}, "1:1"),
        ("a:\n  - !x\n", {"a": [None]}, "2:5"),
        ("--- !!map\na: b\n", {"a": "b"}, "1:5"),
        ("a: !x!y b\n", None, "1:4"),
        ("%TAG ! tag:x,2000:\n---\na: !y b\n", None, "1:1"),
        ("# ours\n%TAG !x! tag:x,2000:\n---\na: b\n", None, "2:1"),
    ],
)
def test_a_tag_is_refused(text: str, value: Value, place: str) -> None:
    assert dialect.read("f.yaml", text)[0] == value
    assert problems_of(text) == [f"{place} yaml-tag"]


@pytest.mark.parametrize("key", ["~", "null", "true", "False", "007", "-1", "+1", "1.5", "0x1f", ".inf"])
def test_a_key_that_does_not_read_as_text_is_refused_and_read_as_written(key: str) -> None:
    assert dialect.read("f.yaml", f"a: 1\n{key}: 2\n")[0] == {"a": 1, key: 2}
    assert problems_of(f"a: 1\n{key}: 2\n") == ["2:1 yaml-key"]


def test_an_entry_without_a_key_is_refused() -> None:
    value, (problem,) = dialect.read("f.yaml", "a: 1\n?\n: 2\n")

    assert value == {"a": 1, "": 2}
    assert str(problem) == "f.yaml:2:2: error: this entry has no key [yaml-key]"


def test_quotes_make_any_key_text() -> None:
    assert value_of("{'': 1, '~': 2, \"true\": 3, '007': 4, '<<': 5}") == {
        "": 1,
        "~": 2,
        "true": 3,
        "007": 4,
        "<<": 5,
    }


@pytest.mark.parametrize("key", ["[a]", "{a: b}", "? - a\n  - b\n"])
def test_a_collection_is_not_a_key_and_its_entry_is_left_out(key: str) -> None:
    text = f"{key}: {{x: 1, x: 2}}\nb: 2\n"
    column = 3 if key[0] == "?" else 1

    assert dialect.read("f.yaml", text)[0] == {"b": 2}
    assert problems_of(text)[0] == f"1:{column} yaml-key"
    assert problems_of(text)[1].endswith("yaml-duplicate-key")


def test_a_merge_key_is_refused_and_left_out() -> None:
    value, problems = dialect.read("f.yaml", "a:\n  <<: {b: 1}\n  c: 2\n")

    assert value == {"a": {"c": 2}}
    assert [str(problem) for problem in problems] == [
        "f.yaml:2:3: error: merge keys are not allowed [yaml-key]"
    ]
    assert problems[0].hint == "write out the entries"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\n---\nb: 2\n---\nc: 3\n", "2:1"),
        ("a: 1\n---\n", "2:1"),
        ("a: 1\n...\n---\na: 1\na: 2\n", "3:1"),
    ],
)
def test_a_second_document_is_refused_once_and_the_first_is_read(text: str, place: str) -> None:
    assert dialect.read("f.yaml", text)[0] == {"a": 1}
    assert problems_of(text) == [f"{place} yaml-multiple-documents"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "{? ", "[{a: "])
def test_what_is_nested_too_deeply_is_refused_where_it_becomes_so(opening: str) -> None:
    text = opening * 100

    assert dialect.read("f.yaml", text)[0] is None
    assert [problem.split()[1] for problem in problems_of(text)][-1] == "yaml-too-large"


def test_sixty_four_levels_are_not_too_deep() -> None:
    depth = MAX_DEPTH

    assert value_of("[" * depth + "]" * depth) is not None
    assert problems_of("[" * (depth + 1) + "]" * (depth + 1)) == [f"1:{depth + 1} yaml-too-large"]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a:\n\tb: 1\n", "2:1", "a tab indents this line, expected spaces"),
        ("a: b\n\tc: d\n", "2:1", "a tab indents this line, expected spaces"),
        ("a: |\n\tb\n", "2:1", "a tab indents this line, expected spaces"),
        ("name: Foo: Bar\n", "1:10", "a `:` is not expected here"),
        ("a: 1\n  b: 2\n", "2:4", "a `:` is not expected here"),
        ("a: 1\nb\nc: 3\n", "3:1", "the key at line 2, column 1 has no `:`"),
        ('a: "b\nc: 1\n', "3:1", "the quote opened at line 1, column 4 is not closed"),
        ("a: 'b", "1:6", "the quote opened at line 1, column 4 is not closed"),
        ("a: 'b\n---\nc", "2:1", "the quote opened at line 1, column 4 is not closed"),
        ("a: [1, 2\nb: 3\n", "2:2", "expected `,` or `]`: the list opened at line 1, column 4 is not closed"),
        (
            "a: {b: 1 c: 2}\n",
            "1:11",
            "expected `,` or `}`: the mapping opened at line 1, column 4 is not closed",
        ),
        ("a: [1", "1:6", "expected `,` or `]`: the list opened at line 1, column 4 is not closed"),
        (
            "a:\n  b: 1\n c: 2\n",
            "3:2",
            "this does not go on with the mapping that begins at line 1, column 1",
        ),
        ('a: "b" c\n', "1:8", "this does not go on with the mapping that begins at line 1, column 1"),
        ("- a\nb: 1\n", "2:1", "this does not go on with the list that begins at line 1, column 1"),
        ("a: - b\n", "1:4", "a list cannot begin on the line of its key"),
        ("a: ]\n", "1:4", "expected a value, found `]`"),
        ("a: [,\n", "1:5", "expected a value, found `,`"),
        ("a: {", "1:5", "expected a value, found the end of the file"),
        ("a: @b\n", "1:4", "a value cannot begin with `@`"),
        ("a: `b`\n", "1:4", "a value cannot begin with ```"),
        ("a: %b\n", "1:4", "a value cannot begin with `%`"),
        ("a: **b**\n", "1:5", "a value cannot begin with `*` or `&`"),
        ('a: "b\\q"\n', "1:6", "this backslash begins no known escape"),
        ('a: "\\xzz"\n', "1:7", "this backslash begins no known escape"),
        ('a: "\\ud83d\\ude00"\n', "1:7", "this escape is not a character"),
        ("a: |b\n  c\n", "1:5", "expected the end of the line, found `b`"),
        ("{a: 1} b\n", "1:8", "the document has ended before this"),
        ("%b\n", "1:3", "a line cannot begin with `%`"),
        ("a: ? b\n", "1:4", "a `?` is not expected here"),
        (
            "a: |0\n b\n",
            "1:5",
            "this is not YAML: while scanning a block scalar, found an indentation indicator equal to 0",
        ),
    ],
)
def test_what_is_not_yaml_is_refused_in_words_that_help(text: str, place: str, message: str) -> None:
    value, (problem,) = dialect.read("f.yaml", text)

    assert value is None
    assert str(problem) == f"f.yaml:{place}: error: {message} [yaml-syntax]"
    assert problem.hint


def test_columns_are_characters() -> None:
    assert problems_of("zoë: 東京 😀\nzoë: {é: 😀, 'é': 1}\n") == [
        "2:1 yaml-duplicate-key",
        "2:13 yaml-duplicate-key",
    ]


def test_what_was_found_before_a_syntax_error_is_reported_too() -> None:
    assert problems_of("a: !x 1\na: *y\n007: [\n") == [
        "1:4 yaml-tag",
        "2:1 yaml-duplicate-key",
        "2:4 yaml-alias",
        "3:1 yaml-key",
        "4:1 yaml-syntax",
    ]


def test_a_key_in_a_message_stays_on_one_line_and_short() -> None:
    _, (first, second) = dialect.read(
        "f.yaml", f'"a\\n\\e[31m": 1\n"a\\n\\e[31m": 2\n? {"x" * 9999}\n? {"x" * 9999}\n'
    )

    assert first.message.startswith(r"the key `a\n\x1b[31m` is")
    assert len(second.message) < 150


def test_after_a_thousand_problems_a_file_is_not_read_on() -> None:
    value, problems = dialect.read("f.yaml", "[" + "*a, " * 5_000 + "]")

    assert value is None
    assert len(problems) == dialect.MAX_PROBLEMS


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        *["[" * 2**20, "{" * 2**20, "- " * 2**19, "? " * 2**19, "[{" * 2**19, "[\n" * 2**19],
        *[
            "a" * 2**20,
            "a" * 2**20 + ": 1",
            '"' + "a" * 2**20 + '": 1',
            "k: '" + "''" * 2**19 + "'",
            "#" * 2**20,
        ],
        *["k: " + "9" * 2**20, "k: 1." + "9" * 2**20, "? " + "9" * 2**20, ":" * 2**20, "a:" * 2**19],
        *[
            " " * 2**20,
            "\n" * 2**20,
            "k: |\n" + " x\n" * 2**18,
            "k: >\n" + "\n" * 2**20,
            'k: "' + "\n" * 2**20,
        ],
        *[
            "-\n" * 2**17,
            "?\n" * 2**17,
            "!a " * 2**18,
            "&a " * 2**18,
            "---\n" * 2**17,
            "%TAG !a! b\n" * 2**16,
        ],
        "".join(f"%TAG !{number}! b\n" for number in range(2**16)),
        "a: &a [x]\n" + "b: [*a, *a, *a, *a]\n" * 2**12,
        "".join(" " * depth + "a:\n" for depth in range(1_000)),
    ],
    ids=lambda text: text[:8],
)
def test_hostile_text_is_read_in_bounded_time(text: str) -> None:
    dialect.read("f.yaml", text)


# Properties

HOSTILE = [
    *[
        "",
        " ",
        "no",
        "on",
        "y",
        "~",
        "null",
        "true",
        "007",
        "0o7",
        "0x1f",
        "1e3",
        "1_000",
        "+1",
        "-0",
        ".5",
        ".inf",
    ],
    *[
        "2026-12-21",
        "12:30",
        "a: b",
        "a:",
        ": a",
        "# a",
        "a # b",
        "- a",
        "-",
        "?",
        "? a",
        "<<",
        "=",
        "---",
        "...",
    ],
    *[
        "*a",
        "&a",
        "!a",
        "!!str a",
        "%TAG",
        "@a",
        "`a`",
        "|",
        ">",
        "{a",
        "[a]",
        "a, b",
        "'",
        '"',
        "\\",
        "\\n",
        "''",
    ],
    *[
        " lead",
        "trail ",
        "a\nb",
        "a\n\n b\n",
        "\n",
        "\n\n",
        "a\n",
        "\ta",
        "a\tb",
        "a \nb",
        "\r\n",
        "\0",
        "\x7f",
        "\x85",
    ],
    *["\u2028", "\u2029", "\ufeff", "\ufeffa", "\uffff", "é", "東京", "x" * 90, "x " * 60],
]
plane_0 = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])  # JSON writes others as surrogates
texts = st.sampled_from(HOSTILE) | st.text(plane_0, max_size=30)
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    leaves,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(texts, parts, max_size=4),
    max_leaves=20,
)
thorough = settings(deadline=None, max_examples=200)


@thorough
@given(values, st.sampled_from([None, 0, 2]), st.sampled_from([(", ", ": "), (",", ":")]))
def test_json_is_read_back(value: Value, indent: int | None, separators: tuple[str, str]) -> None:
    text = json.dumps(value, indent=indent, separators=separators)

    assert repr(value_of(text)) == repr(value)


class Dumper(yaml.SafeDumper):
    """Writes text in one style; what reads as a number since YAML 1.2, such as 0o7, in quotes."""

    text_style: str | None = None

    def ignore_aliases(self, _: object) -> bool:
        """Never write an alias."""
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Write text."""
        style = "'" if text[:1] in {*"+-.0123456789"} else self.text_style
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


Dumper.add_representer(str, Dumper.represent_text)


@st.composite
def dumped(draw: st.DrawFn) -> tuple[Value, str]:
    value = draw(values)
    style = draw(st.sampled_from([None, "'", '"', "|", ">"]))
    text = yaml.dump(
        value,
        Dumper=type("Styled", (Dumper,), {"text_style": style}),
        default_flow_style=draw(st.sampled_from([None, False, True])),
        indent=draw(st.sampled_from([2, 4])),
        width=draw(st.sampled_from([20, 80, 1_000])),
        sort_keys=False,
    )
    assume(repr(yaml.safe_load(text)) == repr(value))  # PyYAML does not always write what it means
    return value, text


@thorough
@given(dumped())
def test_what_pyyaml_writes_is_read_back(document: tuple[Value, str]) -> None:
    value, text = document

    assert repr(value_of(text)) == repr(value)


@thorough
@given(dumped())
def test_another_parser_reads_the_same(document: tuple[Value, str]) -> None:
    _, text = document

    assert repr(value_of(text)) == repr(yaml_rs.loads(text, parse_datetime=False))


fragments = st.sampled_from(
    [
        *[
            "a",
            "b",
            "k",
            "x y",
            "é",
            "😀",
            "1",
            "1.5",
            "0x1f",
            "no",
            "true",
            "~",
            "4711",
            "2026-12-21",
            "12:30",
        ],
        *[
            ": ",
            ": ",
            ":",
            "\n",
            "\n",
            "\n  ",
            "\n    ",
            "\n- ",
            "- ",
            "- - ",
            "? ",
            ", ",
            ",",
            "[",
            "]",
            "{",
            "}",
        ],
        *[
            "'",
            '"',
            "'s'",
            '"q"',
            "'it''s'",
            '"\\t"',
            '""',
            "#",
            " # c",
            "\\",
            "%",
            "@",
            "=",
            "<",
            "  ",
            "\t",
            "\r\n",
        ],
    ]
)


@settings(deadline=None, max_examples=500)
@given(st.lists(fragments, max_size=12).map("".join))
def test_what_another_parser_accepts_too_it_reads_the_same(text: str) -> None:
    value, problems = dialect.read("f.yaml", text)
    assume(not problems)
    try:
        other = yaml_rs.loads(text, parse_datetime=False)
    except yaml_rs.YAMLDecodeError:
        reject()

    assert repr(value) == repr(_with_text_keys(other))


def _with_text_keys(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _with_text_keys(part) for key, part in value.items()}
    return [_with_text_keys(part) for part in value] if isinstance(value, list) else value
