from __future__ import annotations

import sqlite3
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import psycopg
import pytest
from commandline import ROOT
from postgresql import Server

from engine.diagnostics import InputError, Location
from engine.facts import RenewalFact
from engine.feeds import connections, databases, factfiles
from engine.feeds.databases import Selection
from engine.feeds.judging import Item
from engine.trees import File

CRM = "sqlite:///crm.db"
ID, ACME = "renewal TEXT, client TEXT, renewal_date DATE", ("rn_1", "acme", "2027-02-15")
BAD_PASSWORD = "hunter2/x"  # noqa: S105 - of nobody


@pytest.fixture
def crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """Write to the file that CRM names."""
    monkeypatch.chdir(tmp_path)
    connection = sqlite3.connect("crm.db", isolation_level=None)
    yield connection
    connection.close()


def fill(crm: sqlite3.Connection, columns: str, *rows: tuple[object, ...]) -> None:
    crm.execute(f"CREATE TABLE renewals ({columns})")
    for row in rows:
        marks = ", ".join("?" * len(row))
        crm.execute(f"INSERT INTO renewals VALUES ({marks})", row)  # noqa: S608 - marks


def fill_many(crm: sqlite3.Connection, count: int) -> None:
    crm.execute("DROP TABLE IF EXISTS renewals")
    fill(crm, ID)
    crm.execute(
        """WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
        INSERT INTO renewals SELECT 'rn_' || n, 'client' || (n % 900), '2027-02-15' FROM number""",
        (count,),
    )


def read(url: str = CRM, **selected: Any) -> list[Item]:  # noqa: ANN401 - any field of a selection
    return list(databases.stream(url, Selection(**selected)))


def facts(url: str = CRM, **selected: Any) -> list[RenewalFact]:  # noqa: ANN401 - the same
    rows = read(url, **selected)
    assert [row.problems for row in rows if row.problems] == []
    return [row.fact for row in rows if row.fact is not None]


def ids(url: str = CRM, **selected: Any) -> list[str]:  # noqa: ANN401 - the same
    return [fact.renewal for fact in facts(url, **selected)]


def refused(url: str = CRM) -> InputError:
    with pytest.raises(InputError) as caught:
        read(url)
    return caught.value


def sample() -> list[RenewalFact]:
    """Return the facts of the tests' root, as their file has them."""
    path = "facts/renewals.jsonl"
    found = factfiles.read([File(path, (ROOT / path).read_bytes())])
    return sorted(found.renewals, key=lambda fact: (fact.client, fact.renewal))


def as_columns(fact: RenewalFact, joint: str) -> dict[str, Any]:
    """Return a fact as columns; that of the billing contacts is a list."""
    row = msgspec.json.decode(msgspec.json.encode(fact))
    contacts = row.pop("contacts")
    billing = contacts.pop("billing_contacts")
    for role, person in contacts.items():
        row.update({f"{role}{joint}{field}": cell for field, cell in (person or {}).items()})
    return {**row, f"billing_contacts{joint}email": [person["email"] for person in billing]}


@pytest.mark.parametrize("url", [CRM, "postgresql+psycopg://u@h/d", "http://x.example/facts.json"])
def test_a_scheme_makes_a_database(url: str) -> None:
    assert connections.is_url(url)


@pytest.mark.parametrize("name", ["facts.csv", "-", "C:/facts.csv", "./odd://name", "1a://x"])
def test_a_file_is_no_database(name: str) -> None:
    assert not connections.is_url(name)


@pytest.mark.parametrize("joint", [".", "_"])
def test_a_sqlite_file_holds_the_same_facts_as_a_file(crm: sqlite3.Connection, joint: str) -> None:
    rows = [as_columns(fact, joint) for fact in sample()]
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [tuple(_in_sqlite(row.get(name)) for name in names) for row in rows]

    fill(crm, ", ".join(f'"{name}"' for name in names), *cells)

    assert facts() == sample()


