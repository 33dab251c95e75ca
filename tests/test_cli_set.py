"""`renewctl set` and `renewctl unset`, in a copy of the root."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import Renewctl

PARTNER = Path("config/partners/nordlicht.yaml")
ACME = "    override: {owner: partner, contact: tom, note: asked by the client}\n"

MOVE = (
    "  hint: leave out --partner; to move the client, end its entry there with `until`, "
    "and list it in the file of oakline with that day as `from`\n"
)
BROKEN = "<<<<<<< HEAD\n"


@pytest.fixture(autouse=True)
def before(root: Path) -> str:
    return (root / PARTNER).read_text()


def test_an_override_is_replaced_and_the_rest_of_the_file_stays(renewctl: Renewctl, before: str) -> None:
    ran = renewctl("set", "--client", "acme", "--owner", "hubspot", "--contact", "aylin")

    assert ran.code == 0
    assert PARTNER.read_text() == before.replace(
        ACME, ACME.replace("partner, contact: tom", "hubspot, contact: aylin")
    )
    assert ran.out.startswith(f"--- a/{PARTNER}\n+++ b/{PARTNER}\n")
    assert ran.err.endswith(f"\nwrote {PARTNER}\n")


def test_what_is_not_named_stays(renewctl: Renewctl, before: str) -> None:
    renewctl("set", "--client", "acme", "--contact", "aylin")

    assert PARTNER.read_text() == before.replace("contact: tom, note", "contact: aylin, note")


@pytest.mark.parametrize("name", ["acme.example", "https://www.Acme.example/contact"])
def test_a_client_is_found_by_its_website(renewctl: Renewctl, before: str, name: str) -> None:
    ran = renewctl("set", "--client", name, "--contact", "aylin")

    assert ran.code == 0
    assert PARTNER.read_text() == before.replace("contact: tom, note", "contact: aylin, note")


def test_a_website_finds_the_client_at_the_partner_that_is_named_too(renewctl: Renewctl) -> None:
    ran = renewctl("set", "--client", "acme.example", "--partner", "nordlicht", "--contact", "aylin")

    assert ran.code == 0
    assert "+    override: {owner: partner, contact: aylin," in ran.out


@pytest.mark.parametrize("partner", [(), ("--partner", "nordlicht")])
def test_a_client_that_only_a_renewal_knows_is_found_by_its_website(
    renewctl: Renewctl, before: str, partner: tuple[str, ...]
) -> None:
    Path("facts/more.jsonl").write_text(
        '{"renewal": "rn_9", "client": "zeta", "partner": "nordlicht", "website": "www.zeta.example", '
        '"renewal_date": "2027-05-01"}\n'
    )

    ran = renewctl("set", "--client", "zeta.example", "--owner", "partner", *partner)

    assert ran.code == 0
    assert PARTNER.read_text() == before + "  zeta:\n    override: {owner: partner}\n"


def test_a_client_of_whom_nobody_says_whose_they_are_needs_a_partner(renewctl: Renewctl) -> None:
    fact = '{"renewal": "rn_9", "client": "zeta", "renewal_date": "2027-05-01"}\n'
    Path("facts/more.jsonl").write_text(fact)

    assert renewctl("set", "--client", "zeta", "--owner", "partner") == (
        2,
        "",
        "error: neither a file nor a renewal says whose client zeta is\n  hint: name its --partner\n",
    )


def test_a_new_client_that_is_called_much_like_another_is_said(renewctl: Renewctl) -> None:
    ran = renewctl("set", "--client", "acmee", "--partner", "oakline", "--owner", "partner")

    assert ran.code == 0
    assert "acmee is new to oakline\n  hint: did you mean acme?\n" in ran.err


def test_an_override_whose_owner_changes_keeps_its_note(renewctl: Renewctl, before: str) -> None:
    renewctl("set", "--client", "acme", "--owner", "hubspot")

    assert PARTNER.read_text() == before.replace(
        "owner: partner, contact: tom", "owner: hubspot, contact: tom"
    )


def test_a_note_goes_when_an_empty_one_is_given(renewctl: Renewctl, before: str) -> None:
    renewctl("set", "--client", "acme", "--note", "")

    assert PARTNER.read_text() == before.replace(", note: asked by the client", "")


def test_what_holds_from_a_day_on_already_keeps_its_note_and_is_not_split(
    renewctl: Renewctl, before: str
) -> None:
    ran = renewctl("set", "--client", "acme", "--owner", "partner", "--from", "2027-01-01")

    assert ran == (0, "", "nothing to change: the files say so already\n")
    assert PARTNER.read_text() == before


def test_until_when_a_change_holds_is_said_where_nobody_named_the_day(renewctl: Renewctl) -> None:
    renewctl("set", "--client", "acme", "--contact", "jana", "--from", "2027-04-01")

    ran = renewctl("set", "--client", "acme", "--contact", "aylin", "--from", "2027-01-01")

    assert "the change holds until 2027-04-01, when the next entry begins\n" in ran.err


def test_a_change_instead_of_what_ends_ends_with_it(renewctl: Renewctl, before: str) -> None:
    PARTNER.write_text(before.replace("contact: tom,", "contact: tom, until: 2027-02-01,"))

    ran = renewctl("set", "--client", "acme", "--contact", "aylin")

    assert "the change holds until 2027-02-01, as what it replaces\n" in ran.err


@pytest.mark.parametrize("dates", [(), ("--until", "2027-02-01")])
def test_a_change_that_holds_as_long_as_was_said_needs_no_words(
    renewctl: Renewctl, dates: tuple[str, ...]
) -> None:
    assert "holds" not in renewctl("set", "--client", "acme", "--contact", "aylin", *dates).err


def test_from_a_day_on_the_override_becomes_a_list(renewctl: Renewctl, before: str) -> None:
    renewctl("set", "--client", "acme", "--owner", "hubspot", "--contact", "jana", "--from", "2027-01-01")

    assert PARTNER.read_text() == before.replace(
        ACME,
        "    override:\n"
        "      - {owner: partner, contact: tom, until: 2027-01-01, note: asked by the client}\n"
        "      - {owner: hubspot, contact: jana, from: 2027-01-01}\n",
    )
    assert renewctl("validate").code == 0


def test_a_decision_follows(renewctl: Renewctl) -> None:
    renewctl("set", "--client", "acme", "--owner", "partner", "--contact", "aylin", "--from", "2027-01-01")

    assert "to  Tom Kern" in renewctl("decide", "--client", "acme", "--on", "2026-12-31").out
    assert "to  Aylin Öztürk" in renewctl("decide", "--client", "acme", "--on", "2027-01-01").out


def test_the_default_of_a_partner_keeps_its_backups(renewctl: Renewctl, before: str) -> None:
    renewctl(
        "set", "--partner", "nordlicht", "--owner", "partner", "--contact", "tom", "--from", "2027-01-01"
    )

    assert PARTNER.read_text() == before.replace(
        "  owner: hubspot\n  contact: jana\n  backup_contacts: [aylin]\n",
        "  - owner: hubspot\n    contact: jana\n    backup_contacts: [aylin]\n    until: 2027-01-01\n"
        "  - owner: partner\n    contact: tom\n    backup_contacts: [aylin]\n    from: 2027-01-01\n",
    )


def test_a_client_that_no_renewal_knows_is_added_to_the_partner_that_is_named(
    renewctl: Renewctl, before: str
) -> None:
    ran = renewctl("set", "--client", "4711", "--owner", "partner", "--partner", "nordlicht")

    assert ran.code == 0
    assert PARTNER.read_text() == before.replace(
        "clients:\n", "clients:\n  4711:\n    override: {owner: partner}\n"
    )  # where it belongs in the alphabet


def test_a_client_that_only_a_renewal_knows_is_added_to_its_partner(renewctl: Renewctl, before: str) -> None:
    fact = '{"renewal": "rn_9", "client": "zeta", "partner": "nordlicht", "renewal_date": "2027-05-01"}\n'
    Path("facts/more.jsonl").write_text(fact)

    ran = renewctl("set", "--client", "zeta", "--owner", "partner")

    assert ran.code == 0
    assert PARTNER.read_text() == before + "  zeta:\n    override: {owner: partner}\n"


def test_a_client_that_moves_is_set_at_the_partner_of_that_day(renewctl: Renewctl, before: str) -> None:
    PARTNER.write_text(before.replace("  acme:\n", "  acme:\n    until: 2027-02-01\n"))
    other = Path("config/partners/americas/oakline.yaml")
    other.write_text(other.read_text().rstrip() + "\nclients:\n  acme: {from: 2027-02-01}\n")

    renewctl("set", "--client", "acme", "--owner", "hubspot", "--from", "2027-03-01")

    assert "acme: {from: 2027-02-01, override: {owner: hubspot, from: 2027-03-01}}\n" in other.read_text()


def test_dry_run_shows_the_difference_and_writes_nothing(renewctl: Renewctl, before: str) -> None:
    ran = renewctl("set", "--client", "acme", "--contact", "aylin", "--dry-run")

    assert "+    override: {owner: partner, contact: aylin, note: asked by the client}\n" in ran.out
    assert "wrote" not in ran.err
    assert PARTNER.read_text() == before


def test_what_is_set_already_is_said(renewctl: Renewctl, before: str) -> None:
    ran = renewctl("set", "--client", "acme", "--owner", "partner", "--contact", "tom")

    assert ran == (0, "", "nothing to change: the files say so already\n")
    assert PARTNER.read_text() == before


def test_a_change_that_would_be_a_mistake_is_not_written(renewctl: Renewctl, before: str) -> None:
    PARTNER.write_text(before.replace("  contact: jana\n", ""))

    ran = renewctl("set", "--partner", "nordlicht", "--owner", "partner")

    assert ran.code == 1
    assert "[missing-contact]" in ran.err
    assert "owner: hubspot" in PARTNER.read_text()


def test_who_has_left_cannot_become_the_contact_of_everybody(renewctl: Renewctl, before: str) -> None:
    inactive = before.replace("tom@nordlicht.example", "tom@nordlicht.example, active: false")
    PARTNER.write_text(inactive)  # the override of acme warns of it already

    ran = renewctl("set", "--partner", "nordlicht", "--contact", "tom")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"{PARTNER}:15:12: error: tom is no longer active [inactive-contact]\n"
        "  hint: name somebody else; until then notices go to whoever stands in\n"
        "error: the change would be a mistake; nothing is written\n"
    )
    assert PARTNER.read_text() == inactive


@pytest.mark.parametrize(
    "arguments",
    [
        "set --partner nordlicht --contact tom",
        "set --client acme --contact aylin",
        "set --client acme --contact aylin --partner nordlicht",
        "set --client quite-new --owner partner --partner oakline",
        "unset --client acme",
    ],
)
def test_a_partner_file_that_cannot_be_read_is_shown(renewctl: Renewctl, before: str, arguments: str) -> None:
    PARTNER.write_text(BROKEN + before)

    ran = renewctl(*arguments.split())

    assert (ran.code, ran.out) == (1, "")
    assert f"{PARTNER}:1:1: error: " in ran.err
    assert "[yaml-syntax]" in ran.err
    assert "there is no" not in ran.err


def test_a_client_that_is_listed_is_edited_though_another_file_cannot_be_read(renewctl: Renewctl) -> None:
    other = Path("config/partners/americas/oakline.yaml")
    other.write_text(BROKEN + other.read_text())

    assert renewctl("set", "--client", "acme", "--contact", "aylin").code == 0


def test_a_warning_that_was_not_there_before_is_said(renewctl: Renewctl) -> None:
    ran = renewctl("set", "--client", "acme", "--contact", "aylin")

    assert ran.code == 0
    assert ran.err == (
        f"{PARTNER}:10:3: warning: nothing names user tom, who therefore gets no notice [unused-user]\n"
        "  hint: name the user as a contact, or remove the entry\n"
        f"wrote {PARTNER}\n"
    )


def test_a_mistake_elsewhere_does_not_stand_in_the_way(renewctl: Renewctl, before: str) -> None:
    PARTNER.write_text(before.replace("time_zone: Europe/Berlin", "time_zone: Europe/Berln"))

    assert renewctl("set", "--client", "acme", "--contact", "aylin").code == 0


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
def test_an_error_that_stands_in_the_edited_file_is_said_and_does_not_stand_in_the_way(
    renewctl: Renewctl, before: str, dry_run: tuple[str, ...]
) -> None:
    PARTNER.write_text(before.replace("  globex:\n", "  globex:\n    contcat: tom\n"))

    ran = renewctl("set", "--client", "acme", "--owner", "hubspot", *dry_run)

    assert ran.code == 0
    assert "+    override: {owner: hubspot, contact: tom, " in ran.out
    assert [line for line in ran.err.splitlines() if line.startswith((str(PARTNER), "1 error"))] == [
        f"{PARTNER}:26:5: error: `globex` has no key `contcat` [schema-additionalProperties]",
        "1 error from before the change, still to be mended",
    ]


def test_an_error_in_another_file_is_not_the_affair_of_who_edits_this_one(renewctl: Renewctl) -> None:
    Path("config/partners/americas/oakline.yaml").write_text("version: 1\npartner: oakline\ncolour: red\n")

    assert renewctl("set", "--client", "acme", "--owner", "hubspot").err == f"wrote {PARTNER}\n"


def test_what_an_edit_mends_is_not_said_to_be_wrong(renewctl: Renewctl, before: str) -> None:
    PARTNER.write_text(
        before.replace("owner: partner, contact: tom, note", "owner: partner, contact: tomm, note")
    )

    assert renewctl("set", "--client", "acme", "--contact", "tom").err == f"wrote {PARTNER}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--client acm --owner partner", "error: there is no client acm\n  hint: did you mean acme?\n"),
        (
            "--client acme --contact tomm",
            "error: tomm is not a user of nordlicht\n  hint: did you mean tom?\n",
        ),
        (
            "--partner nordlich --owner partner",
            "error: there is no partner nordlich\n  hint: did you mean nordlicht?\n",
        ),
        (
            "--client acme",
            "error: there is nothing to set\n  hint: name an --owner, a --contact or a --note\n",
        ),
        (
            "--owner partner",
            "error: whose owner and contact?\n  hint: name a --client or a --partner\n",
        ),
        (
            "--client globex --contact tom",
            "error: globex has no override yet\n  hint: name the --owner too\n",
        ),
        (
            "--client acme --owner partner --partner oakline",
            "error: client acme is not listed by oakline, but by nordlicht\n" + MOVE,
        ),
        (
            "--client www.Acme.example/ --owner partner --partner oakline",
            (
                "error: client acme, whose website is acme.example, is not listed by oakline, "
                "but by nordlicht\n" + MOVE
            ),
        ),
        (
            "--client acme.exampel --owner partner",
            "error: there is no client acme.exampel\n  hint: did you mean acme.example?\n",
        ),
        (
            "--client qqqqq --owner partner",
            (
                "error: there is no client qqqqq\n"
                "  hint: a client that no renewal knows yet is added by its id and its --partner\n"
            ),
        ),
        (
            "--client acme --owner default --contact tom",
            (
                "error: a contact does nothing where the owner is the default's\n"
                "  hint: leave out --contact: the contact is that of the default too\n"
            ),
        ),
    ],
)
def test_what_makes_no_sense_is_said_with_the_cure(
    renewctl: Renewctl, before: str, arguments: str, said: str
) -> None:
    ran = renewctl("set", *arguments.split())

    assert ran == (2, "", said)
    assert PARTNER.read_text() == before


def test_unset_removes_the_override_and_keeps_the_client(renewctl: Renewctl, before: str) -> None:
    ran = renewctl("unset", "--client", "acme")

    assert ran.code == 0
    assert PARTNER.read_text() == before.replace(ACME, "")


def test_unset_from_a_day_on_ends_it(renewctl: Renewctl, before: str) -> None:
    renewctl("unset", "--client", "acme", "--from", "2027-01-01")

    assert PARTNER.read_text() == before.replace(
        "contact: tom, note", "contact: tom, until: 2027-01-01, note"
    )


def test_a_client_of_which_nothing_is_left_stays_listed(renewctl: Renewctl, before: str) -> None:
    PARTNER.write_text(before.replace("    website: acme.example\n", ""))

    renewctl("unset", "--client", "acme")

    assert "  acme: {}\n" in PARTNER.read_text()


def test_unset_finds_the_client_by_its_website(renewctl: Renewctl, before: str) -> None:
    renewctl("unset", "--client", "acme.example")

    assert PARTNER.read_text() == before.replace(ACME, "")


@pytest.mark.parametrize(
    ("name", "cure"),
    [("acm", "did you mean acme?"), ("nobody", "only a client that a partner lists has an override")],
)
def test_unset_says_what_may_be_wrong_about_an_unknown_client(
    renewctl: Renewctl, name: str, cure: str
) -> None:
    ran = renewctl("unset", "--client", name)

    assert ran == (2, "", f"error: no partner lists a client {name}\n  hint: {cure}\n")


def test_of_an_empty_entry_there_is_nothing_to_unset(renewctl: Renewctl, before: str) -> None:
    PARTNER.write_text(f"{before}  zeta:\n")

    ran = renewctl("unset", "--client", "zeta")

    assert ran == (2, "", "error: zeta has no override, so there is nothing to unset\n")


def test_there_may_be_nothing_to_unset(renewctl: Renewctl) -> None:
    assert renewctl("unset", "--client", "globex") == (
        2,
        "",
        "error: globex has no override, so there is nothing to unset\n",
    )
