"""The benchmarks compare like with like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from operator import attrgetter

import pytest

from benchmarks import deciding, programme, tables, timing, workers
from benchmarks.deciding import Entry
from benchmarks.programme import ON, Programme, Size
from benchmarks.timing import Spread
from benchmarks.workers import MissingPeerError, Worker
from engine import snapshot

SMALL = Size(partners=20, clients=200, renewals=300)
SAMPLE = 200


@pytest.fixture(scope="module")
def small() -> Programme:
    return programme.make(SMALL)


@pytest.fixture(scope="module")
def ours(small: Programme) -> Iterator[Worker]:
    with workers.worker(deciding.OURS.contender, small) as started:
        yield started


def test_a_corpus_is_made_of_its_size_and_seed_alone(small: Programme) -> None:
    again = programme.make(SMALL)
    other = programme.make(SMALL, seed=1)

    assert again == small
    assert again.sources().partners == small.sources().partners
    assert other != small


def test_a_corpus_has_as_many_of_everything_as_asked(small: Programme) -> None:
    clients = {client for partner in small.partners.values() for client in partner["clients"]}

    assert len(small.partners) == SMALL.partners
    assert len(clients) == SMALL.clients
    assert len(small.facts()) == SMALL.renewals
    assert {fact.client for fact in small.facts()} == clients


def test_nothing_is_wrong_with_a_corpus_but_the_contacts_who_have_left(small: Programme) -> None:
    loaded = snapshot.build(small.sources(), ON)
    loaded.close()

    assert {diagnostic.code for diagnostic in loaded.diagnostics} == {"inactive-contact"}


@pytest.mark.parametrize("entry", [*deciding.VARIANTS, *deciding.PEERS], ids=attrgetter("contender"))
def test_every_contender_finds_the_same_owner_and_recipient(
    small: Programme, ours: Worker, entry: Entry
) -> None:
    try:
        with workers.worker(entry.contender, small) as peer:
            same, compared = deciding.agreement(ours, peer, SAMPLE)
    except MissingPeerError as missing:
        pytest.skip(str(missing))

    assert same == compared
    assert compared > SAMPLE * 0.8


def test_the_answers_that_are_compared_are_of_every_kind(ours: Worker) -> None:
    answers = [answer for answer in ours.answers(SMALL.renewals) if answer is not None]

    kinds = Counter((answer.owner, answer.recipient is None) for answer in answers)
    assert kinds.keys() == {("hubspot", False), ("hubspot", True), ("partner", False)}
    assert "user-2" in {(answer.recipient or "").split("@")[0] for answer in answers}


def test_a_contender_answers_more_questions_than_there_are_renewals(ours: Worker) -> None:
    assert ours.rate(SMALL.renewals - 1, SMALL.renewals + 2) > 0


def test_a_contender_that_is_not_installed_is_a_missing_peer(small: Programme) -> None:
    with pytest.raises(MissingPeerError, match="absent"), workers.worker("absent.contender", small):
        pass


def test_everybody_has_a_turn_in_each_round() -> None:
    order: list[str] = []

    def turn(name: str, number: int) -> float:
        order.append(name)
        return number * 2.0

    measured = timing.rounds({name: partial(turn, name) for name in "ab"}, 3)

    assert measured == {"a": [0.0, 2.0, 4.0], "b": [0.0, 2.0, 4.0]}
    assert order == ["a", "b", "a", "b", "a", "b"]


def test_a_ratio_is_taken_round_by_round() -> None:
    assert timing.ratio([2.0, 20.0, 200.0], [1.0, 10.0, 50.0]) == Spread(2.0, 2.0, 3.0)


def test_a_table_has_text_to_the_left_and_numbers_to_the_right() -> None:
    table = tables.lines(("", "ms"), [("pass", "9"), ("decide", "120")])

    assert list(table) == ["         ms", "pass      9", "decide  120"]
