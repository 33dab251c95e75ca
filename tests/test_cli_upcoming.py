"""`renewctl upcoming`: which notices are coming, in which days, and how they are shown."""

from __future__ import annotations

import builtins
import csv
import datetime as dt
import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from commandline import ON, Renewctl, Run, expect, on_terminal

from engine import civil, schemas
from engine.commands.session import Session

FORMATS = ("text", "json", "jsonl", "csv", "ics")
FROM = ("--from", ON)
LATER = "clients: {globex: {from: 2027-02-01}}\n"


def planned(run: Run) -> list[dict[str, Any]]:
    """Return the decisions of a JSON report, which is what its schema says."""
    assert (run.code, run.err) == (0, "")
    report: dict[str, Any] = json.loads(run.out)
    assert list(schemas.violations("decision", report)) == []
    decisions: list[dict[str, Any]] = report["decisions"]
    return decisions


def clients(run: Run) -> set[str]:
    return {decision["client"] for decision in planned(run)}


def days(run: Run) -> list[str]:
    return [decision["notice"]["send_on"] for decision in planned(run)]


def steps(run: Run) -> list[str]:
    return [decision["notice"]["step"] for decision in planned(run)]


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the extra `calendar` away."""
    real = builtins.__import__

    def missing(name: str, *others: Any) -> Any:  # noqa: ANN401 - Python's own signature
        if name in {"icalendar", "holidays"}:
            raise ModuleNotFoundError(name)
        return real(name, *others)

    civil.public_holidays.cache_clear()
    civil._two_years.cache_clear()
    monkeypatch.setattr(builtins, "__import__", missing)


class TestFormats:
    """What is written."""

    @pytest.mark.parametrize("style", FORMATS)
    def test_every_format_shows_every_notice(self, renewctl: Renewctl, style: str) -> None:
        run = renewctl("upcoming", *FROM, "--format", style)

        assert (run.code, run.err) == (0, "")
        expect(f"upcoming-all.{style}", run.out)

    @pytest.mark.parametrize("style", FORMATS)
    def test_no_notices_are_an_answer_too(self, renewctl: Renewctl, style: str) -> None:
        run = renewctl("upcoming", "--from", "2030-01-01", "--format", style)

        assert (run.code, run.err) == (0, "")
        expect(f"upcoming-nothing.{style}", run.out)

    def test_people_see_what_was_caught_up_and_what_came_too_late(
        self, renewctl: Renewctl, tmp_path: Path
    ) -> None:
        (tmp_path / "sent.txt").write_text("")

        run = renewctl("upcoming", "--from", "2026-12-30", "--sent", str(tmp_path / "sent.txt"))

        assert (run.code, run.err) == (0, "")
        expect("upcoming-late.text", run.out)

    def test_programs_get_the_decisions_that_decide_gives(self, renewctl: Renewctl) -> None:
        (notice, *_) = planned(renewctl("upcoming", "--client", "acme", *FROM, "--format", "json"))
        asked = ("--on", notice["notice"]["send_on"], "--step", notice["notice"]["step"])

        assert planned(renewctl("decide", "--client", "acme", *asked, "--format", "json")) == [notice]

    def test_json_lines_and_csv_hold_what_json_holds(self, renewctl: Renewctl) -> None:
        whole, lines, table = (renewctl("upcoming", *FROM, "--format", style) for style in FORMATS[1:4])

        keys = [decision["idempotency_key"] for decision in planned(whole)]
        assert [json.loads(line)["idempotency_key"] for line in lines.out.splitlines()] == keys
        assert [row["idempotency_key"] for row in csv.DictReader(io.StringIO(table.out))] == keys

    def test_it_is_ordered_by_send_date_then_client_then_renewal(self, renewctl: Renewctl) -> None:
        notices = planned(renewctl("upcoming", *FROM, "--until", "2027-12-31", "--format", "json"))

        order = [(one["notice"]["send_on"], one["client"], one["renewal"]) for one in notices]
        assert order == sorted(order)
        assert len(order) > 10

    def test_a_terminal_gets_colours(self) -> None:
        shown = on_terminal("upcoming", *FROM, "--client", "acme").out

        assert "\x1b[" in shown

    def test_the_language_of_the_machine_changes_nothing(
        self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")

        assert "Deadline Fri 2027-01-01" in renewctl("upcoming", "--client", "acme", *FROM).out


class TestSelection:
    """Whose notices."""

    def test_nobody_named_is_everybody(self, renewctl: Renewctl) -> None:
        run = renewctl("upcoming", *FROM, "--format", "json")

        assert clients(run) == {"acme", "globex", "hooli", "initech", "umbrella"}

    @pytest.mark.parametrize("name", ["globex", "www.globex.example"])
    def test_a_client_by_id_and_by_website(self, renewctl: Renewctl, name: str) -> None:
        assert clients(renewctl("upcoming", "--client", name, *FROM, "--format", "json")) == {"globex"}

    def test_a_partner_by_facts_and_by_its_file(self, renewctl: Renewctl) -> None:
        run = renewctl("upcoming", "--partner", "nordlicht", *FROM, "--format", "json")

        assert clients(run) == {"acme", "globex", "initech"}

    def test_a_notice_is_the_partners_who_has_the_client_when_it_is_sent(
        self, renewctl: Renewctl, root: Path
    ) -> None:
        file = root / "config/partners/nordlicht.yaml"
        file.write_text(file.read_text().replace("  globex:\n", "  globex:\n    until: 2027-02-01\n"))
        later = root / "config/partners/americas/oakline.yaml"
        later.write_text(later.read_text() + LATER)

        before, after = (
            renewctl("upcoming", "--client", "globex", "--partner", partner, *FROM, "--format", "json")
            for partner in ("nordlicht", "oakline")
        )

        assert days(before)
        assert days(after)
        assert max(days(before)) < "2027-02-01" <= min(days(after))

    def test_a_contact_sees_what_they_receive_or_are_the_contact_of(self, renewctl: Renewctl) -> None:
        run = renewctl("upcoming", "--contact", "nordlicht/tom", *FROM, "--format", "json")

        assert clients(run) == {"acme"}

    def test_a_cover_sees_what_they_receive_meanwhile(self, renewctl: Renewctl, root: Path) -> None:
        file = root / "config/partners/nordlicht.yaml"
        file.write_text(re.sub(r"    hold: .*\n", "", file.read_text()))

        of_cover, of_contact = (
            renewctl("upcoming", "--contact", who, "--client", "globex", *FROM, "--format", "json")
            for who in ("nordlicht/aylin", "nordlicht/jana")
        )

        assert days(of_cover) == ["2026-12-31"]
        assert "2026-12-31" in days(of_contact)
        assert len(days(of_contact)) > 1

    def test_a_decision_maker_who_is_a_user_sees_what_they_receive(
        self, renewctl: Renewctl, root: Path
    ) -> None:
        facts = root / "facts/renewals.jsonl"
        facts.write_text(facts.read_text().replace("gunnar@globex.example", "TOM@nordlicht.example"))

        run = renewctl("upcoming", "--contact", "tom", *FROM, "--format", "json")

        assert clients(run) == {"acme", "globex"}

    def test_a_user_alone_may_be_any_partners(self, renewctl: Renewctl) -> None:
        alone, full = (
            renewctl("upcoming", "--contact", who, *FROM, "--format", "json")
            for who in ("jana", "nordlicht/jana")
        )

        assert planned(alone) == planned(full) != []

    def test_all_that_is_named_must_fit(self, renewctl: Renewctl) -> None:
        asked = ("--partner", "oakline", "--contact", "nordlicht/jana")

        assert planned(renewctl("upcoming", *asked, *FROM, "--format", "json")) == []

    @pytest.mark.parametrize(
        ("asked", "complaint"),
        [
            (("--client", "acmee"), "there is no client acmee\n  hint: did you mean acme?"),
            (("--partner", "nordlich"), "there is no partner nordlich\n  hint: did you mean nordlicht?"),
            (("--contact", "nordlich/tom"), "there is no partner nordlich\n  hint: did you mean nordlicht?"),
            (("--contact", "nordlicht/tim"), "tim is not a user of nordlicht\n  hint: did you mean tom?"),
            (("--contact", "tim"), "no partner has a user tim\n  hint: did you mean tom?"),
            (("--contact", "nordlicht/"), " is not a user of nordlicht"),
            (("--contact", ""), "no partner has a user "),
        ],
    )
    def test_a_name_that_is_mistyped_is_bad_input(
        self, renewctl: Renewctl, asked: tuple[str, str], complaint: str
    ) -> None:
        run = renewctl("upcoming", *asked)

        assert (run.code, run.out) == (2, "")
        assert complaint in run.err


class TestDays:
    """In which days."""

    def test_until_is_exclusive_and_from_inclusive(self, renewctl: Renewctl) -> None:
        def between(since: str, until: str) -> list[str]:
            days_asked = ("--from", since, "--until", until)
            return days(renewctl("upcoming", "--client", "acme", *days_asked, "--format", "json"))

        assert between("2026-12-11", "2026-12-12") == ["2026-12-11"]
        assert between("2026-12-10", "2026-12-11") == []
        assert between("2026-12-12", "2026-12-13") == []

    def test_it_is_the_next_120_days_when_nobody_says(
        self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Session, "now", dt.datetime(2026, 12, 5, 12, tzinfo=dt.UTC))

        said = renewctl("upcoming", "--from", "2026-12-05", "--until", "2027-04-04", "--format", "json")
        assert planned(renewctl("upcoming", "--format", "json")) == planned(said)

    @pytest.mark.parametrize(("zone", "is_listed"), [("Asia/Tokyo", False), ("America/New_York", True)])
    def test_it_begins_today_where_the_client_is(
        self, renewctl: Renewctl, root: Path, monkeypatch: pytest.MonkeyPatch, zone: str, *, is_listed: bool
    ) -> None:
        monkeypatch.setattr(Session, "now", dt.datetime(2026, 12, 11, 20, tzinfo=dt.UTC))
        facts = root / "facts/renewals.jsonl"
        facts.write_text(facts.read_text().replace("Europe/Berlin", zone))

        run = renewctl("upcoming", "--client", "acme", "--format", "json")

        assert ("2026-12-11" in days(run)) is is_listed

    def test_the_end_of_the_calendar_is_far_enough(self, renewctl: Renewctl) -> None:
        assert renewctl("upcoming", "--from", "9999-12-30").code == 0

    @pytest.mark.parametrize("until", ["2026-12-05", "2026-12-04"])
    def test_days_that_end_before_they_begin_are_wrong_usage(self, renewctl: Renewctl, until: str) -> None:
        run = renewctl("upcoming", *FROM, "--until", until)

        assert (run.code, run.out) == (2, "")
        assert run.err == (
            f"error: --until {until} is not after --from 2026-12-05\n"
            "  hint: it is the first day that is left out\n"
        )

    def test_days_that_ended_before_today_are_wrong_usage(self, renewctl: Renewctl) -> None:
        run = renewctl("upcoming", "--until", "2020-01-01")

        assert (run.code, run.out) == (2, "")
        assert "--until 2020-01-01 is not after today" in run.err


class TestSent:
    """What went out already."""

    @pytest.fixture
    def sent(self, tmp_path: Path) -> Path:
        """Return where the keys stand."""
        return tmp_path / "sent.jsonl"

    def test_what_was_sent_is_left_out_and_the_rest_stays(self, renewctl: Renewctl, sent: Path) -> None:
        asked = ("upcoming", "--client", "acme", "--from", "2026-10-01", "--until", "2027-04-01")
        lines = renewctl(*asked, "--format", "jsonl").out.splitlines()
        sent.write_text("\n".join(lines[:2]))

        rest = renewctl(*asked, "--sent", str(sent), "--format", "jsonl").out.splitlines()

        assert lines[2:] == rest != []

    def test_bare_keys_and_json_lines_may_be_mixed(self, renewctl: Renewctl, sent: Path) -> None:
        asked = ("upcoming", *FROM, "--format", "json")
        keys = [decision["idempotency_key"] for decision in planned(renewctl(*asked))]
        others = "".join(f"{key}\n" for key in keys[1:])
        first = json.dumps({"idempotency_key": keys[0], "at": "2026-12-05T08:00:00Z"})
        sent.write_bytes(b"\xef\xbb\xbf" + f"{first}\r\n\n  {others}".encode())

        left = planned(renewctl(*asked, "--sent", str(sent)))

        assert {decision["idempotency_key"] for decision in left}.isdisjoint(keys)

    def test_without_it_nothing_is_caught_up(self, renewctl: Renewctl) -> None:
        run = renewctl("upcoming", "--client", "acme", "--from", "2026-12-14", "--format", "json")

        assert [decision["reasons"] for decision in planned(run) if "CAUGHT_UP" in decision["reasons"]] == []

    @pytest.mark.parametrize(
        "line",
        [
            "a",
            "{}",
            '{"idempotency_key": 7}',
            '{"idempotency_key": "x"}',
            '{"idempotency_key": "0123456789abcdef0123456789abcdef"',
            '"0123456789abcdef0123456789abcdef"',
            "0123456789ABCDEF0123456789ABCDEF",
            "0123456789abcdef0123456789abcdef0",
            '{"x": ' + "[" * 100_000,
            "\xff",
        ],
    )
    def test_a_line_without_a_key_is_bad_input(self, renewctl: Renewctl, sent: Path, line: str) -> None:
        sent.write_bytes(b"0123456789abcdef0123456789abcdef\n\n" + line.encode("latin-1"))

        run = renewctl("upcoming", "--sent", str(sent))

        assert (run.code, run.out) == (2, "")
        assert run.err == (
            f"error: {sent}:3: this line has no idempotency key\n"
            '  hint: write the key itself, or an object such as {"idempotency_key": "…"}\n'
        )

    def test_a_file_that_is_not_there_is_bad_input(self, renewctl: Renewctl, sent: Path) -> None:
        run = renewctl("upcoming", "--sent", str(sent))

        assert (run.code, run.out) == (2, "")
        assert run.err.startswith(f"error: {sent} cannot be read: No such file")


class TestMistakes:
    """What stops it."""

    def test_an_error_in_the_root_does(self, renewctl: Renewctl, root: Path) -> None:
        (root / "rules/schedule.yaml").write_text("version: 1\ntiers: {}\n")

        run = renewctl("upcoming")

        assert (run.code, run.out) == (1, "")
        assert "[schema-required]" in run.err

    def test_no_facts_do(self, renewctl: Renewctl, root: Path) -> None:
        (root / "facts/renewals.jsonl").unlink()

        run = renewctl("upcoming")

        assert (run.code, run.out) == (2, "")
        assert "there are no renewal facts" in run.err

    @pytest.mark.usefixtures("without_extra")
    def test_holidays_without_their_package_do(self, renewctl: Renewctl) -> None:
        run = renewctl("upcoming", "--client", "acme", *FROM)

        assert (run.code, run.out) == (2, "")
        assert run.err == (
            "error: public holidays need the extra `calendar`\n  hint: pip install 'renewctl[calendar]'\n"
        )

    @pytest.mark.usefixtures("without_extra")
    def test_ics_without_its_package_does(self, renewctl: Renewctl) -> None:
        run = renewctl("upcoming", "--client", "umbrella", *FROM, "--format", "ics")

        assert (run.code, run.out) == (2, "")
        assert run.err == (
            "error: ics needs the package icalendar\n  hint: pip install 'renewctl[calendar]'\n"
        )

    @pytest.mark.usefixtures("without_extra")
    def test_other_formats_need_no_package_where_there_are_no_holidays(self, renewctl: Renewctl) -> None:
        assert renewctl("upcoming", "--client", "umbrella", *FROM).code == 0


class TestDatabase:
    """`--facts URL`: only the rows that may matter are read."""

    @pytest.fixture
    def crm(self, root: Path) -> str:
        """Return the URL of a table with two renewals."""
        with closing(sqlite3.connect(root / "crm.db")) as connection, connection:
            connection.execute("CREATE TABLE renewals (renewal, client, partner, renewal_date)")
            rows = [("rn_1", "acme", "nordlicht", "2027-02-15"), ("rn_2", "umbrella", "zeta", "2027-02-15")]
            connection.executemany("INSERT INTO renewals VALUES (?, ?, ?, ?)", rows)
        return "sqlite:///crm.db"

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ((), {"acme", "umbrella"}),
            (("--client", "acme"), {"acme"}),
            (("--partner", "zeta"), {"umbrella"}),
            (("--partner", "oakline"), set()),
            (("--contact", "nordlicht/tom"), {"acme"}),
        ],
    )
    def test_the_calendar_is_that_of_its_rows(
        self, renewctl: Renewctl, crm: str, asked: tuple[str, ...], found: set[str]
    ) -> None:
        run = renewctl("upcoming", *asked, *FROM, "--facts", crm, "--format", "json")

        assert clients(run) == found

    @pytest.mark.parametrize("asked", [("--client", "acmee"), ("--partner", "zetta")])
    def test_a_name_that_no_row_has_is_bad_input(
        self, renewctl: Renewctl, crm: str, asked: tuple[str, str]
    ) -> None:
        run = renewctl("upcoming", *asked, "--facts", crm)

        assert (run.code, run.out) == (2, "")
        assert f"there is no {asked[0][2:]} {asked[1]}" in run.err


class TestProgress:
    """A long run says how far it is."""

    def test_it_counts_the_notices(self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch) -> None:
        told: list[tuple[int, int]] = []
        monkeypatch.setattr(Session, "watch_planning", lambda _, done, total: told.append((done, total)))

        renewctl("upcoming", "--partner", "nordlicht", *FROM)

        assert len(told) > 1
        assert told == sorted(told)
        assert told[-1][0] == told[-1][1]


class TestScheduledDecision:
    """`decide --step`: the schedule says what kind of notice it is."""

    @pytest.mark.parametrize(
        ("step", "shown"),
        [
            ("D-20", "renewal reminder D-20,"),
            ("D-020", "renewal reminder D-20,"),
            ("D-14", "renewal escalation D-14,"),
            ("D-45", "renewal notice D-45,"),
            ("R-100", "renewal notice R-100,"),
        ],
    )
    def test_the_kind_is_that_of_the_step(self, renewctl: Renewctl, step: str, shown: str) -> None:
        assert shown in renewctl("decide", "--client", "acme", "--step", step, "--on", ON).out

    def test_a_step_of_another_notice_type_does_not_count(self, renewctl: Renewctl) -> None:
        asked = ("--notice", "overage", "--step", "D-20", "--on", ON)

        assert "overage notice D-20," in renewctl("decide", "--client", "acme", *asked).out

    def test_rules_see_whether_it_is_formal(self, renewctl: Renewctl, root: Path) -> None:
        rules = root / "rules/recipients.yaml"
        formal = "  - {rule: formal, when: {notice.formal: true}, reason: FORMAL}\n"
        rules.write_text(rules.read_text() + formal)

        run = renewctl("decide", "--client", "acme", "--step", "D-20", "--on", ON, "--format", "json")

        assert planned(run)[0]["reasons"] == ["FORMAL"]

    def test_of_a_step_that_changes_that_of_the_day_counts(self, renewctl: Renewctl, root: Path) -> None:
        file = root / "rules/schedule.yaml"
        now = "    - {step: D-20, kind: notice, until: 2026-12-05}\n"
        text = file.read_text().replace("D-20, kind: reminder", "D-20, kind: reminder, from: 2026-12-05")
        file.write_text(text.replace("    - {step: D-20", f"{now}    - {{step: D-20"))

        before, after = (
            planned(renewctl("decide", "--client", "acme", "--step", "D-20", "--on", on, "--format", "json"))
            for on in ("2026-12-04", "2026-12-05")
        )

        assert [one["notice"]["kind"] for one in (*before, *after)] == ["notice", "reminder"]
