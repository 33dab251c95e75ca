"""What users break: each tree of tests/broken has exactly the diagnostics of its expected.txt.

To add a case, drop a tree in: `config/partners/…`, `rules/…` and `facts/…` as a user has them, and the
diagnostics in the order of `validate`, a hint indented below its line. A tree without `config/vendor.yaml`
gets one that says nothing wrong. What git cannot hold is built here instead.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.codes import CODES
from engine.configuration import unwatched
from engine.diagnostics import Diagnostic
from engine.validation import validate

ON = dt.date(2026, 11, 23)
BROKEN = Path(__file__).parent / "broken"
TREES = sorted(tree for tree in BROKEN.iterdir() if tree.is_dir())

VENDOR = "renewal_manager: {name: Rita Moss, email: rita@vendor.example}\n"
NORD = """\
version: 1
partner: nord
users: {jana: {name: Jana Weber, email: jana@nord.example}}
default: {owner: hubspot, contact: jana}
"""


def told(diagnostics: tuple[Diagnostic, ...]) -> str:
    """Return the diagnostics as a person reads them."""
    lines = []
    for problem in diagnostics:
        lines.append(f"{problem}\n")
        if problem.hint:
            lines.append(f"  hint: {problem.hint}\n")
    return "".join(lines)


def write(root: Path, path: str, content: str | bytes) -> None:
    """Write a file below the root, its directories with it."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a root in which nothing is wrong."""
    write(tmp_path, "config/vendor.yaml", VENDOR)
    write(tmp_path, "config/partners/nord.yaml", NORD)
    return tmp_path


