from __future__ import annotations

import json

import pytest
from commandline import Renewctl, process

from engine import catalogue, resources
from engine.codes import CODES
from engine.reasons import REASONS

EVERY_CODE = [*sorted(CODES), *REASONS]


def test_every_code_has_an_example_that_says_it() -> None:
    entries = catalogue.entries()

    assert list(entries) == EVERY_CODE
    assert [
        code for code, entry in entries.items() if not (entry.example and code in entry.example.said)
    ] == []


@pytest.mark.parametrize("code", EVERY_CODE)
def test_each_code_is_explained_with_an_example_and_the_cure(renewctl: Renewctl, code: str) -> None:
    run = renewctl("explain", code)

    assert (run.code, run.err) == (0, "")
    entry = catalogue.find(code)
    assert run.out.startswith(f"{code}: ")
    assert f"\n  {entry.meaning}\n  To do: {entry.cure}\n" in run.out
    assert entry.example is not None
    assert f"\n  $ {entry.example.command}\n" in run.out


def test_a_diagnostic_is_shown_at_its_line(renewctl: Renewctl) -> None:
    run = renewctl("explain", "dates-gap")

    assert run.out == (
        "dates-gap: warning\n"
        "\n"
        "  Between two defaults are days on which none is in force; clients are hubspot-owned then.\n"
        "  To do: Let the later entry begin on the day on which the earlier one ends.\n"
        "\n"
        "    config/partners/nord.yaml\n"
        "       3 | users: {jana: {name: Jana Weber, email: jana@nord.example}}\n"
        "       4 | default:\n"
        "       5 |   - {owner: hubspot, contact: jana, from: 2027-06-02}\n"
        "         |     ^\n"
        "       6 |   - {owner: hubspot, contact: jana, from: 2026-10-01, until: 2027-01-01}\n"
        "       7 |   - {owner: partner, contact: jana, from: 2027-02-01, until: 2027-06-01}\n"
        "\n"
        "  $ renewctl validate\n"
        "    config/partners/nord.yaml:5:5: warning: no default is in force on 2027-06-01: clients are "
        "hubspot-owned then, with nobody in copy [dates-gap]\n"
        "      hint: write `from: 2027-06-01` here, or end the entry before it with `until: 2027-06-02`\n"
    )


def test_several_are_explained_in_the_order_asked(renewctl: Renewctl) -> None:
    both = renewctl("explain", "HOLD", "unused-user").out

    assert both == f"{renewctl('explain', 'HOLD').out}\n{renewctl('explain', 'unused-user').out}"


def test_without_a_code_all_are_listed_a_line_each(renewctl: Renewctl) -> None:
    run = renewctl("explain")

    assert (run.code, run.err) == (0, "")
    assert [line.split()[0] for line in run.out.splitlines()] == EVERY_CODE


def test_a_program_gets_all_of_it(renewctl: Renewctl) -> None:
    report = json.loads(renewctl("explain", "COVERED", "yaml-tag", "--format", "json").out)

    assert report["format_version"] == "1.0"
    covered, tag = report["codes"]
    assert covered.keys() == {"code", "severity", "meaning", "cure", "example"}
    assert (covered["code"], covered["severity"], tag["severity"]) == ("COVERED", None, "error")
    assert tag["example"].keys() == {"written", "command", "said"}


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("unknwon-contact", "did you mean unknown-contact?"),
        ("covered", "did you mean COVERED?"),
        ("UNKNOWN_CONTACT", "did you mean unknown-contact?"),
        ("KEY_ACCOUNT", "renewctl explain lists all; a code of a root's own rules is explained there"),
    ],
)
def test_what_is_no_code_is_bad_input(renewctl: Renewctl, code: str, hint: str) -> None:
    run = renewctl("explain", "HOLD", code)

    assert (run.code, run.out) == (2, "")
    assert run.err == f"error: there is no code {code}\n  hint: {hint}\n"


def test_colours_mark_how_bad_it_is(renewctl: Renewctl) -> None:
    plain, coloured = renewctl("explain", "yaml-tag"), renewctl("--color", "always", "explain", "yaml-tag")

    assert "yaml-tag: error" in plain.out
    assert "\x1b[31m\x1b[1merror\x1b[0m" in coloured.out


def test_no_root_is_needed() -> None:
    assert process("explain", "HOLD", cwd=resources.EXAMPLES.parent).code == 0
