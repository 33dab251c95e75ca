from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from commandline import Renewctl, expect
from repositories import Scratch

ON = "2026-11-23"
FORMATS = ("text", "json", "markdown")
NORDLICHT = "config/partners/nordlicht.yaml"
NOTHING = "Decisions: 0 clients change recipient, 0 lose all recipients, 0 change owner\n"


@pytest.fixture
def scratch(root: Path) -> Scratch:
    """Make a repository of the root; its first commit is `main`."""
    scratch = Scratch.at(root)
    scratch.commit({})
    return scratch


def edit(scratch: Scratch, path: str, edits: Mapping[str, str]) -> None:
    text = (scratch.path / path).read_text()
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new, 1)
    scratch.write({path: text})


def summary(out: str) -> str:
    return out.splitlines()[-1]


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_says_who_is_affected_and_by_which_line(
    renewctl: Renewctl, scratch: Scratch, style: str
) -> None:
    edit(
        scratch, NORDLICHT, {"owner: hubspot": "owner: partner", "tom@nordlicht.example": "tom@other.example"}
    )

    run = renewctl("diff", "main", "--on", ON, "--format", style)

    assert run.code == 0
    expect(f"diff.{style}", _without_commits(run.out))


def _without_commits(out: str) -> str:
    """Return a report without the commit's id: the files of the root are part of it."""
    lines = ['    "commit": "…",' if '"commit":' in line else line for line in out.splitlines()]
    return "\n".join(lines) + "\n"


def test_without_a_change_only_the_summary_is_said(renewctl: Renewctl, scratch: Scratch) -> None:
    edit(scratch, NORDLICHT, {"users:": "# Our people.\nusers:"})

    run = renewctl("diff", "main", "--exit-code")

    assert (run.code, run.out) == (0, NOTHING)


def test_a_change_is_exit_code_1_for_who_asks(renewctl: Renewctl, scratch: Scratch) -> None:
    edit(scratch, NORDLICHT, {"owner: hubspot": "owner: partner"})

    codes = [renewctl("diff", "main", *more).code for more in ((), ("--exit-code",))]

    assert codes == [0, 1]


def test_two_commits_are_compared_whatever_the_work_tree_says(renewctl: Renewctl, scratch: Scratch) -> None:
    edit(scratch, NORDLICHT, {"owner: hubspot": "owner: partner"})
    scratch.commit({})
    edit(scratch, NORDLICHT, {"owner: partner": "owner: hubspot"})

    there, back, same = (
        renewctl("diff", *refs) for refs in (("HEAD~1", "HEAD"), ("HEAD", "HEAD~1"), ("HEAD~1",))
    )

    assert "2 change owner" in summary(there.out)
    assert "2 change owner" in summary(back.out)
    assert same.out == NOTHING


def test_a_merge_is_compared_with_either_parent(renewctl: Renewctl, scratch: Scratch) -> None:
    scratch.git("checkout", "--quiet", "-b", "topic")
    edit(scratch, NORDLICHT, {"owner: hubspot": "owner: partner"})
    scratch.commit({})
    scratch.git("checkout", "--quiet", "main")
    scratch.commit({"README.md": "Ours.\n"})
    scratch.git("merge", "--quiet", "--no-ff", "--no-edit", "topic")

    ours, theirs = renewctl("diff", "HEAD^1", "HEAD"), renewctl("diff", "HEAD^2", "HEAD")

    assert "2 change owner" in summary(ours.out)
    assert theirs.out == NOTHING


def test_a_partner_file_that_is_renamed_changes_nothing(renewctl: Renewctl, scratch: Scratch) -> None:
    (scratch.path / "config/partners/dach").mkdir()
    scratch.git("mv", NORDLICHT, "config/partners/dach/nordlicht.yaml")

    assert renewctl("diff", "main").out == NOTHING


def test_a_root_below_the_top_is_named_from_the_top_in_a_comment(
    renewctl: Renewctl, scratch: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = Scratch.at(tmp_path / "outer")
    (outer.path / "größe").mkdir()
    scratch.path.rename(outer.path / "größe/root")
    inner = Scratch(outer.path / "größe/root")
    inner.git("rev-parse")
    for name in sorted((inner.path / ".git").rglob("*"), reverse=True):
        name.rmdir() if name.is_dir() else name.unlink()
    (inner.path / ".git").rmdir()
    outer.commit({})
    monkeypatch.chdir(inner.path)
    edit(inner, NORDLICHT, {"owner: hubspot": "owner: partner"})

    run = renewctl("diff", "main", "--format", "markdown")

    assert f"| größe/root/{NORDLICHT}:14 |" in run.out


def test_facts_are_those_of_the_head(renewctl: Renewctl, scratch: Scratch) -> None:
    edit(scratch, NORDLICHT, {"owner: hubspot": "owner: partner"})
    scratch.commit({"facts/renewals.jsonl": ""})
    scratch.git("rm", "--quiet", "-r", "facts")

    run = renewctl("diff", "HEAD~1", "HEAD", "--format", "json")

    changes = json.loads(run.out)["changes"]
    assert [change["notices"] for change in changes] == [[]] * len(changes)


def test_listed_clients_without_a_renewal_are_counted(renewctl: Renewctl, scratch: Scratch) -> None:
    edit(scratch, NORDLICHT, {"clients:": "clients:\n  newco: {}"})

    run = renewctl("diff", "main")

    assert "newco  nordlicht, no renewal\n      - not listed\n" in run.out
    assert run.err == "1 listed client has no known renewal to decide about\n"


def test_an_error_on_one_side_says_whose_it_is(renewctl: Renewctl, scratch: Scratch) -> None:
    broken = scratch.commit({NORDLICHT: "version: 1\npartner: nordlicht\nusers: []\n"})
    edit(scratch, NORDLICHT, {"users: []": "users: {}"})

    run = renewctl("diff", broken)

    assert (run.code, run.out) == (1, "")
    assert f"{NORDLICHT}:3:8: error" in run.err
    assert f"error: the configuration of {broken} cannot be used" in run.err


def test_a_revision_that_is_not_there_is_bad_input(renewctl: Renewctl, scratch: Scratch) -> None:
    del scratch
    run = renewctl("diff", "mian")

    assert (run.code, run.out) == (2, "")
    assert run.err == "error: there is no revision mian\n  hint: did you mean main?\n"


def test_outside_of_git_there_is_nothing_to_compare_with(renewctl: Renewctl, root: Path) -> None:
    del root
    run = renewctl("diff", "main")

    assert (run.code, run.out) == (2, "")
    assert "is not in a git work tree" in run.err


def test_a_base_that_a_shallow_clone_lacks_says_how_to_get_it(
    renewctl: Renewctl, scratch: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = scratch.git("rev-parse", "HEAD")
    scratch.commit({"README.md": "More.\n"})
    scratch.git("clone", "--quiet", "--depth", "1", f"file://{scratch.path}", str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")

    run = renewctl("diff", base)

    assert run.code == 2
    assert "shallow" in run.err


def test_days_that_end_before_they_begin_are_bad_input(renewctl: Renewctl, scratch: Scratch) -> None:
    del scratch
    run = renewctl("diff", "main", "--on", ON, "--until", ON)

    assert run.code == 2
    assert run.err.startswith(f"error: --until {ON} is not after --on {ON}\n")
