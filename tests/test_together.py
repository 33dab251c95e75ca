"""Two revisions read together, and compared by several processes: it comes to what each alone comes to."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import repositories
from commandline import Renewctl, Run
from repositories import Scratch

from engine import processes
from engine.changes import comparing, concerned, known
from engine.diagnostics import Diagnostic
from engine.documents import MAX_BYTES
from engine.git import Commit
from engine.reading import partners, sharing
from engine.reading.partners import PartnerRead
from engine.trees import File

ON = "2026-11-23"
NORD, SUED, WEST = (f"config/partners/{name}.yaml" for name in ("nord", "sued", "west"))
PARTNERS = ("nord", "sued", "west", "ost")
CLIENTS = tuple(f"client-{number}" for number in range(12))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what has everything go the way of a large root."""

    def go() -> None:
        monkeypatch.setattr(processes, "usable", lambda: 2)
        monkeypatch.setattr(sharing, "LEAST_BYTES", 0)
        monkeypatch.setattr(known, "LEAST_FILES", 0)
        monkeypatch.setattr(known, "_AT_ONCE", 2)
        monkeypatch.setattr(concerned, "LEAST_BYTES", 0)
        monkeypatch.setattr(comparing, "MANY_TO_ASK", 0)
        monkeypatch.setattr(comparing, "_SHARE", 2)

    return go


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    scratch = Scratch.at(tmp_path / "root")
    monkeypatch.chdir(scratch.path)
    return scratch


def random_partner(rng: random.Random, name: str) -> str:
    """Return a partner's file, now and then with a mistake, or with a client that another one may list."""
    clients = rng.sample(CLIENTS, rng.randrange(4)) if rng.random() < 0.07 else _own(name)
    contact = rng.choice(("ben", "ida", "ben", "nobody" if rng.random() < 0.03 else "ida"))
    lines = [
        "version: 1",
        f"partner: {name if rng.random() < 0.98 else 'elsewhere'}",
        "users:",
        f"  ben: {{name: Ben, email: ben@{name}.example}}",
        f"  ida: {{name: Ida, email: ida@{name}.example, active: {rng.choice(['true', 'true', 'false'])}}}",
        f"default: {{owner: {rng.choice(['hubspot', 'partner'])}, contact: {contact}}}",
        "clients:" if clients else "clients: {}",
        *(f"  {client}: {rng.choice(_ENTRIES)}" for client in clients),
    ]
    return "\n".join(lines) + "\n"


_ENTRIES = (
    *("{}", "{}", "{override: {owner: partner}}", "{override: {owner: hubspot, contact: ida}}"),
    *(
        "{until: 2026-12-01}",
        "{from: 2026-12-01}",
        "{hold: {from: 2026-11-01, until: 2027-01-01, reason: x, by: ben}}",
    ),
)


def _own(name: str) -> tuple[str, ...]:
    begin = 3 * PARTNERS.index(name)
    return CLIENTS[begin : begin + 3]


def fact(rng: random.Random, number: int) -> str:
    """Return a line of JSON Lines, now and then one that is none."""
    if rng.random() < 0.003:
        return '{"renewal": "rn", "client": 7}'
    name = number if rng.random() < 0.995 else 0
    days = {"renewal_date": f"2027-0{rng.randrange(1, 5)}-15", "acknowledged": rng.random() < 0.5}
    said = {"renewal": f"rn-{name}", "client": rng.choice((*CLIENTS, "unlisted")), **days}
    if rng.random() < 0.7:
        said["partner"] = rng.choice(PARTNERS)
    return json.dumps(said, ensure_ascii=rng.random() < 0.5)


def walk(rng: random.Random, scratch: Scratch, commits: int) -> Iterator[None]:
    """Commit one random root after another, most of which differ in few files."""
    scratch.write({f"config/partners/{name}.yaml": random_partner(rng, name) for name in PARTNERS})
    scratch.commit({"config/vendor.yaml": "renewal_manager: {name: Ann, email: ann@vendor.example}\n"})
    for _ in range(commits):
        for name in rng.sample(PARTNERS, rng.choice((0, 1, 1, 2))):
            scratch.write({f"config/partners/{name}.yaml": random_partner(rng, name)})
        if rng.random() < 0.1:
            scratch.write({"config/vendor.yaml": f"deadline_lead_days: {rng.randrange(30, 60)}\n"})
        if rng.random() < 0.1:
            (scratch.path / NORD).unlink(missing_ok=True)
        if rng.random() < 0.1:
            scratch.write(
                {"config/partners/below/new.yaml": random_partner(rng, "ost").replace("ost", "new")}
            )
        lines = [fact(rng, number) for number in range(20)]
        scratch.write({"facts/a.jsonl": "\n".join(lines[:12]), "facts/b.jsonl": "\n\n".join(lines[12:])})
        scratch.commit({})
        yield


