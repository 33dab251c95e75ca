from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from commandline import PROJECT, Renewctl

from engine import __version__, resources, starting

TOP = {".pre-commit-config.yaml"}
HOSTED = {
    "github": {".github/CODEOWNERS", ".github/workflows/renewctl.yml"},
    "gitlab": {".gitlab/CODEOWNERS", ".gitlab-ci.yml"},
    "none": set[str](),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renewctl: Renewctl) -> Path:
    """Go to an empty directory."""
    del renewctl  # it goes to a root
    monkeypatch.chdir(tmp_path)
    return tmp_path


def git(*arguments: str, cwd: Path) -> None:
    subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True)


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a directory, but for those of git itself."""
    paths = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


class TestNewRoot:
    """What a new root is good for, as it is written."""

    @pytest.mark.usefixtures("folder")
    @pytest.mark.parametrize("partner", ["nordlicht", "007", "true", "1.5", "a.b_c-d", "4711"])
    def test_it_validates_without_a_warning_whatever_the_partner_is_called(
        self, renewctl: Renewctl, partner: str
    ) -> None:
        renewctl("init", "here", "--partner", partner)

        run = renewctl("--root", "here", "validate", "--strict")

        assert (run.code, run.err) == (0, "")
        assert run.out.startswith("no problems in ")
        assert "1 partner, 2 clients" in run.out

    @pytest.mark.usefixtures("folder")
    @pytest.mark.parametrize("partner", ["nordlicht", "007"])
    def test_its_decision_tests_pass(self, renewctl: Renewctl, partner: str) -> None:
        renewctl("init", "here", "--partner", partner)

        run = renewctl("--root", "here", "test", "--require-tests")

        assert (run.code, run.err) == (0, "")

    @pytest.mark.usefixtures("folder")
    def test_it_decides_at_once(self, renewctl: Renewctl) -> None:
        renewctl("init", "here", "--partner", "nordlicht")

        run = renewctl("--root", "here", "decide", "--all", "--format", "json")

        decisions = json.loads(run.out)["decisions"]
        assert [one["outcome"] for one in decisions] == ["send", "send"]
        assert {one["partner"] for one in decisions} == {"nordlicht"}
        assert {one["owner"]["value"] for one in decisions} == {"hubspot", "partner"}

    @pytest.mark.usefixtures("folder")
    def test_its_renewals_lie_ahead_whenever_it_is_made(self, renewctl: Renewctl) -> None:
        renewctl("init", "here")

        run = renewctl("--root", "here", "upcoming", "--format", "json")

        assert len(json.loads(run.out)["decisions"]) > 1
        assert '"renewal_date":"2027-03-03"' in read(Path("here/facts/renewals.jsonl"))

    def test_its_rules_and_schemas_are_those_that_are_shipped(self, renewctl: Renewctl, folder: Path) -> None:
        renewctl("init", "here")

        made = files(folder / "here")
        paths = [*(PROJECT / "schemas").iterdir(), *(PROJECT / "rules").iterdir()]
        shipped = {f"{path.parent.name}/{path.name}": path.read_bytes() for path in paths}
        assert {path for path in shipped.keys() - made.keys() if not path.endswith("_test.yaml")} == set()
        assert {path for path in shipped.keys() & made.keys() if shipped[path] != made[path]} == set()

    def test_each_of_its_rules_has_its_tests(self, renewctl: Renewctl, folder: Path) -> None:
        renewctl("init", "here")

        names = {path.name for path in (folder / "here/rules").iterdir()} - {"schedule.yaml"}
        rules = {name for name in names if not name.endswith("_test.yaml")}
        assert names - rules == {name.replace(".yaml", "_test.yaml") for name in rules}

    def test_the_schema_that_a_file_names_lies_beside_it(self, renewctl: Renewctl, folder: Path) -> None:
        renewctl("init", "here")

        for path in (folder / "here").rglob("*.yaml"):
            first = read(path).splitlines()[0]
            if path.name != ".pre-commit-config.yaml":
                assert (path.parent / first.removeprefix("# yaml-language-server: $schema=")).is_file()

    def test_nothing_of_a_template_is_left(self, renewctl: Renewctl, folder: Path) -> None:
        for host in starting.HOSTS:
            renewctl("init", host, "--partner", "nordlicht", "--ci", host)

        for path, data in files(folder).items():
            ours = "/rules/" not in path and "/schemas/" not in path
            for word in ("ROOT", "VERSION", starting.EXAMPLE_PARTNER, "dot-"):
                assert not ours or word not in path + data.decode(), path

    @pytest.mark.usefixtures("folder")
    def test_the_first_partner_needs_no_name(self, renewctl: Renewctl) -> None:
        renewctl("init", "here")

        assert read(Path("here/config/partners/example-partner.yaml")).count("partner: example-partner") == 1

    @pytest.mark.usefixtures("folder")
    def test_its_files_have_the_usual_shape(self, renewctl: Renewctl) -> None:
        renewctl("init", "here")
        ours = ("config", "rules/copies.yaml", "rules/copies_test.yaml")

        assert renewctl("--root", "here", "fmt", "--check", *(f"here/{path}" for path in ours)).code == 0


class TestHosts:
    """What the host of the repository and pre-commit are told."""

    @pytest.mark.parametrize("host", starting.HOSTS)
    def test_only_the_files_of_the_host_are_written(
        self, renewctl: Renewctl, folder: Path, host: str
    ) -> None:
        renewctl("init", "here", "--ci", host)

        made = files(folder / "here").keys()
        assert {path for path in made if path.startswith(".")} == {".gitignore", *TOP, *HOSTED[host]}

    @pytest.mark.parametrize("host", ["github", "gitlab"])
    @pytest.mark.parametrize(("within", "prefix"), [("", ""), ("renewals", "renewals/"), ("a/b", "a/b/")])
    def test_in_a_repository_they_lie_at_its_top_and_name_the_root(
        self, renewctl: Renewctl, folder: Path, host: str, within: str, prefix: str
    ) -> None:
        git("init", cwd=folder)

        run = renewctl("init", within or ".", "--ci", host, "--partner", "nordlicht")

        assert run.code == 0
        assert HOSTED[host] | TOP <= files(folder).keys()
        assert f"/{prefix}config/partners/nordlicht.yaml @" in read(folder / f".{host}/CODEOWNERS")
        hooks = yaml.safe_load(read(folder / ".pre-commit-config.yaml"))["repos"][0]["hooks"]
        assert [hook["args"][:2] for hook in hooks] == [["--root", within or "."]] * 2
        assert set(run.out.splitlines()) == files(folder).keys()

    def test_the_workflow_gives_the_action_what_it_takes(self, renewctl: Renewctl, folder: Path) -> None:
        renewctl("init", "here")

        workflow = yaml.safe_load(read(folder / "here/.github/workflows/renewctl.yml"))
        step = workflow["jobs"]["renewctl"]["steps"][-1]
        assert step["uses"] == f"renewctl/renewctl@v{__version__}"
        assert step["with"].keys() <= yaml.safe_load(read(PROJECT / "action.yml"))["inputs"].keys()

    def test_the_pipeline_gives_the_template_what_it_takes(self, renewctl: Renewctl, folder: Path) -> None:
        renewctl("init", "here", "--ci", "gitlab")

        (included,) = yaml.safe_load(read(folder / "here/.gitlab-ci.yml"))["include"]
        (takes, _) = yaml.safe_load_all(read(PROJECT / included["file"]))
        assert included["inputs"].keys() <= takes["spec"]["inputs"].keys()

    def test_the_hooks_are_there(self, renewctl: Renewctl, folder: Path) -> None:
        renewctl("init", "here")

        (used,) = yaml.safe_load(read(folder / "here/.pre-commit-config.yaml"))["repos"]
        there = {hook["id"] for hook in yaml.safe_load(read(PROJECT / ".pre-commit-hooks.yaml"))}
        assert {hook["id"] for hook in used["hooks"]} <= there

    def test_pre_commit_takes_its_configuration(self, renewctl: Renewctl, folder: Path) -> None:
        renewctl("init", "here")

        program = Path(sys.executable).with_name("pre-commit")
        subprocess.run([program, "validate-config", folder / "here/.pre-commit-config.yaml"], check=True)


class TestWhatIsThere:
    """Nothing is ever overwritten."""

    def test_a_file_in_the_way_is_named_and_nothing_is_written(
        self, renewctl: Renewctl, folder: Path
    ) -> None:
        (folder / "config").mkdir()
        (folder / "config/vendor.yaml").write_text("locale: en-GB\n")

        run = renewctl("init", ".")

        assert (run.code, run.out) == (2, "")
        assert run.err == (
            "error: there is already config/vendor.yaml\n"
            "  hint: nothing was written; --keep leaves what is there as it is, and writes the other files\n"
        )
        assert files(folder) == {"config/vendor.yaml": b"locale: en-GB\n"}

    def test_of_many_files_five_are_named(self, renewctl: Renewctl, folder: Path) -> None:
        renewctl("init", "here")
        before = files(folder)

        run = renewctl("init", "here")

        assert (run.code, run.out) == (2, "")
        assert f" and {len(before) - 5} more\n" in run.err
        assert files(folder) == before

    def test_with_keep_only_the_others_are_written(self, renewctl: Renewctl, folder: Path) -> None:
        (folder / "README.md").write_text("mine\n")

        run = renewctl("init", ".", "--keep")

        assert run.code == 0
        assert read(folder / "README.md") == "mine\n"
        assert {*run.out.splitlines(), "README.md"} == files(folder).keys()

    def test_an_empty_file_is_not_in_the_way(self, renewctl: Renewctl, folder: Path) -> None:
        (folder / "README.md").touch()

        assert renewctl("init", ".").code == 0
        assert read(folder / "README.md").startswith("# Renewal notices")

    @pytest.mark.parametrize("target", ["elsewhere", "missing"])
    def test_a_link_is_in_the_way_wherever_it_leads(
        self, renewctl: Renewctl, folder: Path, target: str
    ) -> None:
        (folder / "elsewhere").write_text("mine\n")
        (folder / "README.md").symlink_to(target)

        assert renewctl("init", ".").code == 2
        assert files(folder)["elsewhere"] == b"mine\n"

    def test_a_file_in_place_of_a_directory_is_bad_input(self, renewctl: Renewctl, folder: Path) -> None:
        (folder / "config").write_text("mine\n")

        run = renewctl("init", ".")

        assert run.code == 2
        assert "error: config/partners/example-partner.yaml cannot be written: " in run.err


@pytest.mark.usefixtures("folder")
class TestUsage:
    """What it says."""

    @pytest.mark.parametrize("partner", ["Nordlicht", "../nordlicht", "", "a" * 64, "-x", "a\n"])
    def test_what_is_no_id_is_bad_input(self, renewctl: Renewctl, partner: str) -> None:
        run = renewctl("init", "here", f"--partner={partner}")

        assert (run.code, run.out) == (2, "")
        assert run.err.startswith(f"error: {partner!r} is not an id\n  hint: ")
        assert not Path("here").exists()

    def test_the_next_steps_are_told(self, renewctl: Renewctl) -> None:
        run = renewctl("init", "here", "--partner", "nordlicht")

        assert run.err == (
            "\nnext:\n  cd here\n  git init\n  renewctl validate --strict && renewctl test\n"
            "  renewctl decide --client acme --explain\n"
            "  edit config/partners/nordlicht.yaml, then config/vendor.yaml and CODEOWNERS\n"
        )

    def test_where_there_is_a_repository_none_is_made(self, renewctl: Renewctl) -> None:
        git("init", cwd=Path())

        assert "git init" not in renewctl("init", ".").err

    def test_quiet_tells_none(self, renewctl: Renewctl) -> None:
        assert renewctl("-q", "init", "here").err == ""


def test_what_is_ignored_in_the_templates_is_none_of_them() -> None:
    """A template named `.gitignore` would rule over the others."""
    assert list(resources.TEMPLATES.rglob(".*")) == []
