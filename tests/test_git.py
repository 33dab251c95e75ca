from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from repositories import NORD, Scratch, partner

from engine import revisions, sources
from engine.diagnostics import Diagnostic, InputError
from engine.git import Author, Repository, content_id
from engine.snapshot import State
from engine.sources import Sources
from engine.trees import File, Folder, walk

FILES = {NORD: partner(), "config/vendor.yaml": "renewal_manager: {}\n", "facts/a.jsonl": "{}\n"}


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch.at(tmp_path / "repository")


def refusal(scratch: Scratch, ref: str) -> str:
    with pytest.raises(InputError) as caught:
        Repository.at(scratch.path).commit(ref)
    return f"{caught.value.message}; {caught.value.hint}"


class TestReading:
    """A commit as a tree of files."""

    def test_a_commit_is_read_as_the_directory_was_when_it_was_made(self, scratch: Scratch) -> None:
        scratch.commit({**FILES, "rules/own.yaml": "version: 1\n", "rules/deep/a_test.yaml": "version: 1\n"})
        before = sources.read(scratch.path)
        scratch.commit({NORD: "changed", "config/partners/other.yaml": "new"})

        assert sources.read_tree(Repository.at(scratch.path).commit("HEAD~1")) == before

    def test_beside_another_revision_a_file_of_the_same_content_is_the_same_object(
        self, scratch: Scratch
    ) -> None:
        scratch.commit({**FILES, "config/partners/other.yaml": "other"})
        scratch.write({"config/partners/other.yaml": "edited"})
        commit = Repository.at(scratch.path).commit("HEAD")
        known = {file.path: (content_id(file.data), file) for file in sources.read(scratch.path).partners}

        read = sources.read_tree(commit.beside(known))

        assert read == sources.read_tree(commit)
        assert [known[file.path][1] is file for file in read.partners] == [True, False]

    def test_a_link_is_no_file_of_its_text(self, scratch: Scratch) -> None:
        scratch.write(FILES)
        (scratch.path / "config/partners/link.yaml").symlink_to("nord.yaml")
        scratch.commit({})
        commit, path = Repository.at(scratch.path).commit("HEAD"), "config/partners/link.yaml"

        read = commit.beside({path: (content_id(b"nord.yaml"), File(path, b"nord.yaml"))}).read(path)

        assert read == File(path, FILES[NORD].encode())

    def test_the_work_tree_is_not_touched(self, scratch: Scratch) -> None:
        scratch.commit(FILES)
        scratch.commit({NORD: "second"})
        scratch.write({NORD: "third"})

        sources.read_tree(Repository.at(scratch.path).commit("HEAD~1"))

        assert (scratch.path / NORD).read_text() == "third"

    def test_the_root_may_be_below_the_top(self, scratch: Scratch) -> None:
        scratch.commit({f"deploy/büro/{path}": text for path, text in FILES.items()})
        root = scratch.path / "deploy/büro"

        assert sources.read_tree(Repository.at(root).commit("main")) == sources.read(root)
        assert Repository.at(root).prefix == "deploy/büro/"

    def test_a_root_that_the_commit_does_not_have_is_no_configuration(self, scratch: Scratch) -> None:
        scratch.commit({"README.md": "nothing else"})
        scratch.commit({f"deploy/{path}": text for path, text in FILES.items()})

        found = sources.read_tree(Repository.at(scratch.path / "deploy").commit("HEAD~1"))

        assert [problem.code for problem in found.diagnostics] == ["no-configuration"]

    def test_names_that_are_not_ascii_are_read(self, scratch: Scratch) -> None:
        scratch.commit({"config/partners/größe/łódź.yaml": "x"})

        found = sources.read_tree(Repository.at(scratch.path).commit("HEAD"))

        assert found.partners == (File("config/partners/größe/łódź.yaml", b"x"),)

    def test_links_inside_the_root_are_followed_as_on_disk(self, scratch: Scratch) -> None:
        scratch.write({"shared/a.yaml": "x", "config/partners/real.yaml": "y"})
        (scratch.path / "config/partners/all").symlink_to("../../shared")
        (scratch.path / "config/partners/again.yaml").symlink_to("real.yaml")
        (scratch.path / "config/partners/loop").symlink_to(".")
        scratch.commit({})

        found = sources.read_tree(Repository.at(scratch.path).commit("HEAD"))

        assert found == sources.read(scratch.path)
        assert [file.path for file in found.partners] == [
            "config/partners/again.yaml",
            "config/partners/all/a.yaml",
            "config/partners/real.yaml",
        ]

    @pytest.mark.parametrize("target", ["/etc/hostname", "../../../outside.yaml"])
    def test_a_link_that_leads_out_is_refused(self, scratch: Scratch, target: str) -> None:
        scratch.commit(FILES)
        (scratch.path / "config/partners/out.yaml").symlink_to(target)
        scratch.commit({})

        read = Repository.at(scratch.path).commit("HEAD").read("config/partners/out.yaml")

        assert isinstance(read, Diagnostic)
        assert "leads out of the root" in read.message

    def test_what_is_too_large_is_refused_by_its_size(self, scratch: Scratch) -> None:
        scratch.commit({"facts/a.jsonl": "x" * 100})
        commit = Repository.at(scratch.path).commit("HEAD")

        refused = commit.read("facts/a.jsonl", limit=99)

        assert isinstance(refused, Diagnostic)
        assert refused.code == "yaml-too-large"
        assert commit.read("facts/a.jsonl", limit=100) == File("facts/a.jsonl", b"x" * 100)

    def test_the_files_below_a_folder_are_told_without_links_and_submodules(self, scratch: Scratch) -> None:
        (scratch.path / "config/partners").mkdir(parents=True)
        (scratch.path / "config/partners/link.yaml").symlink_to("below/nord.yaml")
        (scratch.path / "config/partners/folder").symlink_to("below")
        Scratch.at(scratch.path / "config/partners/inner.yaml").commit({"a": "b"})
        scratch.commit({"config/partners/below/nord.yaml": "version: 1\n"})
        commit = Repository.at(scratch.path).commit("HEAD")

        found = dict(commit.file_ids("config/partners"))

        assert found == {"config/partners/below/nord.yaml": content_id(b"version: 1\n")}
        assert dict(commit.file_ids("nowhere")) == {}

    def test_a_directory_named_like_a_file_and_a_submodule_are_said(self, scratch: Scratch) -> None:
        inner = Scratch.at(scratch.path / "config/partners/inner.yaml")
        inner.commit({"a": "b"})
        scratch.commit({"config/partners/folder.yaml/a": "b"})
        commit = Repository.at(scratch.path).commit("HEAD")
        problems: list[Diagnostic] = []

        paths = walk(commit, "config/partners", problems)

        read = [commit.read(path) for path in paths]
        assert [one.message for one in read if isinstance(one, Diagnostic)] == [
            "the file cannot be read: it is a directory, not a file",
            "the file cannot be read: it is a submodule",
        ]


