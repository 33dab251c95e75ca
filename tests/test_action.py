"""The steps of the GitHub Action, run one by one as GitHub would run them; only `gh` is made up."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
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

ACTION: dict[str, Any] = yaml.safe_load((PROJECT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]

GH = r"""
printf '%s\n' "$*" >>"$GH_CALLS"
field() { for one in "$@"; do case $one in body=@*) cat "${one#body=@}" >"$GH_BODY" ;; esac; done; }
case "$*" in
*graphql*) echo 'github-actions[bot]' ;;
*--paginate*) jq --raw-output "${@: -1}" "$GH_COMMENTS" ;;
*) [ -z "${GH_REFUSES:-}" ] || { echo 'gh: Resource not accessible by integration (HTTP 403)' >&2; exit 1; }
   field "$@" ;;
esac
"""


class Job:
    """One run of the action in a clone of the trial merge of a pull request."""

    def __init__(self, folder: Path, change: Change, root: str = ".") -> None:
        self.change, self.folder = change, folder
        self.workspace = shallow_clone(change, folder)
        self.programs = folder / "programs"
        self.inputs = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()}
        self.inputs |= {"root": root, "token": "secret"}
        self.event = {"base.sha": change.base, "head.sha": change.head, "number": "17"}
        self.outputs: dict[str, dict[str, str]] = {}
        self.variables: dict[str, str] = {}
        self.runner = {
            name: str(folder / name.lower())
            for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH", "GH_CALLS", "GH_BODY")
        }
        (folder / "temporary").mkdir()
        (folder / "comments").write_text("[]", encoding="utf-8")
        renewctl_on(self.programs)
        program(self.programs, "gh", GH)

    def step(self, name: str) -> Run:
        """Run the step of that name."""
        [step] = [one for one in STEPS if one["name"] == name]
        output = Path(self.runner["GITHUB_OUTPUT"])
        output.write_text("", encoding="utf-8")
        given = {key: self._value(text) for key, text in step.get("env", {}).items()}
        run = bash(step["run"], self.workspace, self.programs, {**self._environment(), **given})
        lines = output.read_text(encoding="utf-8").splitlines()
        self.outputs[step.get("id", name)] = dict(line.split("=", 1) for line in lines)
        return run

    def written(self, name: str) -> str:
        """Return what stands in one of the files of the runner."""
        path = Path(self.runner[name])
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def _environment(self) -> Mapping[str, str]:
        return {
            **self.runner,
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(PROJECT),
            "GITHUB_REPOSITORY": "acme/renewals",
            "RUNNER_TEMP": str(self.folder / "temporary"),
            "GH_COMMENTS": str(self.folder / "comments"),
            **self.variables,
        }

    def _value(self, text: str) -> str:
        """Return what an expression stands for; GitHub makes empty what there is not."""
        [expression] = re.findall(r"^\$\{\{ (\S+) \}\}$", text)
        where, _, name = expression.partition(".")
        if where == "inputs":
            return self.inputs[name]
        if where == "github":
            return self.event.get(name.removeprefix("event.pull_request."), "")
        _, step, _, output = expression.split(".")
        return self.outputs.get(step, {}).get(output, "")


@pytest.fixture(scope="module")
def change(tmp_path_factory: pytest.TempPathFactory) -> Change:
    """Let the partner instead of HubSpot write to every client of nordlicht."""
    return proposed_change(tmp_path_factory.mktemp("change"), "owner: hubspot", "owner: partner")


@pytest.fixture
def job(change: Change, tmp_path: Path) -> Job:
    return Job(tmp_path, change)


class TestDefinition:
    """What a workflow relies on, and what must never slip in."""

    def test_no_expression_stands_in_a_script(self) -> None:
        assert [step["name"] for step in STEPS if "${{" in step.get("run", "")] == []

    def test_every_script_of_the_action_is_there(self) -> None:
        called = re.findall(r"\$GITHUB_ACTION_PATH/(\S+?)\"", json.dumps(STEPS).replace('\\"', '"'))

        assert sorted(called) == sorted(f"ci/github/{one.name}" for one in (PROJECT / "ci/github").iterdir())

    def test_other_actions_are_pinned_by_their_commit(self) -> None:
        used = [step["uses"] for step in STEPS if "uses" in step]

        assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []

    def test_every_script_names_its_shell_as_composite_actions_must(self) -> None:
        assert {step["shell"] for step in STEPS if "run" in step} == {"bash"}

    def test_every_input_is_described_and_used(self) -> None:
        text = json.dumps(STEPS)

        for name, one in ACTION["inputs"].items():
            assert one["description"]
            assert f"inputs.{name} " in text


class TestValidate:
    """The lines with mistakes are annotated, and kept as SARIF."""

    def test_a_root_without_a_mistake_passes_with_a_log(self, job: Job) -> None:
        run = job.step("Validate")

        assert run.code == 0
        log = json.loads(Path(job.outputs["validate"]["sarif"]).read_text(encoding="utf-8"))
        assert log["runs"][0]["results"] == []

    def test_a_mistake_fails_with_an_annotation_and_a_result(self, job: Job) -> None:
        break_nordlicht(job.workspace)

        run = job.step("Validate")

        assert run.code == 1
        assert "::error file=config/partners/nordlicht.yaml,line=" in run.out
        log = json.loads(Path(job.outputs["validate"]["sarif"]).read_text(encoding="utf-8"))
        assert [result["ruleId"] for result in log["runs"][0]["results"]] == ["unknown-contact"]

    @pytest.mark.parametrize(("strict", "code"), [("false", 0), ("true", 1)])
    def test_warnings_fail_where_that_is_asked_for(self, job: Job, strict: str, code: int) -> None:
        (job.workspace / "config/vendor.yaml").unlink()
        (job.workspace / "rules/recipients.yaml").unlink()
        job.inputs["strict"] = strict

        assert job.step("Validate").code == code

    def test_two_roots_keep_two_logs(self, job: Job) -> None:
        job.step("Validate")
        first = job.outputs["validate"]["sarif"]
        job.step("Validate")

        assert first != job.outputs["validate"]["sarif"]


def test_decision_tests_are_run(job: Job) -> None:
    assert job.step("Test").code == 0


class TestCompare:
    """Whose notices change hands, in the summary of the run and as a file."""

    def diff(self, job: Job) -> str:
        return Path(job.outputs["diff"]["diff"]).read_text(encoding="utf-8")

    def test_a_pull_request_is_compared_with_what_it_is_merged_into(self, job: Job) -> None:
        run = job.step("Compare")

        assert run.code == 0, run.err
        assert "globex" in self.diff(job)
        assert job.written("GITHUB_STEP_SUMMARY") == self.diff(job)

    def test_the_base_of_an_old_event_does_not_count_where_the_merge_is_newer(self, job: Job) -> None:
        job.event["base.sha"] = "0" * 40

        assert job.step("Compare").code == 0

    def test_a_message_that_names_a_parent_fools_nobody(self, tmp_path: Path) -> None:
        message = f"Merge\n\nparent {'1' * 40}"
        job = Job(tmp_path, proposed_change(tmp_path, "owner: hubspot", "owner: partner", message=message))
        job.event["base.sha"] = "0" * 40

        assert job.step("Compare").code == 0

    @pytest.mark.parametrize("base", ["main", "change", "HEAD"])
    def test_a_branch_may_be_named(self, job: Job, base: str) -> None:
        job.inputs["base"] = base

        assert job.step("Compare").code == 0
        assert ("globex" in self.diff(job)) == (base == "main")

    def test_a_name_that_looks_like_an_option_is_none(self, job: Job) -> None:
        job.inputs["base"] = "--upload-pack=touch owned"

        assert job.step("Compare").code != 0
        assert not (job.workspace / "owned").exists()

    def test_without_a_base_there_is_nothing_to_do(self, job: Job) -> None:
        job.event = {}

        run = job.step("Compare")

        assert run.code == 0
        assert job.outputs["diff"] == {}
        assert "nothing to compare with" in run.out

    def test_errors_are_said_and_left_to_the_validation(self, job: Job) -> None:
        break_nordlicht(job.workspace)

        run = job.step("Compare")

        assert run.code == 0
        assert self.diff(job).startswith(f"{MARKER}\nrenewctl cannot tell")
        assert "[unknown-contact]" in self.diff(job)

    def test_a_root_in_a_subdirectory(self, tmp_path: Path) -> None:
        change = proposed_change(tmp_path, "owner: hubspot", "owner: partner", below="renewals")
        job = Job(tmp_path, change, root="renewals")

        assert job.step("Compare").code == 0
        assert "globex" in self.diff(job)


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq stands in for the filters of gh")
class TestComment:
    """One comment on the pull request, which every run brings up to date."""

    @pytest.fixture(autouse=True)
    def compared(self, job: Job) -> None:
        job.step("Compare")

    def have(self, job: Job, *comments: tuple[int, str, str]) -> None:
        written = [{"id": id_, "user": {"login": login}, "body": body} for id_, login, body in comments]
        (job.folder / "comments").write_text(json.dumps(written), encoding="utf-8")

    def test_the_first_run_writes_it(self, job: Job) -> None:
        self.have(job, (1, "jana", "Looks good"))

        assert job.step("Comment").code == 0
        assert "POST repos/acme/renewals/issues/17/comments" in job.written("GH_CALLS")
        assert job.written("GH_BODY").startswith(f"{MARKER}\n")
        assert job.written("GH_BODY").count(MARKER) == 1
        assert "globex" in job.written("GH_BODY")

    def test_the_next_one_replaces_it(self, job: Job) -> None:
        self.have(job, (1, "jana", "Looks good"), (2, "github-actions[bot]", f"{MARKER}\nold"))

        assert job.step("Comment").code == 0
        assert "PATCH repos/acme/renewals/issues/comments/2" in job.written("GH_CALLS")
        assert "POST" not in job.written("GH_CALLS")

    def test_what_somebody_else_wrote_is_left_alone(self, job: Job) -> None:
        self.have(job, (1, "mallory", f"{MARKER}\nall is well"))

        job.step("Comment")

        assert "PATCH" not in job.written("GH_CALLS")

    def test_each_root_has_its_own(self, job: Job) -> None:
        self.have(job, (2, "github-actions[bot]", f"{MARKER}\nof another root"))
        job.inputs["root"] = "renewals"

        job.step("Comment")

        assert "POST" in job.written("GH_CALLS")
        assert job.written("GH_BODY").startswith("<!-- renewctl diff: renewals -->\n")

    def test_the_pull_request_of_a_fork_does_not_fail(self, job: Job) -> None:
        job.variables["GH_REFUSES"] = "yes"

        run = job.step("Comment")

        assert run.code == 0
        assert "::notice title=renewctl::" in run.out

    def test_what_is_too_long_for_a_comment_is_cut_between_lines(self, job: Job) -> None:
        lines = [MARKER, *(f"| client-{number} |" for number in range(9999))]
        Path(job.outputs["diff"]["diff"]).write_text("\n".join(lines), encoding="utf-8")

        assert job.step("Comment").code == 0
        body = job.written("GH_BODY")
        assert len(body.encode()) < 65536
        assert body.endswith(" |\n\n… the rest is in the summary of the run.\n")


@pytest.mark.slow
def test_the_action_installs_itself(job: Job) -> None:
    run = job.step("Install renewctl")

    assert run.code == 0, run.err
    [programs] = job.written("GITHUB_PATH").splitlines()
    assert bash("renewctl validate", job.workspace, Path(programs), {}).code == 0
