"""Files with odd, wrong and malicious contents: each is named, the last good configuration answers on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from served import NORDLICHT, replace, served_copy, variant

ODD: Mapping[str, tuple[bytes, str]] = {
    "empty": (b"", "1 yaml-empty"),
    "blanks": (b"  \n\n \n", "1 yaml-empty"),
    "comments": (b"# one\n# two\n", "1 yaml-empty"),
    "dashes": (b"---\n", "1 yaml-empty"),
    "null": (b"null\n", "1 yaml-empty"),
    "tabs": (b"version: 1\n\tpartner: tabs\n", "2 yaml-syntax"),
    "latin": ("version: 1\npartner: latin\nname: Süd\n".encode("latin-1"), "3 yaml-encoding"),
    "wide": ("version: 1\npartner: wide\n".encode("utf-16"), "1 yaml-encoding"),
    "zero": (b"version: 1\npartner: zero\0\n", "2 yaml-encoding"),
    "duplicate": (b"version: 1\nversion: 1\npartner: duplicate\n", "2 yaml-duplicate-key"),
    "alias": (b"version: 1\npartner: &a alias\nname: *a\n", "2 yaml-alias"),
    "merge": (b"version: 1\npartner: merge\n<<: {name: x}\n", "3 yaml-key"),
    "tag": (b"version: 1\npartner: !!str tag\n", "2 yaml-tag"),
    "python": (b"!!python/object/apply:os.abort []\n", "1 yaml-tag"),
    "documents": (b"version: 1\npartner: documents\n---\nversion: 1\n", "3 yaml-multiple-documents"),
    "other": (b"version: 1\npartner: another\n", "2 partner-id-mismatch"),
    "nobody": (
        b"version: 1\npartner: nobody\nclients: {c: {override: {owner: partner, contact: tim}}}\n",
        "3 unknown-contact",
    ),
    "twice": (b"version: 1\npartner: twice\nclients: {globex: {}}\n", "3 duplicate-client"),
    "CASE": (b"version: 1\npartner: CASE\n", "2 schema-pattern"),
    "caf\u00e9": ("version: 1\npartner: caf\u00e9\n".encode(), "2 schema-pattern"),
    "deep": (b"version: 1\npartner: deep\nname: " + b"[" * 50_000 + b"\n", "3 yaml-too-large"),
    "bomb": (
        b"a: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(
            b"%c: &%c [%b]\n" % (one + 1, one + 1, b",".join([b"*%c" % one] * 9)) for one in range(97, 110)
        ),
        "1 yaml-alias",
    ),
}
"""Contents of a partner file of that name, and line and code of what is said of it."""


def test_odd_contents_are_each_refused_at_their_place(tmp_path: Path) -> None:  # F9, F17, F18, F19
    with served_copy(tmp_path) as served:
        for name, (content, _) in ODD.items():
            served.write(f"config/partners/{name}.yaml", content)
        told = served.is_refused()

        assert {f"config/partners/{name}.yaml:{said}" for name, (_, said) in ODD.items()} <= set(told)
        assert len(served.asker.tags) == 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_each_odd_content_is_refused_by_itself_and_the_cure_helps(tmp_path: Path) -> None:  # F9, F17, F18
    with served_copy(tmp_path) as served:
        for name, (content, expected) in ODD.items():
            served.write(f"config/partners/{name}.yaml", content)
            assert f"config/partners/{name}.yaml:{expected}" in served.is_refused()
            (served.root / f"config/partners/{name}.yaml").unlink()
            served.becomes_live()

        assert len(served.asker.tags) == 1


def test_a_byte_order_mark_and_other_line_ends_are_read(tmp_path: Path) -> None:  # F9
    with served_copy(tmp_path) as served:
        before = list(served.asker.tags)
        served.write(NORDLICHT, b"\xef\xbb\xbf" + variant(served.text(), 1).encode())
        marked = served.becomes_live()
        served.write(NORDLICHT, variant(served.text(), 2).replace("\n", "\r\n"))
        ended = served.becomes_live()

        assert served.asker.tags == [*before, marked, ended]


def test_what_yaml_takes_for_something_else_is_read_as_written(tmp_path: Path) -> None:  # F18
    with served_copy(tmp_path) as served:
        text = served.text()
        for name in ("no", "2026-11-23", "0123", "1_000", "~x"):
            served.write(NORDLICHT, text.replace("name: Tom Kern", f"name: {name}"))
            served.becomes_live()
            decision = served.get("/v1/clients/acme/decision?on=2026-12-05").value["decisions"][0]
            assert decision["to"][0]["name"] == name


def links_in_circles(root: Path) -> None:
    (root / "config/partners/a").symlink_to("b")
    (root / "config/partners/b").symlink_to("a")
    (root / "config/partners/up").symlink_to("..")
    (root / "config/partners/loop.yaml").symlink_to("loop.yaml")


def link_out(root: Path) -> None:
    (root.parent / "secret.yaml").write_text("version: 1\npartner: out\n")
    (root / "config/partners/out.yaml").symlink_to(root.parent / "secret.yaml")


def pipe(root: Path) -> None:
    os.mkfifo(root / "config/partners/pipe.yaml")


def directory(root: Path) -> None:
    (root / "config/partners/folder.yaml").mkdir()


def huge(root: Path) -> None:
    with (root / "config/partners/huge.yaml").open("wb") as file:
        file.truncate(100_000_000)


def unreadable(root: Path) -> None:
    (root / "config/partners/device.yaml").symlink_to("/dev/zero")
    secret = root / "config/partners/secret.yaml"
    secret.write_text("version: 1\npartner: secret\n")
    secret.chmod(0)


TRAPS: Mapping[Callable[[Path], None], str] = {
    links_in_circles: "loop.yaml:1 unreadable-file",
    link_out: "out.yaml:1 unreadable-file",
    pipe: "pipe.yaml:1 unreadable-file",
    directory: "folder.yaml:1 unreadable-file",
    huge: "huge.yaml:1 yaml-too-large",
    unreadable: "device.yaml:1 unreadable-file",
}


def test_traps_in_the_root_are_named_and_take_neither_time_nor_memory(tmp_path: Path) -> None:  # F19
    with served_copy(tmp_path) as served:
        before = served.resources()["VmHWM"]
        for trap in TRAPS:
            trap(served.root)
        told = served.is_refused()

        assert set(TRAPS.values()) <= {problem.removeprefix("config/partners/") for problem in told}
        assert served.resources()["VmHWM"] - before < 50_000
        if os.geteuid() != 0:  # the superuser may read every file
            assert "config/partners/secret.yaml:1 unreadable-file" in told


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fifty_thousand_files_are_read_in_bounded_time_and_memory(tmp_path: Path) -> None:  # F19
    with served_copy(tmp_path) as served:
        before = served.resources()["VmHWM"]
        for number in range(50_000):
            folder = served.root / f"config/partners/{number % 100}"
            folder.mkdir(exist_ok=True)
            (folder / f"p{number}.yaml").write_text(f"version: 1\npartner: p{number}\n")
        begun = time.monotonic()
        served.becomes_live(within=180)
        replace(served.root / NORDLICHT, variant(served.text(), 1))
        served.becomes_live(within=60)

        assert time.monotonic() - begun < 240
        assert served.resources()["VmHWM"] - before < 1_500_000
