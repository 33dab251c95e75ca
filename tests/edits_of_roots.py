"""Edits of a root as others make them, each with the places that the operating system names for it."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from hypothesis import strategies as st

Told = list[str | None]
Edit = Callable[[Path], Told]

FILES = (
    *("config/partners/nord.yaml", "config/partners/sud.yaml", "config/partners/west.yaml"),
    *("config/partners/south/ost.yaml", "config/partners/north.yml", "config/partners/.nord.yaml.swp"),
    *("config/partners/README", "config/vendor.yaml", "config/vendor.yml", "config/other.yaml"),
    *("rules/own.yaml", "rules/own.json", "rules/deep/own_test.yaml", "rules/deep/lost.yaml"),
    *("facts/renewals.jsonl", "facts/more.csv", "facts/notes.txt", "facts/README.md", "README.md"),
)
FOLDERS = (
    "config",
    "config/partners",
    "config/partners/south",
    "config/partners/.git",
    "rules/deep",
    "facts",
)
LINKED = ("config/partners/west.yaml", "config/partners/south", "config/vendor.yaml", "facts/more.csv")
TARGETS = ("..data/west.yaml", "nord.yaml", "../../rules/deep", "nowhere", "../../../outside", "west.yaml")

_lengths = itertools.count(1)


def text() -> str:
    """Return a text of a length that no file had: times alone do not tell two writes in one moment apart."""
    return "#" * next(_lengths)


def planted(root: Path) -> Path:
    """Make a root of some of the files."""
    for path in FILES[::2]:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text())
    return root


def written(path: str) -> Edit:
    """Write a file in place, or a new one."""

    def edit(root: Path) -> Told:
        if not _has_folder(root / path) or (root / path).is_dir() or (root / path).is_symlink():
            return []
        (root / path).write_text(text())
        return _told(root / path)

    return edit


def replaced(path: str) -> Edit:
    """Write a file beside, then rename it."""

    def edit(root: Path) -> Told:
        beside = (root / path).with_name(f".{Path(path).name}.new")
        if not _has_folder(root / path) or ((root / path).is_dir() and not (root / path).is_symlink()):
            return []
        beside.write_text(text())
        beside.replace(root / path)
        return [*_told(beside), *_told(root / path)]

    return edit


def deleted(path: str) -> Edit:
    """Remove a file or a link."""

    def edit(root: Path) -> Told:
        if not os.path.lexists(root / path) or ((root / path).is_dir() and not (root / path).is_symlink()):
            return []
        (root / path).unlink()
        return _told(root / path)

    return edit


def moved(path: str, to: str) -> Edit:
    """Give a file another name."""

    def edit(root: Path) -> Told:
        if not (root / path).is_file() or not _has_folder(root / to) or (root / to).is_dir():
            return []
        (root / path).replace(root / to)
        return [*_told(root / path), *_told(root / to)]

    return edit


def made(folder: str) -> Edit:
    """Make a directory with a file in it."""

    def edit(root: Path) -> Told:
        if os.path.lexists(root / folder) or not _has_folder(root / folder):
            return []
        (root / folder).mkdir()
        (root / folder / "made.yaml").write_text(text())
        return [None, *_told(root / folder)]

    return edit


def removed(folder: str) -> Edit:
    """Remove a directory with all that is in it."""

    def edit(root: Path) -> Told:
        if not (root / folder).is_dir() or (root / folder).is_symlink():
            return []
        shutil.rmtree(root / folder)
        return [None, *_told(root / folder)]

    return edit


def linked(path: str, target: str) -> Edit:
    """Put a link in the place of a file."""

    def edit(root: Path) -> Told:
        told = deleted(path)(root)
        if os.path.lexists(root / path) or not _has_folder(root / path):
            return told
        (root / path).symlink_to(target)
        return [*told, *_told(root / path)]

    return edit


def published(number: int) -> Edit:
    """Swap a volume as the kubelet does."""

    def edit(root: Path) -> Told:
        volume = root / "config/partners"
        if not volume.is_dir() or (volume / f"..{number}").exists():
            return []
        (volume / f"..{number}").mkdir()
        (volume / f"..{number}/west.yaml").write_text(text())
        (volume / "..data_tmp").unlink(missing_ok=True)
        (volume / "..data_tmp").symlink_to(f"..{number}")
        (volume / "..data_tmp").replace(volume / "..data")
        return [str(volume / f"..{number}"), *_told(volume / "..data_tmp"), *_told(volume / "..data")]

    return edit


def edits() -> st.SearchStrategy[list[Edit]]:
    """Return strategies for edits one after the other, most of them of single files."""
    files, folders = st.sampled_from(FILES), st.sampled_from(FOLDERS)
    single = st.one_of(
        st.builds(written, files),
        st.builds(replaced, files),
        st.builds(deleted, files),
        st.builds(moved, files, files),
    )
    many = st.one_of(
        st.builds(made, folders),
        st.builds(removed, folders),
        st.builds(linked, st.sampled_from(LINKED), st.sampled_from(TARGETS)),
        st.builds(published, st.integers(0, 3)),
    )
    return st.lists(st.one_of(single, single, single, many), min_size=1, max_size=4)


def _has_folder(place: Path) -> bool:
    """Whether a file may be put there, with no link on the way."""
    return place.parent.is_dir() and Path(os.path.realpath(place.parent)) == place.parent


def _told(place: Path) -> Told:
    return [str(place), str(place.parent)]


def done(steps: list[Edit], root: Path) -> Iterator[str | None]:
    """Make the edits, and yield what is told of them."""
    for edit in steps:
        yield from edit(root)
