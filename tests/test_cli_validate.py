from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from commandline import ROOT, Renewctl, expect, process

FORMATS = ("text", "compact", "json", "github")
NORDLICHT = "config/partners/nordlicht.yaml"
OAKLINE = "config/partners/americas/oakline.yaml"


def make_mistakes(root: Path) -> None:
    """Misspell a contact, which is an error, and leave somebody unused, which is a warning."""
    nordlicht, oakline = root / NORDLICHT, root / OAKLINE
    written = nordlicht.read_text(encoding="utf-8")
    nordlicht.write_text(written.replace("contact: tom", "contact: tim"), encoding="utf-8")
    sam = "sam: {name: Sam Lee, email: sam@oakline.example}"
    oakline.write_text(oakline.read_text(encoding="utf-8").replace("users: {", f"users: {{{sam}, "))


def git_repository(folder: Path) -> None:
    subprocess.run(["git", "init", "--quiet", folder], check=True)


@pytest.mark.parametrize("style", FORMATS)
def test_a_root_without_a_mistake_is_fine(renewctl: Renewctl, style: str) -> None:
    run = renewctl("validate", "--format", style)

    assert run.code == 0
    expect(f"validate-fine.{style}", run.out)


@pytest.mark.parametrize("style", FORMATS)
def test_mistakes_are_the_result(renewctl: Renewctl, root: Path, style: str) -> None:
    make_mistakes(root)

    run = renewctl("validate", "--format", style)

    assert run.code == 1
    expect(f"validate-mistakes.{style}", run.out)


def test_a_process_says_the_same(root: Path) -> None:
    make_mistakes(root)

    run = process("validate", "--on", "2026-11-23", cwd=root)

    assert (run.code, run.err) == (1, "")
    expect("validate-mistakes.text", run.out)


@pytest.mark.parametrize("style", ["text", "compact", "json"])
def test_nothing_but_the_report_is_written(renewctl: Renewctl, root: Path, style: str) -> None:
    make_mistakes(root)

    assert renewctl("validate", "--format", style).err == ""


def test_the_log_of_a_workflow_says_what_came_of_it(renewctl: Renewctl, root: Path) -> None:
    make_mistakes(root)

    assert renewctl("validate", "--format", "github").err.startswith("1 error and 1 warning in 6 files")


class TestOutput:
    """`--output FILE`: the report goes there."""

    @pytest.mark.parametrize("style", FORMATS)
    def test_the_file_is_what_stdout_would_be(
        self, renewctl: Renewctl, root: Path, tmp_path: Path, style: str
    ) -> None:
        make_mistakes(root)
        report = tmp_path / "report"

        run = renewctl("--color", "always", "validate", "--format", style, "--output", str(report))

        assert (run.code, run.out) == (1, "")
        expect(f"validate-mistakes.{style}", report.read_text(encoding="utf-8"))

    def test_the_summary_is_told(self, renewctl: Renewctl, tmp_path: Path) -> None:
        output = str(tmp_path / "report")

        assert renewctl("validate", "--output", output).err.startswith("no problems in 6 files")
        assert renewctl("-q", "validate", "--output", output).err == ""

    def test_a_place_that_cannot_be_written_is_bad_input(self, renewctl: Renewctl, tmp_path: Path) -> None:
        run = renewctl("validate", "--output", str(tmp_path / "missing" / "report"))

        assert (run.code, run.out) == (2, "")
        assert "cannot be written: No such file or directory" in run.err


class TestStrict:
    """`--strict`: warnings are answers in the negative too."""

    @pytest.fixture
    def warned(self, root: Path) -> None:
        (root / "config/vendor.yaml").unlink()
        (root / "rules/recipients.yaml").unlink()  # it writes to a role of the vendor

    @pytest.mark.usefixtures("warned")
    def test_a_warning_alone_is_fine(self, renewctl: Renewctl) -> None:
        run = renewctl("validate")

        assert run.code == 0
        assert "[missing-renewal-manager]" in run.out

    @pytest.mark.usefixtures("warned")
    def test_a_warning_is_not_fine_when_strict(self, renewctl: Renewctl) -> None:
        assert renewctl("validate", "--strict").code == 1

    def test_without_a_warning_strict_changes_nothing(self, renewctl: Renewctl) -> None:
        assert renewctl("validate", "--strict").code == 0


