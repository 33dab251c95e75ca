from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commandline import Renewctl

FILE = Path("config/partners/nordlicht.yaml")


def test_export_and_import_leave_every_file_untouched(root: Path, renewctl: Renewctl) -> None:
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*.yaml")}
    table = renewctl("export").out

    ran = renewctl("import", "-", stdin=table.encode())

    assert (ran.code, ran.out) == (0, "")
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*.yaml")} == before


def test_export_writes_the_rows_of_a_partner_to_a_file(root: Path, renewctl: Renewctl) -> None:
    ran = renewctl("export", "--partner", "nordlicht", "--output", "overrides.csv")

    assert (ran.code, ran.out) == (0, "")
    assert (root / "overrides.csv").read_text().split("\n")[:2] == [
        "partner,client,owner,contact,from,until,note",
        "nordlicht,acme,partner,tom,,,asked by the client",
    ]


def test_export_of_an_unknown_partner_suggests_one(renewctl: Renewctl) -> None:
    ran = renewctl("export", "--partner", "nordlich")

    assert ran.code == 2
    assert "did you mean nordlicht?" in ran.err


def test_import_shows_and_writes_what_changes(root: Path, renewctl: Renewctl) -> None:
    (root / "o.csv").write_text("client,owner,contact\nglobex,hubspot,aylin\n")

    ran = renewctl("import", "o.csv")

    assert ran.code == 0
    assert "+    override: {owner: hubspot, contact: aylin}" in ran.out
    assert "1 client with an override not in the table: left alone" in ran.err
    assert "override: {owner: hubspot, contact: aylin}" in (root / FILE).read_text()


def test_a_dry_run_only_shows_it(root: Path, renewctl: Renewctl) -> None:
    before = (root / FILE).read_bytes()

    ran = renewctl("import", "-", "--dry-run", stdin=b"client,owner,contact\nglobex,hubspot,aylin\n")

    assert (ran.code, "+    override" in ran.out) == (0, True)
    assert (root / FILE).read_bytes() == before


@pytest.mark.parametrize(
    ("row", "code"),
    [("globex,hubspot,eylin,", 2), ("globex,default,aylin,", 1)],
    ids=["a bad cell", "a mistake in the file that would come of it"],
)
def test_nothing_is_written_of_a_table_with_a_mistake(
    root: Path, renewctl: Renewctl, row: str, code: int
) -> None:
    before = (root / FILE).read_bytes()

    ran = renewctl("import", "-", stdin=f"client,owner,contact,note\nacme,,,\n{row}\n".encode())

    assert (ran.code, ran.out) == (code, "")
    assert "nothing is written" in ran.err
    assert (root / FILE).read_bytes() == before


def test_import_names_a_partner_file_that_cannot_be_read(root: Path, renewctl: Renewctl) -> None:
    (root / FILE).write_text("<<<<<<< HEAD\n" + (root / FILE).read_text())

    ran = renewctl("import", "-", stdin=b"client,partner,owner\nacme,nordlicht,hubspot\n")

    assert (ran.code, ran.out) == (1, "")
    assert f"{FILE}:1:1: error: " in ran.err
    assert "there is no partner" not in ran.err


def test_import_reads_a_file_or_says_why_not(renewctl: Renewctl) -> None:
    ran = renewctl("import", "missing.csv")

    assert ran.code == 2
    assert "missing.csv cannot be read" in ran.err


def test_import_commits_what_it_changed(root: Path, renewctl: Renewctl) -> None:
    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=root, check=True, capture_output=True, text=True
        ).stdout

    git("init", "--quiet")
    git("config", "user.name", "Ada")
    git("config", "user.email", "ada@acme.example")
    git("add", "--all")
    git("commit", "--quiet", "--message", "all")

    ran = renewctl("import", "-", "--commit", stdin=b"client,owner\nglobex,hubspot\n")

    assert ran.code == 0
    assert git("log", "-1", "--format=%s") == "Import overrides of 1 client\n"
    assert git("status", "--porcelain") == ""
