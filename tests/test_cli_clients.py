from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import Renewctl, expect, on_terminal, process

ON = "2026-11-23"
FORMATS = ("text", "json", "csv")


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_lists_every_client(renewctl: Renewctl, style: str) -> None:
    run = renewctl("clients", "--on", ON, "--format", style)

    assert (run.code, run.err) == (0, "")
    expect(f"clients-all.{style}", run.out)


def test_a_process_says_the_same() -> None:
    run = process("clients", "--on", ON)

    assert (run.code, run.err) == (0, "")
    expect("clients-all.text", run.out)


@pytest.mark.parametrize("style", FORMATS)
def test_one_partner_is_listed_alone(renewctl: Renewctl, style: str) -> None:
    run = renewctl("clients", "--partner", "oakline", "--on", ON, "--format", style)

    assert (run.code, run.err) == (0, "")
    expect(f"clients-oakline.{style}", run.out)


def test_a_partner_without_clients_is_listed_without_any(renewctl: Renewctl, root: Path) -> None:
    (root / "config/partners/idle.yaml").write_text("version: 1\npartner: idle\nname: Idle Ltd\n")

    run = renewctl("clients", "--partner", "idle")

    assert run.out == (
        "idle  Idle Ltd\ncurrent default settings: owner hubspot, contact nobody\nno clients are known\n"
    )


def test_a_partner_that_has_no_file_is_listed_with_the_renewals_that_name_it(
    renewctl: Renewctl, root: Path
) -> None:
    ghost = '{"renewal":"rn_9","client":"hotel","partner":"ghost","renewal_date":"2027-01-01"}'
    (root / "facts/ghost.jsonl").write_text(ghost)

    everybody, alone = renewctl("clients", "--on", ON), renewctl("clients", "--partner", "ghost", "--on", ON)

    assert alone.out.startswith("ghost\nthis partner has no file; renewals name it\n\nclient")
    assert alone.out.strip() in everybody.out


def test_a_partner_that_is_mistyped_is_bad_input(renewctl: Renewctl) -> None:
    run = renewctl("clients", "--partner", "oaklin")

    assert (run.code, run.out) == (2, "")
    assert run.err == "error: there is no partner oaklin\n  hint: did you mean oakline?\n"


@pytest.mark.parametrize(("on", "renewal"), [("2027-03-31", "rn_2"), ("2027-04-01", "rn_3")])
def test_the_renewal_that_comes_next_is_shown(renewctl: Renewctl, on: str, renewal: str) -> None:
    run = renewctl("clients", "--partner", "nordlicht", "--on", on, "--format", "json")

    clients = json.loads(run.out)["partners"][0]["clients"]
    assert [client["renewal"] for client in clients if client["client"] == "globex"] == [renewal]


def test_after_the_last_renewal_that_one_is_shown(renewctl: Renewctl) -> None:
    run = renewctl("clients", "--partner", "nordlicht", "--on", "2027-12-01", "--format", "csv")

    assert "globex.example,hubspot,partner_default,jana,partner_default,rn_3,2027-08-31,-92," in run.out


def test_without_facts_the_listed_clients_are_shown(renewctl: Renewctl) -> None:
    run = renewctl("clients", "--facts", "-", "--format", "json")

    clients = [client for partner in json.loads(run.out)["partners"] for client in partner["clients"]]
    assert [client["client"] for client in clients] == ["acme", "globex"]
    assert {client["renewal"] for client in clients} == {None}


def test_a_narrow_terminal_cuts_long_columns_and_keeps_one_line_a_client() -> None:
    run = on_terminal("clients", "--partner", "nordlicht", "--on", ON, columns=80)

    expect("clients-80-columns.text", run.out)


def test_a_wide_terminal_shows_what_a_file_holds() -> None:
    run = on_terminal("--color", "never", "clients", "--on", ON, columns=200)

    expect("clients-all.text", run.out)


def test_a_table_that_is_not_for_a_terminal_is_never_cut() -> None:
    run = process("clients", "--on", ON, variables={"COLUMNS": "40"})

    expect("clients-all.text", run.out)
