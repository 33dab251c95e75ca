"""Files are written whole or not at all, and never over somebody else's work."""

from __future__ import annotations

import datetime as dt
import stat
import subprocess
from pathlib import Path

import pytest
from commandline import copy_of_root

from engine import configuration, sources
from engine.configuration import Memory
from engine.diagnostics import InputError
from engine.edits import writing
from engine.edits.writing import Edit

ON = dt.date(2026, 11, 23)
PARTNER = "config/partners/nordlicht.yaml"


def edit_of(root: Path, old: str, new: str) -> Edit:
    before = (root / PARTNER).read_bytes()
    assert old.encode() in before
    return Edit(PARTNER, before, before.replace(old.encode(), new.encode()))


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(0o640)

    writing.write(tmp_path, [Edit("a", b"old", b"new")])

    assert (tmp_path / "a").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_what_changed_in_between_is_not_overwritten_and_nothing_else_is_written(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").write_bytes(b"theirs")

    with pytest.raises(InputError, match="b has changed since it was read"):
        writing.write(tmp_path, [Edit("a", b"old", b"new"), Edit("b", b"old", b"new")])

    assert (tmp_path / "a").read_bytes() == b"old"
    assert (tmp_path / "b").read_bytes() == b"theirs"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a cannot be written: No such file"):
        writing.write(tmp_path, [Edit("a", b"old", b"new")])

    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "a").symlink_to("real")

    writing.write(tmp_path, [Edit("a", b"old", b"new")])

    assert (tmp_path / "a").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_difference_is_a_patch(tmp_path: Path) -> None:
    edits = [Edit("a", b"one\r\ntwo\nlast", b"one\r\n2\nlast\n"), Edit("b", b"x\n", b"x\ny")]
    for edit in edits:
        (tmp_path / edit.path).write_bytes(edit.before)

    patch = f"{writing.difference(edits)}\n".encode()
    subprocess.run(["git", "apply", "--unsafe-paths", "-"], cwd=tmp_path, input=patch, check=True)

    assert [(tmp_path / edit.path).read_bytes() for edit in edits] == [edit.after for edit in edits]


def test_what_an_edit_breaks_is_found(tmp_path: Path) -> None:
    root = copy_of_root(tmp_path)

    found, _ = writing.check(root, [edit_of(root, "contact: tom", "contact: nobody")], ON)

    assert "unknown-contact" in [problem.code for problem in found]


def test_a_warning_that_becomes_an_error_is_found(tmp_path: Path) -> None:
    root = copy_of_root(tmp_path)
    file = root / PARTNER
    left = file.read_text().replace("tom@nordlicht.example", "tom@nordlicht.example, active: false")
    file.write_text(left.replace("contact: tom", "contact: aylin").replace("[aylin]", "[tom]"))

    found, _ = writing.check(root, [edit_of(root, "jana\n  backup_contacts: [tom]", "tom")], ON)

    assert [(one.code, one.severity.value, one.location.line) for one in found] == [
        ("inactive-contact", "error", 15)
    ]


def test_of_several_that_say_the_same_the_new_one_is_found(tmp_path: Path) -> None:
    root = copy_of_root(tmp_path)
    file = root / PARTNER
    file.write_text(file.read_text().replace("tom@nordlicht.example", "tom@nordlicht.example, active: false"))

    found, _ = writing.check(root, [edit_of(root, "[aylin]", "[tom]")], ON)

    assert [one.location.line for one in found if one.code == "inactive-contact"] == [16]


def test_what_was_read_before_the_edit_is_not_read_again(tmp_path: Path) -> None:
    root, memory = copy_of_root(tmp_path), Memory()
    before = configuration.load(sources.read(root), ON, memory=memory).made

    writing.check(root, [edit_of(root, "contact: tom", "contact: aylin")], ON, memory)

    assert memory.last is not None
    after = memory.last.made
    assert [path for path in after.partners if after.partners[path] is not before.partners[path]] == [PARTNER]
    assert after.rules is before.rules


def test_what_was_wrong_before_does_not_count_even_where_the_edit_moves_it(tmp_path: Path) -> None:
    root = copy_of_root(tmp_path)
    file = root / PARTNER
    file.write_text(file.read_text().replace("default:", "colour: red\ndefault:") + "  acme: {}\n")

    found, _ = writing.check(root, [edit_of(root, "version: 1", "# moved\n\nversion: 1")], ON)

    assert found == ()


def test_errors_that_stand_in_the_edited_file_are_found_beside_and_its_warnings_are_not(
    tmp_path: Path,
) -> None:
    root = copy_of_root(tmp_path)
    file = root / PARTNER
    file.write_text(
        file.read_text().replace("Europe/Berlin", "Europe/Berln").replace("contact: tom", "contact: jana")
    )
    oakline = root / "config/partners/americas/oakline.yaml"
    oakline.write_text(f"{oakline.read_text()}colour: red\n")

    found = writing.check(root, [edit_of(root, "version: 1", "# moved\n\nversion: 1")], ON)

    before = configuration.load(sources.read(root), ON).diagnostics
    assert [one.code for one in before if one.location.path == PARTNER] == [
        "invalid-time-zone",
        "unused-user",
    ]
    assert found.new == ()
    assert [(one.location.path, one.code) for one in found.standing] == [(PARTNER, "invalid-time-zone")]
