from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import edits_of_roots
import pytest
from edits_of_roots import Edit
from hypothesis import given
from hypothesis import strategies as st

from engine.daemon import fingerprints, lookouts
from engine.daemon.fingerprints import Look
from engine.daemon.lookouts import Lookout
from engine.daemon.wakeups import Wakeups

NORD = "config/partners/nord.yaml"
LONG = 20.0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return edits_of_roots.planted(tmp_path / "root")


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Note the looks at everything."""
    seen: list[Path] = []
    look = fingerprints.look

    def noted(root: Path) -> Look:
        seen.append(root)
        return look(root)

    monkeypatch.setattr(fingerprints, "look", noted)
    return seen


def relying(root: Path) -> Lookout:
    """Return somebody who is told of everything, and has looked."""
    lookout = Lookout(root)
    lookout.rely()
    lookout.look()
    return lookout


def whole(look: Look) -> tuple[object, ...]:
    """Return all that a look tells, also what is no reason to read."""
    return (look, look.strays, look.remarks, dict(look.folders), look.links, look.top)


# The rounds


def gone(lookout: Lookout, meanwhile: Callable[[], object] = lambda: None) -> bool:
    """Go the rounds to their end; `meanwhile` is done when some files were seen and others were not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fingerprints, "_BLOCK", 3)
        rounds = lookout.rounds()
        while True:
            try:
                next(rounds)
            except StopIteration as end:
                return bool(end.value)
            meanwhile()


def test_rounds_find_nothing_where_all_was_told(root: Path) -> None:
    lookout = relying(root)
    assert gone(lookout)

    (root / NORD).write_text("openly")
    lookout.tell(f"{os.path.realpath(root)}/{NORD}")

    assert gone(lookout), "though nobody has looked yet"
    assert lookout.look() == fingerprints.look(root)


@pytest.mark.parametrize("path", [NORD, "rules/own.yaml", "facts/renewals.jsonl", "facts/notes.txt"])
def test_rounds_find_what_nobody_told_of(root: Path, path: str) -> None:
    lookout = relying(root)

    (root / path).unlink(missing_ok=True)
    (root / f"{path}.json").write_text("secretly")

    assert not gone(lookout)


def test_what_is_told_of_during_the_rounds_is_seen_at_once_and_no_surprise(
    root: Path, looks: list[Path]
) -> None:
    lookout = relying(root)
    looks.clear()
    seen: list[Look] = []

    def edit() -> None:
        for path in edits_of_roots.FILES[::2]:
            if path.endswith((".yaml", ".jsonl")):
                (root / path).write_text("openly")
                lookout.tell(f"{os.path.realpath(root)}/{path}")
        seen.append(lookout.look())

    assert gone(lookout, edit)
    assert not looks
    assert seen == [fingerprints.look(root)]


def test_rounds_prove_nothing_when_changes_are_not_told_of(root: Path) -> None:
    lookout = relying(root)

    assert not gone(lookout, lookout.rely_no_more)
    lookout.rely()
    assert not gone(lookout), "what happened before has yet to be looked for"


