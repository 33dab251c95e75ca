"""`renewctl test`: what it prints, and what its exit code says."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from commandline import PROJECT, Renewctl, expect
from repositories import Scratch

TABLE = """\
version: 1
on: 2026-11-23
cases:
  - case: Acme is looked after by Tom
    client: acme
    expect: {owner: partner, contact: tom}
  - case: Globex gets mail
    renewal: rn_2
    expect: {outcome: send}
"""
FAILING = """\
version: 1
on: 2026-12-05
cases:
  - case: Globex gets mail though it is on hold
    renewal: rn_2
    expect: {outcome: send, to: [gunnar@globex.example], reasons: []}
  - case: nobody of that name
    client: acme
    override: {owner: partner, contact: tmo}
    expect: {owner: partner}
"""


@pytest.fixture
def tables(root: Path) -> Path:
    """Return the directory of rules of a root with one file of two cases, which pass."""
    (root / "rules/clients_test.yaml").write_text(TABLE, encoding="utf-8")
    return root / "rules"


def test_a_run_in_which_everything_is_as_expected(renewctl: Renewctl, tables: Path) -> None:
    del tables

    assert renewctl("test") == (0, "2 cases in 1 file: all passed\n", "")


def test_a_failure_shows_what_differs_and_why(renewctl: Renewctl, tables: Path) -> None:
    (tables / "holds_test.yaml").write_text(FAILING, encoding="utf-8")

    run = renewctl("test")

    assert (run.code, run.err) == (1, "")
    expect("test-failures.txt", run.out)


def test_verbose_names_every_case(renewctl: Renewctl, tables: Path) -> None:
    del tables

    run = renewctl("-v", "test")

    assert run.out.startswith("rules/clients_test.yaml:4:5: passed: Acme is looked after by Tom\n")


def test_json_holds_every_case_and_the_coverage(renewctl: Renewctl, tables: Path) -> None:
    (tables / "holds_test.yaml").write_text(FAILING, encoding="utf-8")

    run = renewctl("test", "--format", "json", "--coverage")

    assert run.code == 1
    expect("test-failures.json", run.out)


def test_without_coverage_json_says_that_nobody_asked(renewctl: Renewctl, tables: Path) -> None:
    del tables

    assert json.loads(renewctl("test", "--format", "json").out)["coverage"] is None


def test_junit_tells_failures_from_errors(renewctl: Renewctl, tables: Path) -> None:
    (tables / "holds_test.yaml").write_text(FAILING, encoding="utf-8")

    run = renewctl("test", "--format", "junit")

    suites = ET.fromstring(run.out)  # noqa: S314 - our own document
    assert [suite.get("name") for suite in suites] == ["rules/clients_test.yaml", "rules/holds_test.yaml"]
    assert [[complaint.tag for complaint in case] for case in suites.iter("testcase")] == [
        [],
        [],
        ["failure"],
        ["error"],
    ]
    assert [one.get("message") for one in suites.iter("failure")] == ["not as expected: outcome, to, reasons"]


def test_several_reports_in_one_run(renewctl: Renewctl, tables: Path, tmp_path: Path) -> None:
    del tables

    run = renewctl("test", "--format", "text", "--format", "junit", "--output", str(tmp_path / "junit.xml"))

    assert run == (0, "2 cases in 1 file: all passed\n", "")
    assert (tmp_path / "junit.xml").read_text(encoding="utf-8").startswith("<?xml")


def test_a_report_in_a_file_leaves_the_summary_to_whoever_watches(
    renewctl: Renewctl, tables: Path, tmp_path: Path
) -> None:
    del tables

    run = renewctl("test", "--format", "json", "--output", str(tmp_path / "tests.json"))

    assert run == (0, "", "2 cases in 1 file: all passed\n")


# Which cases


@pytest.mark.parametrize(
    ("arguments", "cases"),
    [
        (["rules/clients_test.yaml"], 2),
        (["rules"], 4),
        ([], 4),
        (["--filter", "GLOBEX"], 2),
        (["--filter", "holds_test"], 2),
        (["rules/clients_test.yaml", "--filter", "globex"], 1),
    ],
)
def test_paths_and_text_select_cases(
    renewctl: Renewctl, tables: Path, arguments: list[str], cases: int
) -> None:
    (tables / "holds_test.yaml").write_text(FAILING, encoding="utf-8")

    report = json.loads(renewctl("test", "--format", "json", *arguments).out)

    assert report["summary"]["cases"] == cases


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rules/recipients.yaml"], "there is no decision test in rules/recipients.yaml"),
        (["config"], "there is no decision test in config"),
        (["/"], "/ is not in the root"),
        (["--filter", "initech"], "no case holds 'initech'"),
    ],
)
def test_what_selects_no_case_is_wrong_usage(
    renewctl: Renewctl, tables: Path, arguments: list[str], message: str
) -> None:
    del tables

    run = renewctl("test", *arguments)

    assert (run.code, run.out) == (2, "")
    assert message in run.err


def test_a_path_that_is_selected_keeps_mistakes_elsewhere_out_of_the_way(
    renewctl: Renewctl, tables: Path
) -> None:
    (tables / "bad_test.yaml").write_text("version: 1\n", encoding="utf-8")

    assert renewctl("test", "rules/clients_test.yaml").code == 0
    assert renewctl("test").code == 1


# Exit codes


def test_a_root_without_tests_is_fine_unless_tests_are_required(renewctl: Renewctl, root: Path) -> None:
    del root

    assert renewctl("test") == (0, "no decision tests\n", "")
    assert renewctl("test", "--require-tests").code == 1


def test_an_error_in_the_configuration_is_told_and_nothing_runs(renewctl: Renewctl, tables: Path) -> None:
    (tables / "own.yaml").write_text("version: 1\nroutes: [{rule: a, to: [nobody]}]\n", encoding="utf-8")

    run = renewctl("test")

    assert (run.code, run.out) == (1, "")
    assert run.err.startswith("rules/own.yaml:2:25: error: there is no role `nobody`")


def test_a_mistake_in_a_test_file_is_told_and_nothing_runs(renewctl: Renewctl, tables: Path) -> None:
    mistyped = TABLE.replace("contact: tom", "contct: tom")
    (tables / "clients_test.yaml").write_text(mistyped, encoding="utf-8")

    run = renewctl("test")

    assert (run.code, run.out) == (1, "")
    assert run.err.splitlines()[1] == "  hint: did you mean contact?"


def test_bad_facts_are_to_be_mended_for_here_they_cannot_be_skipped(
    renewctl: Renewctl, root: Path, tables: Path
) -> None:
    del tables
    (root / "facts/bad.jsonl").write_text("{renewal: rn_9}\n", encoding="utf-8")

    run = renewctl("test")

    assert (run.code, run.out) == (2, "")
    assert run.err.splitlines()[-2:] == [
        "error: 1 of the facts cannot be used",
        "  hint: mend them; renewctl validate shows everything that is wrong",
    ]
    assert renewctl("test", "--skip-bad-facts").code == 2


@pytest.mark.parametrize(("threshold", "code"), [("0", 0), ("99", 1)])
def test_a_coverage_below_the_threshold_fails(
    renewctl: Renewctl, tables: Path, threshold: str, code: int
) -> None:
    del tables

    run = renewctl("test", "--threshold", threshold)

    assert run.code == code
    assert ("below the threshold" in run.err) == bool(code)


# Revisions


def test_a_revision_is_tested_with_its_own_tests_and_facts(renewctl: Renewctl, tables: Path) -> None:
    root = tables.parent
    scratch = Scratch.at(root)
    scratch.commit({})
    (tables / "clients_test.yaml").write_text(FAILING, encoding="utf-8")
    (root / "facts/renewals.jsonl").write_text("", encoding="utf-8")

    assert renewctl("test").code == 1
    assert renewctl("test", "--rev", "main") == (0, "2 cases in 1 file: all passed\n", "")


# The shipped rules


def test_the_shipped_rules_are_covered_in_full(renewctl: Renewctl) -> None:
    run = renewctl(
        "--root", str(PROJECT), "test", "--require-tests", "--threshold", "100", "--format", "json"
    )

    report = json.loads(run.out)
    assert run.code == 0
    assert report["coverage"]["percent"] == 100
    assert report["summary"]["failed"] == 0


@pytest.mark.parametrize("name", ["recipients", "suppression", "escalation"])
def test_the_tests_of_a_rule_file_exercise_each_of_its_rules(renewctl: Renewctl, name: str) -> None:
    arguments = (f"rules/{name}_test.yaml", "--coverage", "--format", "json")
    coverage = json.loads(renewctl("--root", str(PROJECT), "test", *arguments).out)["coverage"]

    unexercised = [one["name"] for one in coverage["rules"]["missing"] if one["file"] == f"rules/{name}.yaml"]
    assert unexercised == []
