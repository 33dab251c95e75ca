from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from commandline import Renewctl, expect, on_terminal, process

from engine import civil

ON = "2026-11-23"
FORMATS = ("text", "json", "csv")
DURING_VACATION = "2026-12-22"


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_lists_every_user(renewctl: Renewctl, style: str) -> None:
    run = renewctl("contacts", "--on", ON, "--format", style)

    assert (run.code, run.err) == (0, "")
    expect(f"contacts-all.{style}", run.out)


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_says_what_breaks_when_a_user_leaves(renewctl: Renewctl, style: str) -> None:
    run = renewctl("contacts", "--user", "nordlicht/tom", "--on", ON, "--format", style)

    assert (run.code, run.err) == (0, "")
    expect(f"contacts-leaving.{style}", run.out)


def test_a_process_says_the_same() -> None:
    run = process("contacts", "--on", ON)

    assert (run.code, run.err) == (0, "")
    expect("contacts-all.text", run.out)


def test_who_is_away_comes_first_with_the_day_of_their_return(renewctl: Renewctl) -> None:
    run = renewctl("contacts", "--partner", "nordlicht", "--on", DURING_VACATION)

    first = run.out.splitlines()[1]
    assert first.startswith("nordlicht/jana")
    assert "away until 2027-01-07" in first
    assert "3 users: 1 away, 2 active" in run.out


def test_what_is_lost_is_said_first(renewctl: Renewctl) -> None:
    run = renewctl("contacts", "--user", "oakline/ruth", "--on", ON)

    expect("contacts-lost.text", run.out)


def test_a_bare_user_id_lists_every_match(renewctl: Renewctl, root: Path) -> None:
    twin = "version: 1\npartner: twin\nusers: {ruth: {name: Ruth Horn, email: ruth@twin.example}}\n"
    (root / "config/partners/twin.yaml").write_text(twin)

    run = renewctl("contacts", "--user", "ruth", "--on", ON, "--format", "json")

    contacts = json.loads(run.out)["contacts"]
    assert [contact["partner"] for contact in contacts] == ["oakline", "twin"]
    assert contacts[1]["leaving"] == []


def test_a_user_whom_nothing_names_may_leave(renewctl: Renewctl, root: Path) -> None:
    twin = "version: 1\npartner: twin\nusers: {eva: {name: Eva Horn, email: eva@twin.example}}\n"
    (root / "config/partners/twin.yaml").write_text(twin)

    run = renewctl("contacts", "--user", "twin/eva", "--on", ON)

    assert run.out == (
        "twin/eva  Eva Horn <eva@twin.example>, active\n\n"
        "  named as\n    nothing\n\n"
        "  contact of  no client\n  receives    until 2027-03-23 0 notices\n\n"
        "  when they leave, no notice changes\n"
    )


def test_who_has_left_already_is_said_to(renewctl: Renewctl, root: Path) -> None:
    file = root / "config/partners/nordlicht.yaml"
    file.write_text(
        file.read_text().replace("email: tom@nordlicht.example}", "email: tom@n.example, active: false}")
    )

    run = renewctl("contacts", "--user", "nordlicht/tom", "--on", ON)

    assert "nordlicht/tom  Tom Kern <tom@n.example>, inactive" in run.out
    assert run.out.endswith("\n  they have left already: nothing changes any more\n")


def test_a_root_without_users_has_nobody_to_list(renewctl: Renewctl, tmp_path: Path) -> None:
    folder = tmp_path / "config/partners"
    folder.mkdir(parents=True)
    (folder / "idle.yaml").write_text("version: 1\npartner: idle\n")

    run = renewctl("--root", str(tmp_path), "contacts")

    assert run.out == "no partner users\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--partner", "oaklin"), "error: there is no partner oaklin\n  hint: did you mean oakline?\n"),
        (("--user", "oakline/rut"), "error: rut is not a user of oakline\n  hint: did you mean ruth?\n"),
    ],
)
def test_who_is_mistyped_is_bad_input(renewctl: Renewctl, arguments: tuple[str, ...], said: str) -> None:
    run = renewctl("contacts", *arguments)

    assert (run.code, run.out, run.err) == (2, "", said)


def test_without_facts_roles_and_clients_are_shown(renewctl: Renewctl) -> None:
    run = renewctl("contacts", "--facts", "-", "--on", ON, "--format", "json")

    contacts = {contact["user"]: contact for contact in json.loads(run.out)["contacts"]}
    assert contacts["tom"]["clients"] == ["acme"]
    assert contacts["tom"]["notices"] == []


def test_holidays_without_their_package_are_bad_input(
    renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    civil.public_holidays.cache_clear()
    civil._two_years.cache_clear()
    monkeypatch.setitem(sys.modules, "holidays", None)

    run = renewctl("contacts", "--on", ON)

    assert (run.code, run.out) == (2, "")
    assert (
        run.err
        == "error: public holidays need the extra `calendar`\n  hint: pip install 'renewctl[calendar]'\n"
    )


def test_a_narrow_terminal_cuts_long_columns_and_keeps_one_line_a_user() -> None:
    run = on_terminal("--color", "never", "contacts", "--on", ON, columns=110)

    expect("contacts-110-columns.text", run.out)
