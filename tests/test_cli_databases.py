from __future__ import annotations

import csv
import io
import json
import sqlite3
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from commandline import ON, ROOT, Renewctl, Run
from postgresql import Server

from engine import dashboard
from engine.feeds import databases
from engine.feeds.databases import Selection

CRM = "sqlite:///crm.db"
COLUMNS = ("renewal", "client", "partner", "website", "renewal_date", "decision_maker_email")
ROWS = (
    ("rn_1", "acme", "nordlicht", "acme.example", "2027-02-15", "ada@acme.example"),
    ("rn_2", "globex", None, None, "2027-01-31", "gil@globex.example"),
    ("rn_3", "hooli", "suedstern", "hooli.example", "2027-03-01", None),
    ("rn_4", "hooli", "suedstern", None, "2027-04-01", None),
)
BAD = ("rn_0", "h", None, None, "soon", None)
"""A row that comes between those of globex and hooli."""

COMMANDS_WITH_FACTS = (("decide", "--all"), ("clients",), ("contacts",), ("upcoming",))
SKIPPING = "--skip-bad-facts"


@pytest.fixture
def crm(root: Path) -> Path:
    """Return a SQLite file in the root, and go there."""
    make(root / "crm.db", *ROWS)
    return root / "crm.db"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Selection]:
    """Note what is asked of databases."""
    selections: list[Selection] = []
    stream = databases.stream

    def noted(url: str, selection: Selection = databases.EVERYTHING, *, folder: Path) -> object:
        selections.append(selection)
        return stream(url, selection, folder=folder)

    monkeypatch.setattr(databases, "stream", noted)
    return selections


def make(file: Path, *rows: tuple[str | None, ...]) -> None:
    with opened(file) as connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS renewals ({', '.join(COLUMNS)})")
        connection.executemany(f"INSERT INTO renewals VALUES ({marks()})", rows)  # noqa: S608 - marks


def marks() -> str:
    return ", ".join("?" * len(COLUMNS))


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(file)
    with connection:
        yield connection
    connection.close()


def name_in_vendor_file(root: Path, url: str) -> None:
    file = root / "config/vendor.yaml"
    file.write_text(f"facts: {url}\n{file.read_text(encoding='utf-8')}", encoding="utf-8")


def remove_fact_files(root: Path) -> None:
    for file in (root / "facts").iterdir():
        file.unlink()


def everybody(renewctl: Renewctl, *options: str) -> Run:
    return renewctl("decide", "--all", "--on", ON, "--format", "jsonl", *options)


def renewals(run: Run) -> list[str]:
    """Return the renewals of decisions in JSON Lines."""
    return [json.loads(line)["renewal"] for line in run.out.splitlines()]