def _in_sqlite(cell: object) -> object:
    return ";".join(cell) if isinstance(cell, list) else cell


def test_a_declared_type_does_not_matter_to_sqlite(crm: sqlite3.Connection) -> None:
    columns = f"{ID}, term_start DATETIME, mrr NUMERIC(10, 2), auto_renew BOOLEAN, products JSON"
    fill(crm, columns, (*ACME, "2026-02-15 00:00:00", "800.10", "1", '["cms-hub"]'))

    (fact,) = facts()

    assert str(fact.term_start) == "2026-02-15"
    assert (fact.mrr, fact.auto_renew, fact.products) == ("800.1", True, ("cms-hub",))


def test_a_bad_row_is_named_and_the_others_are_read(crm: sqlite3.Connection) -> None:
    fill(crm, ID, ACME, ("rn_2", "globex", "soon"), ("rn_3", "hooli", "2027-03-01"))

    first, second, third = read()

    assert (first.fact is not None, second.fact, third.fact is not None) == (True, None, True)
    (problem,) = second.problems
    assert problem.location == Location("sqlite:///crm.db/renewals", 2)
    assert problem.message == 'renewal "rn_2": `renewal_date` is "soon", which is not a date'
    assert b"globex" in second.text


def test_text_that_is_not_utf_8_is_a_bad_row(crm: sqlite3.Connection) -> None:
    fill(crm, f"{ID}, country TEXT", (*ACME, None), ("rn_2", "globex", "2027-02-15", None))
    crm.execute("UPDATE renewals SET country = CAST(x'fc' AS TEXT) WHERE client = 'acme'")

    acme, globex = read()

    assert [problem.message for problem in acme.problems] == ['renewal "rn_1": `country` is not UTF-8']
    assert globex.fact is not None


def test_rows_come_by_client_then_renewal(crm: sqlite3.Connection) -> None:
    fill(
        crm,
        "renewal TEXT, client TEXT COLLATE NOCASE, renewal_date DATE",
        *[(renewal, client, "2027-02-15") for renewal, client in [("9", "b"), ("10", "b"), ("8", "a-b")]],
        ("7", "ab", "2027-02-15"),
        ("6", "B", "2027-02-15"),
    )

    rows = read()

    assert [row.fact.renewal if row.fact else None for row in rows] == [None, "8", "7", "10", "9"]


def test_a_renewal_that_stands_twice_is_read_once(crm: sqlite3.Connection) -> None:
    fill(crm, ID, ACME, ("rn_2", "acme", "2027-03-01"), (" rn_1 ", "globex", "2027-03-01"), ACME)

    rows = read()

    assert [row.fact.renewal if row.fact else None for row in rows] == ["rn_1", None, "rn_2", None]
    assert [str(problem) for row in rows for problem in row.problems] == [
        f'sqlite:///crm.db/renewals:{line}:1: error: renewal "rn_1" is already at sqlite:///crm.db/renewals:1:1'
        " [duplicate-renewal]"
        for line in (2, 4)
    ]
    assert rows[3].text == b"globex"


def test_a_bad_row_does_not_stand_in_the_way_of_its_double(crm: sqlite3.Connection) -> None:
    fill(crm, ID, ("rn_1", "acme", "soon"), ("rn_1", "acme", "2027-02-15"))

    codes = [problem.code for row in read() for problem in row.problems]

    assert codes == ["invalid-date"]


def test_an_empty_table_has_no_renewals(crm: sqlite3.Connection) -> None:
    fill(crm, ID)

    assert read() == []


PEOPLE = (
    ("1", "acme", "2027-02-15", "acme.example", "nordlicht"),
    ("2", "acme", "2027-02-15", None, None),
    ("3", "globex", "2027-02-15", "www.globex.example", "oakline"),
    ("4", "hooli", "2027-02-15", "hooli.example", ""),
)


