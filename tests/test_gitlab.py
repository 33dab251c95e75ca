"""The jobs of the GitLab template, run one by one as GitLab would run them; only `curl` is made up."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from commandline import PROJECT, Run
from pipelines import (
    MARKER,
    Change,
    bash,
    break_nordlicht,
    program,
    proposed_change,
    renewctl_on,
    shallow_clone,
)
from test_junit import checked

SPEC, JOBS = yaml.safe_load_all((PROJECT / "templates/renewctl.yml").read_text(encoding="utf-8"))
INPUTS: dict[str, dict[str, Any]] = SPEC["spec"]["inputs"]

CURL = r"""
printf '%s\n' "$*" >>calls
cat >>headers
for one in "$@"; do case $one in body@*) cat "${one#body@}" >note ;; esac; done
case "$*" in
*/user) echo '{"id": 7}' ;;
*activity_filter*) cat notes ;;
*) [ ! -e refused ] || { echo 'curl: (22) The requested URL returned error: 403' >&2; exit 22; } ;;
esac
"""


class Pipeline:
    """The jobs for a merge request, each in a clone of its branch."""

    def __init__(self, folder: Path, change: Change) -> None:
        self.workspace = shallow_clone(change, folder, "change")
        self.programs = folder / "programs"
        renewctl_on(self.programs)
        program(self.programs, "curl", CURL)
        (self.workspace / "notes").write_text("[]", encoding="utf-8")
        self.inputs = {name: one["default"] for name, one in INPUTS.items()}
        self.variables = {
            "CI_API_V4_URL": "https://gitlab.example/api/v4",
            "CI_PROJECT_ID": "3",
            "CI_MERGE_REQUEST_IID": "17",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": change.base,
        }

    def run(self, job: str) -> Run:
        """Run the job of that name, its commands as one script."""
        given = {name: self._value(text) for name, text in JOBS[".renewctl"]["variables"].items()}
        script = "\n".join(JOBS[job]["script"])
        return bash(script, self.workspace, self.programs, {**self.variables, **given})

    def written(self, name: str) -> str:
        """Return what stands in a file of the workspace."""
        path = self.workspace / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def have(self, *notes: tuple[int, int, str]) -> None:
        """Let the merge request have these notes: id, author, text."""
        found = [{"id": id_, "author": {"id": author}, "body": body} for id_, author, body in notes]
        (self.workspace / "notes").write_text(json.dumps(found), encoding="utf-8")

    def _value(self, text: str) -> str:
        [name] = re.findall(r"^\$\[\[ inputs\.(\w+) \]\]$", text)
        value = self.inputs[name]
        return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.fixture(scope="module")
def change(tmp_path_factory: pytest.TempPathFactory) -> Change:
    """Let the partner instead of HubSpot write to every client of nordlicht."""
    return proposed_change(tmp_path_factory.mktemp("change"), "owner: hubspot", "owner: partner")


@pytest.fixture
def pipeline(change: Change, tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path, change)


class TestDefinition:
    """What a pipeline relies on, and what must never slip in."""

    def test_inputs_stand_in_variables_and_in_no_script(self) -> None:
        scripts = [*JOBS[".renewctl"]["before_script"]]
        scripts += [line for job in JOBS.values() for line in job.get("script", [])]

        assert [line for line in scripts if "$[[" in line] == []

    def test_every_input_is_described_and_used(self) -> None:
        text = json.dumps(JOBS)

        for name, one in INPUTS.items():
            assert one["description"]
            assert f"$[[ inputs.{name} ]]" in text

    def test_every_file_of_the_artifacts_is_written_by_its_job(self) -> None:
        for name in ("renewctl-validate", "renewctl-test", "renewctl-diff"):
            artifacts = JOBS[name]["artifacts"]
            paths = artifacts.get("paths") or [artifacts["reports"]["junit"]]
            assert all(path in "\n".join(JOBS[name]["script"]) for path in paths)


class TestValidate:
    """What is wrong, in the log and as a JUnit report."""

    def test_a_root_without_a_mistake_passes(self, pipeline: Pipeline) -> None:
        run = pipeline.run("renewctl-validate")

        assert (run.code, run.out.splitlines()[-1][:11]) == (0, "no problems")
        assert checked(pipeline.written("renewctl-validate.xml")).get("failures") == "0"

    def test_a_mistake_is_in_the_log_and_in_the_report(self, pipeline: Pipeline) -> None:
        break_nordlicht(pipeline.workspace)

        run = pipeline.run("renewctl-validate")

        assert run.code == 1
        assert "[unknown-contact]" in run.out
        assert checked(pipeline.written("renewctl-validate.xml")).get("failures") == "1"

    @pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 1)])
    def test_warnings_fail_where_that_is_asked_for(
        self, pipeline: Pipeline, *, strict: bool, code: int
    ) -> None:
        (pipeline.workspace / "config/vendor.yaml").unlink()
        (pipeline.workspace / "rules/recipients.yaml").unlink()
        pipeline.inputs["strict"] = strict

        assert pipeline.run("renewctl-validate").code == code


class TestTests:
    """Decision tests, as a JUnit report."""

    def test_the_report_is_one_that_gitlab_reads(self, pipeline: Pipeline) -> None:
        assert pipeline.run("renewctl-test").code == 0
        checked(pipeline.written("renewctl-test.xml"))

    def test_what_failed_is_in_the_log_and_in_the_report(self, pipeline: Pipeline) -> None:
        case = "{case: acme is HubSpot's, client: acme, expect: {owner: hubspot}}"
        path = pipeline.workspace / "rules/acme_test.yaml"
        path.write_text(f"version: 1\non: 2026-11-23\ncases:\n  - {case}\n", encoding="utf-8")

        run = pipeline.run("renewctl-test")

        assert run.code == 1
        assert "acme is HubSpot's" in run.out
        assert checked(pipeline.written("renewctl-test.xml")).get("failures") == "1"


class TestDiff:
    """Whose notices change hands, as an artifact and as one note on the merge request."""

    def test_the_artifact_says_who(self, pipeline: Pipeline) -> None:
        run = pipeline.run("renewctl-diff")

        assert run.code == 0, run.err
        assert "globex" in pipeline.written("renewctl-diff.md")
        assert pipeline.written("calls") == ""
        assert "RENEWCTL_TOKEN is not set" in run.err

    def test_a_merged_result_is_compared_with_the_target(self, pipeline: Pipeline) -> None:
        pipeline.variables["CI_MERGE_REQUEST_TARGET_BRANCH_SHA"] = pipeline.variables.pop(
            "CI_MERGE_REQUEST_DIFF_BASE_SHA"
        )

        assert pipeline.run("renewctl-diff").code == 0
        assert "globex" in pipeline.written("renewctl-diff.md")

    def test_errors_are_said_and_left_to_the_validation(self, pipeline: Pipeline) -> None:
        break_nordlicht(pipeline.workspace)

        assert pipeline.run("renewctl-diff").code == 0
        assert pipeline.written("renewctl-diff.md").startswith(f"{MARKER}\nrenewctl cannot tell")

    def test_the_first_run_writes_a_note(self, pipeline: Pipeline) -> None:
        pipeline.variables["RENEWCTL_TOKEN"] = "glpat-1"  # noqa: S105 - made up
        pipeline.have((1, 2, "Looks good"))

        assert pipeline.run("renewctl-diff").code == 0
        assert "POST https://gitlab.example/api/v4/projects/3/merge_requests/17/notes" in pipeline.written(
            "calls"
        )
        assert pipeline.written("note").count(MARKER) == 1
        assert "globex" in pipeline.written("note")

    def test_the_next_one_replaces_it(self, pipeline: Pipeline) -> None:
        pipeline.variables["RENEWCTL_TOKEN"] = "glpat-1"  # noqa: S105 - made up
        pipeline.have((1, 2, "Looks good"), (2, 7, f"{MARKER}\nold"))

        assert pipeline.run("renewctl-diff").code == 0
        assert "PUT https://gitlab.example/api/v4/projects/3/merge_requests/17/notes/2" in pipeline.written(
            "calls"
        )
        assert "POST" not in pipeline.written("calls")

    def test_what_somebody_else_wrote_is_left_alone(self, pipeline: Pipeline) -> None:
        pipeline.variables["RENEWCTL_TOKEN"] = "glpat-1"  # noqa: S105 - made up
        pipeline.have((1, 2, f"{MARKER}\nall is well"))

        pipeline.run("renewctl-diff")

        assert "PUT" not in pipeline.written("calls")

    def test_the_token_is_in_no_list_of_processes(self, pipeline: Pipeline) -> None:
        pipeline.variables["RENEWCTL_TOKEN"] = "glpat-1"  # noqa: S105 - made up

        pipeline.run("renewctl-diff")

        assert "PRIVATE-TOKEN: glpat-1" in pipeline.written("headers")
        assert "glpat-1" not in pipeline.written("calls")

    def test_a_note_that_may_not_be_written_fails_nothing(self, pipeline: Pipeline) -> None:
        pipeline.variables["RENEWCTL_TOKEN"] = "glpat-1"  # noqa: S105 - made up
        (pipeline.workspace / "refused").touch()

        run = pipeline.run("renewctl-diff")

        assert run.code == 0
        assert "the note could not be written" in run.err
