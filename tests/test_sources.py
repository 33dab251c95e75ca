from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from engine import sources
from engine.diagnostics import Diagnostic, InputError
from engine.sources import Sources
from engine.trees import File, Folder


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below the root and return it."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    return root


def read(root: Path, files: Mapping[str, str]) -> Sources:
    """Write files below the root and read it."""
    return sources.read(write(root, files))


def codes(found: Sources) -> list[str]:
    """Return path and code of each diagnostic."""
    return [f"{problem.location.path} {problem.code}" for problem in found.diagnostics]


# The root


@pytest.mark.parametrize("start", [".", "config", "config/partners", "docs/deep"])
def test_the_root_is_found_from_anywhere_within(start: str, tmp_path: Path) -> None:
    write(tmp_path, {"config/partners/nord.yaml": "", "docs/deep/x.md": ""})

    assert sources.find_root(tmp_path / start) == tmp_path


def test_the_nearest_root_counts(tmp_path: Path) -> None:
    write(tmp_path, {"config/partners/a.yaml": "", "inner/config/partners/b.yaml": ""})

    assert sources.find_root(tmp_path / "inner/config") == tmp_path / "inner"


def test_without_a_root_the_error_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        sources.find_root(tmp_path)

    assert caught.value.hint == "give --root DIR, or go to a directory that has config/partners"


def test_a_root_that_is_the_work_tree_has_no_prefix_in_it(tmp_path: Path) -> None:
    (tmp_path / "repository/.git").mkdir(parents=True)

    assert sources.prefix_in_work_tree(tmp_path / "repository") == ""


def test_a_root_within_a_work_tree_has_its_path_as_prefix(tmp_path: Path) -> None:
    (tmp_path / "repository/.git").mkdir(parents=True)
    (tmp_path / "repository/deploy/renewals").mkdir(parents=True)

    assert sources.prefix_in_work_tree(tmp_path / "repository/deploy/renewals") == "deploy/renewals/"


# What is read


def test_files_are_read_in_the_order_of_their_paths(tmp_path: Path) -> None:
    names = ("b.yaml", "a/z.yaml", "a.yaml", "a/b/c.yaml", "a-b.yaml")
    found = read(tmp_path, {f"config/partners/{name}": "" for name in names})

    assert [file.path for file in found.partners] == sorted(f"config/partners/{name}" for name in names)


def test_a_file_is_read_as_bytes(tmp_path: Path) -> None:
    (tmp_path / "config/partners").mkdir(parents=True)
    (tmp_path / "config/partners/a.yaml").write_bytes(b"\xff\x00\r\n")

    assert sources.read(tmp_path).partners == (File("config/partners/a.yaml", b"\xff\x00\r\n"),)


def test_the_schedule_and_decision_tests_are_no_rules(tmp_path: Path) -> None:
    names = (
        "recipients.yaml",
        "schedule.yaml",
        "recipients_test.yaml",
        "more/schedule.yaml",
        "more/a_test.yaml",
    )

    found = read(tmp_path, {"config/partners/a.yaml": "", **{f"rules/{name}": "" for name in names}})

    assert [file.path for file in found.rules] == ["rules/recipients.yaml"]
    assert found.schedule == File("rules/schedule.yaml", b"")
    assert [file.path for file in found.decision_tests] == [
        "rules/more/a_test.yaml",
        "rules/recipients_test.yaml",
    ]
    assert [(problem.code, problem.location.path) for problem in found.diagnostics] == [
        ("ignored-file", "rules/more/schedule.yaml")
    ]


def test_the_shipped_rules_are_told_from_the_roots_own(tmp_path: Path) -> None:
    found = read(tmp_path, {"config/partners/a.yaml": "", "rules/recipients.yaml": ""})

    assert [file.path for file in found.shipped_rules] == [
        "rules/escalation.yaml",
        "shipped/rules/recipients.yaml",
        "rules/suppression.yaml",
    ]


@pytest.mark.parametrize(
    "name", [".hidden.yaml", ".git/a.yaml", ".a.yaml.swp", "README.md", "a.yaml~", "#a.yaml#", "notes.txt"]
)
def test_what_is_no_configuration_is_passed_over(name: str, tmp_path: Path) -> None:
    found = read(tmp_path, {"config/partners/a.yaml": "", f"config/partners/{name}": "nonsense"})

    assert [file.path for file in found.partners] == ["config/partners/a.yaml"]
    assert found.diagnostics == ()