# Trees


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_a_broken_tree_has_exactly_the_expected_diagnostics(tree: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(tree, root, ignore=shutil.ignore_patterns("expected.txt"))
    if not (root / "config/vendor.yaml").exists():
        write(root, "config/vendor.yaml", VENDOR)

    found = validate(root, ON, watcher=unwatched)

    assert told(found.diagnostics) == expected(tree)


def test_the_root_that_others_are_made_from_has_no_problem(root: Path) -> None:
    assert validate(root, ON).diagnostics == ()


# What git cannot hold, or what would be a very long file


class Case(NamedTuple):
    """A mistake made in the sound root, and all that is said of it."""

    build: Callable[[Path], object]
    expected: str


def _said(what: str, message: str, code: str, hint: str = "") -> str:
    return f"{what}: {message} [{code}]\n" + (f"  hint: {hint}\n" if hint else "")


def _unreadable(path: str, why: str, hint: str = "") -> str:
    return _said(f"{path}:1:1: error", f"the file cannot be read: {why}", "unreadable-file", hint)


def _file(path: str, content: str | bytes) -> Callable[[Path], object]:
    return lambda root: write(root, path, content)


def _named(name: bytes) -> Callable[[Path], object]:
    """Return how to write a partner file whose name is not text that can be shown."""
    return lambda root: Path(os.fsdecode(os.fsencode(root / "config/partners/") + b"/" + name)).touch()


def _linked(**links: str) -> Callable[[Path], object]:
    """Return how to make links between partner files."""

    def build(root: Path) -> None:
        for name, target in links.items():
            (root / f"config/partners/{name}.yaml").symlink_to(target)

    return build


def _link_out_of_the_root(root: Path) -> None:
    outside = root.with_name("outside.yaml")
    outside.write_text("version: 1\npartner: linked\n", encoding="utf-8")
    (root / "config/partners/linked.yaml").symlink_to(outside)


def _vendor_directory(root: Path) -> None:
    (root / "config/vendor.yaml").unlink()
    (root / "config/vendor.yaml").mkdir()


def _partners_file(root: Path) -> None:
    shutil.rmtree(root / "config/partners")
    write(root, "config/partners", NORD)


def _many_conditions() -> str:
    """Return 241 conditions; the shipped routes have two more."""
    labels = [f"client.labels.l{number}" for number in range(241)]
    rules = [{"rule": f"r{index}", "when": {label: "x"}, "reason": "X"} for index, label in enumerate(labels)]
    return json.dumps({"version": 1, "adjustments": rules})


def _parity(flags: str, *, odd: bool) -> dict[str, object]:
    """Return the condition that an odd or even number of flags is set: nothing is harder to analyse."""
    if not flags:
        return {"not": {}} if odd else {}
    first: dict[str, object] = {"renewal.flags": {"contains": flags[0]}}
    with_first = {**first, "all": [_parity(flags[1:], odd=not odd)]}
    without_first = {"not": first, "all": [_parity(flags[1:], odd=odd)]}
    return {"any": [with_first, without_first]}


def _intricate_rules() -> str:
    never = [_parity("abcdefg", odd=True), _parity("bcdefga", odd=False), _parity("cdefgab", odd=False)]
    intricate = {"rule": "intricate", "when": {"all": never}, "to": ["partner_contact"]}
    return json.dumps({"version": 1, "routes": [intricate, {"rule": "rest", "to": ["partner_contact"]}]})


UNPRINTABLE = "its name holds a character that does not print, or that is not UTF-8"

CASES: dict[str, Case] = {
    "a pipe": Case(
        lambda root: os.mkfifo(root / "config/partners/pipe.yaml"),
        _unreadable("config/partners/pipe.yaml", "it is a pipe, not a file"),
    ),
    "a device": Case(
        _linked(device="/dev/null"),
        _unreadable("config/partners/device.yaml", "it is a device, not a file"),
    ),
    "a directory named like a file": Case(
        lambda root: (root / "config/partners/south.yaml").mkdir(),
        _unreadable("config/partners/south.yaml", "it is a directory, not a file"),
    ),
    "a directory in place of the vendor file": Case(
        _vendor_directory,
        _unreadable("config/vendor.yaml", "it is a directory, not a file"),
    ),
    "a file in place of the partners directory": Case(
        _partners_file,
        _unreadable("config/partners", "Not a directory"),
    ),
    "a loop of links": Case(
        _linked(one="two.yaml", two="one.yaml"),
        _unreadable("config/partners/one.yaml", "Too many levels of symbolic links")
        + _unreadable("config/partners/two.yaml", "Too many levels of symbolic links"),
    ),
    "a link to nowhere": Case(
        _linked(lost="nowhere.yaml"),
        _unreadable("config/partners/lost.yaml", "No such file or directory"),
    ),
    "a link out of the root": Case(
        _link_out_of_the_root,
        _unreadable("config/partners/linked.yaml", "it is a link that leads out of the root"),
    ),
    "a name that is not UTF-8": Case(
        _named(b"n\xff.yaml"),
        _unreadable(r"config/partners/n\udcff.yaml", UNPRINTABLE, "rename it"),
    ),
    "a name on two lines": Case(
        _named(b"n\nx.yaml"),
        _unreadable(r"config/partners/n\nx.yaml", UNPRINTABLE, "rename it"),
    ),
    "a partner file of more than 16 MiB": Case(
        _file("config/partners/big.yaml", b"#" * (16 * 2**20 + 1)),
        _said(
            "config/partners/big.yaml:1:1: error",
            "the file has 16,777,217 bytes; at most 16,777,216 are read",
            "yaml-too-large",
            "split it",
        ),
    ),
    "a value too deep": Case(
        _file("config/partners/nord.yaml", f"{NORD}labels: {'[' * 65}{']' * 65}\n"),
        _said(
            "config/partners/nord.yaml:5:72: error",
            "this is nested more than 64 levels deep",
            "yaml-too-large",
            "use fewer levels",
        ),
    ),
    "a file in Latin-1": Case(
        _file("config/partners/nord.yaml", f"{NORD}name: Nörd".encode("latin-1")),
        _said(
            "config/partners/nord.yaml:5:8: error",
            "byte 0xF6 is not UTF-8",
            "yaml-encoding",
            "save the file as UTF-8",
        ),
    ),
    "a file in UTF-16": Case(
        _file("config/partners/nord.yaml", NORD.encode("utf-16")),
        _said(
            "config/partners/nord.yaml:1:1: error",
            "the file is UTF-16, expected UTF-8",
            "yaml-encoding",
            "save it as UTF-8",
        ),
    ),
    "a line separator and a lone carriage return": Case(
        _file("config/partners/nord.yaml", f'{NORD}name: "Nord\u2028Digital"\rtime_zone: UTC\n'),
        _said(
            "config/partners/nord.yaml:5:12: error",
            "the line separator LS (U+2028) may not stand in a YAML file",
            "yaml-encoding",
            "delete it; most editors do not show it",
        )
        + _said(
            "config/partners/nord.yaml:5:21: error",
            "a carriage return without a line feed",
            "yaml-encoding",
            "end lines with a line feed, or with both",
        ),
    ),
    "facts that are not UTF-8": Case(
        _file("facts/a.jsonl", b'{"renewal": "rn_1", "client": "acme", "name": "J\xfcrgen"}\n'),
        _said("facts/a.jsonl:1:49: error", "this is not UTF-8", "yaml-encoding", "save the file as UTF-8"),
    ),
    "a table that is not UTF-8": Case(
        _file("facts/a.csv", "renewal,client,renewal_date\nrn_1,acü,2027-02-28\n".encode("latin-1")),
        _said("facts/a.csv:2:1: error", "this is not UTF-8", "yaml-encoding", "save the file as UTF-8"),
    ),
    "facts nested too deeply": Case(
        _file("facts/a.jsonl", b"[" * 100_000),
        _said("facts/a.jsonl:1:1: error", "this is nested too deeply", "json-syntax"),
    ),
    "no vendor file": Case(
        lambda root: (root / "config/vendor.yaml").unlink(),
        _said(
            "config/vendor.yaml:1:1: warning",
            "no renewal manager is named: the vendor's tasks are for nobody in particular",
            "missing-renewal-manager",
            "add `renewal_manager: {name: …, email: …}`",
        ),
    ),
    "no partners directory": Case(
        lambda root: shutil.rmtree(root / "config/partners"),
        _said(
            "config/partners:1:1: error",
            "there is no partner file here",
            "no-configuration",
            "write one, such as config/partners/nordlicht.yaml",
        ),
    ),
    "rules with too many conditions": Case(
        _file("rules/mine.yaml", _many_conditions()),
        _said(
            "rules/mine.yaml:1:32: error",
            "the rules come to 243 conditions; at most 240 are possible",
            "rules-too-complex",
            "compare a fact with a list (`in: […]`) where rules repeat themselves",
        ),
    ),
    "rules too intricate to analyse": Case(
        _file("rules/mine.yaml", _intricate_rules()),
        _said(
            "rules/mine.yaml:1:27: warning",
            "it cannot be told whether rule intricate can ever decide: too intricate",
            "analysis-incomplete",
            "fewer facts in one rule make it simpler",
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_root_that_git_cannot_hold_has_exactly_the_expected_diagnostics(name: str, root: Path) -> None:
    CASES[name].build(root)

    assert told(validate(root, ON).diagnostics) == CASES[name].expected


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_that_nobody_may_read_is_reported(root: Path) -> None:
    write(root, "config/partners/secret.yaml", NORD)
    (root / "config/partners/secret.yaml").chmod(0)

    assert told(validate(root, ON).diagnostics) == _unreadable(
        "config/partners/secret.yaml", "Permission denied"
    )


def test_a_directory_behind_a_link_to_itself_is_read_once(root: Path) -> None:
    (root / "config/partners/again").symlink_to(".")

    assert validate(root, ON).diagnostics == ()


# Every code


def test_every_documented_code_is_shown_by_a_case() -> None:
    texts = (*map(expected, TREES), *(case.expected for case in CASES.values()))

    assert {code for text in texts for _, code in told_codes(text)} == set(CODES)


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_a_code_is_as_bad_as_documented(tree: Path) -> None:
    for severity, code in told_codes(expected(tree)):
        assert severity in CODES[code].severity


def told_codes(text: str) -> Iterator[tuple[str, str]]:
    """Yield severity and code of each diagnostic."""
    for match in re.finditer(r"^\S.*?:\d+:\d+: (error|warning): .* \[(\S+)\]$", text, re.MULTILINE):
        yield match[1], match[2]


def expected(tree: Path) -> str:
    """Return what is to be said of the tree."""
    return (tree / "expected.txt").read_text(encoding="utf-8")
