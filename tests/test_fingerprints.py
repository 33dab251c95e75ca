from __future__ import annotations

import os
from pathlib import Path

import pytest
import scripted

from engine import sources, trees
from engine.daemon import fingerprints
from engine.diagnostics import Diagnostic
from engine.sources import FACTS, PARTNERS
from engine.trees import Folder

FILES = (
    "config/partners/nord.yaml",
    "config/partners/south/sud.yaml",
    "config/vendor.yaml",
    "facts/renewals.jsonl",
    "rules/deep/own_test.yaml",
    "rules/own.yaml",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "root"
    for path in FILES:
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text(path)
    return made


def test_every_file_that_is_read_has_a_stamp(root: Path) -> None:
    look = fingerprints.look(root)

    assert sorted(look.configuration) == [path for path in FILES if not path.startswith(FACTS)]
    assert list(look.facts) == ["facts/renewals.jsonl"]
    assert look.configuration.keys() > sources.paths(Folder(root)), "decision tests are read, too"


@pytest.mark.parametrize(
    "path",
    [
        "config/partners/.nord.yaml.swp",
        "config/partners/.git/index.yaml",
        "config/partners/nord.yaml~",
        "config/partners/4913",
        "config/partners/nord.yaml.new",
        "facts/README.md",
        "facts/renewals.jsonl.new",
        ".git/HEAD",
        "README.md",
    ],
)
def test_what_is_not_read_is_not_looked_at(root: Path, path: str) -> None:
    before = fingerprints.look(root)

    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text("anything")

    assert fingerprints.look(root) == before


@pytest.mark.parametrize("path", ["config/vendor.yml", "config/partners/sud.yml", "rules/own.json"])
def test_a_name_that_is_warned_about_is_a_change(root: Path, path: str) -> None:
    before = fingerprints.look(root)

    (root / path).write_text("anything")

    after = fingerprints.look(root)
    assert after != before
    assert after.stamps == before.stamps


@pytest.mark.parametrize("path", FILES)
def test_a_file_that_is_written_to_has_another_stamp(root: Path, path: str) -> None:
    before = fingerprints.look(root)

    scripted.append(root / path, "!")

    after = fingerprints.look(root)
    assert [one for one in FILES if after.stamps[one] != before.stamps[one]] == [path]


def test_a_file_whose_old_time_was_set_again_has_another_stamp(root: Path) -> None:
    path = root / FILES[0]
    before = fingerprints.look(root)
    status = path.stat()

    path.write_text(FILES[0].upper())
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert fingerprints.look(root) != before


def test_facts_and_configuration_are_told_apart(root: Path) -> None:
    before = fingerprints.look(root)

    scripted.append(root / "facts/renewals.jsonl", "{}")

    after = fingerprints.look(root)
    assert after.configuration == before.configuration
    assert after.facts != before.facts


def test_a_link_shows_the_file_that_it_leads_to(root: Path) -> None:
    volume = root / PARTNERS
    for copy in ("..one", "..two"):
        (volume / copy).mkdir()
        (volume / copy / "west.yaml").write_text(copy)
    (volume / "..data").symlink_to("..one")
    (volume / "west.yaml").symlink_to("..data/west.yaml")
    before = fingerprints.look(root)

    (volume / "..new").symlink_to("..two")
    (volume / "..new").rename(volume / "..data")

    after = fingerprints.look(root)
    assert after != before
    assert after.stamps.keys() == before.stamps.keys() == {*FILES, "config/partners/west.yaml"}


def test_a_root_that_is_a_link_is_looked_at_where_it_leads_now(root: Path) -> None:
    link = root.with_name("current")
    link.symlink_to(root)
    before = fingerprints.look(link)

    link.unlink()
    link.symlink_to(root.with_name("gone"))
    without = fingerprints.look(link)
    link.unlink()
    link.symlink_to(root)

    assert not without.stamps
    assert not without.folders
    assert fingerprints.look(link) == before


def test_a_root_that_is_swapped_meanwhile_is_looked_at_in_one_place(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = root.with_name("current")
    link.symlink_to(root)
    walk = trees.walk

    def walk_and_swap(tree: Folder, folder: str, problems: list[Diagnostic]) -> list[str]:
        link.unlink(missing_ok=True)
        return walk(tree, folder, problems)

    monkeypatch.setattr(fingerprints, "walk", walk_and_swap)

    assert sorted(fingerprints.look(link).stamps) == sorted(FILES)


def test_links_that_lead_in_a_circle_or_nowhere_end(root: Path) -> None:
    (root / PARTNERS / "circle").symlink_to(root / PARTNERS)
    (root / PARTNERS / "nowhere.yaml").symlink_to("nothing")
    (root / PARTNERS / "itself.yaml").symlink_to("itself.yaml")

    look = fingerprints.look(root)

    assert look.stamps["config/partners/nowhere.yaml"] is None
    assert look.stamps["config/partners/itself.yaml"] is None
    assert look.stamps.keys() - set(FILES) == {"config/partners/nowhere.yaml", "config/partners/itself.yaml"}


def test_a_directory_that_another_has_replaced_is_told(root: Path) -> None:
    before = fingerprints.look(root).folders

    (root / "rules").rename(root / "old")
    (root / "rules").mkdir()

    after = fingerprints.look(root).folders
    assert before.keys() - after.keys() == {"rules/deep"}
    assert {one for one in after if after[one] != before[one]} == {"rules"}
    assert before.keys() >= {"", "config", PARTNERS, "config/partners/south", FACTS}
