import json
from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import documents
from engine.diagnostics import Diagnostic, Location
from engine.documents import Document, Path, Value
from engine.strict import events

PARTNER = """\
# yaml-language-server: $schema=../../schemas/partner.schema.json
version: 1
partner: nordlicht
name: Nordlicht Digital GmbH
time_zone: Europe/Berlin
labels: {tier: platinum}            # strings
users:
  jana: {name: Jana Weber, email: jana@nordlicht.example, locale: de-DE, admin: true}
  tom:  {name: Tom Kern, email: tom@nordlicht.example}
default:                            # a mapping, or a list of mappings with from/until
  owner: hubspot                    # hubspot | partner
  contact: jana
  backup_contacts: [tom]
covers:
  - {user: jana, cover: tom, from: 2026-12-21, until: 2027-01-07, mode: replace}
clients:                            # clients that need no entry need none
  acme:
    website: acme.example
    labels: {segment: strategic}
    override: {owner: partner, contact: tom, note: für den Kunden 😀}
  4711:
    website: globex.example
    override:
      - {owner: partner, contact: jana, from: 2027-01-01}
    hold: {from: 2026-12-01, until: 2027-02-01, reason: merger, by: jana}
  initech: {website: initech.example, until: 2027-04-01}
"""


def read(text: str) -> Document:
    document, problems = documents.parse("f.yaml", text.encode())
    assert problems == ()
    assert document is not None
    return document


def problems_of(data: bytes) -> list[str]:
    _, problems = documents.parse("f.yaml", data)
    return [f"{problem.location.line}:{problem.location.column} {problem.code}" for problem in problems]


def place(location: Location) -> str:
    return f"{location.line}:{location.column}"


# What a file says


def test_a_partner_file_is_read() -> None:
    document = read(PARTNER)

    assert document.path == "f.yaml"
    assert document.text == PARTNER.encode()
    assert isinstance(document.value, dict)
    assert document.value["covers"] == [
        {"user": "jana", "cover": "tom", "from": "2026-12-21", "until": "2027-01-07", "mode": "replace"}
    ]
    assert list(document.value["clients"]) == ["acme", "4711", "initech"]  # type: ignore[arg-type]


def test_line_ends_and_a_byte_order_mark_make_no_difference() -> None:
    document, problems = documents.parse("f.yaml", b"\xef\xbb\xbf" + PARTNER.replace("\n", "\r\n").encode())

    assert problems == ()
    assert document is not None
    assert document.value == read(PARTNER).value


@pytest.mark.parametrize(
    "text",
    ["", "\n", "  \n \n", "# nothing\n", "---\n", "---\n...\n", "null\n", "~", "\ufeff", "# a\n\nNull"],
)
def test_a_file_that_says_nothing_is_refused(text: str) -> None:
    document, problems = documents.parse("f.yaml", text.encode())

    assert document is None
    assert list(map(str, problems)) == ["f.yaml:1:1: error: the file is empty [yaml-empty]"]


def test_a_file_is_read_up_to_a_size() -> None:
    data = b"a: 1\n".ljust(documents.MAX_BYTES, b"#")

    assert problems_of(data) == []
    assert problems_of(data + b"#") == ["1:1 yaml-too-large"]


def test_every_problem_of_a_file_is_reported_in_its_order() -> None:
    data = b"a: &x 1\nb: \xff\na: *x\n007: !y z\n<<: {k: \0, k: 2}\nl: \xe2\x80\xa8\n---\nz: 1\n"
    document, _ = documents.parse("f.yaml", data)

    assert document is not None
    assert document.value == {"a": 1, "b": "\ufffd", "007": "z", "l": "\ufffd"}
    assert problems_of(data) == [
        "1:4 yaml-alias",
        "2:4 yaml-encoding",
        "3:1 yaml-duplicate-key",
        "3:4 yaml-alias",
        "4:1 yaml-key",
        "4:6 yaml-tag",
        "5:1 yaml-key",
        "5:9 yaml-encoding",
        "5:12 yaml-duplicate-key",
        "6:4 yaml-encoding",
        "7:1 yaml-multiple-documents",
    ]


def test_bad_characters_do_not_hide_a_syntax_error() -> None:
    assert problems_of(b"a: \xff\nb: [\n") == ["1:4 yaml-encoding", "3:1 yaml-syntax"]


def test_what_is_not_text_has_no_other_problems() -> None:
    document, problems = documents.parse("f.yaml", bytes(range(256)) * 4)

    assert document is None
    assert {problem.code for problem in problems} == {"yaml-encoding"}


@pytest.mark.parametrize(
    "text", [PARTNER, PARTNER.replace("\n", "\r\n"), PARTNER.encode("utf-16")], ids=["lf", "crlf", "utf-16"]
)
def test_no_beginning_of_a_file_raises(text: str | bytes) -> None:
    data = text.encode() if isinstance(text, str) else text
    for end in range(len(data)):
        document, problems = documents.parse("f.yaml", data[:end])

        assert document or problems
        assert all(_is_in(problem.location, data[:end]) for problem in problems)


@settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=200)
    | st.text("ab:- \n\t[]{}'\"#&*!|>?%@\\,~<1.\0\r\ufeff\x85é", max_size=60).map(str.encode)
)
def test_no_bytes_raise(data: bytes) -> None:
    document, problems = documents.parse("f.yaml", data)

    assert document or problems
    assert all(_is_in(problem.location, data) for problem in problems)
    if document:
        document.locate(("a", 0))