@pytest.mark.parametrize(
    ("selected", "found"),
    [
        ({}, "1234"),
        ({"client": "acme"}, "12"),
        ({"client": "globex.example", "website": "globex.example"}, "3"),
        ({"client": "acme", "website": "hooli.example"}, "124"),
        ({"website": "acme.example"}, "12"),
        ({"renewal": "4"}, "4"),
        ({"partner": "nordlicht"}, "124"),
        ({"partner": "nordlicht", "client": "acme", "renewal": "2"}, "2"),
        ({"client": "nobody"}, ""),
        ({"client": "' OR 1=1 --"}, ""),
    ],
)
def test_only_the_rows_that_are_asked_about_are_read(
    crm: sqlite3.Connection, selected: dict[str, Any], found: str
) -> None:
    fill(crm, f"{ID}, website TEXT, partner TEXT", *PEOPLE)

    assert "".join(ids(**selected)) == found


def test_a_bad_row_that_is_not_asked_about_is_not_read(crm: sqlite3.Connection) -> None:
    fill(crm, ID, ACME, ("rn_2", "globex", "soon"))

    assert ids(client="acme") == ["rn_1"]


def test_a_table_without_websites_and_partners_can_be_asked_about_them(crm: sqlite3.Connection) -> None:
    fill(crm, ID, ACME)

    assert ids(client="acme", website="acme.example", partner="nordlicht") == ["rn_1"]
    assert ids(website="acme.example") == []


def test_ids_that_are_numbers_are_found_as_text(crm: sqlite3.Connection) -> None:
    fill(
        crm,
        "renewal INTEGER, client INTEGER, renewal_date TEXT",
        (7, 4711, "2027-02-15"),
        (8, 1, "2027-02-15"),
    )

    assert ids() == ["8", "7"]
    assert ids(client="4711", renewal="7") == ["7"]


@pytest.mark.parametrize("name", ["renewals_2027", "Due", 'odd "name; DROP TABLE x', "order"])
def test_a_table_may_have_any_name(crm: sqlite3.Connection, name: str) -> None:
    fill(crm, ID, ACME)
    quoted = name.replace('"', '""')
    crm.execute(f'ALTER TABLE renewals RENAME TO "{quoted}"')

    assert ids(f"{CRM}?table={quote(name)}") == ["rn_1"]


def test_a_table_may_be_a_view_and_stand_in_a_schema(crm: sqlite3.Connection) -> None:
    fill(crm, f"{ID}, internal_note TEXT", (*ACME, "x"))
    crm.execute("CREATE VIEW due AS SELECT renewal, client, renewal_date FROM renewals")

    (row,) = read(f"{CRM}?table=main.due")

    assert str(row.place) == "sqlite:///crm.db/main.due:1:1"


def test_a_column_that_is_no_field_is_refused_with_a_cure(crm: sqlite3.Connection) -> None:
    fill(crm, f"{ID}, custmer TEXT, tiers TEXT")

    error = refused()

    assert error.message == "the columns of sqlite:///crm.db/renewals are not those of renewals"
    assert error.hint == "make a view that has the fields of a renewal as columns, and name it with ?table="
    assert [(problem.code, problem.hint) for problem in error.diagnostics] == [
        ("schema-additionalProperties", error.diagnostics[0].hint),
        ("schema-additionalProperties", "did you mean tier?"),
    ]


def test_a_missing_table_is_refused_with_the_one_that_was_meant(crm: sqlite3.Connection) -> None:
    fill(crm, ID)

    error = refused(f"{CRM}?table=renewal")

    assert error.message == "there is no table sqlite:///crm.db/renewal"
    assert error.hint == "did you mean renewals?"


def test_a_missing_table_is_refused_with_those_that_there_are(crm: sqlite3.Connection) -> None:
    crm.execute("CREATE TABLE tickets (id)")

    assert refused().hint == "its tables: tickets"


def test_a_database_without_tables_is_refused(crm: sqlite3.Connection) -> None:
    crm.execute("VACUUM")

    assert refused().hint == "name a table with ?table="


