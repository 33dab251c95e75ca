from __future__ import annotations

from pathlib import Path

import pytest
from commandline import PROJECT, Renewctl

FILE = Path("config/partners/nordlicht.yaml")
UNFORMATTED = "version:   1\npartner: south\nusers: { eva: {name: Eva Sand, email: eva@south.example} }\n"
FORMATTED = "version: 1\npartner: south\nusers: {eva: {name: Eva Sand, email: eva@south.example}}\n"


@pytest.fixture
def south(root: Path) -> Path:
    """Write a file that is not formatted."""
    path = root / "config/partners/south.yaml"
    path.write_text(UNFORMATTED)
    return path


def test_every_file_of_the_root_is_formatted(south: Path, renewctl: Renewctl) -> None:
    ran = renewctl("fmt")

    assert (ran.code, ran.out) == (0, "config/partners/south.yaml\n")
    assert ran.err.startswith("1 file formatted, ")
    assert south.read_text() == FORMATTED


def test_a_file_that_is_formatted_is_not_touched(root: Path, renewctl: Renewctl) -> None:
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*.yaml")}

    ran = renewctl("fmt")

    assert (ran.code, ran.out) == (0, "")
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*.yaml")} == before


def test_a_written_file_keeps_its_mode(south: Path, renewctl: Renewctl) -> None:
    south.chmod(0o640)

    renewctl("fmt")

    assert south.stat().st_mode & 0o777 == 0o640


def test_check_names_files_and_writes_nothing(south: Path, renewctl: Renewctl) -> None:
    ran = renewctl("fmt", "--check")

    assert (ran.code, ran.out) == (1, "config/partners/south.yaml\n")
    assert "1 file would change" in ran.err
    assert south.read_text() == UNFORMATTED


def test_diff_shows_what_would_change_and_writes_nothing(south: Path, renewctl: Renewctl) -> None:
    ran = renewctl("fmt", "--diff")

    assert ran.code == 0
    assert "-version:   1\n+version: 1\n partner: south\n" in ran.out
    assert south.read_text() == UNFORMATTED


def test_a_file_with_a_mistake_is_left_alone_and_others_are_formatted(
    root: Path, south: Path, renewctl: Renewctl
) -> None:
    broken = root / "config/partners/broken.yaml"
    broken.write_text("partner: [broken\n")

    ran = renewctl("fmt")

    assert (ran.code, ran.out) == (1, "config/partners/south.yaml\n")
    assert "config/partners/broken.yaml:2:1: error: " in ran.err
    assert "1 file left alone" in ran.err
    assert (broken.read_text(), south.read_text()) == ("partner: [broken\n", FORMATTED)


def test_a_file_that_cannot_be_read_is_reported(root: Path, south: Path, renewctl: Renewctl) -> None:
    (root / "config/partners/gone.yaml").symlink_to("nowhere.yaml")

    ran = renewctl("fmt")

    assert (ran.code, ran.out) == (1, "config/partners/south.yaml\n")
    assert "config/partners/gone.yaml:1:1: error: the file cannot be read" in ran.err
    assert south.read_text() == FORMATTED


@pytest.mark.parametrize("path", ["config/partners/south.yaml", "config/partners", "config", "."])
def test_paths_name_files_and_directories(south: Path, renewctl: Renewctl, path: str) -> None:
    renewctl("fmt", path)

    assert south.read_text() == FORMATTED


def test_other_files_than_those_named_stay(south: Path, renewctl: Renewctl) -> None:
    ran = renewctl("fmt", str(FILE))

    assert (ran.code, ran.out) == (0, "")
    assert south.read_text() == UNFORMATTED


def test_a_path_that_is_no_configuration_is_refused(south: Path, renewctl: Renewctl) -> None:
    ran = renewctl("fmt", "config/partners/sout.yaml")

    assert ran.code == 2
    assert "sout.yaml is no configuration file" in ran.err
    assert south.read_text() == UNFORMATTED


def test_standard_input_is_formatted_to_standard_output(renewctl: Renewctl) -> None:
    ran = renewctl("fmt", "-", stdin=UNFORMATTED.encode())

    assert (ran.code, ran.out, ran.err) == (0, FORMATTED, "")


def test_nothing_comes_of_broken_standard_input(renewctl: Renewctl) -> None:
    ran = renewctl("fmt", "-", stdin=b"a: [1\n")

    assert (ran.code, ran.out) == (1, "")
    assert "<stdin>:2:1: error: " in ran.err


def test_standard_input_stands_alone(renewctl: Renewctl) -> None:
    assert renewctl("fmt", "-", str(FILE)).code == 2


def test_the_sample_root_is_formatted(monkeypatch: pytest.MonkeyPatch, renewctl: Renewctl) -> None:
    monkeypatch.chdir(PROJECT)

    ran = renewctl("fmt", "--check")

    assert (ran.code, ran.out) == (0, "")