class TestNamingACommit:
    """What a ref names, and what it does not."""

    @pytest.mark.parametrize("ref", ["main", "HEAD", "v1", "heads/main", "refs/tags/v1", "@", "main~0"])
    def test_it_is_named_as_in_git(self, scratch: Scratch, ref: str) -> None:
        first = scratch.commit(FILES)
        scratch.git("tag", "--annotate", "--message", "first", "v1")

        assert Repository.at(scratch.path).commit(ref).id == first
        assert Repository.at(scratch.path).commit(first[:9]).id == first

    def test_what_it_is_and_who_made_it_is_told(self, scratch: Scratch) -> None:
        scratch.commit(FILES, "Größer\n\nbody", date="2026-03-01T09:30:00+02:00")

        commit = Repository.at(scratch.path).commit("HEAD")

        assert (commit.subject, commit.author) == ("Größer", Author("Änne Öz", "aenne@vendor.example"))
        assert commit.authored == dt.datetime.fromisoformat("2026-03-01T09:30:00+02:00")
        assert commit.authored.utcoffset() == dt.timedelta(hours=2)

    def test_an_unknown_one_comes_with_a_suggestion(self, scratch: Scratch) -> None:
        scratch.commit(FILES)

        assert refusal(scratch, "mian") == "there is no revision mian; did you mean main?"

    def test_a_name_of_a_branch_and_of_a_tag_is_ambiguous(self, scratch: Scratch) -> None:
        scratch.commit(FILES)
        scratch.git("tag", "next")
        scratch.git("checkout", "--quiet", "-b", "next")
        scratch.commit({NORD: "x"})

        assert refusal(scratch, "next") == (
            "next is ambiguous: it is heads/next and tags/next; write heads/next or tags/next"
        )

    def test_the_same_commit_under_two_names_is_not(self, scratch: Scratch) -> None:
        first = scratch.commit(FILES)
        scratch.git("tag", "main")

        assert Repository.at(scratch.path).commit("main").id == first

    @pytest.mark.parametrize("ref", ["", "HEAD:config", "main..HEAD", "a b", "HEAD^{tree}"])
    def test_what_names_no_commit_is_refused(self, scratch: Scratch, ref: str) -> None:
        scratch.commit(FILES)

        assert refusal(scratch, ref).startswith(f"{ref!r} does not name a commit")

    def test_a_shallow_clone_says_how_to_get_more(self, scratch: Scratch, tmp_path: Path) -> None:
        for text in "abc":
            scratch.commit({NORD: text})
        scratch.git("clone", "--quiet", "--depth", "1", f"file://{scratch.path}", str(tmp_path / "shallow"))
        shallow = Scratch(tmp_path / "shallow")

        assert "git fetch --unshallow" in refusal(shallow, "HEAD~1")
        assert Repository.at(shallow.path).commit("HEAD").parents == ()
        assert sources.read_tree(Repository.at(shallow.path).commit("HEAD")).partners

    def test_a_partial_clone_says_what_it_does_not_have(self, scratch: Scratch, tmp_path: Path) -> None:
        scratch.git("config", "uploadpack.allowFilter", "true")
        for text in "ab":
            scratch.commit({NORD: text})
        scratch.git(
            "clone", "--quiet", "--filter=blob:none", f"file://{scratch.path}", str(tmp_path / "partial")
        )
        old = Repository.at(tmp_path / "partial").commit("HEAD~1")

        with pytest.raises(InputError) as caught:
            sources.read_tree(old)

        assert caught.value.message == f"this partial clone does not have {NORD} of {old.short_id}"
        assert "git fetch --refetch" in (caught.value.hint or "")

    def test_where_a_shallow_clone_ends_is_known(self, scratch: Scratch, tmp_path: Path) -> None:
        for text in "abc":
            scratch.commit({NORD: text})
        scratch.git("clone", "--quiet", "--depth", "2", f"file://{scratch.path}", str(tmp_path / "shallow"))
        shallow = Repository.at(tmp_path / "shallow")

        assert [shallow.commit(ref).is_cut_off for ref in ("HEAD", "HEAD~1")] == [False, True]
        assert not Repository.at(scratch.path).commit("HEAD").is_cut_off

    def test_worktrees_and_detached_heads_work(self, scratch: Scratch, tmp_path: Path) -> None:
        first = scratch.commit(FILES)
        scratch.commit({NORD: "second"})
        scratch.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"), "main~1")

        head = Repository.at(tmp_path / "tree").head()

        assert head is not None
        assert head.id == first

    def test_outside_of_git_it_is_an_error_that_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="is not in a git work tree"):
            Repository.at(tmp_path)

    def test_a_ceiling_ends_the_search(self, scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
        scratch.commit({f"deploy/{path}": text for path, text in FILES.items()})
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(scratch.path))

        assert Repository.around(scratch.path / "deploy") is None


