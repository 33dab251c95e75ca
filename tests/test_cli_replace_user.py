"""`renewctl replace-user`, in a copy of the root."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import Renewctl

PARTNER = Path("config/partners/nordlicht.yaml")
REPLACE = ("replace-user", "--partner", "nordlicht")


@pytest.fixture(autouse=True)
def before(root: Path) -> str:
    return (root / PARTNER).read_text()


def test_a_user_is_replaced_wherever_the_file_names_them(renewctl: Renewctl, before: str) -> None:
    ran = renewctl(*REPLACE, "aylin", "tom")

    assert ran.code == 0
    assert PARTNER.read_text() == before.replace("contacts: [aylin]", "contacts: [tom]").replace(
        "cover: aylin", "cover: tom"
    )
    assert ran.err.startswith("tom takes the place of aylin: default, covers\n")
    assert ran.err.endswith(f"\nwrote {PARTNER}\n")


def test_from_a_day_on_what_counts_before_stays(renewctl: Renewctl, before: str) -> None:
    renewctl(*REPLACE, "tom", "aylin", "--from", "2027-01-01")

    assert PARTNER.read_text() == before.replace(
        "    override: {owner: partner, contact: tom, note: asked by the client}\n",
        "    override:\n"
        "      - {owner: partner, contact: tom, until: 2027-01-01, note: asked by the client}\n"
        "      - {owner: partner, contact: aylin, from: 2027-01-01, note: asked by the client}\n",
    )


def test_a_cover_is_split_on_the_day(renewctl: Renewctl, before: str) -> None:
    renewctl(*REPLACE, "aylin", "tom", "--from", "2027-01-02")

    text = PARTNER.read_text()
    assert "  - {user: jana, cover: aylin, from: 2026-12-21, until: 2027-01-02}\n" in text
    assert "  - {user: jana, cover: tom, from: 2027-01-02, until: 2027-01-07}\n" in text
    assert before.count("\n") + 1 < text.count("\n")
    assert renewctl("validate").code == 0


def test_the_absence_of_who_is_replaced_stays_theirs_and_nobody_covers_themselves(
    renewctl: Renewctl,
) -> None:
    ran = renewctl(*REPLACE, "aylin", "jana")

    assert "{user: jana, cover: aylin," in PARTNER.read_text()
    assert (
        "aylin still covers for jana from 2026-12-21 until 2027-01-07: "
        "nobody covers for themselves; name another user\n"
    ) in ran.err


def test_a_backup_who_is_one_already_is_not_named_twice(renewctl: Renewctl, before: str) -> None:
    PARTNER.write_text(before.replace("[aylin]", "[tom,  aylin]"))

    ran = renewctl(*REPLACE, "tom", "aylin")

    assert "backup_contacts: [aylin]" in PARTNER.read_text()
    assert "the backups of the default no longer name tom: aylin is one of them already\n" in ran.err


def test_a_backup_who_would_be_the_contact_is_none(renewctl: Renewctl, before: str) -> None:
    ran = renewctl(*REPLACE, "aylin", "jana")

    assert PARTNER.read_text() == before.replace("  backup_contacts: [aylin]\n", "")
    assert "the backups of the default no longer name aylin: jana is the contact\n" in ran.err


def test_a_backup_who_becomes_the_contact_is_none_any_more(renewctl: Renewctl, before: str) -> None:
    PARTNER.write_text(before.replace("[aylin]", "[aylin, tom]"))

    ran = renewctl(*REPLACE, "jana", "aylin")

    assert "  contact: aylin\n  backup_contacts: [tom]\n" in PARTNER.read_text()
    assert "the backups of the default no longer name aylin: aylin is the contact\n" in ran.err
    assert "jana stays an admin\n" in ran.err


def test_nothing_names_who_was_replaced_but_what_was_said(renewctl: Renewctl) -> None:
    renewctl(*REPLACE, "aylin", "jana")

    named = renewctl("contacts", "--user", "nordlicht/aylin").out.partition("named as\n")[2].split("\n\n")[0]
    assert named.split() == f"cover for jana from 2026-12-21 until 2027-01-07 {PARTNER}:18:25".split()


def test_what_nobody_can_take_over_is_said_and_nothing_written(renewctl: Renewctl, before: str) -> None:
    PARTNER.write_text(only_cover := before.replace("  backup_contacts: [aylin]\n", ""))

    ran = renewctl(*REPLACE, "aylin", "jana")

    assert ran.code == 2
    assert ran.err.startswith("error: there is nothing to replace: aylin still covers for jana from")
    assert PARTNER.read_text() == only_cover


def test_a_cover_that_is_over_is_not_spoken_of(renewctl: Renewctl) -> None:
    ran = renewctl(*REPLACE, "aylin", "jana", "--on", "2027-02-01")

    assert (ran.code, "covers for" in ran.err) == (0, False)


def test_a_file_that_cannot_be_read_is_not_taken_for_a_missing_partner(
    renewctl: Renewctl, before: str
) -> None:
    PARTNER.write_text(f"<<<<<<< HEAD\n{before}")

    ran = renewctl(*REPLACE, "tom", "aylin")

    assert (ran.code, ran.out) == (1, "")
    assert f"{PARTNER}:1:1: error: " in ran.err
    assert "[yaml-syntax]" in ran.err
    assert "there is no partner" not in ran.err


def test_what_is_over_stays_as_it_was(renewctl: Renewctl, before: str) -> None:
    PARTNER.write_text(before.replace("contact: tom,", "contact: tom, until: 2026-02-01,"))

    ran = renewctl(*REPLACE, "tom", "aylin")

    assert ran.code == 2
    assert "nothing that still counts names tom" in ran.err


@pytest.mark.parametrize(
    ("users", "said"),
    [
        ("tim aylin", "error: tim is not a user of nordlicht\n  hint: did you mean tom?\n"),
        ("tom ailin", "error: ailin is not a user of nordlicht\n  hint: did you mean aylin?\n"),
        ("tom tom", "error: tom cannot take the place of tom\n  hint: name two users\n"),
    ],
)
def test_what_makes_no_sense_is_said(renewctl: Renewctl, before: str, users: str, said: str) -> None:
    assert renewctl(*REPLACE, *users.split()) == (2, "", said)
    assert PARTNER.read_text() == before
