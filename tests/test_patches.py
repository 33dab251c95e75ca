from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import edits_of_roots
import pytest
from edits_of_roots import Edit
from hypothesis import given
from hypothesis import strategies as st

from engine.daemon import fingerprints, patches, proofs
from engine.daemon.fingerprints import Look
from engine.daemon.lookouts import Lookout
from engine.daemon.proofs import Proved
from engine.daemon.readings import Reading
from engine.diagnostics import InputError
from engine.trees import File, Folder

NORD = "config/partners/nord.yaml"
FACTS = "facts/renewals.jsonl"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return edits_of_roots.planted(tmp_path / "root")


def proved(root: Path, before: Proved | None = None) -> Proved:
    """Read a root to which nobody writes, given what was read before."""
    look = fingerprints.look(root)
    found = proofs.read_quiet(root, look, lambda _: fingerprints.look(root), before)
    assert found is not None
    return found


def files(reading: Reading) -> dict[str, File]:
    """Return every file that was read."""
    read = reading.sources
    return {file.path: file for file in (*read.files, *read.decision_tests, *reading.facts)}


def few(root: Path, before: Proved) -> frozenset[str] | None:
    """Return what would be read of the root as it is now."""
    return patches.paths(before.reading, before.look, fingerprints.look(root))


@given(rounds=st.lists(st.tuples(edits_of_roots.edits(), st.booleans()), min_size=1, max_size=6))
def test_a_reading_after_another_is_what_reading_everything_gives(
    rounds: list[tuple[list[Edit], bool]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = edits_of_roots.planted(Path(os.path.realpath(folder)) / "root")
        lookout = Lookout(root)
        lookout.rely()
        now = proved(root)
        for edits, is_poll in rounds:
            for place in edits_of_roots.done(edits, root):
                lookout.tell(place)
            look = lookout.look_everywhere() if is_poll else lookout.look()
            before, whole = now, proved(root)
            found = proofs.read_quiet(root, look, lambda _: lookout.look(), before)
            assert found is not None
            now = found

            assert now == whole
            assert now.reading.sources.digest == whole.reading.sources.digest
            assert now.reading.facts_digest == whole.reading.facts_digest
            known = files(before.reading)
            for path, file in files(now.reading).items():
                is_same = before.look.stamps.get(path) == now.look.stamps[path] and path in known
                assert (file is known.get(path)) == is_same, path


@pytest.mark.parametrize("path", [NORD, FACTS])
def test_of_a_file_that_changed_only_that_is_read(
    root: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = proved(root)
    seen = []
    read = Folder._read

    def noted(self: Folder, path: str, *arguments: object) -> object:
        seen.append(path)
        return read(self, path, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Folder, "_read", noted)
    (root / path).write_text("changed")

    proved(root, before)

    assert seen == [path, path]


def test_a_partner_that_came_and_one_that_went_are_read(root: Path) -> None:
    before = proved(root)
    (root / NORD).unlink()
    (root / "config/partners/neu.yaml").write_text("neu")

    now = proved(root, before)

    assert few(root, before) == frozenset({NORD, "config/partners/neu.yaml"})
    assert now == proved(root)


def test_the_same_content_again_is_the_same_file(root: Path) -> None:
    before = proved(root)
    shutil.copy(root / NORD, root / "copy")
    (root / "copy").rename(root / NORD)

    now = proved(root, before)

    assert now.look != before.look
    assert all(map(lambda one, other: one is other, now.reading.sources.files, before.reading.sources.files))


@pytest.mark.parametrize(
    "path",
    [
        *("rules/own.yaml", "config/vendor.yaml", "config/vendor.yml", "config/other.yaml"),
        *("config/partners/north.yml", "facts/notes.txt", "rules/deep/own_test.yaml"),
    ],
)
def test_what_hangs_together_with_other_files_is_read_with_all(root: Path, path: str) -> None:
    (root / path).unlink(missing_ok=True)
    before = proved(root)

    (root / path).write_text("come")

    assert few(root, before) is None
    assert proved(root, before) == proved(root)


def test_the_last_partner_that_went_is_missed(root: Path) -> None:
    before = proved(root)
    shutil.rmtree(root / "config/partners")

    now = proved(root, before)

    assert [problem.code for problem in now.reading.sources.diagnostics][:1] == ["no-configuration"]
    assert now == proved(root)


def is_too_large(reading: Reading) -> bool:
    """Whether a file is complained of that has too many bytes."""
    return "yaml-too-large" in [problem.code for problem in reading.sources.diagnostics]


def test_a_file_is_complained_of_for_as_long_as_it_is_too_large(root: Path) -> None:
    sound = proved(root)
    with (root / NORD).open("w") as file:
        file.truncate(20_000_000)
    large = proved(root, sound)
    (root / NORD).write_text("small")
    small = proved(root, large)

    assert [is_too_large(one.reading) for one in (sound, large, small)] == [False, True, False]


def test_nothing_is_known_of_another_directory_behind_the_link_to_the_root(
    tmp_path: Path, root: Path
) -> None:
    """Its files may be the very same, but what is read later would be read where they were."""
    (tmp_path / "next").mkdir()
    shutil.copytree(root, tmp_path / "next", copy_function=os.link, dirs_exist_ok=True)
    link = tmp_path / "current"
    link.symlink_to(root)
    before = proved(link)
    link.unlink()
    link.symlink_to(tmp_path / "next")
    now = proved(link, before)
    shutil.rmtree(root)

    assert [file.data for file in now.reading.facts] == [file.data for file in proved(link).reading.facts]


def test_another_file_that_changes_between_the_readings_makes_them_none(root: Path) -> None:
    before = proved(root)
    (root / NORD).write_text("changed")
    look = fingerprints.look(root)

    def change_and_look(reading: Reading) -> Look:
        del reading
        (root / "config/partners/west.yaml").write_text("changed meanwhile")
        return fingerprints.look(root)

    assert proofs.read_quiet(root, look, change_and_look, before) is None


def test_facts_that_are_no_longer_what_was_proved_are_given_to_nobody(root: Path) -> None:
    [facts, *_] = [file for file in proved(root).reading.facts if file.path == FACTS]
    assert facts.data == (root / FACTS).read_bytes()

    (root / FACTS).write_text("changed")

    with pytest.raises(InputError, match="no longer what it was"):
        assert facts.data
