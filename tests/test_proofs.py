from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import scripted

from engine import sources
from engine.daemon import fingerprints, proofs
from engine.daemon.fingerprints import Look
from engine.daemon.proofs import Proved
from engine.daemon.readings import Reading
from engine.diagnostics import Diagnostic
from engine.trees import File, Folder

NORD = "config/partners/nord.yaml"
FACTS = "facts/renewals.jsonl"
FACT = '{"renewal": "rn_1", "client": "acme", "renewal_date": "2027-02-15"}\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "root"
    for path, text in {NORD: "old", "config/partners/sud.yaml": "sud", FACTS: FACT}.items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text(text)
    return made


def nothing() -> None:
    """Let nobody do anything between two readings."""


def quiet(root: Path, pause: Callable[[], object] = nothing) -> Proved | None:
    return proofs.read_quiet(root, fingerprints.look(root), after(pause, root))


def held(root: Path, pause: Callable[[], object] = nothing) -> Proved | None:
    """Read a root in which nord's file has just changed."""
    return proofs.read_held(root, fingerprints.look(root), frozenset({NORD}), lambda: void(pause()))


def void(result: object) -> None:
    del result


def after(pause: Callable[[], object], root: Path) -> Callable[[Reading], Look]:
    """Return what looks again once something may have happened."""

    def look(reading: Reading) -> Look:
        del reading
        pause()
        return fingerprints.look(root)

    return look


def nord(proved: Proved | None) -> bytes | None:
    """Return what was read of nord's file."""
    if proved is None:
        return None
    return next(file.data for file in proved.reading.sources.partners if file.path == NORD)


def test_a_reading_is_what_sources_would_read(root: Path) -> None:
    proved = quiet(root)

    assert proved is not None
    assert proved.reading.sources == sources.read(root)
    assert proved.look == fingerprints.look(root)


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(lambda file: scripted.append(file, "!"), id="written"),
        pytest.param(lambda file: scripted.replace(file, "new"), id="replaced"),
        pytest.param(lambda file: scripted.replace(file, "old"), id="replaced by its like"),
        pytest.param(lambda file: file.unlink(), id="deleted"),
        pytest.param(lambda file: file.with_name("west.yaml").write_text("west"), id="another came"),
        pytest.param(lambda file: file.chmod(0o600), id="its permissions changed"),
    ],
)
def test_two_readings_that_differ_are_none(root: Path, happens: Callable[[Path], object]) -> None:
    assert quiet(root, lambda: happens(root / NORD)) is None


def test_a_change_after_the_look_is_no_reading(root: Path) -> None:
    look = fingerprints.look(root)
    scripted.replace(root / NORD, "new")

    assert proofs.read_quiet(root, look, after(nothing, root)) is None


def test_a_file_with_the_same_stamp_and_other_bytes_is_no_reading(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = fingerprints.look(root)
    monkeypatch.setattr(
        fingerprints, "stamp", lambda place: look.stamps[os.path.relpath(place, root)]
    )  # coarse

    def write_and_look(reading: Reading) -> Look:
        del reading
        (root / NORD).write_text("new")
        return look

    assert nord(proofs.read_quiet(root, look, lambda _: look)) == b"old"
    assert proofs.read_quiet(root, look, write_and_look) is None


def test_a_file_that_is_replaced_while_it_is_held_is_read_whole(root: Path) -> None:
    proved = held(root, lambda: scripted.replace(root / NORD, "new"))

    assert nord(proved) == b"old"


def test_what_was_read_is_not_what_is_there_after_a_replacement(root: Path) -> None:
    proved = held(root, lambda: scripted.replace(root / NORD, "new"))

    assert proved is not None
    assert proved.look != fingerprints.look(root), "the watcher asks for another reload"


def test_a_steady_file_may_be_replaced_as_soon_as_it_is_read(root: Path) -> None:
    assert held(root, lambda: scripted.replace(root / "config/partners/sud.yaml", "new")) is not None


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(lambda file: scripted.append(file, "!"), id="appended"),
        pytest.param(lambda file: os.truncate(file, 0), id="truncated"),
        pytest.param(lambda file: file.write_text("old"), id="written again"),
    ],
)
def test_a_file_that_is_written_while_it_is_held_is_no_reading(
    root: Path, happens: Callable[[Path], object]
) -> None:
    assert held(root, lambda: happens(root / NORD)) is None


