"""JUnit XML has no official schema; the nearest thing is junit-10.xsd, by which Jenkins judges it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from commandline import Renewctl, expect
from hypothesis import given
from hypothesis import strategies as st
from test_cli_validate import NORDLICHT, OAKLINE, make_mistakes

from engine.reports.junit import Case, Suite, xml

COMPLAINTS = {"skipped", "error", "failure"}
COUNTS = {"tests", "failures", "errors"}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testsuite", "properties", "testcase", "system-out", "system-err"},
    "testcase": {*COMPLAINTS, "system-out", "system-err"},
}
REQUIRED = {"testsuite": {"name", *COUNTS}, "testcase": {"name"}}
ALLOWED = {
    "testsuites": {"name", "time", *COUNTS},
    "testsuite": {"name", "time", "skipped", "timestamp", "hostname", "id", "package", "file", *COUNTS},
    "testcase": {"name", "time", "classname", "group"},
    **{complaint: {"type", "message"} for complaint in COMPLAINTS},
}
"""What junit-10.xsd requires and allows of what we write."""


def checked(document: str) -> ET.Element:
    """Return the document as Jenkins reads it, having held every element against the schema."""
    top = ET.fromstring(document)  # noqa: S314 - our own document
    assert top.tag == "testsuites"
    for element in top.iter():
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
        assert element.attrib.keys() <= ALLOWED.get(element.tag, set())
        assert element.attrib.keys() >= REQUIRED.get(element.tag, set())
    return top


def test_the_schema_refuses_what_it_does_not_know() -> None:
    document = xml([Suite("s", [Case("a", "b")])]).replace("classname", "class")

    with pytest.raises(AssertionError):
        checked(document)


def test_what_came_of_a_case_is_counted_in_its_suite_and_in_all() -> None:
    cases = [
        Case("good", "c"),
        Case("bad", "c", failure="expected tom"),
        Case("broken", "c", error="no such file"),
        Case("left out", "c", skipped="not today"),
    ]

    top = checked(xml([Suite("one", cases), Suite("two", cases[:2])]))

    counts = [(suite.get("tests"), suite.get("failures"), suite.get("errors")) for suite in (top, *top)]
    assert counts == [("6", "2", "1"), ("4", "1", "1"), ("2", "1", "0")]
    assert [suite.get("skipped") for suite in top] == ["1", "0"]


def test_the_first_line_of_a_complaint_is_its_message() -> None:
    [failure] = checked(xml([Suite("s", [Case("a", "b", failure="wrong\nhint: mend it")])])).iter("failure")

    assert (failure.get("message"), failure.text) == ("wrong", "wrong\nhint: mend it")


def test_output_fails_nothing() -> None:
    top = checked(xml([Suite("s", [Case("a", "b", output="by the way")])]))

    assert top.get("failures") == "0"
    assert [told.text for told in top.iter("system-out")] == ["by the way"]


@given(text=st.text(), name=st.text())
def test_any_text_makes_a_document(text: str, name: str) -> None:
    cases = [Case(name, text), Case(name, text, failure=text), Case(name, text, output=text)]

    checked(xml([Suite(name, cases)]))


class TestValidate:
    """`validate --format junit`: a file is a suite."""

    def test_every_file_is_there_and_errors_failed(self, renewctl: Renewctl, root: Path) -> None:
        make_mistakes(root)

        run = renewctl("validate", "--format", "junit")

        assert run.code == 1
        top = checked(run.out)
        assert top.get("failures") == "1"
        assert [suite.get("name") for suite in top if suite.get("failures") != "0"] == [NORDLICHT]
        expect("validate-mistakes.junit", run.out)

    def test_a_warning_passed_unless_warnings_fail_the_run(self, renewctl: Renewctl, root: Path) -> None:
        make_mistakes(root)

        [passed] = checked(renewctl("validate", "--format", "junit", OAKLINE).out)
        [failed] = checked(renewctl("validate", "--format", "junit", "--strict", OAKLINE).out)

        assert (passed.get("failures"), failed.get("failures")) == ("0", "1")
        assert "nothing names user sam" in (passed.findtext("testcase/system-out") or "")

    def test_a_root_without_a_mistake_has_one_good_case_a_file(self, renewctl: Renewctl) -> None:
        top = checked(renewctl("validate", "--format", "junit").out)

        assert [(suite.get("tests"), suite.get("failures")) for suite in top] == [("1", "0")] * 6
