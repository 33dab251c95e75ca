"""The table of the real volume: what a row says, and that each can be measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.scale import __main__ as scale
from benchmarks.scale import faulty, peers, processes, rows, volume
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Volume:
    """One partner with 36 clients: as few as there can be."""
    return volume.make(tmp_path_factory.mktemp("volume"), partners=1, rounds=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in scale.MEASUREMENTS if name != "faulty"])
def test_every_row_can_be_measured(small: Volume, name: str) -> None:
    measured = list(scale.MEASUREMENTS[name](small))

    assert measured
    assert all(row.ours for row in measured)


def test_every_mistake_in_the_faulty_corpus_is_named_at_its_line(tmp_path: Path) -> None:
    several = volume.make(tmp_path, partners=12, rounds=1)

    *_, places = faulty.measure(several)

    assert places == Row(
        "validate: places of these errors", "12 right, 0 missing or wrong", aim=places.aim, value=0
    )
    assert places.verdict == "met"


def test_a_ratio_is_ours_to_theirs_or_how_many_times_as_fast_we_are() -> None:
    slower = rows.compared("it", [2.0, 4.0], [1.0, 2.0], "other", rows.at_most(2))
    faster = rows.compared("it", [0.5, 0.5], [1.0, 1.0], "other", rows.at_least(3), is_inverse=True)

    assert (slower.value, slower.verdict) == (2.0, "met")
    assert (faster.value, faster.verdict) == (2.0, "NOT MET")
    assert list(rows.lines(faster)) == [
        "it",
        "    500 ms | other: 1.00 s | 2.00 (2.00-2.00) | at least 3 times | NOT MET",
    ]


def test_what_was_skipped_is_neither_met_nor_missed() -> None:
    row = rows.skipped("it", "no cache yet", rows.at_most(0.5))

    assert list(rows.lines(row)) == ["it", "    skipped | no cache yet | at most 0.5 times"]


def test_a_measurement_that_fails_does_not_keep_the_others_from_being_made(
    small: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: Volume) -> Iterator[Row]:
        yield Row("first")
        raise RuntimeError("exit code 3")

    monkeypatch.setattr(scale, "MEASUREMENTS", {"it": failing})

    assert list(scale.measured("it", small)) == [
        Row("first"),
        rows.skipped("it", "could not be measured: exit code 3"),
    ]


def test_the_copy_without_facts_has_the_same_configuration(small: Volume) -> None:
    assert not (small.bare / "facts").exists()
    for path in small.partner_files:
        assert path.samefile(small.root / path.relative_to(small.bare))


def test_a_process_that_fails_says_what_it_said() -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        processes.run(["sh", "-c", "exit 3"])


def test_a_process_has_its_output_its_time_and_its_memory() -> None:
    ran = processes.run(["sh", "-c", "echo well"])

    assert ran.output == b"well\n"
    assert ran.wall > 0
    assert ran.peak > 100_000


def test_the_peers_get_every_client_of_every_partner(small: Volume) -> None:
    listed = list(peers.listed(list(small.partner_files)))

    assert sum(len(clients) for _, clients in listed) == small.made.clients