class TestTheStateOfAWorkTree:
    """Which commit it is, and whether it was changed."""

    def state(self, root: Path) -> State:
        return revisions.of(Folder(root), root, sources.read(root))

    def test_as_committed_it_is_the_commit(self, scratch: Scratch) -> None:
        first = scratch.commit(FILES)

        assert self.state(scratch.path) == State(first, dirty=False)

    @pytest.mark.parametrize("path", [NORD, "config/partners/new.yaml", "rules/own.yaml"])
    def test_a_file_that_decides_and_was_changed_makes_it_dirty(self, scratch: Scratch, path: str) -> None:
        scratch.commit(FILES)
        scratch.write({path: "changed"})

        assert self.state(scratch.path).dirty is True

    def test_a_file_that_was_removed_makes_it_dirty(self, scratch: Scratch) -> None:
        scratch.commit({**FILES, "config/partners/gone.yaml": "x"})
        (scratch.path / "config/partners/gone.yaml").unlink()

        assert self.state(scratch.path).dirty is True

    @pytest.mark.parametrize(
        "path", ["facts/a.jsonl", "README.md", "rules/a_test.yaml", "config/partners/.swp"]
    )
    def test_no_other_file_does(self, scratch: Scratch, path: str) -> None:
        scratch.commit(FILES)
        scratch.write({path: "changed"})

        assert self.state(scratch.path).dirty is False

    def test_line_ends_that_git_converts_are_no_change(self, scratch: Scratch) -> None:
        scratch.commit({**FILES, ".gitattributes": "*.yaml text eol=crlf\n"})
        (scratch.path / NORD).unlink()
        scratch.git("checkout", "--", NORD)

        assert b"\r\n" in (scratch.path / NORD).read_bytes()
        assert self.state(scratch.path).dirty is False

    def test_a_file_that_git_ignores_and_we_read_makes_it_dirty(self, scratch: Scratch) -> None:
        scratch.commit({**FILES, ".gitignore": "config/partners/mine.yaml\n"})
        scratch.write({"config/partners/mine.yaml": "x"})

        assert self.state(scratch.path).dirty is True

    def test_before_the_first_commit_and_outside_of_git_nothing_is_known(
        self, scratch: Scratch, tmp_path: Path
    ) -> None:
        scratch.write(FILES)

        assert self.state(scratch.path) == State()
        assert self.state(tmp_path) == State()

    def test_of_a_commit_it_is_known_without_a_look(self, scratch: Scratch) -> None:
        first = scratch.commit(FILES)
        scratch.write({NORD: "changed"})
        commit = Repository.at(scratch.path).commit("HEAD")

        assert revisions.of(commit, scratch.path, sources.read_tree(commit)) == State(first, dirty=False)

    def test_asked_again_and_again_it_is_what_a_first_look_would_say(self, scratch: Scratch) -> None:
        scratch.commit({**FILES, "rules/own.yaml": "version: 1\n", "config/partners/a.yaml": "a"})
        checkout, read, told = revisions.Checkout(scratch.path), Sources(), []

        for change in (
            lambda: None,
            lambda: scratch.write({NORD: "changed"}),
            lambda: scratch.write({"config/partners/new.yaml": "new"}),
            lambda: scratch.git("commit", "--quiet", "--all", "--message", "Nord"),
            (scratch.path / "config/partners/new.yaml").unlink,
            (scratch.path / "rules/own.yaml").unlink,
            lambda: scratch.git("checkout", "--", "rules"),
            lambda: scratch.write({NORD: FILES[NORD]}),
            lambda: scratch.git("reset", "--quiet", "--hard", "HEAD~1"),
        ):
            change()
            read = _as_before(read, sources.read(scratch.path))
            told.append(checkout.state(read))
            assert told[-1] == revisions.of(Folder(scratch.path), scratch.path, read)

        assert [state.dirty for state in told] == [False, True, True, True, False, True, False, True, False]

    def test_a_file_that_it_was_asked_about_is_not_read_again(self, scratch: Scratch) -> None:
        scratch.commit(FILES)
        read, checkout = sources.read(scratch.path), revisions.Checkout(scratch.path)
        before = checkout.state(read)
        for file in read.files:
            vars(file)["data"] = None

        assert checkout.state(read) == before


def _as_before(before: Sources, now: Sources) -> Sources:
    """Return the same with the very files of before, where they did not change, as a daemon has them."""
    known = {file.path: file for file in before.files}
    partners = tuple(known[file.path] if known.get(file.path) == file else file for file in now.partners)
    return replace(now, partners=partners)