QUESTIONS = (("HEAD~1", "HEAD"), ("HEAD~1",))


def answers(renewctl: Renewctl, *options: str) -> list[Run]:
    return [renewctl("diff", *revs, "--on", ON, "--format", "json", *options) for revs in QUESTIONS]


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 20))]
)
def test_the_quick_way_says_what_the_whole_way_says(
    renewctl: Renewctl, scratch: Scratch, quick: Callable[[], None], tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - nothing here is secret
    whole = [answers(renewctl, "--no-cache") for _ in walk(rng, scratch, 8)]
    quick()

    for ago, expected in enumerate(reversed(whole)):
        scratch.git("checkout", "--quiet", f"main~{ago}")
        for options in (("--no-cache",), *2 * [("--cache", str(tmp_path / "cache"))]):
            assert answers(renewctl, *options) == expected


def sound(name: str, *clients: str, owner: str = "hubspot") -> str:
    """Return a partner's file without a mistake."""
    listed = ", ".join(f"{client}: {{}}" for client in clients)
    return repositories.partner(name, f"{{owner: {owner}, contact: ben}}", f"{{{listed}}}")


@pytest.fixture
def nord_edited(scratch: Scratch, quick: Callable[[], None]) -> Scratch:
    """Have nord's owner edited, and nothing about two others."""
    quick()
    scratch.commit({f"config/partners/{name}.yaml": sound(name, f"of-{name}") for name in PARTNERS[:3]})
    scratch.commit({NORD: sound("nord", "of-nord", owner="partner")})
    return scratch


def diff(renewctl: Renewctl, *options: str) -> Run:
    return renewctl("diff", "HEAD~1", "HEAD", "--on", ON, *(options or ("--no-cache",)))


def test_a_client_that_an_edited_file_takes_from_one_that_was_not_edited_is_told(
    renewctl: Renewctl, nord_edited: Scratch
) -> None:
    nord_edited.commit({NORD: sound("nord", "of-sued")})

    run = diff(renewctl)

    assert run.code == 1
    assert run.err.count("client of-sued is also listed at") == 2


@pytest.mark.parametrize("is_cached", [False, True])
def test_a_mistake_in_a_file_that_was_not_edited_is_told(
    renewctl: Renewctl, nord_edited: Scratch, tmp_path: Path, *, is_cached: bool
) -> None:
    options = ("--cache", str(tmp_path / "cache")) if is_cached else ("--no-cache",)
    nord_edited.commit({SUED: sound("sued").replace("ben}", "nobody}")})
    nord_edited.commit({NORD: sound("nord")})

    runs = [diff(renewctl, *options) for _ in range(2)]

    assert [run.code for run in runs] == [1, 1]
    assert all("nobody" in run.err for run in runs)


def test_what_an_earlier_run_has_checked_is_not_read_again(
    renewctl: Renewctl, nord_edited: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "usable", lambda: 1)
    checked: list[str] = []
    monkeypatch.setattr(partners, "read", partial(_noted, checked, partners.read))
    assert nord_edited

    for _ in range(2):
        diff(renewctl, "--cache", str(tmp_path / "cache"))

    both = ["config/partners/sued.yaml", "config/partners/west.yaml"]
    assert checked == [*both, NORD, NORD, NORD, NORD]


def _noted(
    checked: list[str], read: Callable[[File, dt.date], PartnerRead], file: File, on: dt.date
) -> PartnerRead:
    checked.append(file.path)
    return read(file, on)


def test_a_file_that_both_have_is_read_by_the_process_that_checks_it(
    renewctl: Renewctl, nord_edited: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[str] = set()
    read = Commit.read

    def noted(commit: Commit, path: str, *, limit: int = MAX_BYTES) -> File | Diagnostic:
        found = read(commit, path, limit=limit)
        seen.update([path] if isinstance(found, File) and "data" in vars(found) else [])
        return found

    monkeypatch.setattr(Commit, "read", noted)
    assert nord_edited

    run = diff(renewctl)

    assert run.code == 0
    assert seen == {NORD, SUED}  # the first of what both have is read here, for all


def test_a_process_that_fails_leaves_its_files_to_the_first(
    renewctl: Renewctl,
    nord_edited: Scratch,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert nord_edited
    expected = diff(renewctl)
    monkeypatch.setattr(partners, "read", partial(_only_in, os.getpid(), partners.read))

    run = diff(renewctl)

    assert run == expected
    assert "a process that reads files has failed" in caplog.text


def _only_in(
    process: int, read: Callable[[File, dt.date], PartnerRead], file: File, on: dt.date
) -> PartnerRead:
    if os.getpid() != process:
        os._exit(1)
    return read(file, on)


@pytest.mark.parametrize(
    ("link", "target", "text"),
    [
        ("config/partners/west.yaml", "../../shared/west.yaml", "shared/west.yaml"),
        ("config/partners/all", "../../shared", "shared/west.yaml"),
    ],
)
def test_what_a_link_leads_to_is_another_file_though_the_link_is_the_same(
    renewctl: Renewctl, nord_edited: Scratch, link: str, target: str, text: str
) -> None:
    (nord_edited.path / WEST).unlink()
    (nord_edited.path / link).symlink_to(target)
    nord_edited.commit({text: sound("west", "of-west")})
    nord_edited.commit({text: sound("west", "of-west", owner="partner")})

    run = diff(renewctl)

    assert run.code == 0
    assert "of-west" in run.out


@pytest.mark.parametrize("name", ["west.yml", ".west.yaml", ".hidden/west.yaml", "west.yaml/sued.yaml"])
def test_what_is_no_partner_file_is_not_taken_for_one(
    renewctl: Renewctl, nord_edited: Scratch, name: str
) -> None:
    (nord_edited.path / WEST).unlink()
    nord_edited.commit({f"config/partners/{name}": sound("sued", "of-sued")})
    nord_edited.commit({NORD: sound("nord", "of-nord")})

    quickly = diff(renewctl)

    with pytest.MonkeyPatch.context() as slowly:
        slowly.setattr(processes, "usable", lambda: 1)
        assert quickly == diff(renewctl)
    assert ("west.yaml" in quickly.err) == (name == "west.yaml/sued.yaml")


class TestFacts:
    """Of many facts those are judged that can matter."""

    GOOD = '{"renewal": "rn-1", "client": "of-nord", "renewal_date": "2027-02-15"}'
    OTHER = '{"renewal": "rn-2", "client": "of-sued", "renewal_date": "soon"}'

    def facts(self, scratch: Scratch, *lines: str) -> None:
        scratch.write({"facts/a.jsonl": "\n".join(lines)})

    def test_a_bad_one_about_somebody_else_is_left_to_validate(
        self, renewctl: Renewctl, nord_edited: Scratch
    ) -> None:
        self.facts(nord_edited, self.GOOD, self.OTHER)

        assert diff(renewctl).code == 0
        assert renewctl("validate", "--no-cache").code == 1

    @pytest.mark.parametrize(
        "line",
        [
            GOOD.replace("rn-1", "rn-3").replace("2027-02-15", "soon"),
            OTHER.replace("of-sued", "of-\\u006eord"),
            OTHER.replace("soon", '2027-02-15", "partner": "nord", "tier": "none'),
            OTHER.replace("client", "cleint").replace("soon", "2027-02-15"),
            OTHER.replace("rn-2", "rn-1").replace("soon", "2027-02-15"),
            "{",
        ],
    )
    def test_one_that_may_matter_or_may_be_anything_is_an_error(
        self, renewctl: Renewctl, nord_edited: Scratch, line: str
    ) -> None:
        self.facts(nord_edited, self.GOOD, line)

        assert diff(renewctl).code == 2

    def test_bad_ones_are_counted_for_who_skips_them(self, renewctl: Renewctl, nord_edited: Scratch) -> None:
        self.facts(nord_edited, self.GOOD, self.OTHER)

        assert "1 bad fact skipped" in diff(renewctl, "--no-cache", "--skip-bad-facts").err
