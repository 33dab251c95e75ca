"""The benchmarks compare like with like."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from functools import partial
from operator import attrgetter

import pytest
import yaml

from benchmarks import deciding, programme, tables, timing, workers
from benchmarks.deciding import Entry
from benchmarks.programme import ON, Programme, Size
from benchmarks.scale import rows
from benchmarks.serving import __main__ as serving
from benchmarks.serving import bench, cerbos, load, numbers, questions
from benchmarks.serving.bench import Bench
from benchmarks.serving.load import Measured
from benchmarks.timing import Spread
from benchmarks.workers import MissingPeerError, Worker
from engine import snapshot
from engine.server import bodies
from engine.server.bodies import Batch, Single

SMALL = Size(partners=20, clients=200, renewals=300)
SAMPLE = 200


@pytest.fixture(scope="module")
def small() -> Programme:
    return programme.make(SMALL)


@pytest.fixture(scope="module")
def ours(small: Programme) -> Iterator[Worker]:
    with workers.worker(deciding.OURS.contender, small) as started:
        yield started


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """What is served and asked, as little and as briefly as there can be."""
    return bench.make(tmp_path_factory.mktemp("few"), partners=3, rounds=1, seconds=1, renames=2)


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


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("wrk") is None, reason=load.MISSING)
@pytest.mark.parametrize("name", serving.MEASUREMENTS)
def test_every_row_of_the_daemon_under_load_can_be_measured(few: Bench, name: str) -> None:
    measured = list(serving.measured(name, few))

    assert measured
    assert not [row for row in measured if "could not be measured" in row.compared_to]
    assert all(row.ours for row in measured)


def test_the_daemon_takes_every_question_as_what_it_is_meant_to_be(few: Bench) -> None:
    asked = few.questions
    single = [asked.clients, asked.facts]
    batches = [asked.batches_of_renewals, asked.batches_of_facts]

    for path in single:
        assert all(isinstance(bodies.read(line), Single) for line in path.read_bytes().splitlines())
    for path in batches:
        for line in path.read_bytes().splitlines():
            batch = bodies.read(line)
            assert isinstance(batch, Batch)
            assert len(batch.requests) == questions.BATCH


def test_cerbos_knows_an_owner_for_every_client() -> None:
    clients = ["acme", "4711", "globex"]

    policy = yaml.safe_load(cerbos.policy("nord", cerbos.owners(clients)))["resourcePolicy"]

    assert policy["resource"] == "nord"
    assert policy["constants"]["local"]["owners"].keys() == set(clients)


def test_without_wrk_what_needs_it_is_skipped_and_said_to_be(
    few: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    measured = list(serving.measured("batching", few))

    assert measured == [rows.skipped("batching", load.MISSING)]


def test_what_wrk_measured_is_read_in_seconds() -> None:
    output = "Running 4s test @ http://127.0.0.1:1/\nmeasured 8000 4000000 2500 0\n"

    assert load.read(output) == Measured(answered=8000, seconds=4.0, p99=0.0025)


@pytest.mark.parametrize("line", ["measured 8000 4000000 2500 1\n", "measured 0 4000000 0 0\n"])
def test_a_load_with_refusals_or_without_answers_counts_for_nothing(line: str) -> None:
    with pytest.raises(RuntimeError, match="requests failed"):
        load.read(line)


def test_more_answers_a_second_are_a_larger_ratio() -> None:
    row = numbers.rates("it", [500.0, 1000.0], "echo", [1000.0, 1000.0], rows.at_least(0.6))

    assert (row.ours, row.compared_to, row.value, row.verdict) == ("750", "echo: 1,000", 0.75, "met")
