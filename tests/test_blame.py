from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import NORD, Scratch, partner

from engine.diagnostics import Location
from engine.git import Repository
from engine.past.blame import Blame, Blamed
from engine.trees import Folder

ONE, TWO = "version: 1\npartner: nord\n", "default: {owner: hubspot}\nclients: {}\n"


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch.at(tmp_path / "repository")


def blame(scratch: Scratch, root: str = ".", rev: str | None = None) -> Blame:
    folder = scratch.path / root
    tree = Repository.at(folder).commit(rev) if rev else Folder(folder)
    found = Blame.of(tree, folder)
    assert found
    return found


def subjects(scratch: Scratch, path: str = NORD, root: str = ".", rev: str | None = None) -> list[str | None]:
    """Return the subject of the commit of every line; None for one that is not committed."""
    found = blame(scratch, root, rev)
    count = len(found.tree.read(path).data.splitlines())  # type: ignore[union-attr]
    blamed = [found.find(Location(path, line)) for line in range(1, count + 1)]
    return [one.commit.subject if one and one.commit else None for one in blamed]


def test_a_line_is_of_the_commit_that_wrote_it_as_it_reads_now(scratch: Scratch) -> None:
    scratch.commit({NORD: ONE + TWO}, "Begin")
    scratch.commit({NORD: "# Nord\n" + ONE + TWO}, "Say whose it is")
    scratch.commit({NORD: "# Nord\n" + ONE + TWO.replace("hubspot", "partner")}, "Hand over")

    assert subjects(scratch) == ["Say whose it is", "Begin", "Begin", "Hand over", "Begin"]


def test_lines_after_removed_ones_keep_their_commit(scratch: Scratch) -> None:
    scratch.commit({NORD: "# a\n# b\n" + ONE + TWO}, "Begin")
    scratch.commit({NORD: ONE + TWO + "# end\n"}, "Tidy")

    assert subjects(scratch) == [*["Begin"] * 4, "Tidy"]


def test_a_change_that_was_taken_back_is_of_who_took_it_back(scratch: Scratch) -> None:
    scratch.commit({NORD: ONE + TWO}, "Begin")
    scratch.commit({NORD: ONE}, "Remove")
    scratch.commit({NORD: ONE + TWO}, "Bring back")

    assert subjects(scratch) == ["Begin", "Begin", "Bring back", "Bring back"]


def test_what_is_not_committed_is_of_nobody_yet(scratch: Scratch) -> None:
    scratch.commit({NORD: ONE + TWO}, "Begin")
    scratch.write({NORD: ONE + "name: Nord\n" + TWO, "config/partners/new.yaml": ONE})

    assert subjects(scratch) == ["Begin", "Begin", None, "Begin", "Begin"]
    assert subjects(scratch, "config/partners/new.yaml") == [None, None]


def test_an_older_revision_is_blamed_from_there(scratch: Scratch) -> None:
    scratch.commit({NORD: ONE}, "Begin")
    scratch.commit({NORD: ONE + TWO}, "Go on")
    scratch.commit({NORD: TWO}, "End")
    scratch.write({NORD: "# nothing\n"})

    assert subjects(scratch, rev="HEAD~1") == ["Begin", "Begin", "Go on", "Go on"]


def test_a_renamed_file_is_followed(scratch: Scratch) -> None:
    text = partner()
    scratch.commit({NORD: text}, "Begin")
    (scratch.path / "config/partners/dach").mkdir()
    scratch.git("mv", NORD, "config/partners/dach/nörd.yaml")
    scratch.commit({"config/partners/dach/nörd.yaml": text + "# end\n"}, "Move")

    assert subjects(scratch, "config/partners/dach/nörd.yaml") == [*["Begin"] * 6, "Move"]


def test_a_merge_has_the_lines_of_each_parent(scratch: Scratch) -> None:
    scratch.commit({NORD: "# a\n" + ONE + TWO}, "Begin")
    scratch.git("checkout", "-q", "-b", "topic")
    scratch.commit({NORD: "# topic\n" + ONE + TWO}, "Topic")
    scratch.git("checkout", "-q", "main")
    scratch.commit({NORD: "# a\n" + ONE + TWO + "# main\n"}, "Main")
    scratch.git("merge", "-q", "--no-edit", "topic")

    assert subjects(scratch) == ["Topic", *["Begin"] * 4, "Main"]


def test_a_root_that_was_moved_within_its_repository_is_followed(scratch: Scratch) -> None:
    scratch.commit({NORD: ONE + TWO}, "Begin")
    (scratch.path / "renewals").mkdir()
    scratch.git("mv", "config", "renewals/config")
    scratch.commit({}, "Move")

    assert subjects(scratch, root="renewals") == ["Begin"] * 4


def test_line_ends_that_git_converts_are_not_a_change(scratch: Scratch) -> None:
    scratch.git("config", "core.autocrlf", "true")
    scratch.commit({NORD: ONE + TWO}, "Begin")
    scratch.write({NORD: (ONE + TWO).replace("\n", "\r\n")})

    assert subjects(scratch) == ["Begin"] * 4


def test_a_file_that_came_with_renewctl_is_of_nobody_here(scratch: Scratch) -> None:
    scratch.commit({NORD: ONE + TWO})

    assert blame(scratch).find(Location("rules/recipients.yaml", 3)) is None
    assert blame(scratch, rev="HEAD").find(Location("rules/recipients.yaml", 3)) is None


def test_before_the_first_commit_and_outside_of_git_nobody_is_known(scratch: Scratch, tmp_path: Path) -> None:
    assert Blame.of(Folder(scratch.path), scratch.path) is None
    assert Blame.of(Folder(tmp_path), tmp_path) is None


LINES = st.lists(st.integers(0, 30), unique=True, max_size=12)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=st.lists(LINES, min_size=2, max_size=6), branched=st.booleans())
def test_every_line_is_blamed_as_git_blames_it(
    *, tmp_path_factory: pytest.TempPathFactory, versions: list[list[int]], branched: bool
) -> None:
    scratch = Scratch.at(tmp_path_factory.mktemp("repository"))
    for number, lines in enumerate(versions):
        if branched and number == len(versions) // 2:
            scratch.git("checkout", "-q", "-b", "topic")
        scratch.commit({NORD: "".join(f"line {line}\n" for line in sorted(lines))}, f"Version {number}")
    if branched:
        scratch.git("checkout", "-q", "main")
        scratch.git("merge", "-q", "--no-ff", "--no-edit", "topic")

    found = blame(scratch)

    for number, line in enumerate(_of_git(scratch), start=1):
        assert found.find(Location(NORD, number)) == Blamed(found.newest.repository.commit(line))


def _of_git(scratch: Scratch) -> list[str]:
    said = scratch.git("blame", "-l", "-s", "--root", "--", NORD)
    return [line.split(" ")[0] for line in said.splitlines()]