class TestPaths:
    """PATHs narrow what is reported, wherever one stands."""

    @pytest.fixture(autouse=True)
    def mistakes(self, root: Path) -> None:
        make_mistakes(root)

    def test_a_file(self, renewctl: Renewctl) -> None:
        run = renewctl("validate", "--format", "compact", NORDLICHT)

        assert run.code == 1
        assert [line.split(":")[0] for line in run.out.splitlines()] == [NORDLICHT]

    def test_a_path_as_the_report_prints_it_is_understood_anywhere(
        self, renewctl: Renewctl, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)

        run = renewctl("--root", str(root), "validate", "--format", "compact", NORDLICHT)

        assert run.code == 1
        assert [line.split(":")[0] for line in run.out.splitlines()] == [NORDLICHT]

    def test_a_directory(self, renewctl: Renewctl) -> None:
        run = renewctl("validate", "--format", "compact", "config/partners/americas/")

        assert run.code == 0
        assert [line.split(":")[0] for line in run.out.splitlines()] == [OAKLINE]

    def test_several(self, renewctl: Renewctl) -> None:
        run = renewctl("validate", "--format", "compact", "facts", "rules", OAKLINE, NORDLICHT)

        assert [line.split(":")[0] for line in run.out.splitlines()] == [OAKLINE, NORDLICHT]

    def test_the_rest_of_the_root_is_checked_all_the_same(self, renewctl: Renewctl, root: Path) -> None:
        (root / "config/partners/other.yaml").write_text("version: 1\npartner: other\nclients: {acme: {}}\n")

        run = renewctl("validate", "--format", "compact", "config/partners/other.yaml")

        assert "[duplicate-client]" in run.out

    def test_a_part_without_mistakes_is_fine(self, renewctl: Renewctl) -> None:
        assert renewctl("validate", "--strict", "rules").code == 0

    def test_an_absolute_path(self, renewctl: Renewctl, root: Path) -> None:
        run = renewctl("validate", "--format", "compact", str(root / NORDLICHT))

        assert run.out.startswith(f"{NORDLICHT}:")

    @pytest.mark.parametrize("path", [".", "../config", "../config/partners/../partners"])
    def test_relative_to_where_one_stands(
        self, renewctl: Renewctl, root: Path, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        monkeypatch.chdir(root / "config")

        run = renewctl("validate", "--format", "compact", path)

        assert len(run.out.splitlines()) == 2

    def test_from_outside_of_the_root(
        self, renewctl: Renewctl, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)

        run = renewctl("--root", root.name, "validate", "--format", "compact", f"{root.name}/{NORDLICHT}")

        assert run.out.startswith(f"{NORDLICHT}:")

    @pytest.mark.parametrize(("root_by", "path_by"), [("link", "link"), ("link", "root"), ("root", "link")])
    def test_through_a_link_to_the_root(
        self, renewctl: Renewctl, root: Path, tmp_path: Path, root_by: str, path_by: str
    ) -> None:
        (tmp_path / "link").symlink_to(root)

        run = renewctl(
            "--root",
            str(tmp_path / root_by),
            "validate",
            "--format",
            "compact",
            str(tmp_path / path_by / NORDLICHT),
        )

        assert run.out.startswith(f"{NORDLICHT}:")

    def test_a_linked_file_goes_by_its_own_name(self, renewctl: Renewctl, root: Path) -> None:
        original = root / "config/partners/americas/oakline.yaml"
        shutil.move(original, root / "shared.yaml")
        original.symlink_to(root / "shared.yaml")

        run = renewctl("validate", "--format", "compact", OAKLINE)

        assert run.out.startswith(f"{OAKLINE}:")

    def test_outside_of_the_root_is_bad_input(self, renewctl: Renewctl, tmp_path: Path) -> None:
        run = renewctl("validate", str(tmp_path))

        assert (run.code, run.out) == (2, "")
        assert f"{tmp_path} is not in the root" in run.err

    @pytest.mark.parametrize("path", ["config/partners/missing.yaml", "missing", "../root/missing"])
    def test_what_does_not_exist_is_bad_input(self, renewctl: Renewctl, path: str) -> None:
        run = renewctl("validate", path)

        assert (run.code, run.out) == (2, "")
        assert "there is nothing to check in" in run.err


class TestNothingToCheck:
    """A root without a partner file."""

    @pytest.fixture(autouse=True)
    def emptied(self, root: Path) -> None:
        shutil.rmtree(root / "config/partners")
        (root / "config/partners").mkdir()

    @pytest.mark.parametrize("style", FORMATS)
    def test_validating_it_is_bad_input(self, renewctl: Renewctl, style: str) -> None:
        run = renewctl("validate", "--format", style)

        assert run.code == 2
        assert "no-configuration" in run.out

    @pytest.mark.parametrize("question", [("decide", "--all"), ("clients",)])
    def test_so_is_asking_it(self, renewctl: Renewctl, question: tuple[str, ...]) -> None:
        run = renewctl(*question)

        assert (run.code, run.out) == (2, "")
        assert "[no-configuration]" in run.err


class TestGitHub:
    """In GitHub Actions the report annotates the pull request."""

    @pytest.fixture
    def pull_request(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        make_mistakes(root)
        git_repository(root.parent)
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        return root

    @pytest.mark.usefixtures("pull_request")
    def test_paths_begin_at_the_top_of_the_work_tree(self, renewctl: Renewctl) -> None:
        run = renewctl("validate")

        assert run.code == 1
        expect("validate-in-work-tree.github", run.out)

    @pytest.mark.usefixtures("pull_request")
    def test_the_format_that_is_asked_for_counts(self, renewctl: Renewctl) -> None:
        expect("validate-mistakes.compact", renewctl("validate", "--format", "compact").out)

    def test_a_linked_root_is_where_it_really_is(
        self, renewctl: Renewctl, pull_request: Path, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        link = tmp_path_factory.mktemp("elsewhere") / "link"
        link.symlink_to(pull_request)

        expect("validate-in-work-tree.github", renewctl("--root", str(link), "validate").out)

    def test_in_the_top_itself_paths_stay_as_they_are(
        self, renewctl: Renewctl, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_mistakes(root)
        git_repository(root)
        monkeypatch.setenv("GITHUB_ACTIONS", "true")

        expect("validate-mistakes.github", renewctl("validate").out)

    def test_what_would_end_a_part_of_an_annotation_is_escaped(self, renewctl: Renewctl, root: Path) -> None:
        (root / "config/partners/50%,a:b.yaml").write_text("version: 1\npartner: other\n")

        run = renewctl("validate", "--format", "github")

        assert "file=config/partners/50%25%2Ca%3Ab.yaml,line=" in run.out

    def test_anywhere_else_the_report_is_for_people(
        self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "false")

        expect("validate-fine.text", renewctl("validate").out)


class TestDay:
    """`--on` tells history from what still counts."""

    @pytest.fixture(autouse=True)
    def gone(self, root: Path) -> None:
        """Let the contact of an override leave that holds until the end of the year."""
        path = root / NORDLICHT
        override = "{owner: partner, contact: tom, until: 2027-01-01, note: asked by the client}"
        text = path.read_text(encoding="utf-8").replace("email: tom@", "active: false, email: tom@")
        path.write_text(
            text.replace("{owner: partner, contact: tom, note: asked by the client}", override),
            encoding="utf-8",
        )

    def test_before_its_end_it_is_a_warning(self, renewctl: Renewctl) -> None:
        assert "[inactive-contact]" in renewctl("validate", "--on", "2026-12-31").out

    def test_afterwards_it_is_history(self, renewctl: Renewctl) -> None:
        assert "[inactive-contact]" not in renewctl("validate", "--on", "2027-01-01").out


def test_facts_are_checked_too(renewctl: Renewctl, root: Path) -> None:
    (root / "facts/more.csv").write_text("renewal,client,renewal_date\nrn_9,acme,soon\n")

    run = renewctl("validate", "--format", "compact", "facts")

    assert run.code == 1
    assert run.out.startswith("facts/more.csv:2")


def test_the_json_says_how_much_was_checked(renewctl: Renewctl) -> None:
    report = json.loads(renewctl("validate", "--format", "json").out)

    files = sum(1 for path in ROOT.rglob("*") if path.is_file())
    assert report["summary"] == {
        "errors": 0,
        "warnings": 0,
        "files": files,
        "partners": 2,
        "clients": 2,
        "rules": 5,
    }
