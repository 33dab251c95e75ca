from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import trees
from engine.diagnostics import InputError
from engine.trees import File, Folder, Unheld

CONTENT = b"0123456789"


@pytest.fixture
def unheld(tmp_path: Path) -> Unheld:
    (tmp_path / "a").write_bytes(CONTENT)
    found = Folder(tmp_path).read_unheld("a", limit=len(CONTENT))
    assert isinstance(found, Unheld)
    return found


def test_the_blocks_of_a_file_are_its_bytes(unheld: Unheld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "_BLOCK", 4)

    assert list(File("a", CONTENT).blocks()) == [b"0123", b"4567", b"89"]
    assert list(unheld.blocks()) == [b"0123", b"4567", b"89"]
    assert unheld.data == CONTENT


def test_an_empty_file_has_no_blocks() -> None:
    assert list(File("a", b"").blocks()) == []


@pytest.mark.parametrize("now", [CONTENT * 3, CONTENT[:3], b""])
def test_a_file_is_read_to_its_end_wherever_that_is_once_it_was_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: bytes
) -> None:
    path, look = tmp_path / "a", os.lstat
    path.write_bytes(CONTENT)
    monkeypatch.setattr(trees, "_BLOCK", 4)

    def looked(place: str) -> os.stat_result:
        status = look(place)
        path.write_bytes(now)
        return status

    monkeypatch.setattr(os, "lstat", looked)

    assert Folder(tmp_path).read("a") == File("a", now)


def test_that_a_file_is_not_what_it_was_is_told_after_its_last_block(unheld: Unheld, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CONTENT[::-1])
    blocks = unheld.blocks()

    assert next(blocks) == CONTENT[::-1]
    with pytest.raises(InputError, match="a is no longer what it was"):
        next(blocks)


@pytest.mark.parametrize("content", [None, CONTENT * 2])
def test_a_file_that_is_gone_or_too_large_by_now_has_no_block(
    unheld: Unheld, tmp_path: Path, content: bytes | None
) -> None:
    (tmp_path / "a").unlink()
    if content is not None:
        (tmp_path / "a").write_bytes(content)

    with pytest.raises(InputError, match="a is no longer what it was"):
        next(unheld.blocks())


def test_a_file_that_cannot_be_read_to_its_end_is_not_what_it_was() -> None:
    def again() -> Iterator[bytes]:
        yield CONTENT
        raise OSError

    file = Unheld("a", 1, b"", again)

    with pytest.raises(InputError, match="a is no longer what it was"):
        list(file.blocks())