@given(openly=edits_of_roots.edits(), secretly=edits_of_roots.edits())
def test_rounds_that_find_nothing_leave_nothing_to_find(openly: list[Edit], secretly: list[Edit]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = edits_of_roots.planted(Path(os.path.realpath(folder)) / "root")
        lookout = relying(root)
        list(edits_of_roots.done(secretly, root))
        for place in edits_of_roots.done(openly, root):
            lookout.tell(place)

        if gone(lookout):
            assert whole(lookout.look()) == whole(fingerprints.look(root))


@given(rounds=st.lists(edits_of_roots.edits(), min_size=1, max_size=5))
def test_what_was_told_of_is_all_that_there_is_to_see(rounds: list[list[Edit]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = edits_of_roots.planted(Path(os.path.realpath(folder)) / "root")
        lookout = relying(root)
        for edits in rounds:
            for place in edits_of_roots.done(edits, root):
                lookout.tell(place)

            assert whole(lookout.look()) == whole(fingerprints.look(root))


@pytest.mark.parametrize("path", edits_of_roots.FILES)
@pytest.mark.parametrize("edit", [edits_of_roots.written, edits_of_roots.replaced, edits_of_roots.deleted])
def test_one_file_is_seen_without_looking_at_the_others(
    root: Path, looks: list[Path], path: str, edit: Callable[[str], Edit]
) -> None:
    lookout = relying(root)
    looks.clear()

    for place in edit(path)(root):
        lookout.tell(place)
    lookout.look()

    assert not looks


def test_nothing_new_is_the_look_of_before(root: Path) -> None:
    lookout = relying(root)
    before = lookout.look()

    lookout.tell(str(root / NORD))

    assert lookout.look() is before


def test_nobody_is_relied_on_who_was_not_said_to_tell(root: Path, looks: list[Path]) -> None:
    lookout = Lookout(root)

    lookout.look()
    lookout.look()

    assert len(looks) == 2


def test_what_happened_before_somebody_told_of_everything_is_seen(root: Path) -> None:
    lookout = relying(root)
    lookout.rely_no_more()
    lookout.look()
    (root / NORD).write_text("unseen")

    lookout.rely()

    assert lookout.look() == fingerprints.look(root)


def test_a_change_that_was_not_told_of_is_seen_by_a_look_everywhere(root: Path) -> None:
    lookout = relying(root)

    (root / NORD).write_text("secretly")

    assert lookout.look() != fingerprints.look(root)
    assert lookout.look_everywhere() == fingerprints.look(root)


def test_who_was_not_told_of_a_change_looks_at_everything_until_all_is_told_again(
    root: Path, looks: list[Path]
) -> None:
    lookout = relying(root)
    (root / NORD).write_text("secretly")
    lookout.look_everywhere()
    looks.clear()

    lookout.look()
    assert looks == [root]
    lookout.look_everywhere()
    looks.clear()
    lookout.look()
    assert not looks


def test_a_change_that_is_told_of_after_it_was_found_raises_no_doubt(root: Path, looks: list[Path]) -> None:
    """Somebody who is busy answering tells late."""
    lookout = relying(root)
    (root / NORD).write_text("told of in a moment")
    lookout.look_everywhere()
    lookout.tell(f"{os.path.realpath(root)}/{NORD}")
    looks.clear()

    lookout.look()

    assert not looks


def test_a_glance_is_to_be_expected_as_long_as_all_is_told(root: Path) -> None:
    lookout = Lookout(root)
    expected = [lookout.may_glance]

    for happen in (
        lookout.rely,
        lambda: (root / "rules/own.yaml").write_text("nobody tells of it"),
        lookout.look_everywhere,
        lookout.look_everywhere,
        lookout.rely_no_more,
    ):
        happen()
        lookout.look()
        expected.append(lookout.may_glance)

    assert expected == [False, True, True, False, True, False]


def test_a_change_that_was_told_of_raises_no_doubt(root: Path, looks: list[Path]) -> None:
    lookout = relying(root)
    (root / NORD).write_text("openly")
    lookout.tell(str(root / NORD))
    lookout.look_everywhere()
    looks.clear()

    lookout.look()

    assert not looks


def test_among_very_many_changes_some_may_have_been_lost(
    root: Path, looks: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookouts, "_MOST", 3)
    lookout = relying(root)
    looks.clear()

    for _ in range(3):
        lookout.tell(str(root / NORD))
    lookout.look()
    assert not looks
    for _ in range(4):
        lookout.tell(str(root / NORD))
    lookout.look()

    assert looks == [root]


def test_a_look_that_fails_loses_nothing_that_was_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lookout = relying(root)
    (root / NORD).write_text("openly")
    lookout.tell(str(root / NORD))
    monkeypatch.setattr("engine.daemon.glances.glance", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        lookout.look()

    monkeypatch.undo()
    assert lookout.look() == fingerprints.look(root)


@given(edits=edits_of_roots.edits())
def test_what_the_system_tells_is_all_that_there_is_to_see(edits: list[Edit]) -> None:
    told = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        root = edits_of_roots.planted(Path(os.path.realpath(folder)) / "root")
        lookout = Lookout(root)

        def tell(place: str | None) -> None:
            lookout.tell(place)
            told.set()

        wakeups = Wakeups(root, tell)
        wakeups.arm(lookout.look())
        lookout.rely()
        lookout.look()
        list(edits_of_roots.done(edits, root))
        while whole(lookout.look()) != whole(fingerprints.look(root)):
            assert told.wait(LONG)
            told.clear()
        wakeups.close()


def test_a_file_behind_a_link_is_seen_wherever_it_is(root: Path) -> None:
    (root / "rules/west.txt").write_text("west")
    (root / "config/partners/linked.yaml").symlink_to("../../rules/west.txt")
    lookout = relying(root)

    (root / "rules/west.txt").write_text("another")

    assert lookout.look() == fingerprints.look(root)


def test_a_root_that_leads_elsewhere_is_seen(tmp_path: Path, root: Path) -> None:
    link = tmp_path / "current"
    link.symlink_to(root)
    lookout = relying(link)
    (tmp_path / "next").mkdir()

    link.unlink()
    link.symlink_to(tmp_path / "next")

    assert lookout.look() == fingerprints.look(link)