def test_a_missing_file_is_refused_and_not_made(crm: sqlite3.Connection) -> None:
    assert refused("sqlite:///none.db").message == "there is no file none.db"
    assert not Path("none.db").exists()
    assert crm.in_transaction is False


def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "facts.csv").write_text("renewal,client,renewal_date\n" * 100, encoding="utf-8")
    url = f"sqlite:///{tmp_path}/facts.csv"

    error = refused(url)

    assert error.message == f"{url} cannot be read: file is not a database"
    assert error.hint == "name a file that SQLite has written"


def test_a_locked_file_is_refused(crm: sqlite3.Connection) -> None:
    fill(crm, ID, ACME)
    crm.execute("BEGIN EXCLUSIVE")

    error = refused(f"{CRM}?timeout=0")

    assert error.message == "sqlite:///crm.db cannot be read: database is locked"
    assert error.hint is not None
    assert error.hint.startswith("another program is writing to it")


def test_a_file_may_have_any_name_and_lie_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "root"
    folder.mkdir()
    with sqlite3.connect(folder / "50% of #1.db") as crm:
        fill(crm, ID, ACME)
    crm.close()

    (row,) = databases.stream("sqlite:///50%25 of #1.db", folder=folder)

    assert row.fact is not None


def test_one_stream_is_one_consistent_set(crm: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.execute("PRAGMA journal_mode = WAL")
    fill(crm, ID, ACME, ACME)
    find_table: Callable[..., Any] = databases._find_table

    def interrupted(*arguments: object) -> object:
        found = find_table(*arguments)
        crm.execute("DELETE FROM renewals")
        return found

    monkeypatch.setattr(databases, "_find_table", interrupted)

    assert [len(row.problems) for row in read()] == [0, 1]
    assert read() == []


def test_memory_does_not_grow_with_the_number_of_rows(crm: sqlite3.Connection) -> None:
    read_peak(crm, 2_000)

    few, many = read_peak(crm, 10_000), read_peak(crm, 100_000)

    assert many < few * 1.2


def read_peak(crm: sqlite3.Connection, count: int) -> int:
    """Return how many bytes reading so many rows takes at most."""
    fill_many(crm, count)
    tracemalloc.start()
    assert sum(row.fact is not None for row in databases.stream(CRM)) == count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize(
    ("url", "message", "hint"),
    [
        (
            "sqlite://crm.db",
            "the URL sqlite://crm.db names no file",
            "write three slashes, as in sqlite:///file.db",
        ),
        ("sqlite://", "the URL sqlite:// names no file", "write three slashes, as in sqlite:///file.db"),
        (f"{CRM}?tabel=x", "SQLite has no parameter tabel", "did you mean table?"),
        (
            f"{CRM}?mode=rwc",
            "SQLite has no parameter mode",
            "parameters: table, timeout, immutable, nolock, cache, vfs",
        ),
        (f"{CRM}?table=a&table=b", "sqlite:///crm.db is asked for 2 tables", "name one with ?table="),
        ("postgres://u@h/d", "there is no database postgres", "did you mean postgresql?"),
        ("mysql://u@h/d", "the driver of mysql is not installed", "install the Python module MySQLdb"),
        (
            f"{CRM}?timeout=soon",
            "sqlite:///crm.db cannot be opened: could not convert string to float: 'soon'",
            "check the URL",
        ),
    ],
)
def test_a_url_that_makes_no_sense_is_refused(
    crm: sqlite3.Connection, url: str, message: str, hint: str | None
) -> None:
    fill(crm, ID)

    error = refused(url)

    assert (error.message, error.hint) == (message, hint)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{BAD_PASSWORD}@/d?host=/nowhere",
        f"postgresql://u@/d?host=/nowhere&password={BAD_PASSWORD}",
        f"postgresql://u:x@{BAD_PASSWORD}@localhost/d",
        f"postgresql://u:{BAD_PASSWORD}@localhost:port/d",
        f"post-gres://u:{BAD_PASSWORD}@localhost/d",
        f"postgres://u:{BAD_PASSWORD}@localhost/d",
        f"mysql://u:{BAD_PASSWORD}@localhost/d",
        f"sqlite://u:{BAD_PASSWORD}@/d",
    ],
)
def test_no_message_tells_the_password(url: str) -> None:
    error = refused(url)

    assert "hunter2" not in f"{error.message} {error.hint}"


