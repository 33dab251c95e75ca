"""With a cache everything comes out as without one, whatever has become of the files or of the cache."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commandline import environment
from hypothesis import given, settings
from hypothesis import strategies as st
from roots import ON
from test_reading import said

from engine import configuration, processes, sources
from engine.diagnostics import Diagnostic, InputError
from engine.reading import cache, partners, remembering, sharing, versions, ways
from engine.reading.forms import Content, Form, Verdict
from engine.sources import PARTNERS
from engine.trees import File, Folder

FORMS: tuple[type[Form], ...] = (Verdict, Content)
FILES = ("nord.yaml", "south.yaml", "west/nord.yaml")


def partner(name: str, *clients: str) -> str:
    listed = "".join(f"  {client}\n" for client in clients)
    return f"""\
version: 1
partner: {name}
users: {{jana: {{name: Jana Weber, email: jana@{name}.example}}}}
default: {{owner: partner, contact: jana}}
clients:
{listed}"""


CONTENTS = (
    partner("nord", "acme: {}", "globex: {until: 2026-11-24}"),
    partner("nord", "acme: {}", "globex: {until: 2026-11-25}"),
    partner("south", "acme: {from: 2026-11-24}", "initech:"),
    partner("south", "hooli: {override: {owner: partner, contact: nobody}}"),
    "version: 1\nusers: [",
    "",
    "# nothing\n",
)


@pytest.fixture(autouse=True)
def any_root_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember roots of any size, in this process, and trust the times of what was just written."""
    monkeypatch.setattr(processes, "usable", lambda: 1)
    monkeypatch.setattr(sharing, "LEAST_BYTES", 0)
    monkeypatch.setattr(remembering, "_SETTLED", -10_000_000_000)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / PARTNERS).mkdir(parents=True)
    for name in ("nord", "south", "west/east"):
        write(folder, f"{name}.yaml", partner(Path(name).name, f"{Path(name).name}-client: {{}}"))
    return folder


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the paths of the partner files that are read and checked."""
    found: list[str] = []
    whole = partners.read

    def noted(file: File, on: dt.date) -> partners.PartnerRead:
        found.append(Path(file.path).name)
        return whole(file, on)

    monkeypatch.setattr(partners, "read", noted)
    return found


def write(root: Path, name: str, content: str) -> None:
    path = root / PARTNERS / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)


def loaded(
    root: Path, folder: Path | None, form: type[Form] = Verdict, on: dt.date = ON
) -> tuple[object, ...]:
    """Return all that a root says, read with a cache in that folder or without one."""
    tree, reader = ways.choose(Folder(root), form, on, folder)
    return said(configuration.load(sources.read_tree(tree), on, reader=reader))


def cold(root: Path, on: dt.date = ON) -> tuple[object, ...]:
    return said(configuration.load(sources.read(root), on))


def books(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


EDITS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(FILES), st.sampled_from(CONTENTS)),
    st.tuples(st.just("replace"), st.sampled_from(FILES), st.sampled_from(CONTENTS)),
    st.tuples(st.just("remove"), st.sampled_from(FILES), st.none()),
    st.tuples(st.just("touch"), st.sampled_from(FILES), st.none()),
    st.tuples(st.just("set the time back"), st.sampled_from(FILES), st.sampled_from(CONTENTS)),
)


def edit(root: Path, how: str, name: str, content: str | None) -> None:
    path = root / PARTNERS / name
    if how == "write":
        write(root, name, content or "")
    elif path.exists():
        if how == "touch":
            path.touch()
        elif how == "remove":
            path.unlink()
        elif how == "replace":
            other = root / "other"
            other.write_text(content or "")
            other.rename(path)
        else:
            before = path.stat()
            path.write_text(content or "")
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@settings(max_examples=30)
@given(st.lists(st.tuples(EDITS, st.sampled_from(FORMS), st.integers(0, 2)), max_size=8))
def test_after_any_edits_a_root_says_with_a_cache_what_it_says_without(
    steps: list[tuple[tuple[str, str, str | None], type[Form], int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, kept = Path(folder) / "root", Path(folder) / "cache"
        (root / PARTNERS).mkdir(parents=True)
        for (how, name, content), form, days in steps:
            edit(root, how, name, content)
            on = ON + dt.timedelta(days)
            assert loaded(root, kept, form, on) == cold(root, on)


@settings(max_examples=60)
@given(st.integers(0, 1 << 30), st.sampled_from(FORMS))
def test_a_cache_with_any_bytes_changed_is_as_if_there_were_none_and_is_rebuilt(
    seed: int, form: type[Form]
) -> None:
    rng = random.Random(seed)  # noqa: S311 - nothing here is secret
    with tempfile.TemporaryDirectory() as folder:
        root, kept = Path(folder) / "root", Path(folder) / "cache"
        (root / PARTNERS).mkdir(parents=True)
        write(root, "nord.yaml", CONTENTS[0])
        expected = loaded(root, kept, form)
        [book] = books(kept)
        sound = book.read_bytes()
        book.write_bytes(spoilt(rng, sound))

        assert loaded(root, kept, form) == expected
        assert book.read_bytes() == sound


def spoilt(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    match rng.randrange(4):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
        case 2:
            return data + b"\0"
        case _:
            return data[:at] + rng.randbytes(rng.randrange(1, 64)) + data[at:]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_known_is_not_read_again(
    root: Path, tmp_path: Path, form: type[Form], read_files: list[str]
) -> None:
    loaded(root, tmp_path / "cache", form)
    assert len(read_files) == 3
    read_files.clear()

    (root / PARTNERS / "nord.yaml").touch()
    write(root, "south.yaml", CONTENTS[3])
    tree, reader = ways.choose(Folder(root), form, ON, tmp_path / "cache")
    configuration.load(sources.read_tree(tree), ON, reader=reader)

    assert read_files == ["south.yaml"]


def test_files_with_the_same_times_are_not_even_opened(root: Path, tmp_path: Path) -> None:
    loaded(root, tmp_path / "cache")
    tree, reader = ways.choose(Folder(root), Verdict, ON, tmp_path / "cache")
    read = sources.read_tree(tree)
    checked = configuration.load(read, ON, reader=reader)

    assert all("data" not in vars(file) for file in read.partners)
    assert checked.digest == sources.read(root).digest


def test_the_times_of_a_file_that_was_just_written_are_not_trusted(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "_SETTLED", 2_000_000_000)
    loaded(root, tmp_path / "cache")
    tree, _ = ways.choose(Folder(root), Verdict, ON, tmp_path / "cache")

    assert all("data" in vars(file) for file in sources.read_tree(tree).partners)


def test_a_file_that_changes_after_it_was_recalled_is_not_mistaken_for_the_one_of_before(
    root: Path, tmp_path: Path
) -> None:
    loaded(root, tmp_path / "cache")
    tree, reader = ways.choose(Folder(root), Verdict, ON, tmp_path / "cache")
    checked = configuration.load(sources.read_tree(tree), ON, reader=reader)
    write(root, "nord.yaml", CONTENTS[1])

    with pytest.raises(InputError, match=r"nord.yaml was changed while it was read"):
        checked.partners[0].document.locate(("partner",))


def test_a_file_that_was_written_to_since_its_folder_was_listed_is_read_and_not_trusted(root: Path) -> None:
    tree = remembering.Remembering(root)
    assert len(list(tree.entries(PARTNERS))) == 3
    write(root, "nord.yaml", CONTENTS[1])

    found = tree.read(f"{PARTNERS}/nord.yaml")

    assert isinstance(found, File)
    assert found.data == CONTENTS[1].encode()
    assert set(tree.stamps) == {f"{PARTNERS}/south.yaml"}


def test_the_times_of_a_file_that_were_set_back_are_not_trusted(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "_SETTLED", 2_000_000_000)
    os.utime(root / PARTNERS / "nord.yaml", (0, 0))
    tree = remembering.Remembering(root)

    list(tree.entries(PARTNERS))

    assert not tree.stamps


def test_a_file_that_is_too_large_for_who_asks_is_not_recalled(root: Path, tmp_path: Path) -> None:
    loaded(root, tmp_path / "cache")
    tree, _ = ways.choose(Folder(root), Verdict, ON, tmp_path / "cache")
    list(tree.entries(PARTNERS))
    path = f"{PARTNERS}/nord.yaml"

    assert isinstance(tree.read(path), remembering.Unchanged)
    assert isinstance(tree.read(path, limit=10), Diagnostic)


def test_a_link_is_read_each_time(root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text(CONTENTS[0])
    (root / PARTNERS / "link.yaml").symlink_to(elsewhere)

    assert loaded(root, tmp_path / "cache") == cold(root)
    assert loaded(root, tmp_path / "cache") == cold(root)
    assert "unreadable-file" in str(cold(root))


@pytest.mark.parametrize("change", ["version", "day", "form", "root"])
def test_what_was_found_out_otherwise_is_not_recalled(
    change: str, root: Path, tmp_path: Path, read_files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(root, tmp_path / "cache")
    read_files.clear()
    form, on = Verdict, ON
    if change == "version":
        monkeypatch.setattr(versions, "digest", lambda: bytes(32))
    if change == "day":
        on += dt.timedelta(1)
    if change == "root":
        root = root.rename(tmp_path / "moved")

    tree, reader = ways.choose(Folder(root), Content if change == "form" else form, on, tmp_path / "cache")
    configuration.load(sources.read_tree(tree), on, reader=reader)

    assert len(read_files) == 3


def test_another_byte_of_the_engine_or_of_a_schema_is_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "engine"
    shutil.copytree(versions._PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(versions, "_PACKAGE", package)
    before = versions.digest.__wrapped__()
    assert versions.digest.__wrapped__() == before

    for name in ("model.py", "checks/datechecks.py", "fast/guard.py", "strict/dialect.py"):
        with (package / name).open("a") as module:
            module.write("\n")
        assert versions.digest.__wrapped__() != before
        before = versions.digest.__wrapped__()


def test_only_the_user_may_read_it(root: Path, tmp_path: Path) -> None:
    loaded(root, tmp_path / "new" / "cache")

    [book] = books(tmp_path / "new" / "cache")
    assert book.parent.stat().st_mode & 0o777 == 0o700
    assert book.stat().st_mode & 0o777 == 0o600


def _writable_by_all(folder: Path) -> None:
    folder.chmod(0o777)


def _book_writable_by_all(folder: Path) -> None:
    books(folder)[0].chmod(0o666)


def _book_a_link(folder: Path) -> None:
    book = books(folder)[0]
    book.rename(folder / "real")
    book.symlink_to("real")


def _book_a_pipe(folder: Path) -> None:
    book = books(folder)[0]
    book.unlink()
    os.mkfifo(book)


def _of_somebody_else(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the superuser can give a file away")
    os.chown(books(folder)[0], 65_534, 65_534)


@pytest.mark.parametrize(
    "spoil", [_writable_by_all, _book_writable_by_all, _book_a_link, _book_a_pipe, _of_somebody_else]
)
def test_what_somebody_else_may_have_written_is_not_used(
    spoil: Callable[[Path], None], root: Path, tmp_path: Path, read_files: list[str]
) -> None:
    loaded(root, tmp_path / "cache")
    spoil(tmp_path / "cache")
    read_files.clear()
    tree, reader = ways.choose(Folder(root), Verdict, ON, tmp_path / "cache")
    configuration.load(sources.read_tree(tree), ON, reader=reader)

    assert len(read_files) == 3


def _a_file(folder: Path) -> None:
    folder.write_text("")


def _a_loop(folder: Path) -> None:
    folder.symlink_to(folder)


def _read_only(folder: Path) -> None:
    folder.mkdir(mode=0o500)


@pytest.mark.parametrize("make", [_a_file, _a_loop, _read_only])
def test_where_nothing_can_be_kept_everything_works_without(
    make: Callable[[Path], None], root: Path, tmp_path: Path
) -> None:
    make(tmp_path / "cache")

    assert loaded(root, tmp_path / "cache") == cold(root)
    assert loaded(root, tmp_path / "cache") == cold(root)


def test_the_oldest_are_removed_when_there_are_too_many_and_what_was_never_finished(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST_FILES", 3)
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    for name in ("tmpabc.unfinished", "somebody's"):
        (folder / name).write_text("")
        os.utime(folder / name, (0, 0))
    for number in range(1, 6):
        loaded(shutil.copytree(root, tmp_path / f"root{number}"), folder)
        newest = max(books(folder), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (number, number))  # so that the next one is newer by far

    assert {path.name: int(path.stat().st_mtime) for path in books(folder) if path.suffix != ".renewctl"} == {
        "somebody's": 0
    }
    assert sorted(path.stat().st_mtime for path in books(folder) if path.suffix == ".renewctl") == [3, 4, 5]


def test_below_the_threshold_no_cache_is_touched(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "LEAST_BYTES", 1_500_000)

    assert loaded(root, tmp_path / "cache") == cold(root)
    assert not (tmp_path / "cache").exists()


def test_nothing_is_written_when_nothing_is_new(root: Path, tmp_path: Path) -> None:
    loaded(root, tmp_path / "cache")
    [book] = books(tmp_path / "cache")
    before = book.stat().st_ino
    loaded(root, tmp_path / "cache")

    assert book.stat().st_ino == before


def test_the_cache_is_where_the_user_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/rita")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/rita")
    assert ways.cache_folder() == Path("/var/cache/rita/renewctl")

    for none in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", none)
        assert ways.cache_folder() == Path("/home/rita/.cache/renewctl")

    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert ways.cache_folder() is None


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Path]:
    """Make a root that is large enough for everything."""
    root = tmp_path / "large"
    for number in range(60):
        clients = (f"client-{number}-{at}: {{website: client-{number}-{at}.example}}" for at in range(600))
        (root / PARTNERS).mkdir(parents=True, exist_ok=True)
        write(root, f"p{number}.yaml", partner(f"p{number}", *clients))
    return root  # type: ignore[return-value]


def test_two_processes_at_once_say_the_same_and_leave_a_sound_cache(large: Path, tmp_path: Path) -> None:
    def started() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "cli", "--root", str(large), "validate", "--on", str(ON)]
        return subprocess.Popen(
            [*command, "--format", "json"],
            cwd=versions._PACKAGE.parent,
            env=environment({"XDG_CACHE_HOME": str(tmp_path / "home")}),
            stdout=subprocess.PIPE,
        )

    runs = [started(), started()]
    first, second = (run.communicate()[0] for run in runs)
    again = started().communicate()[0]

    assert first == second == again
    assert b'"clients": 36000' in first
    assert [path.suffix for path in books(tmp_path / "home" / "renewctl")] == [".renewctl"]
