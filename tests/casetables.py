"""Decision tests in memory: a test writes a file of cases, and runs it the way files are run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from roots import ADA, ON, sources_of

from engine import configuration
from engine.cases import casefiles, runs
from engine.cases.casefiles import CaseFile
from engine.cases.runs import Result
from engine.cases.situations import Situations
from engine.configuration import Configuration
from engine.facts import RenewalFact
from engine.trees import File

PATH = "rules/some_test.yaml"

NORDLICHT: Mapping[str, Any] = {
    "users": {
        "jana": {"name": "Jana Weber", "email": "jana@nordlicht.example"},
        "tom": {"name": "Tom Kern", "email": "tom@nordlicht.example"},
    },
    "default": {"owner": "hubspot", "contact": "jana"},
}
OWN: Mapping[str, Any] = {
    **NORDLICHT,
    "default": {"owner": "partner", "contact": "tom"},
    "clients": {"acme": {"override": {"owner": "hubspot"}}},
}
"""The root's own nordlicht, which decides otherwise than the fixture of that name."""

ACME: Mapping[str, Any] = {
    "client": "acme",
    "partner": "nordlicht",
    "renewal_date": "2027-02-15",
    "contacts": {"decision_maker": dict(ADA)},
}


def root(partners: Mapping[str, Any] | None = None, **others: Any) -> Configuration:  # noqa: ANN401 - any YAML
    """Return the root under test as checked."""
    return configuration.load(sources_of(partners or {"nordlicht": OWN}, **others), ON)


def case_file(*rows: Mapping[str, Any], **common: Any) -> CaseFile:  # noqa: ANN401 - any YAML
    """Return a file of these cases, each with a name, about the fixtures unless `partners` is None."""
    table = {
        "version": 1,
        "on": ON.isoformat(),
        "partners": {"nordlicht": NORDLICHT},
        "renewal": ACME,
        **common,
    }
    said = {key: value for key, value in table.items() if value is not None}
    said["cases"] = [{"case": f"case {number}", **row} for number, row in enumerate(rows)]
    return read(json.dumps(said, indent=1))


def read(text: str) -> CaseFile:
    """Return a file that is written without a mistake."""
    file, problems = casefiles.read(File(PATH, text.encode()))
    assert problems == ()
    assert file is not None
    return file


def run(
    file: CaseFile, checked: Configuration | None = None, known: Iterable[RenewalFact] = ()
) -> list[Result]:
    """Return what its cases come to."""
    situations = Situations(checked or root(), lambda: known)
    results = [runs.run(case, situations) for case in file.cases]
    situations.close()
    return results


def run_one(row: Mapping[str, Any], known: Iterable[RenewalFact] = (), **common: Any) -> Result:  # noqa: ANN401
    """Return what one case comes to."""
    (result,) = run(case_file(row, **common), known=known)
    return result


def differing(result: Result) -> list[str]:
    """Return the fields that are not as expected; a case without a decision is a mistake of the test."""
    assert result.problems == ()
    return [one.field for one in result.differences]