class TestDecide:
    """`--facts URL`."""

    @pytest.mark.parametrize("style", ["json", "jsonl", "csv", "text"])
    @pytest.mark.usefixtures("crm")
    def test_decisions_are_those_of_the_same_facts_in_a_file(
        self, renewctl: Renewctl, root: Path, style: str
    ) -> None:
        with (root / "export.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows((COLUMNS, *ROWS))

        from_file, from_database = (
            renewctl("decide", "--all", "--on", ON, "--format", style, "--facts", name)
            for name in ("export.csv", CRM)
        )

        assert from_database == from_file
        assert from_file.code == 0

    @pytest.mark.parametrize(
        ("question", "selection", "found"),
        [
            (("--client", "acme"), Selection(client="acme", website="acme"), ["rn_1"]),
            (
                ("--client", "https://www.Globex.example/about"),
                Selection(client="globex", website="globex.example"),
                ["rn_2"],
            ),
            (
                ("--client", "hooli.example"),
                Selection(client="hooli.example", website="hooli.example"),
                ["rn_3", "rn_4"],
            ),
            (("--renewal", "rn_3"), Selection(renewal="rn_3"), ["rn_3"]),
            (("--partner", "nordlicht"), Selection(partner="nordlicht"), ["rn_1", "rn_2"]),
        ],
    )
    @pytest.mark.usefixtures("crm")
    def test_only_what_can_matter_is_asked_for(
        self,
        renewctl: Renewctl,
        asked: list[Selection],
        question: tuple[str, ...],
        selection: Selection,
        found: list[str],
    ) -> None:
        run = renewctl("decide", *question, "--on", ON, "--format", "jsonl", "--facts", CRM)

        assert asked == [selection]
        assert (renewals(run), run.err) == (found, "")

    @pytest.mark.parametrize(
        ("question", "message"),
        [
            (
                ("--client", "acmee"),
                "error: there is no client acmee\n  hint: did you mean acme?",
            ),
            (("--client", "umbrella"), "error: there is no client umbrella\n"),
            (("--renewal", "rn_9"), "error: there is no renewal rn_9\n"),
            (
                ("--partner", "nordlich"),
                "error: there is no partner nordlich\n  hint: did you mean nordlicht?\n",
            ),
        ],
    )
    @pytest.mark.usefixtures("crm")
    def test_what_is_not_found_is_bad_input(
        self, renewctl: Renewctl, question: tuple[str, ...], message: str
    ) -> None:
        run = renewctl("decide", *question, "--facts", CRM)

        assert (run.code, run.out) == (2, "")
        assert run.err.startswith(message)

    def test_a_partner_without_renewals_has_no_decisions(self, renewctl: Renewctl, root: Path) -> None:
        make(root / "crm.db")

        run = renewctl("decide", "--partner", "nordlicht", "--format", "jsonl", "--facts", CRM)

        assert run == (0, "", "")

    @pytest.mark.parametrize("style", ["jsonl", "json"])
    def test_an_empty_table_has_nothing_to_decide(self, renewctl: Renewctl, root: Path, style: str) -> None:
        make(root / "crm.db")

        run = renewctl("decide", "--all", "--format", style, "--facts", CRM)

        assert (run.code, run.out) == (2, "")
        assert run.err.startswith("error: there are no renewal facts\n")

    @pytest.mark.usefixtures("crm")
    def test_a_setting_is_assumed_of_every_row(self, renewctl: Renewctl) -> None:
        run = everybody(renewctl, "--facts", CRM, "--set", "renewal_date=2028-01-01")

        assert {json.loads(line)["renewal_date"] for line in run.out.splitlines()} == {"2028-01-01"}

    def test_an_unreadable_database_is_bad_input(self, renewctl: Renewctl) -> None:
        run = everybody(renewctl, "--facts", "sqlite:///missing.db")

        assert run == (2, "", "error: there is no file missing.db\n  hint: name a SQLite database\n")

    @pytest.mark.usefixtures("crm")
    def test_how_many_were_read_is_told_to_who_asks(self, renewctl: Renewctl) -> None:
        run = renewctl("-v", "decide", "--client", "hooli", "--facts", CRM)

        assert "2 renewals in the database\n" in run.err

    @pytest.mark.usefixtures("crm")
    def test_a_missing_extra_is_named(self, renewctl: Renewctl, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "sqlalchemy", None)

        run = everybody(renewctl, "--facts", CRM)

        message = "error: facts from a database need the extra `sql`\n  hint: pip install 'renewctl[sql]'\n"
        assert run == (2, "", message)

    def test_postgresql_is_a_source_like_any_other(
        self, renewctl: Renewctl, server: Server, asked: list[Selection]
    ) -> None:
        server.fill(", ".join(f"{name} text" for name in COLUMNS), *ROWS)

        run = everybody(renewctl, "--facts", server.url())
        of_client = renewctl(
            "decide", "--client", "hooli.example", "--format", "jsonl", "--facts", server.url()
        )

        assert (renewals(run), run.err) == (["rn_1", "rn_2", "rn_3", "rn_4"], "")
        assert renewals(of_client) == ["rn_3", "rn_4"]
        assert asked[-1].website == "hooli.example"


class TestBadRows:
    """Rows that are no facts."""

    @pytest.mark.parametrize("style", ["text", "json"])
    def test_nothing_is_decided_where_all_is_read_first(
        self, renewctl: Renewctl, crm: Path, style: str
    ) -> None:
        make(crm, BAD)

        run = renewctl("decide", "--all", "--facts", CRM, "--format", style)

        assert (run.code, run.out) == (2, "")
        assert f'{CRM}/renewals:3:1: error: renewal "rn_0": `renewal_date` is "soon"' in run.err

    @pytest.mark.parametrize("style", ["jsonl", "csv"])
    def test_a_stream_ends_before_the_first_and_names_all(
        self, renewctl: Renewctl, crm: Path, style: str
    ) -> None:
        make(crm, BAD, ("rn_9", "zorg", None, None, "later", None))

        run = renewctl("decide", "--all", "--on", ON, "--facts", CRM, "--format", style)

        assert run.code == 2
        assert ("rn_2" in run.out, "rn_3" in run.out) == (True, False)
        assert [line.split(": error")[0] for line in run.err.splitlines() if ": error: " in line] == [
            f"{CRM}/renewals:3:1",
            f"{CRM}/renewals:6:1",
        ]
        assert run.err.endswith(
            "error: 2 of the facts cannot be used; only what comes before the first of them is decided\n"
            "  hint: mend them, or go on without them with --skip-bad-facts\n"
        )

    @pytest.mark.parametrize("style", ["jsonl", "csv", "json"])
    def test_without_them_the_others_are_decided(self, renewctl: Renewctl, crm: Path, style: str) -> None:
        make(crm, BAD)

        run = renewctl("decide", "--all", "--on", ON, "--facts", CRM, "--format", style, SKIPPING)

        assert run.code == 0
        assert all(renewal in run.out for renewal, *_ in ROWS)
        assert run.err.endswith("1 bad fact skipped\n")

    def test_one_that_is_not_asked_about_does_not_matter(self, renewctl: Renewctl, crm: Path) -> None:
        make(crm, BAD)

        run = renewctl("decide", "--client", "acme", "--facts", CRM)

        assert (run.code, run.err) == (0, "")

    def test_a_renewal_that_stands_twice_is_one(self, renewctl: Renewctl, crm: Path) -> None:
        make(crm, ROWS[0])

        run = everybody(renewctl, "--facts", CRM)

        assert (run.code, renewals(run)) == (2, ["rn_1"])
        assert "[duplicate-renewal]" in run.err


def test_memory_does_not_grow_with_the_number_of_rows(
    renewctl: Renewctl, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "_BATCH", 100)
    peak_of(renewctl, root, monkeypatch, 100)
    fill_free_lists()

    few, many = (peak_of(renewctl, root, monkeypatch, count) for count in (500, 5_000))

    assert many < few * 1.5


def fill_free_lists() -> None:
    """Have CPython keep as many freed tuples of each length as it ever does, so that none is counted."""
    for length in range(1, 21):
        [tuple([None] * length) for _ in range(2_000)]


def peak_of(renewctl: Renewctl, root: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> int:
    """Return how many bytes deciding about so many renewals takes at most."""
    (root / "crm.db").unlink(missing_ok=True)
    make(root / "crm.db", *((f"rn_{index}", f"client{index}", *ROWS[0][2:]) for index in range(count)))
    written = Counting()
    monkeypatch.setattr("engine.commands.session.Session.show_each", written.show_each)
    tracemalloc.start()
    try:
        run = everybody(renewctl, "--facts", CRM)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (run.code, written.lines) == (0, count)
    return peak


class Counting:
    """Stands in for stdout: pytest would keep what is written."""

    def __init__(self) -> None:
        self.lines = 0

    def show_each(self, texts: Iterator[str]) -> None:
        """Count the lines."""
        self.lines = sum(1 for _ in texts)


class TestClients:
    """`clients --facts URL`."""

    @pytest.mark.parametrize("options", [(), ("--partner", "nordlicht"), ("--partner", "suedstern")])
    @pytest.mark.usefixtures("crm")
    def test_the_list_is_that_of_the_same_facts_in_a_file(
        self, renewctl: Renewctl, root: Path, options: tuple[str, ...]
    ) -> None:
        (root / "export.csv").write_text(table(), encoding="utf-8")

        from_file, from_database = (
            renewctl("clients", *options, "--on", ON, "--format", "csv", "--facts", name)
            for name in ("export.csv", CRM)
        )

        assert from_database == from_file
        assert from_file.code == 0

    def test_a_listed_client_that_renews_with_another_partner_is_not_shown(
        self, renewctl: Renewctl, root: Path, asked: list[Selection]
    ) -> None:
        make(root / "crm.db", ("rn_1", "acme", "suedstern", None, "2027-02-15", None))

        run = renewctl("clients", "--partner", "nordlicht", "--format", "csv", "--facts", CRM)

        assert "acme" in asked[0].clients
        assert not any(row["client"] == "acme" for row in csv.DictReader(io.StringIO(run.out)))

    @pytest.mark.usefixtures("crm")
    def test_a_partner_with_very_many_clients_is_not_asked_for_by_name(
        self, renewctl: Renewctl, asked: list[Selection], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dashboard, "_MOST_CLIENTS", 1)

        run = renewctl("clients", "--partner", "nordlicht", "--facts", CRM)

        assert (run.code, asked) == (0, [databases.EVERYTHING])


@pytest.mark.parametrize("command", COMMANDS_WITH_FACTS)
@pytest.mark.usefixtures("crm")
def test_every_command_with_facts_takes_them_from_a_database(
    renewctl: Renewctl, asked: list[Selection], command: tuple[str, ...]
) -> None:
    run = renewctl(*command, "--facts", CRM)

    assert run.code == 0
    assert len(asked) == 1
    assert "sqlite:///crm.db" in renewctl(command[0], "--help").out


def table() -> str:
    text = io.StringIO()
    csv.writer(text).writerows((COLUMNS, *ROWS))
    return text.getvalue()


class TestVendorFile:
    """`facts: URL` in config/vendor.yaml."""

    def test_it_stands_in_for_the_files_of_the_root(
        self, renewctl: Renewctl, root: Path, crm: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        name_in_vendor_file(root, CRM)
        monkeypatch.chdir(crm.parent.parent)  # the file is looked for in the root

        run = renewctl("--root", str(root), "decide", "--all", "--on", ON, "--format", "jsonl")

        assert (renewals(run), run.err) == (["rn_1", "rn_2", "rn_3", "rn_4"], "")

    @pytest.mark.usefixtures("crm")
    def test_a_named_file_stands_in_for_it(self, renewctl: Renewctl, root: Path) -> None:
        name_in_vendor_file(root, CRM)

        run = everybody(renewctl, "--facts", str(ROOT / "facts/renewals.jsonl"))

        assert len(renewals(run)) == 6

    def test_validate_checks_the_rows(self, renewctl: Renewctl, root: Path, crm: Path) -> None:
        name_in_vendor_file(root, CRM)
        remove_fact_files(root)
        make(crm, BAD, ("rn_9", "hooli", "sudstern", None, "2027-04-01", None))

        run = renewctl("validate", "--on", ON, "--format", "compact")

        assert run.code == 1
        assert f'{CRM}/renewals:3:1: error: renewal "rn_0"' in run.out
        assert f"{CRM}/renewals:6:1: warning: a renewal names partner sudstern" in run.out

    def test_validate_refuses_columns_that_are_no_fields(
        self, renewctl: Renewctl, root: Path, crm: Path
    ) -> None:
        name_in_vendor_file(root, CRM)
        with opened(crm) as connection:
            connection.execute("ALTER TABLE renewals ADD COLUMN custmer TEXT")

        run = renewctl("validate", "--on", ON, "--format", "compact")

        assert run.code == 1
        assert f"{CRM}/renewals:1:1: error: " in run.out

    def test_validate_only_warns_where_there_is_no_database(self, renewctl: Renewctl, root: Path) -> None:
        name_in_vendor_file(root, "postgresql://u@/crm?host=/nowhere")
        remove_fact_files(root)

        run = renewctl("validate", "--on", ON, "--format", "compact")

        assert run.code == 0
        assert run.out.startswith("config/vendor.yaml:1:8: warning: postgresql://u@/crm cannot be read: ")
        assert "[facts-unreachable]" in run.out

    @pytest.mark.usefixtures("crm")
    def test_validate_warns_of_files_that_are_idle(self, renewctl: Renewctl, root: Path) -> None:
        name_in_vendor_file(root, CRM)

        run = renewctl("validate", "--on", ON, "--format", "compact")

        assert "facts/renewals.jsonl:1:1: warning: this file is not read" in run.out

    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://u:hunter2@h/d",
            "postgresql://h/d?user=u&password=hunter2",
            "postgresql://u:hunter2/@h/d",
        ],
    )
    def test_a_password_is_refused_and_not_shown(self, renewctl: Renewctl, root: Path, url: str) -> None:
        name_in_vendor_file(root, url)

        run = renewctl("validate", "--on", ON)

        assert run.code == 1
        assert "config/vendor.yaml:1:8: error: `facts` is " in run.out
        assert "hunter2" not in run.out + run.err
        assert "PGPASSWORD" in run.out
