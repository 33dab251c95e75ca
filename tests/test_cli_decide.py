from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from commandline import ON, Renewctl, Run, expect, process

from engine import schemas
from engine.commands.session import Session

FORMATS = ("text", "json", "jsonl", "csv")
EXAMPLE = "--set renewal_date=2027-03-01 --set decision_maker.email=ada@acme.example"


def decided(run: Run) -> list[dict[str, Any]]:
    """Return the decisions of a JSON report, which is what its schema says."""
    assert (run.code, run.err) == (0, "")
    report: dict[str, Any] = json.loads(run.out)
    assert list(schemas.violations("decision", report)) == []
    decisions: list[dict[str, Any]] = report["decisions"]
    return decisions


def renewals(run: Run) -> list[str]:
    return [decision["renewal"] for decision in decided(run)]


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_shows_every_decision(renewctl: Renewctl, style: str) -> None:
    run = renewctl("decide", "--all", "--on", ON, "--format", style)

    assert (run.code, run.err) == (0, "")
    expect(f"decide-all.{style}", run.out)


def test_a_process_says_the_same() -> None:
    run = process("decide", "--all", "--on", ON)

    assert (run.code, run.err) == (0, "")
    expect("decide-all.text", run.out)


def test_the_json_is_what_its_schema_says(renewctl: Renewctl) -> None:
    decisions = decided(renewctl("decide", "--all", "--on", ON, "--format", "json"))

    assert {decision["outcome"] for decision in decisions} == {"send", "suppress", "unroutable"}


def test_each_line_is_the_decision_that_the_json_has(renewctl: Renewctl) -> None:
    lines = renewctl("decide", "--all", "--on", ON, "--format", "jsonl").out.splitlines()

    assert [json.loads(line) for line in lines] == decided(
        renewctl("decide", "--all", "--on", ON, "--format", "json")
    )


