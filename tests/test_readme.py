"""The documents keep their word: every `console` block is run, every YAML file in them is used.

A page is run from top to bottom in a git repository of its own, which has the sample root in one commit on
`main`. Whoever commits there is always the same person at the same moment, so that the id of a commit follows
from what is committed. `<!-- file: PATH -->` before a block puts the block there as a file;
`<!-- excerpt: PATH -->` says that its lines stand in that file of the project. Where an output is cut, `…`
stands for the lines, or for the rest of a line, that are left out.

`make docs`, which is REGENERATE=1 for this module, writes the present outputs into the pages.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
SAMPLE = ("config", "facts", "rules")
CUT = "…"
DEFECT = "this is a defect of renewctl"

_COMMITTER = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Claire Dubois"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "claire.dubois@vendor.example"),
    **dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "2026-11-23T12:00:00Z"),
}

_BLOCK = re.compile(r"(?:^<!-- (file|excerpt): (\S+) -->\n)?^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_END = "\x1e"  # after each command's output


class Block(NamedTuple):
    """A fenced block: what the comment before it says of it, its language and its lines."""

    mark: str | None
    path: str
    language: str
    body: str


def blocks(page: Path) -> Iterator[Block]:
    for match in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield Block(*match.groups())


def rewritten(page: Path, folder: Path) -> str:
    """Return the page with the outputs that its commands have now, cut where they were cut."""
    outputs = iter(_run(_script(page), folder))

    def with_output(command: re.Match[str]) -> str:
        return f"$ {command[1]}\n{_cut_like(command[2], next(outputs))}"

    def with_outputs(block: re.Match[str]) -> str:
        if block[3] != "console":
            return block[0]
        return block[0].replace(block[4], _COMMAND.sub(with_output, block[4]))

    return _BLOCK.sub(with_outputs, page.read_text(encoding="utf-8"))


def _script(page: Path) -> str:
    """Return the page as one script, in which a command sees the exit code of the one before it."""
    parts = []
    for block in blocks(page):
        if block.mark == "file":
            path = shlex.quote(block.path)
            parts.append(f"mkdir -p $(dirname {path})\ncat > {path} <<'{_END}'\n{block.body}{_END}")
        elif block.language == "console":
            parts += [
                f"{match[1]}\ncode=$?; printf '{_END}'; (exit $code)"
                for match in _COMMAND.finditer(block.body)
            ]
    return "\n".join(parts)


def _run(script: str, folder: Path) -> list[str]:
    """Run the script in a repository of the sample root; return what each command printed."""
    programs, root = folder / "programs", folder / "root"
    _install(programs)
    variables = {"PATH": f"{programs}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "TZ": "UTC", **_COMMITTER}
    _sample_repository(root, variables)
    said = subprocess.run(
        ["bash", "-c", f"exec 2>&1 </dev/null\n{script}"],
        cwd=root,
        env=variables,
        stdout=subprocess.PIPE,
        check=False,
    )
    return said.stdout.decode().split(_END)[:-1]


def _install(programs: Path) -> None:
    """Put `renewctl` into a directory of programs."""
    programs.mkdir()
    program = programs / "renewctl"
    command = shlex.join([sys.executable, str(ROOT / "cli.py")])
    program.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    program.chmod(0o755)


def _sample_repository(root: Path, variables: Mapping[str, str]) -> None:
    """Make a repository with the sample root."""
    for name in SAMPLE:
        shutil.copytree(ROOT / name, root / name)
    for arguments in ("init -b main", "add .", "commit -m 'Begin with ten partners'"):
        subprocess.run(
            ["git", *shlex.split(arguments)], cwd=root, env=variables, check=True, capture_output=True
        )


def _cut_like(shown: str, output: str) -> str:
    """Cut an output where the one in the page was cut."""
    old, new = shown.splitlines(), output.splitlines()
    if CUT in old:
        head, tail = old.index(CUT), len(old) - old.index(CUT) - 1
        if head + tail < len(new):
            new = [*new[:head], CUT, *new[len(new) - tail :]]
    for index, (old_line, new_line) in enumerate(zip(old, new, strict=False)):
        if old_line.endswith(CUT) and len(new_line) > len(old_line):
            new[index] = new_line[: len(old_line) - 1] + CUT
    return "".join(f"{line}\n" for line in new)


WITH_COMMANDS = [page for page in PAGES if any(block.language == "console" for block in blocks(page))]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_every_command_of_the_page_prints_what_the_page_says(page: Path, tmp_path: Path) -> None:
    now = rewritten(page, tmp_path)
    assert DEFECT not in now
    if os.environ.get("REGENERATE"):
        page.write_text(now, encoding="utf-8")

    assert page.read_text(encoding="utf-8") == now


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_excerpt_stands_in_its_file(page: Path) -> None:
    for block in blocks(page):
        if block.mark == "excerpt":
            lines = block.body.splitlines(keepends=True)
            pieces = ["".join(piece) for cut, piece in groupby(lines, _is_cut) if not cut]
            text = (ROOT / block.path).read_text(encoding="utf-8")
            assert [piece for piece in pieces if piece not in text] == []


def _is_cut(line: str) -> bool:
    return line.strip() == CUT


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))

    assert [link for link in links if not _exists(page, *link)] == []


def _exists(page: Path, path: str, heading: str) -> bool:
    target = page.parent / path if path else page
    return target.exists() and (not heading or heading in _anchors(target))


def _anchors(page: Path) -> set[str]:
    """Return the headings as GitHub links to them."""
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
