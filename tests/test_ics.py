"""The calendar file, read back by a reader of our own: what RFC 5545 asks of any program that writes one."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from commandline import ON, Renewctl, process

Event = dict[str, str]
ASKED = ("upcoming", "--from", ON)

_LINE = re.compile(
    r"(?P<name>[A-Z-]+)(?P<parameters>(;[A-Z-]+=[^;:,\"]+)*):(?P<value>[^\x00-\x08\x0a-\x1f\x7f]*)"
)
_ESCAPED = re.compile(r"\\(.)")


class Line(NamedTuple):
    """A content line: NAME;PARAMETER=…:VALUE."""

    name: str
    parameters: str
    value: str


def calendar(renewctl: Renewctl, *arguments: str) -> str:
    run = renewctl(*ASKED, *arguments, "--format", "ics")
    assert (run.code, run.err) == (0, "")
    return run.out


def lines(text: str) -> list[Line]:
    """Return the content lines, unfolded (section 3.1)."""
    unfolded = text.removesuffix("\r\n").replace("\r\n ", "").split("\r\n")
    matches = [_LINE.fullmatch(line) for line in unfolded]
    assert None not in matches
    return [Line(match["name"], match["parameters"], match["value"]) for match in matches if match]


def events(text: str) -> list[Event]:
    """Return the properties of each event, texts without their escapes (section 3.3.11)."""
    found: list[Event] = []
    for line in lines(text):
        if line == ("BEGIN", "", "VEVENT"):
            found.append({})
        elif found and line.name not in {"END", "BEGIN"}:
            assert line.name not in found[-1], "no property of an event may stand twice"
            found[-1][line.name] = unescaped(line.value)
    return found


def unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def decisions(renewctl: Renewctl, *arguments: str) -> list[dict[str, Any]]:
    """Return what JSON says, without what is suppressed."""
    report = json.loads(renewctl(*ASKED, *arguments, "--format", "json").out)
    return [decision for decision in report["decisions"] if decision["outcome"] != "suppress"]


# The format


def test_lines_end_as_the_rfc_wants_and_are_at_most_75_octets_long() -> None:
    """Read from a process: nothing between us and the file may change an end of line."""
    written = process(*ASKED, "--format", "ics").out

    assert written.endswith("END:VCALENDAR\r\n")
    assert re.findall(r"(?<!\r)\n|\r(?!\n)", written) == []
    assert max(len(line.encode()) for line in written.split("\r\n")) <= 75


def test_a_character_of_several_octets_is_not_cut_by_folding(renewctl: Renewctl, root: Path) -> None:
    name = "美" * 60
    facts = root / "facts/renewals.jsonl"
    facts.write_text(facts.read_text().replace("林 美玲", name))

    text = calendar(renewctl, "--client", "umbrella")

    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert all(name in event["SUMMARY"] for event in events(text))


def test_components_are_nested_and_the_calendar_says_what_it_is(renewctl: Renewctl) -> None:
    found = lines(calendar(renewctl))

    assert found[0] == ("BEGIN", "", "VCALENDAR")
    assert found[-1] == ("END", "", "VCALENDAR")
    frame = {line.name: line.value for line in found[: found.index(Line("BEGIN", "", "VEVENT"))]}
    assert frame["VERSION"] == "2.0"
    assert frame["PRODID"]
    inner = [line for line in found[1:-1] if line.name in {"BEGIN", "END"}]
    assert inner == [Line("BEGIN", "", "VEVENT"), Line("END", "", "VEVENT")] * (len(inner) // 2)


def test_what_a_text_may_hold_comes_back_as_it_was(renewctl: Renewctl, root: Path) -> None:
    name = r'Weber, Jana; \n \\ : "x"'
    facts = root / "facts/renewals.jsonl"
    facts.write_text(facts.read_text().replace('"林 美玲"', json.dumps(name)))

    (event, *_) = events(calendar(renewctl, "--client", "umbrella"))

    assert f"to {name} <lin@umbrella.example>" in event["SUMMARY"]


def test_no_notices_are_an_empty_calendar(renewctl: Renewctl) -> None:
    assert events(calendar(renewctl, "--until", "2026-12-06")) == []


def test_two_runs_write_the_same_file(renewctl: Renewctl) -> None:
    assert calendar(renewctl) == calendar(renewctl)


# The events


def test_each_notice_is_an_event_of_its_own_on_its_day(renewctl: Renewctl) -> None:
    found = {event["UID"]: event["DTSTART"] for event in events(calendar(renewctl))}

    assert found == {
        decision["idempotency_key"]: decision["notice"]["send_on"].replace("-", "")
        for decision in decisions(renewctl)
    }


def test_an_event_lasts_the_whole_day_and_keeps_nobody_busy(renewctl: Renewctl) -> None:
    text = calendar(renewctl)

    assert {line.parameters for line in lines(text) if line.name == "DTSTART"} == {";VALUE=DATE"}
    assert {event["TRANSP"] for event in events(text)} == {"TRANSPARENT"}


def test_the_stamp_is_that_of_the_send_date_in_utc(renewctl: Renewctl) -> None:
    for event in events(calendar(renewctl)):
        stamp = dt.datetime.strptime(event["DTSTAMP"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        assert f"{stamp:%Y%m%d}" == event["DTSTART"]


def test_what_is_suppressed_is_left_out(renewctl: Renewctl) -> None:
    found = events(calendar(renewctl, "--client", "globex", "--until", "2027-02-01"))

    assert found == []


def test_recipients_and_reasons_are_in_the_description(renewctl: Renewctl) -> None:
    found = {event["UID"]: event["DESCRIPTION"].splitlines() for event in events(calendar(renewctl))}

    for decision in decisions(renewctl):
        description = found[decision["idempotency_key"]]
        for label in ("to", "cc"):
            told = [line for line in description if line.startswith(f"{label}: ")]
            emails = [person["email"] for person in decision[label]]
            assert [email for line, email in zip(told, emails, strict=True) if email not in line] == []
        reasons = [line.split(": ")[1] for line in description if line.startswith("why: ")]
        assert reasons == decision["reasons"]


@pytest.mark.parametrize(
    ("client", "summary"),
    [
        ("acme", "acme: reminder, formal D-20 to Tom Kern <tom@nordlicht.example>"),
        ("initech", "initech: reminder R-7 to nobody, the vendor gets a task"),
    ],
)
def test_the_summary_says_who_is_written_to(renewctl: Renewctl, client: str, summary: str) -> None:
    assert events(calendar(renewctl, "--client", client))[0]["SUMMARY"] == summary