def test_each_row_is_the_decision_that_the_json_has(renewctl: Renewctl) -> None:
    table = renewctl("decide", "--all", "--on", ON, "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(table)))

    decisions = decided(renewctl("decide", "--all", "--on", ON, "--format", "json"))
    assert [row["renewal"] for row in rows] == [decision["renewal"] for decision in decisions]
    assert [row["to"] for row in rows] == [
        ";".join(person["email"] for person in decision["to"]) for decision in decisions
    ]


def test_explaining_shows_every_fact_and_rule(renewctl: Renewctl) -> None:
    run = renewctl("decide", "--renewal", "rn_4", "--on", "2027-01-01", "--explain")

    assert (run.code, run.err) == (0, "")
    expect("decide-explain.text", run.out)


def test_the_send_date_of_a_rule_is_shown_as_a_date(renewctl: Renewctl) -> None:
    explained = renewctl("decide", "--renewal", "rn_4", "--on", "2026-12-31", "--explain").out

    assert "notice.send_on = 2026-12-31\n" in explained
    assert "notice.send_on ≥ 2027-01-01: no;" in explained


class TestWhoIsMeant:
    """Exactly one of --client, --renewal, --partner and --all."""

    def test_a_client_by_id(self, renewctl: Renewctl) -> None:
        assert renewals(renewctl("decide", "--client", "globex", "--format", "json")) == ["rn_2", "rn_3"]

    @pytest.mark.parametrize(
        "website",
        [
            "globex.example",
            "www.globex.example",
            "WWW.Globex.Example",
            "https://globex.example",
            "http://www.globex.example/about",
            " https://Globex.example/ ",
        ],
    )
    def test_a_client_by_website(self, renewctl: Renewctl, website: str) -> None:
        assert renewals(renewctl("decide", "--client", website, "--format", "json")) == ["rn_2", "rn_3"]

    def test_a_client_by_the_website_that_only_a_fact_knows(self, renewctl: Renewctl) -> None:
        assert renewals(renewctl("decide", "--client", "hooli.example", "--format", "json")) == ["rn_4"]

    def test_a_client_without_a_partner(self, renewctl: Renewctl) -> None:
        (decision,) = decided(renewctl("decide", "--client", "umbrella", "--format", "json"))

        assert decision["partner"] is None

    def test_a_renewal(self, renewctl: Renewctl) -> None:
        assert renewals(renewctl("decide", "--renewal", "rn_3", "--format", "json")) == ["rn_3"]

    def test_a_partner_by_facts_and_by_its_file(self, renewctl: Renewctl) -> None:
        run = renewctl("decide", "--partner", "nordlicht", "--format", "json")

        assert renewals(run) == ["rn_1", "rn_2", "rn_3", "rn_5"]

    def test_everybody_by_client_then_renewal(self, renewctl: Renewctl) -> None:
        run = renewctl("decide", "--all", "--format", "json")

        assert renewals(run) == ["rn_1", "rn_2", "rn_3", "rn_4", "rn_5", "rn_6"]

    @pytest.mark.parametrize("style", FORMATS)
    def test_a_partner_without_renewals_has_no_decisions(
        self, renewctl: Renewctl, root: Path, style: str
    ) -> None:
        (root / "config/partners/idle.yaml").write_text("version: 1\npartner: idle\n")

        run = renewctl("decide", "--partner", "idle", "--format", style)

        assert (run.code, run.err) == (0, "")
        expect(f"decide-nothing.{style}", run.out)

    @pytest.mark.parametrize(
        ("asked", "hint"),
        [
            (("--client", "acmee"), "did you mean acme?"),
            (("--client", "https://globecks.example/"), "did you mean globex.example?"),
            (("--renewal", "rn-1"), "did you mean rn_1?"),
            (("--partner", "nordlich"), "did you mean nordlicht?"),
        ],
    )
    def test_a_name_that_is_mistyped_is_bad_input(
        self, renewctl: Renewctl, asked: tuple[str, str], hint: str
    ) -> None:
        run = renewctl("decide", *asked)

        assert (run.code, run.out) == (2, "")
        assert run.err.startswith(f"error: there is no {asked[0][2:]} {asked[1]}\n  hint: {hint}")

    @pytest.mark.parametrize("asked", ["client", "renewal", "partner"])
    def test_a_name_like_no_other_is_bad_input(self, renewctl: Renewctl, asked: str) -> None:
        run = renewctl("decide", f"--{asked}", "qqqqqqqqqq")

        assert (run.code, run.out) == (2, "")
        assert f"there is no {asked} qqqqqqqqqq" in run.err

    def test_a_website_of_two_clients_is_bad_input(self, renewctl: Renewctl, root: Path) -> None:
        twin = '{"renewal":"rn_8","client":"acme-south","website":"acme.example","renewal_date":"2027-01-01"}'
        (root / "facts/twin.jsonl").write_text(twin)

        run = renewctl("decide", "--client", "acme.example")

        assert (run.code, run.out) == (2, "")
        assert run.err == "error: acme.example may be acme or acme-south\n  hint: give the client's id\n"

    def test_an_id_comes_before_a_website_that_is_spelled_alike(self, renewctl: Renewctl, root: Path) -> None:
        twin = '{"renewal":"rn_8","client":"acme.example","renewal_date":"2027-01-01"}'
        (root / "facts/twin.jsonl").write_text(twin)

        assert renewals(renewctl("decide", "--client", "acme.example", "--format", "json")) == ["rn_8"]

    @pytest.mark.parametrize(
        "asked",
        [(), ("--all", "--client", "acme"), ("--client", "acme", "--renewal", "rn_1"), ("--client", "")],
    )
    def test_none_and_two_are_wrong_usage(self, renewctl: Renewctl, asked: tuple[str, ...]) -> None:
        run = renewctl("decide", *asked)

        assert (run.code, run.out) == (2, "")
        assert "name exactly one of --client, --renewal, --partner and --all" in run.err


class TestNotice:
    """What is sent, and when."""

    def test_the_send_date_counts(self, renewctl: Renewctl) -> None:
        before, during = (
            decided(renewctl("decide", "--client", "initech", "--on", on, "--format", "json"))[0]
            for on in ("2026-12-20", "2026-12-21")
        )

        assert [person["user"] for person in before["tasks"][0]["inform"]] == ["jana"]
        assert [person["user"] for person in during["tasks"][0]["inform"]] == ["aylin"]
        assert during["reasons"] == ["COVERED", "NO_CLIENT_RECIPIENT"]

    @pytest.mark.parametrize(
        ("zone", "today"), [("Asia/Tokyo", "2027-01-01"), ("America/New_York", "2026-12-31")]
    )
    def test_it_is_today_where_the_client_is(
        self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch, zone: str, today: str
    ) -> None:
        moment = dt.datetime(2026, 12, 31, 20, tzinfo=dt.UTC)
        monkeypatch.setattr(Session, "now", moment)

        run = renewctl("decide", "--client", "umbrella", "--set", f"time_zone={zone}", "--format", "json")

        assert decided(run)[0]["notice"]["send_on"] == today

    def test_type_and_step_are_those_asked_for(self, renewctl: Renewctl) -> None:
        run = renewctl(
            "decide", "--client", "acme", "--notice", "price_change", "--step", "D-7", "--format", "json"
        )

        (decision,) = decided(run)
        assert (decision["notice"]["type"], decision["notice"]["step"]) == ("price_change", "D-7")

    def test_people_read_what_is_sent(self, renewctl: Renewctl) -> None:
        run = renewctl("decide", "--client", "acme", "--notice", "price_change", "--step", "R-30", "--on", ON)

        assert run.out.splitlines()[2] == f"price change notice R-30, sent on {ON}"

    @pytest.mark.parametrize("on", ["tomorrow", "2026-02-29", "2026-1-1", "20260101", "01.02.2026", ""])
    def test_what_is_not_a_date_is_wrong_usage(self, renewctl: Renewctl, on: str) -> None:
        run = renewctl("decide", "--client", "acme", "--on", on)

        assert (run.code, run.out) == (2, "")
        assert "is not a date; write it as 2027-01-31" in run.err

    @pytest.mark.parametrize("step", ["7", "D7", "X-7", "D-", "D-1000", "d-7", ""])
    def test_what_is_not_a_step_is_wrong_usage(self, renewctl: Renewctl, step: str) -> None:
        run = renewctl("decide", "--client", "acme", "--step", step)

        assert (run.code, run.out) == (2, "")
        assert "is not a step; write it as D-7 or R-30" in run.err

    def test_what_is_not_a_notice_is_wrong_usage(self, renewctl: Renewctl) -> None:
        run = renewctl("decide", "--client", "acme", "--notice", "birthday")

        assert (run.code, run.out) == (2, "")
        assert "'subscription_ending'" in run.err


class TestSettings:
    """`--set FIELD=VALUE`: what is assumed about a renewal."""

    @pytest.mark.parametrize(
        ("settings", "field", "value"),
        [
            (["renewal_date=2027-10-01"], "renewal_date", "2027-10-01"),
            (["deadline_lead_days=10"], "renewal_deadline", "2027-02-05"),
            (["partner=oakline"], "partner", "oakline"),
            (["partner="], "partner", "nordlicht"),
            (["portal_type=sandbox"], "reasons", ["TEST_PORTAL"]),
            (["decision_maker.locale=fr-FR", "partner=gone"], "locale", "de-DE"),
            (["locale=fr-FR", "partner=gone"], "locale", "fr-FR"),
            (["renewal_date=2027-10-01", "renewal_date=2027-11-01"], "renewal_date", "2027-11-01"),
            (["mrr=1.50", "renewal_mrr=-3", "currency=USD"], "outcome", "send"),
            (["products=cms-hub; sales-hub", "flags=", "auto_renew=no"], "outcome", "send"),
            (["time_zone=Asia/Tokyo", "country=JP", "status=confirmed"], "outcome", "send"),
            (["tier=starter", "term_start=2027-01-15", "acknowledged=yes"], "outcome", "send"),
        ],
    )
    def test_a_field_is_as_assumed(
        self, renewctl: Renewctl, settings: list[str], field: str, value: object
    ) -> None:
        options = [option for setting in settings for option in ("--set", setting)]

        (decision,) = decided(renewctl("decide", "--client", "acme", *options, "--format", "json"))

        assert decision[field] == value

    @pytest.mark.parametrize(
        "field", ["decision_maker.email", "decision_maker_email", "contacts.decision_maker.email"]
    )
    def test_a_field_of_a_person_may_be_written_in_three_ways(self, renewctl: Renewctl, field: str) -> None:
        run = renewctl("decide", "--client", "umbrella", "--set", f"{field}=a@b.example", "--format", "json")

        (decision,) = decided(run)
        assert [person["email"] for person in decision["to"]] == ["a@b.example"]

    @pytest.mark.parametrize("setting", ["decision_maker.active=false", "decision_maker.bounced=yes"])
    def test_a_person_may_be_assumed_away(self, renewctl: Renewctl, setting: str) -> None:
        run = renewctl("decide", "--client", "umbrella", "--set", setting, "--format", "json")

        (decision,) = decided(run)
        assert decision["outcome"] == "unroutable"

    def test_nothing_after_the_equals_sign_leaves_the_field_out(self, renewctl: Renewctl) -> None:
        run = renewctl("decide", "--client", "umbrella", "--set", "decision_maker.name=", "--format", "json")

        (decision,) = decided(run)
        assert decision["to"][0]["name"] is None

    def test_each_billing_contact_has_its_part(self, renewctl: Renewctl) -> None:
        run = renewctl(
            "decide", "--client", "acme", "--set", "billing_contacts.email=a@b.example;c@d.example"
        )

        assert (run.code, run.err) == (0, "")

    def test_it_is_assumed_of_every_renewal_that_is_meant(self, renewctl: Renewctl) -> None:
        run = renewctl("decide", "--all", "--set", "portal_type=demo", "--format", "json")

        assert {decision["outcome"] for decision in decided(run)} == {"suppress"}

    @pytest.mark.parametrize(
        ("setting", "complaint"),
        [
            ("renewal_dat=2027-01-01", "there is no such field\n  hint: did you mean renewal_date?"),
            (
                "decision_maker.mail=a@b.example",
                "there is no such field\n  hint: did you mean decision_maker.em",
            ),
            ("emial=a@b.example", "there is no such field\n  hint: did you mean decision_maker.email?"),
            ("zzzzzz=1", "there is no such field\n  hint: `renewctl schema renewal` has them all; "),
            ("renewal_date", "has no `=`; write it as renewal_date=2027-03-01"),
            ("renewal_date=soon", '`renewal_date` is "soon", which is not a date'),
            ("renewal_date=", "`renewal_date`"),
            ("tier=gold", '`tier` must be enterprise, professional or starter, not "gold"'),
            ("deadline_lead_days=many", "`deadline_lead_days`"),
            ("deadline_lead_days=400", "`deadline_lead_days`"),
            ("acknowledged=perhaps", "`acknowledged`"),
            ("mrr=expensive", "`mrr`"),
            ("time_zone=Mars/Olympus", "`time_zone`"),
            ("decision_maker.email=ada", "`email`"),
        ],
    )
    def test_what_cannot_be_assumed_is_bad_input(
        self, renewctl: Renewctl, setting: str, complaint: str
    ) -> None:
        run = renewctl("decide", "--client", "acme", "--set", setting)

        assert (run.code, run.out) == (2, "")
        assert complaint in run.err

    def test_everything_that_is_wrong_is_said_at_once(self, renewctl: Renewctl) -> None:
        run = renewctl("decide", "--client", "acme", "--set", "renewal_date=soon", "--set", "tier=gold")

        assert run.err == (
            'error: --set: `renewal_date` is "soon", which is not a date;'
            ' `tier` must be enterprise, professional or starter, not "gold"\n'
            "  hint: write year-month-day, such as 2027-01-31\n"
        )


class TestByHand:
    """A renewal made of settings, for a client without one."""

    def test_a_new_client_is_decided_about(self, renewctl: Renewctl) -> None:
        run = renewctl("decide", "--client", "newco", *EXAMPLE.split(), "--format", "json")

        (decision,) = decided(run)
        assert (decision["client"], decision["renewal"], decision["outcome"]) == ("newco", None, "send")
        assert [person["email"] for person in decision["to"]] == ["ada@acme.example"]

    def test_people_read_that_it_was_made_by_hand(self, renewctl: Renewctl) -> None:
        run = renewctl("decide", "--client", "newco", *EXAMPLE.split(), "--on", ON)

        assert (run.code, run.err) == (0, "")
        expect("decide-by-hand.text", run.out)

    def test_a_listed_client_keeps_its_override(self, renewctl: Renewctl, root: Path) -> None:
        (root / "facts/renewals.jsonl").unlink()

        run = renewctl("decide", "--client", "acme.example", *EXAMPLE.split(), "--format", "json")

        (decision,) = decided(run)
        assert (decision["client"], decision["owner"]["value"]) == ("acme", "partner")

    def test_a_known_client_without_a_renewal_gets_the_example(self, renewctl: Renewctl, root: Path) -> None:
        (root / "facts/renewals.jsonl").unlink()

        run = renewctl("decide", "--client", "acme")

        assert (run.code, run.out) == (2, "")
        assert run.err == (
            "error: no renewal is known of client acme\n"
            f"  hint: ask by hand: renewctl decide --client acme {EXAMPLE}\n"
        )

    def test_so_does_a_new_client(self, renewctl: Renewctl) -> None:
        run = renewctl("decide", "--client", "qqqqqqqqqq", "--set", "tier=starter")

        assert run.code == 2
        assert f"ask by hand: renewctl decide --client qqqqqqqqqq {EXAMPLE}\n" in run.err

    def test_what_is_wrong_in_it_is_bad_input(self, renewctl: Renewctl) -> None:
        run = renewctl("decide", "--client", "New Co", *EXAMPLE.split())

        assert (run.code, run.out) == (2, "")
        assert "`client`" in run.err


class TestMistakes:
    """Errors in the root: no decision."""

    def change(self, root: Path, old: str, new: str) -> None:
        path = root / "config/partners/nordlicht.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    @pytest.mark.parametrize("question", [("decide", "--all"), ("clients",)])
    def test_an_error_stops_every_answer(
        self, renewctl: Renewctl, root: Path, question: tuple[str, ...]
    ) -> None:
        self.change(root, "contact: tom", "contact: tim")

        run = renewctl(*question)

        assert (run.code, run.out) == (1, "")
        assert run.err == (
            "config/partners/nordlicht.yaml:24:41: error: contact tim is not a user of nordlicht"
            " [unknown-contact]\n"
            "  hint: did you mean tom?\n"
            "error: the configuration cannot be used\n"
            "  hint: renewctl validate shows everything that is wrong\n"
        )

    def test_an_inactive_default_contact_stops_nothing(self, renewctl: Renewctl, root: Path) -> None:
        self.change(root, "admin: true}", "admin: true, active: false}")

        run = renewctl("decide", "--renewal", "rn_3", "--on", "2026-11-30", "--format", "json")

        assert run.code == 0
        assert "error: " in run.err
        assert "[inactive-contact]" in run.err
        assert decided(run._replace(err=""))[0]["cc"][0]["user"] == "aylin"

    def test_a_warning_is_told_to_who_asks(self, renewctl: Renewctl, root: Path) -> None:
        self.change(root, "contact: tom, note", "note")

        quiet, verbose = renewctl("decide", "--all"), renewctl("-v", "decide", "--all")

        assert (quiet.code, verbose.code) == (0, 0)
        assert quiet.err == ""
        assert "[unused-user]" in verbose.err
        assert verbose.out == quiet.out