@pytest.mark.parametrize(
    "path",
    [
        "config/partners/b.yml",
        "config/partners/dach/b.json",
        "rules/b.YAML",
        "config/vendor.yml",
        "config/b.yaml",
    ],
)
def test_what_looks_like_configuration_and_is_not_read_is_named(path: str, tmp_path: Path) -> None:
    found = read(tmp_path, {"config/partners/a.yaml": "", path: ""})

    assert codes(found) == [f"{path} ignored-file"]


def test_a_volume_of_kubernetes_is_read_through_its_links(tmp_path: Path) -> None:
    partners = tmp_path / "config/partners"
    write(partners, {"..2026_11_23/nord.yaml": "version: 1"})
    (partners / "..data").symlink_to("..2026_11_23")
    (partners / "nord.yaml").symlink_to("..data/nord.yaml")

    assert sources.read(tmp_path).partners == (File("config/partners/nord.yaml", b"version: 1"),)


def test_a_directory_behind_links_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, {"config/partners/a.yaml": "", "config/partners/dach/b.yaml": ""})
    (tmp_path / "config/partners/dach/up").symlink_to("..")
    (tmp_path / "config/partners/dach/itself").symlink_to(".")

    found = sources.read(tmp_path)

    assert [file.path for file in found.partners] == ["config/partners/a.yaml", "config/partners/dach/b.yaml"]


def test_a_root_may_itself_be_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real", {"config/partners/a.yaml": "x"})
    (tmp_path / "link").symlink_to("real")

    assert sources.read(tmp_path / "link").partners == (File("config/partners/a.yaml", b"x"),)


def test_a_directory_whose_name_does_not_print_is_not_entered(tmp_path: Path) -> None:
    inner = os.fsencode(tmp_path) + b"/config/partners/d\xff"
    os.makedirs(inner)  # noqa: PTH103 - a path is text

    Path(os.fsdecode(inner + b"/a.yaml")).touch()

    assert codes(sources.read(tmp_path)) == [r"config/partners/d\udcff unreadable-file"]


def test_a_file_named_alone_may_be_larger_than_configuration(tmp_path: Path) -> None:
    write(tmp_path, {"facts/a.jsonl": "x" * 100})

    refused = Folder(tmp_path).read("facts/a.jsonl", limit=99)

    assert isinstance(refused, Diagnostic)
    assert refused.code == "yaml-too-large"
    assert Folder(tmp_path).read("facts/a.jsonl", limit=100) == File("facts/a.jsonl", b"x" * 100)


# Facts


def test_facts_files_are_listed_in_the_order_of_their_paths(tmp_path: Path) -> None:
    names = ("b.jsonl", "a.csv", "2026/c.json", ".d.json", "README.md", "e.xlsx")
    write(tmp_path, {f"facts/{name}": "" for name in names})

    paths, warnings = sources.facts_paths(Folder(tmp_path))

    assert paths == ("facts/2026/c.json", "facts/a.csv", "facts/b.jsonl")
    assert [problem.location.path for problem in warnings] == ["facts/e.xlsx"]


def test_there_may_be_no_facts(tmp_path: Path) -> None:
    assert sources.facts_paths(Folder(tmp_path)) == ((), ())


# The digest


def test_the_digest_is_of_paths_and_bytes(tmp_path: Path) -> None:
    found = read(tmp_path, {"config/partners/a.yaml": "x"})
    assert found.shipped_schedule is not None
    shipped = b"".join(
        f"{hashlib.sha256(file.data).hexdigest()}  shipped/{file.path}\n".encode()
        for file in (*found.shipped_rules, found.shipped_schedule)
    )
    own = f"{hashlib.sha256(b'x').hexdigest()}  config/partners/a.yaml\n".encode()

    assert found.digest == f"sha256:{hashlib.sha256(own + shipped).hexdigest()}"


@pytest.mark.parametrize(
    "files",
    [
        {"config/partners/a.yaml": "y"},
        {"config/partners/b.yaml": "x"},
        {"config/partners/a.yaml": "x", "config/vendor.yaml": ""},
        {"config/partners/a.yaml": "x", "rules/a.yaml": ""},
        {"config/partners/a.yaml": "x", "config/partners/b.yaml": ""},
    ],
)
def test_whatever_changes_changes_the_digest(files: Mapping[str, str], tmp_path: Path) -> None:
    before = read(tmp_path / "before", {"config/partners/a.yaml": "x"})

    assert read(tmp_path / "after", files).digest != before.digest


def test_what_is_not_read_does_not_change_the_digest(tmp_path: Path) -> None:
    before = read(tmp_path / "before", {"config/partners/a.yaml": "x"})

    after = read(tmp_path / "after", {"config/partners/a.yaml": "x", "facts/a.jsonl": "", "README.md": ""})

    assert after.digest == before.digest
