from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from commandline import Renewctl, expect
from test_cli_validate import make_mistakes


@pytest.fixture(autouse=True)
def mistaken(root: Path) -> Path:
    make_mistakes(root)
    return root


class TestSeveral:
    """An --output belongs to the --format before it; one format may go without, to stdout."""

    @pytest.mark.parametrize(
        "arguments",
        [
            "--format text --format compact --output c --format json --output j",
            "--format compact --output c --format text --format json --output j",
            "--format compact --output c --format json --output j --format text",
        ],
    )
    def test_the_one_without_a_file_goes_to_stdout(
        self, renewctl: Renewctl, mistaken: Path, arguments: str
    ) -> None:
        run = renewctl("validate", *arguments.split())

        assert (run.code, run.err) == (1, "")
        expect("validate-mistakes.text", run.out)
        expect("validate-mistakes.compact", (mistaken / "c").read_text(encoding="utf-8"))
        expect("validate-mistakes.json", (mistaken / "j").read_text(encoding="utf-8"))

    def test_with_a_file_for_each_stdout_is_empty_and_the_sum_is_told(self, renewctl: Renewctl) -> None:
        run = renewctl(
            "validate", "--format", "compact", "--output", "c", "--format", "json", "--output", "j"
        )

        assert run.out == ""
        assert run.err.startswith("1 error and 1 warning in 6 files")

    def test_the_sum_is_told_beside_annotations(self, renewctl: Renewctl) -> None:
        run = renewctl("validate", "--format", "github", "--format", "json", "--output", "j")

        expect("validate-mistakes.github", run.out)
        assert run.err.startswith("1 error and 1 warning in 6 files")

    @pytest.mark.parametrize("arguments", ["--format json --output j", "--output j --format json"])
    def test_a_single_one_may_be_written_in_either_order(
        self, renewctl: Renewctl, mistaken: Path, arguments: str
    ) -> None:
        renewctl("validate", *arguments.split())

        expect("validate-mistakes.json", (mistaken / "j").read_text(encoding="utf-8"))

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            ("--format text --format json", "text and json would go to stdout together"),
            ("--format text --format json --format sarif --output s", "text and json would go to stdout"),
            ("--output a --format text --format json", "--output a does not follow a --format"),
            ("--format text --output a --output b", "--output b does not follow a --format"),
            ("--output a --output b", "--output a does not follow a --format"),
            ("--format text --output a --format json --output ./a", "would go to the same file"),
        ],
    )
    def test_what_does_not_pair_is_wrong_usage(
        self, renewctl: Renewctl, mistaken: Path, arguments: str, complaint: str
    ) -> None:
        run = renewctl("validate", *arguments.split())

        assert (run.code, run.out) == (2, "")
        assert complaint in run.err
        assert "--format text --format sarif --output renewctl.sarif" in run.err
        assert not (mistaken / "a").exists()


class TestWriting:
    """A report is written beside its place and renamed into it."""

    def test_the_old_report_stays_whole_for_who_reads_it(self, renewctl: Renewctl, mistaken: Path) -> None:
        report = mistaken / "report"
        report.write_text("old")

        with report.open(encoding="utf-8") as reading:
            renewctl("validate", "--output", "report")

            assert reading.read() == "old"
        assert report.read_text(encoding="utf-8") != "old"

    def test_nothing_else_is_left_behind(self, renewctl: Renewctl, mistaken: Path) -> None:
        before = {*mistaken.iterdir()}

        renewctl("validate", "--output", "report")

        assert {*mistaken.iterdir()} - before == {mistaken / "report"}

    def test_everybody_may_read_it_whom_the_umask_lets(self, renewctl: Renewctl, mistaken: Path) -> None:
        usual = mistaken / "usual"
        usual.touch()

        renewctl("validate", "--output", "report")

        assert (mistaken / "report").stat().st_mode == usual.stat().st_mode

    def test_a_link_stays_one(self, renewctl: Renewctl, mistaken: Path) -> None:
        (mistaken / "link").symlink_to("report")

        renewctl("validate", "--output", "link")

        assert (mistaken / "link").is_symlink()
        assert (mistaken / "report").is_file()

    def test_a_device_stays_one(self, renewctl: Renewctl) -> None:
        run = renewctl("validate", "--output", os.devnull)

        assert run.code == 1
        assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
