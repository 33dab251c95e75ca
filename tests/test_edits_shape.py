"""An edited file says what it is to say, and every byte that the change does not concern stays."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from partnertexts import overrides, partners, written

from engine import documents
from engine.diagnostics import ConfigurationError
from engine.documents import Document, Path
from engine.edits import shape, wording

LISTED = st.sampled_from(["acme", "globex", "4711", "bär"])
SEEDS = st.integers(0, 2**32)


def document(text: str) -> Document:
    parsed, problems = documents.parse("nord.yaml", text.encode())
    assert parsed is not None
    assert problems == ()
    return parsed


def changed(text: str, value: Any) -> str:  # noqa: ANN401 - any YAML
    return shape.rewritten(document(text), value).decode()


def with_override(value: Any, client: str, override: Any) -> Any:  # noqa: ANN401 - any YAML
    """Return the same content with that override; None removes it."""
    after = copy.deepcopy(value)
    clients = after["clients"] = after.get("clients") or {}
    entry = clients[client] = clients.get(client) or {}
    entry.pop("override", None)
    if override is not None:
        entry["override"] = override
    return after


def offset(text: str, at: Path, read: Document) -> int:
    place = read.locate_key(at)
    return sum(len(line) for line in text.split("\n")[: place.line - 1]) + place.line - 1 + place.column - 1


@settings(max_examples=300, deadline=None)
@given(partners(), SEEDS, LISTED, st.one_of(st.none(), overrides()))
def test_what_is_written_reads_back(content: Any, seed: int, client: str, override: Any) -> None:  # noqa: ANN401
    text = written(content, random.Random(seed))  # noqa: S311 - a style, no secret
    wanted = with_override(document(text).value, client, override)

    assert document(changed(text, wanted)).value == wanted


@settings(max_examples=300, deadline=None)
@given(partners(), SEEDS, LISTED, st.one_of(st.none(), overrides()))
def test_only_the_entry_of_the_client_changes(content: Any, seed: int, client: str, override: Any) -> None:  # noqa: ANN401
    text = written(content, random.Random(seed))  # noqa: S311 - a style, no secret
    read = document(text)
    listed = list((content.get("clients") or {}).keys())
    if client not in listed:
        return
    after = changed(text, with_override(read.value, client, override))
    keys = [("clients", name) for name in listed]
    starts = sorted(offset(text, at, read) for at in [*keys, *((key,) for key in content)])
    start = offset(text, ("clients", client), read)
    end = next((other for other in starts if other > start), len(text))

    assert after.startswith(text[:start])
    assert text[end:] == "" or after.endswith(text[end:])


@settings(max_examples=200, deadline=None)
@given(partners(), SEEDS, overrides())
def test_a_new_client_is_only_added(content: Any, seed: int, override: Any) -> None:  # noqa: ANN401
    text = written(content, random.Random(seed))  # noqa: S311 - a style, no secret
    if not content.get("clients"):
        return
    after = changed(text, with_override(document(text).value, "new-one", override))
    kept = next(length for length in range(len(text), -1, -1) if after.startswith(text[:length]))

    assert after.endswith(text[kept:])


@settings(max_examples=200, deadline=None)
@given(partners(), SEEDS, overrides())
def test_a_default_becomes_what_is_set(content: Any, seed: int, default: Any) -> None:  # noqa: ANN401
    text = written(content, random.Random(seed))  # noqa: S311 - a style, no secret
    wanted = {**content, "default": default}

    assert document(changed(text, wanted)).value == wanted


@settings(max_examples=500, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_reads_back_as_it_was(text: str) -> None:
    line = f"a: {wording.flow(text)}\nb: [{wording.flow(text)}, {{c: {wording.flow(text)}}}]\n"

    assert document(line).value == {"a": text, "b": [text, {"c": text}]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2027-01-01", "2027-01-01"),
        ("asked by the client", "asked by the client"),
        ("Köln/Bonn", "Köln/Bonn"),
        ("no", '"no"'),
        ("007", '"007"'),
        ("4711", '"4711"'),
        ("a: b", '"a: b"'),
        ("a # b", '"a # b"'),
        ('she said "no"', "'she said \"no\"'"),
        ("two\nlines", '"two\\nlines"'),
        ("", '""'),
    ],
)
def test_text_is_quoted_where_a_parser_could_take_it_for_something_else(text: str, words: str) -> None:
    assert wording.flow(text) == words


def test_in_a_block_commas_and_brackets_need_no_quotes() -> None:
    assert wording.inline("clause 2, annex [3]") == "clause 2, annex [3]"
    assert wording.inline("[3]") == '"[3]"'


def test_an_element_on_the_line_below_its_dash_is_found_past_blank_lines() -> None:
    text = "covers:\n    -\n\n\n        {user: a}\n    - {user: b}\n"

    after = changed(text, {"covers": [{"user": "c"}, {"user": "b"}]})

    assert after == text.replace("user: a", "user: c")


def test_a_first_key_that_goes_makes_room_for_a_new_one_below_a_comment() -> None:
    text = "default:\n-\n# left\n  note: asked\n  owner: hubspot\n"

    after = changed(text, {"default": [{"contact": "jana", "owner": "hubspot"}]})

    assert after == text.replace("note: asked", "contact: jana")


def test_a_portal_number_is_a_key_without_quotes() -> None:
    assert wording.flow({"4711": 1, "007": 1, "no": 1}) == '{4711: 1, "007": 1, "no": 1}'


def test_a_file_with_windows_line_ends_and_without_the_last_one_keeps_both() -> None:
    text = "version: 1\r\nclients:  # none yet"

    after = changed(text, {"version": 1, "clients": {"acme": {"override": {"owner": "partner"}}}})

    assert after == ("version: 1\r\nclients:  # none yet\r\n  acme:\r\n    override: {owner: partner}")


def test_a_byte_order_mark_stays() -> None:
    read, _ = documents.parse("nord.yaml", b"\xef\xbb\xbfa: 1\n")
    assert read is not None

    assert shape.rewritten(read, {"a": 2}) == b"\xef\xbb\xbfa: 2\n"


def test_json_stays_json() -> None:
    text = '{\n  "version": 1,\n  "clients": {"acme": {"website": "a.example"}}\n}\n'

    after = changed(text, with_override(document(text).value, "acme", {"owner": "partner"}))

    assert after == (
        '{\n  "version": 1,\n'
        '  "clients": {"acme": {"website": "a.example", "override": {"owner": "partner"}}}\n}\n'
    )


def test_an_element_of_a_flow_list_over_several_lines_gets_its_own_line() -> None:
    text = "a: [\n  {b: 1},  # one\n  {b: 2}   # two\n]\n"

    after = changed(text, {"a": [{"b": 1}, {"b": 2}, {"b": 3}]})

    assert after == "a: [\n  {b: 1},  # one\n  {b: 2},   # two\n  {b: 3}\n]\n"


def test_a_mapping_in_a_block_becomes_the_first_of_a_list() -> None:
    text = "default:\n    owner: partner   # always\n    # who else\n    contact: tom\nlast: 1\n"
    value = {"default": [{"owner": "partner", "contact": "tom", "until": "2027-01-01"}, {"owner": "hubspot"}]}

    after = changed(text, {**value, "last": 1})

    assert after == (
        "default:\n    - owner: partner   # always\n      # who else\n      contact: tom\n"
        "      until: 2027-01-01\n    - owner: hubspot\nlast: 1\n"
    )


def test_an_element_goes_behind_the_comment_that_ends_a_list() -> None:
    text = "a:\n  b:\n    - {c: 1}\n    # then nothing\n  # about d\n  d: 1\n"

    after = changed(text, {"a": {"b": [{"c": 1}, {"c": 2}], "d": 1}})

    assert after == "a:\n  b:\n    - {c: 1}\n    # then nothing\n    - {c: 2}\n  # about d\n  d: 1\n"


def test_comments_above_what_is_removed_stay() -> None:
    text = "acme:\n  # of note\n  override: {owner: partner}  # gone\nlast: 1\n"

    assert changed(text, {"acme": {}, "last": 1}) == "acme: {}\n  # of note\nlast: 1\n"


def test_a_file_that_says_so_already_is_not_touched() -> None:
    assert changed("a:   {b : 1}  # x", {"a": {"b": 1}}) == "a:   {b : 1}  # x"


def test_a_file_that_can_be_read_in_two_ways_is_not_edited() -> None:
    read, _ = documents.parse("nord.yaml", b"a: 1\na: 2\n")
    assert read is not None

    with pytest.raises(ConfigurationError, match=r"nord.yaml:2:1: .*yaml-duplicate-key"):
        shape.rewritten(read, {"a": 3})
