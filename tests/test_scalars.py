import math
import re

import pytest
import yaml_rs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.strict import scalars


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nothing_and_the_words_for_it_are_null(text: str) -> None:
    assert scalars.resolve(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False)],
)
def test_true_and_false_have_three_spellings(text: str, value: bool) -> None:  # noqa: FBT001 - a table's column
    assert scalars.resolve(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("+0", 0),
        ("-0", 0),
        ("7", 7),
        ("+7", 7),
        ("-7", -7),
        ("1234567890123456789012345", 1234567890123456789012345),
        ("0o17", 15),
        ("0o007", 7),
        ("0x1f", 31),
        ("0x00FF", 255),
    ],
)
def test_whole_numbers_are_decimal_octal_or_hexadecimal(text: str, value: int) -> None:
    number = scalars.resolve(text)

    assert (type(number), number) == (int, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("-1.5", -1.5),
        ("+1.", 1.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("007.5", 7.5),
        ("1e3", 1000.0),
        ("1E+3", 1000.0),
        ("1.5e-1", 0.15),
        ("01e3", 1000.0),
        (".inf", math.inf),
        ("+.Inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_a_point_or_an_exponent_makes_a_fraction(text: str, value: float) -> None:
    number = scalars.resolve(text)

    assert (type(number), number) == (float, value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_a_number(text: str) -> None:
    number = scalars.resolve(text)

    assert isinstance(number, float)
    assert math.isnan(number)


@pytest.mark.parametrize(
    "text",
    [
        *[
            "no",
            "No",
            "on",
            "off",
            "yes",
            "y",
            "n",
            "nULL",
            "tRUE",
            "nil",
            "none",
        ],  # YAML 1.1 or a typing slip
        *["0b1", "1_000", "+0x1", "-0x1f", "+0o7", "0X1f", "0O7", "0o8", "0xg", "0o", "0x"],
        *["2026-12-21", "2026-12-21T10:00:00Z", "12:30", "1:2:3", "190:20:30.15"],
        *[".", "+", "-", "+-1", "e3", ".e3", "1e", "1e+", "1.5.2", "1,5", ".Nan", "-.nan", "inf", "+.iNF"],
        *["<<", "=", "acme.example", "Jana Weber", "Zoë", "١٢", "1²", "1 000", "12 "],
    ],
)
def test_everything_else_is_text(text: str) -> None:
    assert scalars.resolve(text) == text


@pytest.mark.parametrize("text", ["007", "00", "-01", "+01", "0123", "09", "0" * 50])
def test_a_whole_number_with_a_leading_zero_is_text_as_written(text: str) -> None:
    assert scalars.resolve(text) == text


@pytest.mark.parametrize(
    "text", ["1" * 101, "9" * 1_000_000, "-" + "1" * 5_000, "1." + "0" * 100, "0x" + "f" * 99]
)
def test_a_number_over_a_hundred_characters_is_text(text: str) -> None:
    assert scalars.resolve(text) == text


def test_a_number_of_a_hundred_characters_is_a_number() -> None:
    assert scalars.resolve("1" * 100) == int("1" * 100)


@pytest.mark.parametrize(
    "text", ["acme", "no", "4711", "0", "a 1", "007a", "-a", "+", ".x", "2026-01-01", "=", "1_0"]
)
def test_text_and_portal_numbers_are_keys(text: str) -> None:
    assert scalars.is_key(text)


@pytest.mark.parametrize(
    "text",
    ["", "~", "null", "true", "FALSE", "007", "-1", "+1", "-01", "1.5", "1e3", "0x1f", "0o7", ".inf", ".nan"],
)
def test_what_reads_as_something_else_is_not_a_key(text: str) -> None:
    assert not scalars.is_key(text)


@pytest.mark.parametrize("text", ["<<", "0" * 200])
def test_neither_is_a_merge_key_nor_a_long_number_with_leading_zeros(text: str) -> None:
    assert not scalars.is_key(text)


@settings(deadline=None, max_examples=300)
@given(st.text("0123456789+-.eExoabfInN~", min_size=2, max_size=8))
def test_another_parser_reads_the_same(text: str) -> None:
    digits = text.lstrip("+-")
    assume(digits and not digits.startswith("0b"))  # it reads binary numbers, as YAML 1.1 does,
    assume(digits == text or not digits.startswith(("0x", "0o")))  # and signed hexadecimal ones
    assume(not re.fullmatch("0[0-9]+", digits))  # what we keep as text

    other = yaml_rs.loads(f"value: {text}", parse_datetime=False)

    assert isinstance(other, dict)
    assert repr(scalars.resolve(text)) == repr(other["value"])