def _is_in(location: Location, data: bytes) -> bool:
    """Whether an editor can go there, be it just behind the last character of a line."""
    lines = data.decode(errors="surrogateescape").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return location.line <= len(lines) and location.column <= len(lines[location.line - 1]) + 1


# Where it says it


@pytest.mark.parametrize(
    ("at", "value", "key"),
    [
        ((), "2:1", "2:1"),
        (("version",), "2:10", "2:1"),
        (("users",), "8:3", "7:1"),
        (("users", "tom"), "9:9", "9:3"),
        (("users", "tom", "email"), "9:33", "9:26"),
        (("default", "backup_contacts"), "13:20", "13:3"),
        (("default", "backup_contacts", 0), "13:21", "13:21"),
        (("covers",), "15:3", "14:1"),
        (("covers", 0), "15:5", "15:5"),
        (("covers", 0, "until"), "15:55", "15:48"),
        (("clients", "4711", "override", 0, "owner"), "24:17", "24:10"),
        (("clients", "initech", "until"), "26:46", "26:39"),
    ],
)
def test_a_value_and_its_key_are_located(at: Path, value: str, key: str) -> None:
    document = read(PARTNER)

    assert place(document.locate(at)) == value
    assert place(document.locate_key(at)) == key


@pytest.mark.parametrize(
    ("at", "deepest"),
    [
        (("nobody",), ()),
        (("clients", "nobody", "override"), ("clients",)),
        (("covers", 1), ("covers",)),
        (("covers", "0"), ("covers",)),
        (("name", 0), ("name",)),
        (("clients", 4711), ("clients",)),
    ],
)
def test_what_does_not_exist_is_located_at_the_deepest_part_that_does(at: Path, deepest: Path) -> None:
    document = read(PARTNER)

    assert document.locate(at) == document.locate(deepest)
    assert document.locate_key(at) == document.locate_key(deepest)


def test_columns_are_characters_and_a_byte_order_mark_is_none() -> None:
    document = read("\ufeff{ä: 😀, ö: x}\r\n")

    assert place(document.locate()) == "1:1"
    assert place(document.locate_key(("ö",))) == "1:8"


def test_an_absent_value_is_located_after_its_key() -> None:
    assert place(read("a:\nb: 1\n").locate(("a",))) == "1:3"


def test_parts_that_were_refused_have_no_place() -> None:
    text = "a: {x: 1}\na: {y: 2}\n<<: {z: 1}\n? {a: 1}\n: {b: 1}\n"
    document, _ = documents.parse("f.yaml", text.encode())

    assert document is not None
    assert place(document.locate(("a", "x"))) == "1:8"
    assert place(document.locate(("a", "y"))) == "1:4"
    assert place(document.locate(("<<", "z"))) == "1:1"
    assert place(document.locate(("b",))) == "1:1"


def test_parts_beside_bad_characters_are_located() -> None:
    document, _ = documents.parse("f.yaml", b"a: \x00\rb: \xff\nc: 1\n")

    assert document is not None
    assert place(document.locate(("c",))) == "3:4"


def test_a_document_without_text_is_located_at_its_beginning() -> None:
    assert Document("f.yaml", {"a": 1}, b"").locate(("a",)) == Location("f.yaml")


def test_a_released_document_keeps_the_text_only_and_says_the_same() -> None:
    document, _ = documents.parse("a.yaml", b"a: {b: [1, x]}\n")
    assert document is not None

    released = document.released()

    assert "value" not in vars(released)
    assert (released.path, released.text, released.value) == ("a.yaml", document.text, document.value)
    assert released.locate(("a", "b", 1)) == document.locate(("a", "b", 1))


def test_the_text_is_walked_again_only_once() -> None:
    document = read(PARTNER)

    assert document.locate(("name",)) is not None
    assert document._places is document._places


texts = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=10)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(texts, parts, max_size=4),
    max_leaves=20,
).filter(lambda value: value is not None)


@settings(deadline=None, max_examples=100)
@given(
    values, st.sampled_from([None, 0, 3]), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"])
)
def test_every_value_and_key_stands_where_it_is_located(
    value: Value, indent: int | None, line_end: str, mark: str
) -> None:
    text = json.dumps(value, indent=indent).replace("\n", line_end)
    document = read(mark + text)

    for at, part in _walk(value):
        beginning = json.dumps(part)[: 1 if isinstance(part, dict | list) else None]
        key = json.dumps(at[-1]) if at and isinstance(at[-1], str) else beginning
        assert _text_at(text, document.locate(at)).startswith(beginning)
        assert _text_at(text, document.locate_key(at)).startswith(key)


def _walk(value: Value, at: Path = ()) -> Iterator[tuple[Path, Value]]:
    yield at, value
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _walk(part, (*at, key))
    if isinstance(value, list):
        for index, part in enumerate(value):
            yield from _walk(part, (*at, index))


def _text_at(text: str, location: Location) -> str:
    lines = text.split("\n")
    return "\n".join([lines[location.line - 1][location.column - 1 :], *lines[location.line :]])


# PyYAML without libyaml


@pytest.mark.parametrize(
    "text", [PARTNER, "a: !x 1\na: &y 2\n007: [\n", "a:\n\tb: 1\n", "a: 'b", "a: 1\n---\nb: 2\n"]
)
def test_without_libyaml_the_same_is_read_and_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_libyaml = _outcome(text)

    monkeypatch.setattr(events, "_LOADER", yaml.BaseLoader)

    assert _outcome(text) == with_libyaml


def _outcome(text: str) -> tuple[Value, tuple[Diagnostic, ...]]:
    document, problems = documents.parse("f.yaml", text.encode())
    return document.value if document else None, problems
