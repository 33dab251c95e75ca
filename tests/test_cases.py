"""Decisions as a partner would notice them: every file of tests/cases is a table of situations.

A file has a `description`, its `source` (rows of docs/requirements.md) and `rows`. What the rows have in
common stands beside them, as in a root: `partners` (files by id, each a mapping or the text itself),
`vendor`, `rules`, `renewal` (the fields of its fact; unless said otherwise it is rn_1 on 2027-02-15),
`schedule`, `notice`, `on` (the send date), and `expect`. A row has a `case`, its name, and says what is
different: mappings merge, null removes. `default`, `users` and `covers` are short for those of the first
partner, `entry`, `override` and `hold` for those of the renewal's client there.

With `plan`, a row is about every notice due `from` a day and before `until` another; `sent` lists the steps
that were sent already, and `renewals` what is different in each of several. Its `expect` is the list of
notices, each said in part: `send_on`, `step`, and whatever else the decision or its notice has. A message
is written as its number, in order of appearance.

`expect` is any part of the decision as JSON has it (schemas/decision.schema.json). A person may be written
as their address, a task, a reason and a step of the trace as their code, owner and contact as their value.
`{same_as: a row}` and `{differs_from: a row}` compare with another row, for one field or for the whole
decision. `refused` are the errors for which nothing is decided, `diagnostics` some of the problems found on
the way.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from roots import sources_of

from engine import configuration, documents, facts, identity, planning, schemas, snapshot
from engine.configuration import Configuration
from engine.decisions import decide
from engine.facts import Renewal
from engine.notices import Notice
from engine.reports import decisions as reports
from engine.snapshot import Snapshot

CASES = Path(__file__).parent / "cases"

_SITUATION = ("partners", "vendor", "rules", "schedule", "renewal", "notice", "on", "plan")
_OF_PARTNER = ("default", "users", "covers")
_OF_CLIENT = ("override", "hold")
_FILE_KEYS = {"description", "source", "rows", "expect", *_SITUATION}
_ROW_KEYS = {"case", "expect", "entry", *_SITUATION, *_OF_PARTNER, *_OF_CLIENT}
_SHORT_FORMS = ("email", "code", "rule", "value")
_PLACES = {"origin", "line", "revision", "diagnostics"}
"""What two rows that come to the same may still have differently: where it is written."""


@dataclass(frozen=True)
class Row:
    """A situation and what is expected of it."""

    file: str
    name: str
    situation: Mapping[str, Any]
    expect: Any


def rows_of(path: Path) -> Iterator[Row]:
    document, problems = documents.parse(path.name, path.read_bytes())
    assert document is not None, problems
    assert problems == ()
    table: Any = document.value
    assert set(table) <= _FILE_KEYS
    common = _picked(table, _SITUATION)
    for row in table["rows"]:
        assert set(row) <= _ROW_KEYS, row["case"]
        yield Row(path.stem, row["case"], _situation(common, row), _expectation(table, row["expect"]))


def _expectation(table: Mapping[str, Any], expect: Any) -> Any:  # noqa: ANN401 - a list or a mapping
    """Return what is expected of a row: a list as it stands, else with what all rows have in common."""
    is_alone = isinstance(expect, list) or "refused" in expect
    return expect if is_alone else {**table.get("expect", {}), **expect}


def merged(base: Any, change: Any) -> Any:  # noqa: ANN401 - any YAML
    """Return `base` with `change` over it."""
    if not isinstance(base, dict) or not isinstance(change, dict):
        return change
    kept = {key: value for key, value in base.items() if key not in change}
    return kept | {key: merged(base.get(key), value) for key, value in change.items() if value is not None}


def _situation(common: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """Return what holds in the row, without short forms."""
    situation: dict[str, Any] = merged(common, _picked(row, _SITUATION))
    of_partner = _picked(row, _OF_PARTNER)
    of_client = {**row.get("entry", {}), **_picked(row, _OF_CLIENT)}
    if of_client:
        of_partner["clients"] = {situation["renewal"]["client"]: of_client}
    if not of_partner:
        return situation
    first = next(iter(situation["partners"]))
    return {**situation, "partners": merged(situation["partners"], {first: of_partner})}


def _picked(row: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: row[key] for key in keys if key in row}


ALL_ROWS = [row for path in sorted(CASES.glob("*.yaml")) for row in rows_of(path)]
ROWS = {(row.file, row.name): row for row in ALL_ROWS if "plan" not in row.situation}
PLANS = [row for row in ALL_ROWS if "plan" in row.situation]


@cache
def decision(file: str, name: str) -> dict[str, Any]:
    """Return the decision of a row as JSON has it, or the errors for which there is none."""
    situation = ROWS[file, name].situation
    on = dt.date.fromisoformat(situation["on"])
    checked = _checked(situation, on)
    found = [f"{problem.severity} {problem.code}" for problem in checked.diagnostics]
    if not checked.may_decide:
        refused = [problem.code for problem in checked.diagnostics if problem.stops_deciding]
        return {"refused": refused, "diagnostics": found}
    used = snapshot.from_configuration(checked)
    notice = Notice(**situation.get("notice", {}))
    decided = decide(used, _renewal(situation["renewal"], used), notice, on)
    report = reports.to_builtins(decided, used)
    for sourced in (report["owner"], report["contact"]):
        sourced["line"] = int(sourced["origin"].split(":")[1]) if sourced["origin"] else None
    return {**report, "refused": [], "diagnostics": found}


def _checked(situation: Mapping[str, Any], on: dt.date) -> Configuration:
    others = (situation.get(part) for part in ("vendor", "rules", "schedule"))
    sources = sources_of(situation["partners"], *others)
    return configuration.load(sources, on)


def _renewal(fields: Mapping[str, Any], used: Snapshot) -> Renewal:
    fact = facts.from_value({"renewal": "rn_1", "renewal_date": "2027-02-15", **fields})
    return Renewal.from_fact(fact, used.vendor)


def planned(row: Row) -> list[dict[str, Any]]:
    """Return the notices of a plan as JSON has them, each with the fields of its notice beside the others."""
    asked = row.situation["plan"]
    window = planning.Window(*(dt.date.fromisoformat(asked[edge]) for edge in ("from", "until")))
    used = snapshot.from_configuration(_checked(row.situation, window.since))
    several = asked.get("renewals", [{}])
    renewals = [_renewal(merged(row.situation["renewal"], fields), used) for fields in several]
    sent = _keys(asked["sent"], renewals) if "sent" in asked else None
    reported = [reports.to_builtins(one, used) for one in planning.plan(used, renewals, window, sent)]
    messages = list(dict.fromkeys(filter(None, (report["message"] for report in reported))))
    numbers = {message: number for number, message in enumerate(messages, start=1)}
    return [{**report, **report["notice"], "message": numbers.get(report["message"])} for report in reported]


def _keys(steps: Iterable[str], renewals: Iterable[Renewal]) -> set[str]:
    """Return the keys under which these steps of each renewal were sent."""
    notices = [Notice(step=step) for step in steps]
    nobody = snapshot.from_configuration(configuration.load(sources_of({"nobody": {}}), dt.date(2026, 1, 1)))
    return {
        identity.idempotency_key(decide(nobody, renewal, notice, renewal.renewal_date))
        for renewal in renewals
        for notice in notices
    }


def differences(row: Row) -> Iterator[str]:
    """Yield what is not as expected, a sentence each."""
    actual = decision(row.file, row.name)
    if "same_as" in row.expect:
        yield from _differences_between(actual, decision(row.file, row.expect["same_as"]))
    for field, expected in row.expect.items():
        found = actual.get(field, f"nothing, for it was refused: {actual['refused']}")
        if field != "same_as" and not _field_fits(row, field, expected, found):
            yield f"{field}: expected {expected}, got {found}"


def _differences_between(actual: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    for field in actual.keys() | other.keys():
        if _placeless(actual.get(field)) != _placeless(other.get(field)) and field not in _PLACES:
            yield f"{field}: {actual.get(field)} here, {other.get(field)} there"


def _placeless(value: object) -> object:
    if isinstance(value, dict):
        return {key: _placeless(item) for key, item in value.items() if key not in _PLACES}
    return [_placeless(item) for item in value] if isinstance(value, list) else value


def _field_fits(row: Row, field: str, expected: object, actual: object) -> bool:
    match expected:
        case {"same_as": str(name)}:
            return _placeless(actual) == _placeless(decision(row.file, name)[field])
        case {"differs_from": str(name)}:
            return _placeless(actual) != _placeless(decision(row.file, name)[field])
        case list() if field == "diagnostics":
            return set(expected) <= set(decision(row.file, row.name)[field])
    return fits(expected, actual)


def fits(expected: object, actual: object) -> bool:
    """Whether the value is the expected one, or its mapping says at least what is expected."""
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(fits(expected[key], actual[key]) for key in expected)
    if isinstance(expected, list):
        return isinstance(actual, list) and len(expected) == len(actual) and all(map(fits, expected, actual))
    if isinstance(actual, dict):
        return bool(expected == next(actual[key] for key in _SHORT_FORMS if key in actual))
    return expected == actual


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: f"{row.file}: {row.name}")
def test_the_decision_is_as_expected(row: Row) -> None:
    assert list(differences(row)) == []


@pytest.mark.parametrize("row", PLANS, ids=lambda row: f"{row.file}: {row.name}")
def test_the_notices_of_a_plan_are_as_expected(row: Row) -> None:
    found = planned(row)
    shown = [
        {field: notice[field] for field in ("send_on", "step", "outcome", "to", "cc", "reasons")}
        for notice in found
    ]

    assert fits(row.expect, found), json.dumps(shown, indent=1)


def test_every_decision_is_what_its_schema_says() -> None:
    decided = [decision(*key) for key in ROWS]
    report: Any = {
        "format_version": "1.0",
        "decisions": [_as_reported(found) for found in decided if not found["refused"]],
    }

    assert list(schemas.violations("decision", report)) == []


def _as_reported(found: dict[str, Any]) -> dict[str, Any]:
    owner, contact = ({**found[field]} for field in ("owner", "contact"))
    del owner["line"], contact["line"]
    rest = {key: value for key, value in found.items() if key not in {"refused", "diagnostics"}}
    return {**rest, "owner": owner, "contact": contact}


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_case_has_a_name_of_its_own_and_names_its_source(path: Path) -> None:
    document, _ = documents.parse(path.name, path.read_bytes())
    assert document is not None
    table: Any = document.value
    names = [row["case"] for row in table["rows"]]

    assert len(names) == len(set(names))
    assert table["description"]
    assert table["source"]