def test_a_file_that_is_written_while_it_is_held_and_then_replaced_is_no_reading(root: Path) -> None:
    def write_and_replace() -> None:
        scripted.append(root / NORD, "!")
        scripted.replace(root / NORD, "new")

    assert held(root, write_and_replace) is None


def test_a_held_file_with_other_bytes_of_the_same_size_and_time_is_no_reading(root: Path) -> None:
    status = (root / NORD).stat()

    def write_secretly() -> None:
        (root / NORD).write_text("new")
        os.utime(root / NORD, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert held(root, write_secretly) is None


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(lambda file: file.unlink(), id="gone"),
        pytest.param(lambda file: file.with_name("west.yaml").write_text("west"), id="come"),
    ],
)
def test_a_name_that_came_or_went_since_the_look_is_no_reading(
    root: Path, happens: Callable[[Path], object]
) -> None:
    look = fingerprints.look(root)
    happens(root / NORD)

    assert proofs.read_held(root, look, frozenset({NORD}), nothing) is None


def test_a_file_that_moves_under_every_attempt_is_no_reading(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Folder.read

    def read_from_under(self: Folder, path: str, *, limit: int = 0) -> File | Diagnostic:
        scripted.replace(self.root / path, "new")
        return read(self, path, limit=limit)

    look = fingerprints.look(root)
    monkeypatch.setattr(Folder, "read", read_from_under)

    assert proofs.read_held(root, look, frozenset(look.stamps), nothing) is None


def test_more_files_than_can_be_held_are_no_reading(root: Path) -> None:
    for number in range(101):
        (root / f"config/partners/p{number}.yaml").write_text("one of many")
    look = fingerprints.look(root)

    assert proofs.read_held(root, look, frozenset(look.stamps), nothing) is None
    assert proofs.read_held(root, look, frozenset(list(look.stamps)[:100]), nothing) is not None


def test_no_descriptor_is_left_open(root: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count

    held(root)
    held(root, lambda: scripted.append(root / NORD, "!"))

    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - a count


def test_a_root_behind_a_link_is_read_from_one_place(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link is swapped after the first file."""
    (root.with_name("current")).symlink_to(root)
    read = Folder.read

    def read_and_swap(self: Folder, path: str, *, limit: int = 0) -> File | Diagnostic:
        if (link := root.with_name("current")).is_symlink():
            link.unlink()
        return read(self, path, limit=limit)

    look = fingerprints.look(root)
    monkeypatch.setattr(Folder, "read", read_and_swap)
    proved = proofs.read_held(root.with_name("current"), look, frozenset(), nothing)

    assert proved is not None
    assert nord(proved) == b"old"


def test_facts_are_read_with_the_configuration_and_have_a_digest_of_their_own(root: Path) -> None:
    before = quiet(root)
    assert before is not None
    assert [(file.path, file.data) for file in before.reading.facts] == [(FACTS, FACT.encode())]
    scripted.append(root / FACTS, "\n")
    after = quiet(root)

    assert after is not None
    assert before.reading.sources.digest == after.reading.sources.digest
    assert before.reading.facts_digest != after.reading.facts_digest


def test_facts_that_are_written_between_two_readings_are_none(root: Path) -> None:
    assert quiet(root, lambda: scripted.append(root / FACTS, "\n")) is None


def test_facts_that_cannot_be_read_are_part_of_a_reading(root: Path) -> None:
    (root / "facts/nowhere.csv").symlink_to("nothing")
    (root / "facts/mistake.txt").touch()

    proved = quiet(root)

    assert proved is not None
    assert [problem.code for problem in proved.reading.unread] == ["ignored-file", "unreadable-file"]


def test_what_cannot_be_read_is_part_of_a_reading(root: Path) -> None:
    os.mkfifo(root / "config/partners/pipe.yaml")
    (root / "config/partners/nowhere.yaml").symlink_to("nothing")
    (root / "config/partners/folder.yaml").mkdir()

    proved = quiet(root)

    assert proved is not None
    assert proved.reading.sources.diagnostics == sources.read(root).diagnostics
    assert len(proved.reading.sources.diagnostics) == 3
