import pytest

from engine.strict import encoding


def places(data: bytes) -> list[str]:
    _, problems = encoding.decode("f.yaml", data)
    assert all(problem.code == "yaml-encoding" for problem in problems)
    return [f"{problem.location.line}:{problem.location.column}" for problem in problems]


def text_of(data: bytes) -> str | None:
    text, _ = encoding.decode("f.yaml", data)
    return text


@pytest.mark.parametrize(
    "text", ["", "a: 1\n", "a: 1\r\nb:\t2\r\n", "Zoë, 東京, 😀\n", "a\xa0b\u200b\ue000\ufffd\U0010fffd"]
)
def test_text_in_utf_8_is_read_as_it_is(text: str) -> None:
    assert encoding.decode("f.yaml", text.encode()) == (text, [])


def test_a_byte_order_mark_at_the_start_is_left_out_and_is_no_column() -> None:
    assert text_of(b"\xef\xbb\xbfa: 1") == "a: 1"
    assert places(b"\xef\xbb\xbfa\0") == ["1:2"]


@pytest.mark.parametrize(
    "character",
    [
        *[chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"],
        *["\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff"],
    ],
)
def test_what_may_not_stand_in_yaml_is_reported_and_replaced(character: str) -> None:
    data = f"a: 1\nzoë: x{character}y\n".encode()

    assert places(data) == ["2:7"]
    assert text_of(data) == "a: 1\nzoë: x\ufffdy\n"


@pytest.mark.parametrize(
    ("data", "place"),
    [(b"a: Zo\xeb\n", "1:6"), (b"a: 1\n\xff", "2:1"), (b"\xed\xa0\x80", "1:1"), ("é".encode()[:1], "1:1")],
)
def test_what_is_not_utf_8_is_reported_where_it_is(data: bytes, place: str) -> None:
    assert places(data)[0] == place


def test_the_byte_that_is_not_utf_8_is_named() -> None:
    _, (problem,) = encoding.decode("f.yaml", b"a: Zo\xeb\n")

    assert problem.message == "byte 0xEB is not UTF-8"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_not_read(codec: str) -> None:
    data = "\ufeffversion: 1\npartner: nordlicht\n".encode(codec)
    text, problems = encoding.decode("f.yaml", data)

    assert text is None
    assert {problem.code for problem in problems} == {"yaml-encoding"}


def test_utf_16_is_one_problem() -> None:
    assert places("a: 1".encode("utf-16")) == ["1:1"]


def test_a_lone_carriage_return_is_reported_and_ends_a_line_all_the_same() -> None:
    assert places(b"a: 1\rb: 2\r\r\nc: \0\n") == ["1:5", "2:5", "4:4"]
    assert text_of(b"a: 1\rb: 2\r\n") == "a: 1\nb: 2\r\n"


def test_every_place_is_reported() -> None:
    assert places("a: \0\nb: \u2028\x85\nc: \ufeff\n".encode() + b"\xff") == [
        "1:4",
        "2:4",
        "2:5",
        "3:4",
        "4:1",
    ]


def test_a_file_full_of_bad_characters_is_not_text() -> None:
    text, problems = encoding.decode("f.yaml", b"\0" * 1_000_000)

    assert text is None
    assert len(problems) == encoding.MAX_REPORTED


@pytest.mark.parametrize(
    ("offset", "place"),
    [(0, "f:1:1"), (2, "f:1:3"), (3, "f:2:1"), (5, "f:3:1"), (8, "f:4:1"), (10, "f:4:3")],
)
def test_a_line_ends_with_lf_cr_lf_or_cr(offset: int, place: str) -> None:
    assert str(encoding.locate_offset("f", "ab\nc\rd\r\nef", offset)) == place
