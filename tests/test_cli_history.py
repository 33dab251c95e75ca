from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import PROJECT, Renewctl, Run, environment
from repositories import NORD, Scratch, partner

ACME = '{"renewal": "rn_1", "client": "acme", "renewal_date": "2027-02-15", "website": "www.acme.example", '
FACTS = ACME + '"contacts": {"decision_maker": {"name": "Ada", "email": "ada@acme.example"}}}\n'
MINE = "{acme: {override: {owner: partner}}}"

_ID = re.compile(r"^(  by )?[0-9a-f]{7} ", re.MULTILINE)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renewctl: Renewctl) -> Scratch:
    """Go to a root in which acme was handed over on a branch that was merged."""
    del renewctl  # it goes elsewhere
    made = Scratch.at(tmp_path / "nörd")
    made.commit({NORD: partner(clients="{acme: {}}"), "facts/renewals.jsonl": FACTS}, "Begin with Nörd")
    made.git("checkout", "-q", "-b", "topic")
    made.commit({NORD: partner(clients=MINE)}, "Übergabe an Nörd", date="2026-11-02T23:30:00-05:00")
    made.git("checkout", "-q", "main")
    made.git("merge", "-q", "--no-ff", "-m", "Merge topic", "topic", date="2026-11-03T12:00:00+01:00")
    monkeypatch.chdir(made.path)
    return made


TOLD = """\
acme, by the facts of rn_1: the notice of 2026-11-23 and those due after it

not committed yet
  owner     partner (client override) → hubspot (partner default)
  to        Ben <ben@nord.example> (partner_contact, action)
            → Ada <ada@acme.example> (decision_maker, information)
  cc        none → Ben <ben@nord.example> (partner_contact, copy)
  at config/partners/nord.yaml:6:29 (removed)

ID 2026-11-03  Änne Öz  Merge topic
  by ID 2026-11-02  Änne Öz  Übergabe an Nörd
  owner     hubspot (partner default) → partner (client override)
  to        Ada <ada@acme.example> (decision_maker, information)
            → Ben <ben@nord.example> (partner_contact, action)
  cc        Ben <ben@nord.example> (partner_contact, copy) → none
  at config/partners/nord.yaml:6:29

ID 2026-11-01  Änne Öz  Begin with Nörd
  first known
  partner   nord
  owner     hubspot (partner default)
  contact   ben (partner default)
  outcome   send
  to        Ada <ada@acme.example> (decision_maker, information)
  cc        Ben <ben@nord.example> (partner_contact, copy)
"""


def test_a_history_says_what_changed_by_which_line_and_who_did_it(
    renewctl: Renewctl, scratch: Scratch
) -> None:
    scratch.write({NORD: partner(clients="{acme: {}}")})

    run = renewctl("history", "--client", "https://ACME.example/")

    assert (run.code, run.err) == (0, "")
    assert _ID.sub(r"\1ID ", run.out) == TOLD


def test_a_program_gets_the_same(renewctl: Renewctl, scratch: Scratch) -> None:
    run = renewctl("history", "--client", "acme", "--format", "json")

    report = json.loads(run.out)
    changed, first = report["entries"]
    assert (report["client"], report["on"], report["complete"]) == ("acme", "2026-11-23", True)
    assert changed["commit"]["id"] == scratch.git("rev-parse", "main")
    assert [commit["id"] for commit in changed["made_by"]] == [scratch.git("rev-parse", "topic")]
    assert changed["made_by"][0]["date"] == "2026-11-02T23:30:00-05:00"
    (change,) = changed["changes"]
    assert change["cause"] == {"file": NORD, "line": 6, "column": 29, "removed": False}
    assert [change[when]["owner"]["value"] for when in ("before", "after")] == ["hubspot", "partner"]
    assert (first["kind"], first["changes"][0]["before"]) == ("first", None)


@pytest.mark.parametrize("option", [("--limit", "1"), ("--since", "2026-11-03")])
def test_only_the_newest_may_be_wanted(renewctl: Renewctl, scratch: Scratch, option: tuple[str, str]) -> None:
    del scratch

    run = renewctl("history", "--client", "acme", *option)

    assert "Merge topic" in run.out
    assert "first known" not in run.out
    assert run.out.endswith("\n\nolder changes are not shown\n")


def test_a_revision_has_a_history_of_its_own(renewctl: Renewctl, scratch: Scratch) -> None:
    scratch.write({NORD: "nothing"})

    run = renewctl("history", "--client", "acme", "--rev", "topic")

    assert [line.split("  ")[-1] for line in run.out.splitlines() if _ID.match(line)] == [
        "Übergabe an Nörd",
        "Begin with Nörd",
    ]


def test_a_configuration_with_errors_is_told_with_the_first(renewctl: Renewctl, scratch: Scratch) -> None:
    scratch.write({NORD: partner(clients="{acme: {over: 1}}")})

    run = renewctl("history", "--client", "acme", "--limit", "1")

    assert run.code == 0
    assert (
        "not committed yet\n  the configuration could not be used: 1 error, the first at "
        "config/partners/nord.yaml:6:18: error: `acme` has no key `over` [schema-additionalProperties]\n"
    ) in run.out


