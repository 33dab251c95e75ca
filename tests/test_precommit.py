"""The hooks for pre-commit, run by pre-commit itself on a scratch repository."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from commandline import PROJECT, ROOT, Run
from pipelines import bash, commit, git, renewctl_on
from pre_commit.clientlib import load_manifest  # type: ignore[import-untyped]  # it has none

MANIFEST = PROJECT / ".pre-commit-hooks.yaml"
HOOKS: dict[str, dict[str, Any]] = {hook["id"]: hook for hook in load_manifest(str(MANIFEST))}
VALIDATE, FMT = "renewctl-validate", "renewctl-fmt"
NORDLICHT = "config/partners/nordlicht.yaml"
_SHIPPED = ("cli.py", "engine", "schemas", "rules", "pyproject.toml", "README.md", "LICENSE")
"""What of the project is installed; a hook's repository is a clone of it."""


def configure(repository: Path, **repo: object) -> None:
    """Write the user's configuration for pre-commit, with one source of hooks, and stage it."""
    text = yaml.safe_dump({"repos": [repo]})
    (repository / ".pre-commit-config.yaml").write_text(text, encoding="utf-8")
    git(repository, "add", ".pre-commit-config.yaml")


def misspell(repository: Path) -> None:
    """Misspell a contact, and stage it."""
    path = repository / NORDLICHT
    path.write_text(
        path.read_text(encoding="utf-8").replace("contact: tom", "contact: tim"), encoding="utf-8"
    )
    git(repository, "add", NORDLICHT)


def pre_commit(repository: Path, *arguments: str) -> Run:
    """Run pre-commit there, with a cache of its own."""
    programs = repository.parent / "programs"
    variables = {
        "PRE_COMMIT_HOME": str(repository.parent / "cache"),
        "CPPFLAGS": "-DPyEval_CallObject=PyObject_CallObject",
    }
    return bash(f"{sys.executable} -m pre_commit {' '.join(arguments)}", repository, programs, variables)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a repository with the root of the tests."""
    work = tmp_path / "repository"
    shutil.copytree(ROOT, work)
    git(work, "init", "--quiet")
    commit(work, "A root")
    return work


@pytest.fixture
def installed(repository: Path) -> Path:
    """Use the hooks as they are defined, but for the installation: renewctl is on the path already."""
    renewctl_on(repository.parent / "programs")
    written = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    hooks = [
        {
            **{key: value for key, value in hook.items() if key != "additional_dependencies"},
            "language": "system",
        }
        for hook in written
    ]
    configure(repository, repo="local", hooks=hooks)
    return repository


class TestDefinition:
    """What the configuration of a user relies on."""

    @pytest.mark.parametrize(
        "path",
        [
            NORDLICHT,
            "config/vendor.yaml",
            "rules/a_test.yaml",
            "renewals/facts/renewals.jsonl",
            "facts/a/b.csv",
        ],
    )
    def test_a_file_of_a_root_runs_the_validation(self, path: str) -> None:
        assert re.search(HOOKS[VALIDATE]["files"], path)

    @pytest.mark.parametrize("path", ["README.md", "src/config.yaml", "facts/README.md", "myrules/a.yaml"])
    def test_any_other_file_does_not(self, path: str) -> None:
        assert not re.search(HOOKS[VALIDATE]["files"], path)

    def test_a_root_is_judged_as_a_whole(self) -> None:
        assert {hook["pass_filenames"] for hook in HOOKS.values()} == {False}

    def test_what_is_installed_besides_is_what_the_extra_says(self) -> None:
        project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

        assert HOOKS[FMT]["additional_dependencies"] == project["optional-dependencies"]["edit"]


class TestRun:
    """What somebody who commits sees."""

    def test_a_good_commit_passes(self, installed: Path) -> None:
        run = pre_commit(installed, "run", "--all-files", VALIDATE)

        assert run.code == 0, run.out
        assert "Passed" in run.out

    def test_a_mistake_stops_the_commit_and_is_shown(self, installed: Path) -> None:
        misspell(installed)

        run = pre_commit(installed, "run", VALIDATE)

        assert run.code == 1
        assert f"{NORDLICHT}:24:41: error: contact tim is not a user of nordlicht" in run.out

    def test_a_commit_that_concerns_no_root_runs_nothing(self, installed: Path) -> None:
        git(installed, "commit", "--quiet", "--message", "Hooks")
        (installed / "README.md").touch()
        git(installed, "add", "README.md")

        assert "Skipped" in pre_commit(installed, "run", VALIDATE).out

    def test_decision_tests_are_run(self, installed: Path) -> None:
        assert pre_commit(installed, "run", "--all-files", "renewctl-test").code == 0

    def test_what_is_formatted_stops_the_commit_once(self, installed: Path) -> None:
        pre_commit(installed, "run", "--all-files", FMT)
        git(installed, "add", "--all")

        assert pre_commit(installed, "run", "--all-files", FMT).code == 0

    def test_a_root_in_a_subdirectory_is_named_before_the_command(self, installed: Path) -> None:
        git(installed, "rm", "--quiet", "-r", "--cached", ".")
        below = installed / "renewals"
        below.mkdir()
        for name in ("config", "rules", "facts"):
            shutil.move(installed / name, below / name)
        git(installed, "add", "renewals")
        hook = {
            **HOOKS[VALIDATE],
            "language": "system",
            "args": ["--root", "renewals", "validate", "--strict"],
        }
        wanted = ("id", "name", "entry", "language", "args", "files", "pass_filenames")
        configure(installed, repo="local", hooks=[{key: hook[key] for key in wanted}])

        assert pre_commit(installed, "run", "--all-files", VALIDATE).code == 0


@pytest.mark.slow
def test_pre_commit_installs_the_hooks_from_a_clone(repository: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in _SHIPPED:
        source = PROJECT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, project / name)
    shutil.copy(MANIFEST, project / MANIFEST.name)
    git(project, "init", "--quiet")
    configure(repository, repo=str(project), rev=commit(project, "The hooks"), hooks=[{"id": VALIDATE}])
    misspell(repository)

    run = pre_commit(repository, "run", VALIDATE)

    assert run.code == 1
    assert "[unknown-contact]" in run.out
