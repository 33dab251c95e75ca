from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from deliveries import line
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagnostics import Location
from engine.feeds import jsonfacts, shapes
from engine.feeds.judging import Item
from engine.feeds.shapes import Shapes
from engine.trees import File

CONTACT = {"email": "ada@acme.example", "name": "Ada, {Long}", "locale": "de"}
FULL = line(
    products=["x", "y"],
    mrr=8,
    locale="de",
    auto_renew=True,
    contacts={"decision_maker": CONTACT, "billing_contacts": [CONTACT, {"email": "b@acme.example"}]},
)
SOUND = [
    line(),
    FULL,
    json.dumps(json.loads(FULL), separators=(",", ":")),
    FULL.replace("Ada", r"\"J\u00fcrgen"),
]
PIECES = [
    *('"', "\\", "{", "}", "[", "]", ",", ":", " ", "\r", "\x00", "\x7f", "\ufeff", "ä", "\u2028", "1"),
    *('"client":', '"client": "b",', ', "client": "b"', ',"locale":null', '"locale" :"fr",', '"name":"}{",'),
    *(
        '"email": "c@acme.example", ',
        '},{"email":"c@acme.example"',
        "}, {",
        '],"flags":["',
        '"},"locale":"fr',
    ),
    *(
        r'"cli\u0065nt":"c",',
        r'"\u0063lient": "c",',
        r'"cl\/ient":"c",',
        r"\u0022",
        r"\"",
        r"\ud800",
        r"\u0061",
    ),
    *("NaN", "1e3", "1.0", "45.0", "-0", "9" * 19, "9" * 40, "1e999", "01", "null", "true", '"2027-02-30"'),
    *('"deadline_lead_days":45.0,', '"deadline_lead_days": 1e1,', '"mrr":1e3,', '"mrr":-0.0,', '"mrr":1e15,'),
    *('"tier":"gold",', '"tier":null,', '"x":1,', "[" * 70, '{"a":' * 70, '"time_zone":"Mars/X",', "\udcff"),
]


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def mutated(text: str, cuts: list[tuple[int, int, str]]) -> bytes:
    for place, length, piece in cuts:
        begin = place % (len(text) + 1)
        text = text[:begin] + piece + text[begin + length :]
    return encoded(text).replace(b"\n", b"")


CUTS = st.lists(
    st.tuples(st.integers(0, 1000), st.sampled_from([0, 0, 0, 1, 2, 9]), st.sampled_from(PIECES)), max_size=3
)
LINES = st.builds(mutated, st.sampled_from(SOUND), CUTS)


def read_all(lines: list[bytes]) -> list[Item]:
    return list(jsonfacts.read_lines(File("facts/a.jsonl", b"\n".join(lines))))


def explained(lines: list[bytes]) -> list[Item]:
    """Read every line in the slow way, which looks for everything that may be wrong."""
    return [
        jsonfacts.explain(text, Location("facts/a.jsonl", number), "write one renewal on each line")
        for number, text in enumerate(lines, start=1)
        if text.strip()
    ]


@settings(max_examples=300)
@given(st.lists(LINES, min_size=1, max_size=12))
def test_a_line_is_read_as_in_the_slow_way(lines: list[bytes]) -> None:
    """Its shape may be known by then: every shape is worth remembering at once here."""
    known = [encoded(text) for text in SOUND]

    assert list(map(repr, read_all([*known, *lines]))) == list(map(repr, explained([*known, *lines])))


@settings(max_examples=300)
@given(LINES)
def test_of_a_known_shape_no_key_stands_twice(text: bytes) -> None:
    shown = Shapes()
    for sound in SOUND:
        shown.learn(encoded(sound))
    item = jsonfacts.explain(text, Location("facts/a.jsonl"))

    if item.fact is None and item.problems[0].code == "yaml-duplicate-key":
        assert not shown.has(text)


@pytest.fixture(scope="module", autouse=True)
def every_shape_is_worth_it() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapes, "_WORTH_IT", 1)
        yield


def test_a_shape_is_known_whatever_the_values_are() -> None:
    shown = Shapes()
    shown.learn(encoded(line(mrr=5)))

    assert shown.has(encoded(line("another", mrr=0.5)))
    assert shown.has(encoded(line('with "quotes", {braces} and \\', mrr=None)))
    assert not shown.has(encoded(line("another", mrr=[])))
    assert not shown.has(encoded(line("another", tier="starter")))


@pytest.mark.parametrize(
    ("sound", "twice"),
    [
        ('{"a":[{"email":1},{"email":2}]}', '{"a":[{"email":1,"email":2}]}'),
        ('{"a":[{"email":"x","name":"y"},{"email":"z"}]}', '{"a":[{"email":"x","name":"},{","email":"z"}]}'),
        ('{"a":"x","b":"y"}', '{"a":"x","a":"y"}'),
        (r'{"a":"\"","b":"y"}', r'{"a":"\"","a":"y"}'),
        ('{"a":{"b":1},"c":2}', '{"a":{"b":1,"b":2}}'),
    ],
)
def test_a_line_in_which_a_key_stands_twice_has_another_shape(sound: str, twice: str) -> None:
    shown = Shapes()
    shown.learn(encoded(sound))

    assert shown.has(encoded(sound))
    assert not shown.has(encoded(twice))


def test_a_shape_is_remembered_once_many_lines_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_WORTH_IT", 3)
    shown = Shapes()
    found = []
    for number in range(4):
        shown.learn(encoded(line(f"rn_{number}")))
        found.append(shown.has(encoded(line())))

    assert found == [False, False, True, True]


def test_a_very_long_line_is_not_remembered() -> None:
    contacts = {"billing_contacts": [{"email": "b@acme.example"}] * 1000}
    shown = Shapes()
    shown.learn(encoded(line(contacts=contacts)))

    assert not shown.has(encoded(line(contacts=contacts)))