def test_a_shallow_clone_says_that_it_does_not_know_more(
    renewctl: Renewctl, scratch: Scratch, tmp_path: Path
) -> None:
    scratch.git("clone", "-q", "--depth", "1", f"file://{scratch.path}", str(tmp_path / "clone"))

    run = renewctl("--root", str(tmp_path / "clone"), "history", "--client", "acme")

    assert "Merge topic\n  first known\n" in run.out
    assert run.out.endswith(
        "history is shallow: older revisions are not here (`git fetch --unshallow` gets them)\n"
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--client", "acne"), "error: there is no client acne\n  hint: did you mean acme?"),
        (
            ("--client", "acme", "--rev", "topik"),
            "error: there is no revision topik\n  hint: did you mean topic?",
        ),
        (("--client", "acme", "--limit", "0"), "error: Invalid value for '--limit'"),
        ((), "error: Missing option '--client'."),
    ],
)
def test_what_makes_no_sense_is_bad_input(
    renewctl: Renewctl, scratch: Scratch, arguments: tuple[str, ...], error: str
) -> None:
    del scratch

    run = renewctl("history", *arguments)

    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(error)


def test_a_client_without_a_renewal_is_bad_input(renewctl: Renewctl, scratch: Scratch) -> None:
    scratch.write({"facts/renewals.jsonl": ""})

    run = renewctl("history", "--client", "acme")

    assert run.code == 2
    assert run.err.startswith("error: no renewal is known of client acme\n")


def test_outside_of_git_there_is_no_history(renewctl: Renewctl, root: Path) -> None:
    del root

    run = renewctl("history", "--client", "acme")

    assert (run.code, run.out) == (2, "")
    assert "is not in a git work tree" in run.err


def test_before_the_first_commit_there_is_no_history(
    renewctl: Renewctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Scratch.at(tmp_path).write({NORD: partner(clients=MINE), "facts/renewals.jsonl": FACTS})
    monkeypatch.chdir(tmp_path)

    run = renewctl("history", "--client", "acme")

    assert (run.code, run.out) == (2, "")
    assert "Traceback" not in run.err


def test_an_explanation_says_who_wrote_each_line(renewctl: Renewctl, scratch: Scratch) -> None:
    scratch.write({NORD: partner(clients=MINE).replace("contact: ben", "contact: ben ")})

    run = renewctl("decide", "--client", "acme", "--explain")

    _, because = re.sub(r"[0-9a-f]{7} 2", "ID 2", run.out).split("  because\n")
    owner, contact, route, *_ = because.splitlines()
    assert owner.endswith("  config/partners/nord.yaml:6:36  ID 2026-11-02  Übergabe an Nörd")
    assert contact.endswith("  config/partners/nord.yaml:5:36  not committed yet")
    assert route.endswith("  rules/recipients.yaml:12:5")


def test_an_explanation_of_a_revision_says_who_wrote_each_line_by_then(
    renewctl: Renewctl, scratch: Scratch
) -> None:
    scratch.write({NORD: "nothing"})

    run = renewctl("decide", "--client", "acme", "--rev", "topic", "--explain")

    assert "2026-11-02  Übergabe an Nörd" in run.out


@pytest.mark.parametrize("arguments", [(), ("--explain", "--format", "json")])
def test_only_an_explanation_asks_who_wrote_it(
    renewctl: Renewctl, scratch: Scratch, arguments: tuple[str, ...]
) -> None:
    del scratch

    run = renewctl("decide", "--client", "acme", *arguments)

    assert "Übergabe" not in run.out


def test_a_plain_decision_does_not_wait_for_git(scratch: Scratch) -> None:
    ran = _python("import sys, cli; cli.main(); print('pygit2' in sys.modules)", scratch)

    *decision, knows_git = ran.out.splitlines()
    assert decision[0] == "acme  www.acme.example, partner nord"
    assert knows_git == "False"


_WITHOUT_GIT = "import sys; sys.modules['pygit2'] = None; import cli; sys.exit(cli.main())"


def test_without_the_package_an_explanation_leaves_out_who_wrote_it(scratch: Scratch) -> None:
    ran = _python(_WITHOUT_GIT, scratch, "--explain")

    assert (ran.code, ran.err) == (0, "")
    assert "config/partners/nord.yaml:6:36\n" in ran.out


def test_without_the_package_a_history_says_what_to_install(scratch: Scratch) -> None:
    ran = _python(_WITHOUT_GIT, scratch, command="history")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("hint: pip install 'renewctl[git]'\n")


def _python(code: str, scratch: Scratch, *arguments: str, command: str = "decide") -> Run:
    ran = subprocess.run(
        [sys.executable, "-c", code, command, "--client", "acme", "--on", "2026-11-23", *arguments],
        cwd=scratch.path,
        env=environment({"PYTHONPATH": str(PROJECT)}),
        capture_output=True,
        check=False,
    )
    return Run(ran.returncode, ran.stdout.decode(), ran.stderr.decode())
