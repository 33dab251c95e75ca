from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from deliveries import clients, line, only, read
from hypothesis import given
from hypothesis import strategies as st

from engine.diagnostics import Location
from engine.feeds import factfiles
from engine.feeds.factfiles import Facts
from engine.trees import File, Unheld

# JSON Lines


@pytest.mark.parametrize(
    "content",
    [
        f"{line()}\n{line('rn_2')}\n",
        f"{line()}\n{line('rn_2')}",
        f"\n{line()}\n\n  \n{line('rn_2')}\n\n",
        f"{line()}\r\n{line('rn_2')}\r\n",
        f"\ufeff{line()}\n{line('rn_2')}\n",
        f"  {line()}\n\t{line('rn_2')}\t\n",
    ],
    ids=["plain", "no last line feed", "empty lines", "CR LF", "byte order mark", "blanks"],
)
def test_a_line_is_a_renewal(content: str) -> None:
    assert clients(read(content)) == ["acme", "acme"]


@given(
    st.lists(st.sampled_from([line(), line("rn_2"), '"rn_3"', "{", " ", ""]), max_size=5),
    st.sampled_from(["", "\ufeff"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sets(st.integers(1, 500)),
)
def test_it_is_nothing_to_the_lines_in_which_blocks_a_file_is_read(
    lines: list[str], mark: str, end: str, cuts: set[int]
) -> None:
    whole = File("facts/a.jsonl", f"{mark}{end.join(lines)}".encode())
    blocks = [whole.data[begin:until] for begin, until in pairwise([0, *sorted(cuts), None])]

    assert list(factfiles.items([in_blocks(whole, blocks)])) == list(factfiles.items([whole]))


def in_blocks(file: File, blocks: Iterable[bytes]) -> File:
    return Unheld(file.path, file.size, file.sha256, lambda: blocks)


@pytest.mark.parametrize("content", ["", "\n \r\n", "\ufeff"])
def test_a_file_without_lines_has_no_renewals(content: str) -> None:
    assert read(content) == Facts()


def test_null_is_the_same_as_left_out() -> None:
    [fact] = read(line(partner=None, contacts=None, status=None, products=None)).renewals

    assert (fact.partner, fact.contacts, fact.status, fact.products) == (None, None, None, None)


def test_a_renewal_knows_its_line() -> None:
    found = read(f"{line()}\n\n{line('rn_2')}\n")

    assert found.places["rn_2"] == Location("facts/a.jsonl", 3)


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e999", "01", ".5", "1_000", "0x1F", "--1"]
)
def test_what_json_does_not_count_as_a_number_is_refused(number: str) -> None:
    problem = only(read(line(mrr=5).replace("5}", f"{number}}}")))

    assert problem.code == "json-syntax"


def test_a_number_without_bounds_is_refused() -> None:
    assert only(read(line(mrr=5).replace("5}", f"{'9' * 5000}}}"))).code == "json-syntax"


def test_a_key_that_stands_twice_is_placed_and_counted_in_the_file() -> None:
    twice = line("rn_2").replace('"client"', '"client": "globex", "client"')

    problem = only(read(f"{line()}\n{twice}\n"))

    assert str(problem) == (
        "facts/a.jsonl:2:41: error: the key `client` is already at line 2, column 21 [yaml-duplicate-key]"
    )


def test_a_key_that_stands_twice_is_found_where_yaml_cannot_place_it() -> None:
    twice = line(products=["x"]).replace('"client"', '"client": "globex", "client"')
    unlike_yaml = twice.replace('"x"', '"\x7f"' + ', "\x7f"' * 25)

    problem = only(read(unlike_yaml))

    assert str(problem) == "facts/a.jsonl:1:1: error: a key stands twice here [yaml-duplicate-key]"


def test_text_that_looks_like_a_key_is_no_key() -> None:
    decision_maker = {"email": "ada@acme.example", "name": '"client": "client":'}

    assert clients(read(line(contacts={"decision_maker": decision_maker}))) == ["acme"]


@pytest.mark.parametrize("depth", [65, 500, 990, 1000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_a_deeply_nested_line_is_refused(depth: int, opening: str, closing: str) -> None:
    problem = only(read(f"{opening * depth}1{closing * depth}"))

    assert str(problem) == "facts/a.jsonl:1:1: error: this is nested too deeply [json-syntax]"


def test_a_line_of_many_parts_is_not_deep() -> None:
    contacts = {"billing_contacts": [{"email": f"b{number}@acme.example"} for number in range(100)]}

    assert clients(read(line(contacts=contacts))) == ["acme"]


# JSON


def test_a_document_is_one_renewal_or_a_list() -> None:
    assert clients(read(line(), "facts/a.json")) == ["acme"]
    assert clients(read(f"[{line()}, {line('rn_2')}]", "facts/a.json")) == ["acme", "acme"]
    assert clients(read("[]", "facts/a.json")) == []


def test_an_element_of_a_list_knows_its_place() -> None:
    content = f'[\n  {line("rn_1")}, {line("rn_2")},\n  {{\n  "renewal": "rn_3",\n "tier": "göld", "x": 1}}]'

    found = read(content, "facts/a.json")

    assert found.places == {
        "rn_1": Location("facts/a.json", 2, 3),
        "rn_2": Location("facts/a.json", 2, 3 + len(line()) + 2),
    }
    assert [str(problem.location) for problem in found.problems] == [
        "facts/a.json:3:3",
        "facts/a.json:3:3",
        "facts/a.json:5:10",
        "facts/a.json:5:18",
    ]


def test_a_key_that_stands_twice_in_an_element_is_placed_in_the_file() -> None:
    content = '[{"renewal": "rn_1"},\n {\n  "client": "a",\n  "client": "b"}]'

    assert [str(problem) for problem in read(content, "facts/a.json").problems][-1] == (
        "facts/a.json:4:3: error: the key `client` is already at line 3, column 3 [yaml-duplicate-key]"
    )


def test_one_bad_element_does_not_hide_the_others() -> None:
    found = read(f"[{line()}, 5, {line('rn_2')}]", "facts/a.json")

    assert clients(Facts(found.renewals)) == ["acme", "acme"]
    assert found.bad == 1


@pytest.mark.parametrize("content", ["", "[", f"{line()}\n{line('rn_2')}", f"[{line()},]", "[1 2]", "\x00"])
def test_a_document_that_is_no_json_is_one_problem(content: str) -> None:
    assert only(read(content, "facts/a.json")).code == "json-syntax"
