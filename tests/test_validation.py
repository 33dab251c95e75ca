from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import PARTNER, RULES, VENDOR, mutated
from roots import SHIPPED_RULES

from engine import configuration, sources
from engine.configuration import unwatched
from engine.diagnostics import InputError, Severity
from engine.documents import Value
from engine.feeds import factfiles
from engine.sources import Sources
from engine.trees import File
from engine.validation import Validation, validate

ON = dt.date(2026, 11, 23)
NORD = """\
version: 1
partner: nord
users: {jana: {name: Jana Weber, email: jana@nord.example}}
default: {owner: hubspot, contact: jana}
clients: {acme: {}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a root with one partner, rules and facts, in which nothing is wrong."""
    write(tmp_path, "config/vendor.yaml", "renewal_manager: {name: Rita Moss, email: rita@vendor.example}\n")
    write(tmp_path, "config/partners/nord.yaml", NORD)
    write(tmp_path, "facts/renewals.jsonl", fact())
    return tmp_path


def write(root: Path, path: str, content: str) -> None:
    """Write a file below the root, its directories with it."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(content, encoding="utf-8")


def fact(renewal: str = "rn_1", **fields: object) -> str:
    """Return a line of facts."""
    value = {"renewal": renewal, "client": "acme", "partner": "nord", "renewal_date": "2027-02-28", **fields}
    return f"{json.dumps(value)}\n"


def told(found: Validation) -> list[str]:
    """Return place and code of each diagnostic."""
    return [f"{problem.location} {problem.code}" for problem in found.diagnostics]


def test_a_sound_root_has_no_diagnostics(root: Path) -> None:
    assert validate(root, ON, watcher=unwatched) == Validation(
        diagnostics=(),
        files=("config/partners/nord.yaml", "config/vendor.yaml", "facts/renewals.jsonl"),
        partners=1,
        clients=1,
        rules=len(configuration.load(Sources(shipped_rules=SHIPPED_RULES), ON).ruleset.rules),
    )


def test_diagnostics_are_counted_by_severity(root: Path) -> None:
    write(root, "config/partners/south.yaml", "version: 1\npartner: north\n")

    found = validate(root, ON)

    assert (found.count(Severity.ERROR), found.count(Severity.WARNING)) == (1, 1)


def test_a_root_without_partner_files_is_without_configuration(tmp_path: Path) -> None:
    assert validate(tmp_path, ON).is_without_configuration


def test_a_root_with_a_partner_file_of_any_kind_is_not(tmp_path: Path) -> None:
    write(tmp_path, "config/partners/a.yaml", "[")

    assert not validate(tmp_path, ON).is_without_configuration


# Narrowing


@pytest.mark.parametrize(
    ("paths", "files"),
    [
        ([], 4),
        (["."], 4),
        (["config"], 3),
        (["config/partners"], 2),
        (["config/partners/nord.yaml", "facts"], 2),
        (["config/partners/south.yaml"], 1),
    ],
)
def test_paths_narrow_what_is_told_and_counted(paths: list[str], files: int, root: Path) -> None:
    write(root, "config/partners/south.yaml", "version: 1\npartner: north\n")

    found = validate(root, ON).narrowed_to(paths)

    assert len(found.files) == files
    assert bool(found.diagnostics) == (paths != ["config/partners/nord.yaml", "facts"])


def test_the_whole_root_is_checked_whatever_is_told(root: Path) -> None:
    write(
        root,
        "config/partners/south.yaml",
        NORD.replace("nord", "south"),
    )

    found = validate(root, ON).narrowed_to(["config/partners/nord.yaml"])

    assert told(found) == ["config/partners/nord.yaml:5:11 duplicate-client"]


@pytest.mark.parametrize(
    "path", ["config/partner", "config/partners/nord", "nowhere", "config/partners/x.yaml"]
)
def test_a_path_to_nothing_is_an_input_error(path: str, root: Path) -> None:
    with pytest.raises(InputError, match=f"there is nothing to check in {path}"):
        validate(root, ON).narrowed_to([path])


def test_a_file_that_cannot_be_read_may_be_asked_about(root: Path) -> None:
    (root / "config/partners/x.yaml").mkdir()

    assert told(validate(root, ON).narrowed_to(["config/partners/x.yaml"])) == [
        "config/partners/x.yaml:1:1 unreadable-file"
    ]


# Clients and partners that only one side knows


def test_a_client_without_a_renewal_is_pointed_out_with_the_one_that_was_meant(root: Path) -> None:
    write(root, "facts/renewals.jsonl", fact(client="acme-gmbh"))

    [problem] = validate(root, ON).diagnostics

    assert (problem.code, problem.hint) == ("unknown-client", "did you mean acme-gmbh?")


def test_a_client_of_another_partner_is_not_suggested(root: Path) -> None:
    write(root, "config/partners/south.yaml", NORD.replace("nord", "south").partition("clients")[0])
    write(root, "facts/renewals.jsonl", fact(client="acme-gmbh", partner="south"))

    [problem] = validate(root, ON).diagnostics

    assert problem.hint == "remove the entry, or wait for the client's first renewal"


def test_without_facts_every_client_is_unknown_and_none_is_told(root: Path) -> None:
    (root / "facts/renewals.jsonl").unlink()

    assert validate(root, ON).diagnostics == ()


def test_an_entry_of_the_past_needs_no_renewal(root: Path) -> None:
    write(
        root, "config/partners/nord.yaml", NORD.replace("acme: {}", "acme: {}, globex: {until: 2026-11-23}")
    )

    place = "config/partners/nord.yaml:5:21"
    assert told(validate(root, dt.date(2026, 11, 22))) == [f"{place} unknown-client"]
    assert told(validate(root, dt.date(2026, 11, 23))) == [f"{place} expired-entry"]


@pytest.mark.parametrize(
    "bad",
    [fact(tier="gold"), fact()[:-3], fact().replace('"renewal_date"', '"client": "b", "renewal_date"')],
    ids=["field", "syntax", "double key"],
)
def test_a_client_of_a_bad_fact_is_not_unknown_as_well(bad: str, root: Path) -> None:
    write(root, "facts/renewals.jsonl", f"{fact('rn_2', client='initech')}{bad}")

    assert [problem.location.path for problem in validate(root, ON).diagnostics] == ["facts/renewals.jsonl"]


def test_a_partner_without_a_file_is_told_once(root: Path) -> None:
    write(root, "facts/renewals.jsonl", fact() + fact("rn_2", partner="nrod") + fact("rn_3", partner="nrod"))

    [problem] = validate(root, ON).diagnostics

    assert str(problem) == (
        "facts/renewals.jsonl:2:1: warning: 2 renewals name partner nrod, which has no file;"
        " they reach nobody [unknown-partner]"
    )
    assert problem.hint == "did you mean nord?"


@pytest.mark.parametrize("content", ["[", "version: 1\npartner: SOUTH\n", "", "\xff"])
def test_a_partner_whose_file_has_a_mistake_is_not_unknown(content: str, root: Path) -> None:
    write(root, "config/partners/dach/south.yaml", content)
    write(root, "facts/renewals.jsonl", fact() + fact("rn_2", client="b", partner="south"))

    assert "unknown-partner" not in [problem.code for problem in validate(root, ON).diagnostics]


def test_a_partner_whose_file_cannot_be_read_is_not_unknown(root: Path) -> None:
    (root / "config/partners/south.yaml").mkdir()
    write(root, "facts/renewals.jsonl", fact() + fact("rn_2", client="b", partner="south"))

    assert told(validate(root, ON)) == ["config/partners/south.yaml:1:1 unreadable-file"]


# Rules


def test_rules_that_are_wrong_in_themselves_are_not_analysed(root: Path) -> None:
    route = "{rule: a, when: {ownr: hubspot}, to: [decision_maker]}"
    write(root, "rules/mine.yaml", f"version: 1\nroutes: [{route}, {{rule: b, to: [decision_maker]}}]\n")

    assert told(validate(root, ON)) == ["rules/mine.yaml:2:27 unknown-fact"]


# Whatever the files hold


PIECES = st.sampled_from(
    [
        *(
            b"version: 1\n",
            b"partner: nord\n",
            b"users:\n",
            b"default:\n",
            b"clients:\n",
            b"covers:\n",
            b"  acme:\n",
        ),
        *(
            b"    override: ",
            b"hold: ",
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b": ",
            b"- ",
            b"\n",
            b"  ",
            b"\t",
            b"#",
            b"'",
        ),
        *(
            b'"',
            b"&a ",
            b"*a",
            b"!!str ",
            b"<<: ",
            b"---\n",
            b"...\n",
            b"%TAG ",
            b"? ",
            b"| ",
            b"> ",
            b"\\",
            b"\r",
        ),
        *(
            b"jana: ",
            b"contact: jana",
            b"owner: partner",
            b"from: 2027-01-01",
            b"until: 2026-01-01",
            b"null",
            b"1e9",
        ),
        *(
            b"\xff",
            b"\x00",
            b"\xc2\x85",
            b"\xe2\x80\xa8",
            b"\xef\xbb\xbf",
            b"\xed\xa0\x80",
            b"\xf0\x9f\x98\x80",
        ),
        *(
            b"routes:\n",
            b"adjustments:\n",
            b"rule: a",
            b"when: ",
            b"to: ",
            b"all: ",
            b"not: ",
            b"renewal.mrr: ",
            b"gte: ",
        ),
        *(
            b'"renewal": "rn_1"',
            b'"client": "acme"',
            b'"renewal_date": "2027-01-01"',
            b"renewal,client,renewal_date\n",
        ),
    ]
)
CONTENT = st.lists(PIECES, max_size=25).map(b"".join) | st.binary(max_size=60)


@settings(max_examples=200, deadline=None)
@given(partner=CONTENT, vendor=CONTENT, rules=CONTENT)
def test_whatever_bytes_configuration_holds_checking_it_ends_in_diagnostics(
    partner: bytes, vendor: bytes, rules: bytes
) -> None:
    read = Sources(
        partners=(
            File("config/partners/a.yaml", NORD.encode() + partner),
            File("config/partners/b.yaml", partner),
        ),
        vendor=File("config/vendor.yaml", vendor),
        rules=(File("rules/a.yaml", rules), File("rules/b.yaml", b"version: 1\nroutes: [{rule: a, " + rules)),
        shipped_rules=SHIPPED_RULES,
    )

    assert all(str(problem).isprintable() for problem in configuration.load(read, ON).diagnostics)


@settings(max_examples=150, deadline=None)
@given(partner=mutated(PARTNER), vendor=mutated(VENDOR), rules=mutated(RULES))
def test_whatever_is_wrong_in_configuration_checking_it_ends_in_diagnostics(
    partner: Value, vendor: Value, rules: Value
) -> None:
    read = Sources(
        partners=(File("config/partners/nord.yaml", json.dumps(partner, ensure_ascii=False).encode()),),
        vendor=File("config/vendor.yaml", json.dumps(vendor, ensure_ascii=False).encode()),
        rules=(File("rules/a.yaml", json.dumps(rules, ensure_ascii=False).encode()),),
        shipped_rules=SHIPPED_RULES,
    )

    checked = configuration.load(read, ON)

    assert all(str(problem).isprintable() for problem in checked.diagnostics)
    assert list(checked.diagnostics) == sorted(checked.diagnostics)


@settings(max_examples=300, deadline=None)
@given(CONTENT, st.sampled_from(["a.jsonl", "a.json", "a.csv", "a"]))
def test_whatever_bytes_facts_hold_reading_them_ends_in_diagnostics(content: bytes, name: str) -> None:
    found = factfiles.read([File(f"facts/{name}", content)])

    assert all(str(problem).isprintable() for problem in found.problems)
    assert (found.bad == 0) == (found.problems == ())


TESTS = "on: 2026-11-23\ncases: [{case: one, client: acme, expect: {owner: hubspot}}]\n"


def test_what_is_wrong_with_the_yaml_of_a_decision_test_is_reported(root: Path) -> None:
    write(root, "rules/more/a_test.yaml", f"version: 1\nversion: 1\n{TESTS}")

    (problem,) = validate(root, ON).diagnostics

    assert (str(problem.location), problem.code) == ("rules/more/a_test.yaml:2:1", "yaml-duplicate-key")


def test_what_is_wrong_with_the_names_of_a_decision_test_is_reported(root: Path) -> None:
    write(root, "rules/a_test.yaml", f"version: 1\n{TESTS.replace('owner: hubspot', 'rules: [hubspot]')}")

    (problem,) = validate(root, ON).diagnostics

    assert (str(problem.location), problem.code) == ("rules/a_test.yaml:3:52", "unknown-rule")


def test_a_mistake_in_a_decision_test_stops_no_decision(root: Path) -> None:
    write(root, "rules/a_test.yaml", "version: 2\n")

    checked = configuration.load(sources.read(root), ON)

    assert checked.may_decide
    assert validate(root, ON).count(Severity.ERROR) > 0


def test_a_gap_in_time_is_told_as_a_date(root: Path) -> None:
    dated = {"rule": "own", "from": "2027-01-01", "to": ["partner_contact"]}
    write(root, "rules/own.yaml", json.dumps({"version": 1, "routes": [dated]}))

    (problem,) = validate(root, ON).diagnostics

    assert problem.code == "routes-gap"
    assert "no route holds when the notice is sent on 202" in problem.message


def test_an_empty_list_of_routes_is_a_gap_at_its_own_line(root: Path) -> None:
    write(root, "rules/own.yaml", "version: 1\nroutes: []\n")

    (problem,) = validate(root, ON).diagnostics

    assert (str(problem.location), problem.code) == ("rules/own.yaml:2:1", "routes-gap")