def test_a_password_is_taken_out_of_what_a_driver_says(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(**parameters: object) -> None:
        raise psycopg.OperationalError(f"cannot connect\nwith {parameters['password']}")

    monkeypatch.setattr(psycopg, "connect", connect)

    error = refused("postgresql://u:hunter2@h/d")

    assert error.message == "postgresql://u@h/d cannot be read: cannot connect with ***"


@pytest.mark.parametrize(("parameters", "seconds"), [("", "10"), ("?connect_timeout=3", "3")])
def test_connecting_takes_ten_seconds_at_most(
    monkeypatch: pytest.MonkeyPatch, parameters: str, seconds: str
) -> None:
    def connect(**parameters: object) -> None:
        raise psycopg.OperationalError(f"after {parameters['connect_timeout']} seconds")

    monkeypatch.setattr(psycopg, "connect", connect)

    assert refused(f"postgresql://h/d{parameters}").message.endswith(
        f"cannot be read: after {seconds} seconds"
    )


@pytest.mark.parametrize("module", ["sqlalchemy", "psycopg"])
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    error = refused("postgresql://h/d")

    assert error.hint == "pip install 'renewctl[sql]'"


def test_postgresql_holds_the_same_facts_as_a_file(server: Server) -> None:
    kinds = {
        **dict.fromkeys(("renewal_date", "term_start"), "date"),
        **dict.fromkeys(("products", "flags", "billing_contacts.email"), "text[]"),
        **dict.fromkeys(("mrr", "renewal_mrr"), "numeric(12, 2)"),
        **dict.fromkeys(("auto_renew", "acknowledged"), "boolean"),
        **dict.fromkeys(("decision_maker.active", "decision_maker.bounced"), "boolean"),
        **dict.fromkeys(("primary_contact.active", "primary_contact.bounced"), "boolean"),
        "deadline_lead_days": "smallint",
    }
    rows = [as_columns(fact, ".") for fact in sample()]
    names = list(dict.fromkeys(name for row in rows for name in row))

    server.fill(
        ", ".join(f'"{name}" {kinds.get(name, "text")}' for name in names),
        *[tuple(row.get(name) for name in names) for row in rows],
    )

    assert facts(server.url()) == sample()


def test_types_of_postgresql_become_what_a_fact_holds(server: Server) -> None:
    server.run(
        """CREATE VIEW renewals AS SELECT
        '12345678-1234-5678-1234-567812345678'::uuid AS renewal, 4711::bigint AS client,
        '2027-02-15 00:00:00+00'::timestamptz AS renewal_date, '2026-02-15'::timestamp AS term_start,
        '["cms-hub"]'::jsonb AS products, '["dunning"]'::json AS flags,
        800.5::double precision AS mrr, 10000.0 / 12 AS renewal_mrr, 'DE'::char(3) AS country"""
    )

    (fact,) = facts(server.url(), client="4711", renewal="12345678-1234-5678-1234-567812345678")

    assert (str(fact.renewal_date), str(fact.term_start)) == ("2027-02-15", "2026-02-15")
    assert (fact.products, fact.flags) == (("cms-hub",), ("dunning",))
    assert (fact.mrr, fact.renewal_mrr, fact.country) == ("800.5", "833.333333", "DE")


def test_postgresql_is_read_in_one_read_only_transaction(server: Server) -> None:
    server.run(
        """CREATE VIEW renewals AS SELECT current_setting('transaction_isolation') AS renewal,
        current_setting('transaction_read_only') AS client, date '2027-02-15' AS renewal_date"""
    )

    (fact,) = facts(server.url())

    assert (fact.renewal, fact.client) == ("repeatable read", "on")


def test_postgresql_is_asked_for_one_batch_after_another(server: Server) -> None:
    server.run(
        "CREATE VIEW renewals AS SELECT i AS renewal, i AS client, date '2027-02-15' AS renewal_date "
        "FROM generate_series(1, 3000) AS i"
    )
    rows = databases.stream(server.url(application_name="streaming"))

    assert len(list(islice(rows, 1500))) == 1500
    query = "SELECT query FROM pg_stat_activity WHERE application_name = 'streaming'"
    ((asked,),) = server.admin.execute(query).fetchall()
    assert asked.startswith("FETCH FORWARD 1000 FROM")
    assert len(list(rows)) == 1500


def test_the_order_is_the_same_in_every_collation(server: Server) -> None:
    server.fill(
        'renewal text, client text COLLATE "en-x-icu", renewal_date date',
        *[(str(index), client, "2027-02-15") for index, client in enumerate(("ab", "a-c", "a_a"))],
    )

    assert [fact.client for fact in facts(server.url())] == ["a-c", "a_a", "ab"]


def test_a_materialized_view_of_another_schema_can_be_read(server: Server) -> None:
    server.run(
        "DROP SCHEMA IF EXISTS sales CASCADE",
        "CREATE SCHEMA sales",
        "CREATE MATERIALIZED VIEW sales.due AS SELECT 'rn_1' AS renewal, 'acme' AS client, "
        "date '2027-02-15' AS renewal_date",
    )

    (row,) = read(server.url(table="sales.due"))

    assert str(row.place) == "postgresql://renewctl@/postgres/sales.due:1:1"


def test_renewals_that_stand_twice_are_found_in_postgresql(server: Server) -> None:
    server.fill(
        "renewal int, client text, renewal_date date", (1, "acme", "2027-01-01"), (1, "b", "2027-01-01")
    )

    assert [[problem.code for problem in row.problems] for row in read(server.url())] == [
        [],
        ["duplicate-renewal"],
    ]


def test_a_wrong_password_is_said_but_not_shown(server: Server) -> None:
    error = refused(server.url(password="hunter2"))  # noqa: S106 - of nobody

    assert "password authentication failed" in error.message
    assert error.hint == "give the password in PGPASSWORD or ~/.pgpass, or in the URL with %40 for @"
    assert "hunter2" not in f"{error.message} {error.hint}"


def test_a_missing_database_is_refused(server: Server) -> None:
    error = refused(server.url().replace("/postgres?", "/crm?"))

    assert error.message.endswith('database "crm" does not exist')


def test_a_missing_table_of_postgresql_is_refused(server: Server) -> None:
    server.fill(ID)

    error = refused(server.url(table="renewal"))

    assert error.message == "there is no table postgresql://renewctl@/postgres/renewal"
    assert error.hint == "did you mean renewals?"


def test_a_table_that_may_not_be_read_is_refused(server: Server) -> None:
    server.fill(ID)
    server.run(
        "DROP ROLE IF EXISTS guest",
        "CREATE ROLE guest LOGIN PASSWORD 'guest'",
        "GRANT USAGE ON SCHEMA public TO guest",
    )

    error = refused(server.url(user="guest", password="guest"))  # noqa: S106 - made above

    assert error.message.endswith("permission denied for table renewals")
    assert error.hint == "let this user read the table, as GRANT SELECT does"


def test_a_server_that_does_not_answer_is_refused() -> None:
    error = refused("postgresql://u@/d?host=/nowhere")

    assert error.message.startswith("postgresql://u@/d cannot be read: ")
    assert "No such file or directory" in error.message


def test_a_day_beyond_the_calendar_is_refused(server: Server) -> None:
    server.fill(ID, ("rn_1", "acme", "infinity"))

    error = refused(server.url())

    assert error.message.startswith("postgresql://renewctl@/postgres cannot be read: date too large")
    assert error.hint == "mend the value, or read a view without its row"
