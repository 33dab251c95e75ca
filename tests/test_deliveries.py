from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.daemon.deliveries import ASKED_EVERY, Deliveries
from engine.daemon.readings import Reading
from engine.diagnostics import InputError
from engine.sources import Sources

LINE = b'{"renewal": "rn_1", "client": "acme", "renewal_date": "2027-02-15"}\n'
OTHER = LINE.replace(b"rn_1", b"rn_2")


@dataclass
class Clock:
    """A clock that stands still until somebody moves it."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Elsewhere:
    """Facts outside of a root, in which there are none."""

    named: str
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.deliveries = Deliveries(Path("/root"), lambda: Reading(Sources()), self.named, self.clock)

    def are_due(self) -> bool:
        return self.deliveries.are_due(Sources())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "renewals.jsonl"
    path.write_bytes(LINE)
    return path


def texts(reading: Reading) -> list[bytes]:
    return [file.data for file in reading.facts]


def test_a_file_is_read_again_once_it_has_changed(file: Path) -> None:
    elsewhere = Elsewhere(str(file))
    before = elsewhere.deliveries.read("start")

    same = elsewhere.deliveries.read("change")
    assert same.facts[0] is before.facts[0]
    assert not elsewhere.are_due()

    file.write_bytes(OTHER + LINE)
    assert elsewhere.are_due()
    assert texts(elsewhere.deliveries.read("change")) == [OTHER + LINE]
    assert not elsewhere.are_due()


def test_who_asks_for_a_reload_has_a_file_read_again(file: Path) -> None:
    elsewhere = Elsewhere(str(file))
    before = elsewhere.deliveries.read("start")

    assert elsewhere.deliveries.read("signal").facts[0] is not before.facts[0]


def test_the_bytes_of_a_file_that_has_changed_since_are_not_taken_for_those_of_before(
    file: Path,
) -> None:
    reading = Elsewhere(str(file)).deliveries.read("start")
    file.write_bytes(OTHER)

    with pytest.raises(InputError, match="no longer what it was"):
        texts(reading)


def test_a_file_that_is_gone_leaves_the_facts_of_before_and_says_so(file: Path) -> None:
    elsewhere = Elsewhere(str(file))
    before = elsewhere.deliveries.read("start")
    file.unlink()

    reading = elsewhere.deliveries.read("poll")

    assert reading.facts == before.facts
    assert [problem.code for problem in reading.unread] == ["unreadable-file"]
    assert not elsewhere.are_due()  # it is still gone, which was said

    file.write_bytes(LINE)
    assert elsewhere.are_due()
    assert elsewhere.deliveries.read("poll").unread == ()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "renewals.db"
    make_database(path)
    return path


def make_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE renewals (renewal TEXT, client TEXT, renewal_date TEXT)")
        connection.execute("INSERT INTO renewals VALUES ('rn_1', 'acme', '2027-02-15')")
    connection.close()


def add_a_row(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO renewals VALUES ('rn_2', 'beta', '2027-02-15')")
    connection.close()


def rows(reading: Reading) -> int:
    return sum(text.count(b"\n") for text in texts(reading))


def test_a_database_is_not_asked_because_a_partner_file_changed(database: Path) -> None:
    elsewhere = Elsewhere(f"sqlite:///{database}?table=renewals")
    assert rows(elsewhere.deliveries.read("start")) == 1
    add_a_row(database)

    assert rows(elsewhere.deliveries.read("change")) == 1
    assert not elsewhere.are_due()

    elsewhere.clock.at = ASKED_EVERY + 1
    assert elsewhere.are_due()
    assert rows(elsewhere.deliveries.read("poll")) == 2
    assert not elsewhere.are_due()


@pytest.mark.parametrize("cause", ["signal", "http", "day"])
def test_a_database_is_asked_when_somebody_wants_the_root_to_be_read(database: Path, cause: str) -> None:
    elsewhere = Elsewhere(f"sqlite:///{database}?table=renewals")
    elsewhere.deliveries.read("start")
    add_a_row(database)

    assert rows(elsewhere.deliveries.read(cause)) == 2  # type: ignore[arg-type]


def test_a_database_that_cannot_be_asked_leaves_the_facts_of_before_and_is_tried_again(
    database: Path,
) -> None:
    elsewhere = Elsewhere(f"sqlite:///{database}?table=renewals")
    before = elsewhere.deliveries.read("start")
    database.unlink()

    failed = elsewhere.deliveries.read("signal")
    assert (failed.facts, len(failed.unread)) == (before.facts, 1)
    assert elsewhere.deliveries.read("change").unread == failed.unread

    make_database(database)
    assert elsewhere.deliveries.read("change").unread == ()
