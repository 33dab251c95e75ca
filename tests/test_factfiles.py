from __future__ import annotations

import pytest
from deliveries import HEADER, clients, line, only, read, table

from engine.feeds import factfiles
from engine.trees import File


def test_every_bad_line_is_named_and_counted() -> None:
    found = read(
        f"{line(tier='gold')}\n{line('rn_2')}\nnonsense\n{line('rn_3', colour='red', mrr='a lot')}\n"
    )

    assert [fact.renewal for fact in found.renewals] == ["rn_2"]
    assert [problem.location.line for problem in found.problems] == [1, 3, 4, 4]
    assert found.bad == 3


def test_the_words_of_a_bad_line_are_known() -> None:
    found = read(f'{line(tier="gold")}\n{{"client": "globex"\n{line("rn_2", client="initech")}\n')

    assert {"acme", "globex"} <= found.words
    assert "initech" not in found.words


def test_a_renewal_id_stands_once_in_all_files() -> None:
    first, second = (
        File("facts/a.jsonl", line().encode()),
        File("facts/b.csv", f"{HEADER}\nrn_1,b,2027-01-01".encode()),
    )

    found = factfiles.read([first, second])

    assert [fact.client for fact in found.renewals] == ["acme"]
    assert str(only(found)) == (
        'facts/b.csv:2:1: error: renewal "rn_1" is already at facts/a.jsonl:1:1 [duplicate-renewal]'
    )


@pytest.mark.parametrize(
    "content",
    [
        f"{line()}\n{line('rn_2')}\n",
        f"[{line()}, {line('rn_2')}]",
        table("rn_1,acme,2027-02-28", "rn_2,acme,2027-02-28"),
    ],
    ids=["JSON Lines", "JSON", "CSV"],
)
@pytest.mark.parametrize("begin", ["", "\ufeff"])
def test_without_a_suffix_the_content_says_the_format(begin: str, content: str) -> None:
    assert clients(read(f"{begin}{content}", "export")) == ["acme", "acme"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (f"{line()}\n\n{line('rn_2', tier='gold')}\n", "export:3:77"),
        (f"[\n{line()},\n{line('rn_2', tier='gold')}]", "export:3:77"),
        (table("rn_1,acme,2027-02-28", "rn_2,acme,soon"), "export:3:11"),
    ],
    ids=["JSON Lines", "JSON", "CSV"],
)
def test_a_place_shows_the_name_of_the_file_as_it_is(content: str, place: str) -> None:
    assert str(only(read(content, "export")).location) == place


def test_one_renewal_over_several_lines_is_json() -> None:
    assert clients(read(line().replace("{", "{\n"), "export")) == ["acme"]


def test_a_line_that_is_no_json_has_the_same_cure_without_a_suffix() -> None:
    content = f"{line()} {line('rn_2')}\n"

    assert only(read(content, "export")).hint == only(read(content)).hint == "write one renewal on each line"
