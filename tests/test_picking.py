from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import MODEST

from engine import processes
from engine.feeds import jsonfacts, picking
from engine.feeds.picking import Wanted
from engine.trees import File

_TEXT = st.sampled_from(["acme", "globex", "ä", 'a"b', "a\\b", "\u2028"])
_FACT = st.fixed_dictionaries(
    {"renewal": _TEXT, "client": _TEXT}, optional={"partner": _TEXT | st.none(), "tier": st.lists(_TEXT)}
)
_LINES = st.lists(st.sampled_from(["", " ", "\r"]) | st.builds(json.dumps, _FACT, ensure_ascii=st.booleans()))


WANTED = Wanted(frozenset({"acme"}), frozenset({"ä"}))


def is_wanted(client: str, partner: str | None) -> bool:
    return client == "acme" or partner == "ä"


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picking, "_BLOCK", 64)
    monkeypatch.setattr(processes, "usable", lambda: 2)


@MODEST
@given(_LINES)
def test_the_lines_that_are_wanted_are_picked_with_their_numbers(lines: list[str]) -> None:
    found = picking.pick(File("a.jsonl", "\n".join(lines).encode()), WANTED)

    said = [(number, json.loads(line)) for number, line in enumerate(lines, start=1) if line.strip()]
    assert found is not None
    assert [(number, json.loads(line)) for number, line in found.lines] == [
        (number, fact) for number, fact in said if is_wanted(fact["client"], fact.get("partner"))
    ]
    assert found.renewals == [fact["renewal"] for _, fact in said]
    assert found.clients == {fact["client"] for _, fact in said}


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"renewal": "r"}', '{"renewal": "r", "client": 1}', "{} {}", "\xff"]
)
def test_nothing_is_picked_where_a_line_does_not_say_whose_it_is(line: str) -> None:
    good = '{"renewal": "rn", "client": "acme"}'

    found = picking.pick(File("a.jsonl", "\n".join([good] * 9 + [line, good]).encode("latin-1")), WANTED)

    assert found is None


def test_a_line_that_was_picked_keeps_its_place() -> None:
    lines = ["", '{"renewal": "rn", "client": "acme"}', '{"renewal": "other", "client": "globex"}'] * 5

    found = picking.pick(File("a.jsonl", "\n".join(lines).encode()), WANTED)

    assert found is not None
    items = jsonfacts.read_numbered("a.jsonl", found.lines)
    assert [item.place.line for item in items] == [2, 5, 8, 11, 14]
