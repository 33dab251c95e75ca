"""The documents keep their word: every `console` block is run, every YAML file in them is used.

A page is run from top to bottom in a git repository of its own, which has the sample root in one commit on
`main`. Whoever commits there is always the same person at the same moment, so that the id of a commit follows
from what is committed. `<!-- file: PATH -->` before a block puts the block there as a file;
`<!-- excerpt: PATH -->` says that its lines stand in that file of the project. Where an output is cut, `…`
stands for the lines, or for the rest of a line, that are left out.

`$ renewctl serve &` starts a daemon, on a free port instead of 8480, which ends with `$ kill %1`. After a
command that changes the root, the next waits until the daemon has looked. What differs from run to run, such
as moments and digests, stays as the page has it.

`make docs`, which is REGENERATE=1 for this module, writes the present outputs into the pages.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
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
_PORT = "127.0.0.1:8480"
_CHANGES = re.compile(r"(sed|git|rm|renewctl (set|reload))\b")
_VARIES = re.compile(
    r"sha256:[0-9a-f]{64}|\d{4}-\d\d-\d\d[T ][\d:.]+( UTC|Z)|\b[\d.]+ s\b|after a (change|look)"
    r"|^(date|etag): .*|^watch .*"
)
_OF_TODAY = re.compile(r"^  \S+: warning: .*\n(    hint: .*\n)?", re.MULTILINE)
"""A daemon lives today, when entries of the sample may have ended that are to come in the pages."""

_DAEMON = r"""
heard() {  # the line of the daemon with these words
  while read -r -t 30 -u "${daemon[0]}" line; do
    if [[ $line == *"$1"* ]]; then printf '%s\n' "$line"; return; fi
  done
}
looked() { if [[ ${daemon_PID-} ]]; then heard "reload: " >/dev/null; fi; }
trap 'if [[ ${daemon_PID-} ]]; then kill "$daemon_PID"; fi' EXIT
"""
"""A daemon is a co-process: what it writes is read when somebody waits for it."""


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
        output = _OF_TODAY.sub("", next(outputs))
        return f"$ {command[1]}\n{_like(command[2], _cut_like(command[2], output))}"

    def with_outputs(block: re.Match[str]) -> str:
        if block[3] != "console":
            return block[0]
        return block[0].replace(block[4], _COMMAND.sub(with_output, block[4]))

    return _BLOCK.sub(with_outputs, page.read_text(encoding="utf-8"))


def _script(page: Path) -> str:
    """Return the page as one script, in which a command sees the exit code of the one before it."""
    parts = [_DAEMON]
    for block in blocks(page):
        if block.mark == "file":
            path = shlex.quote(block.path)
            parts.append(f"mkdir -p $(dirname {path})\ncat > {path} <<'{_END}'\n{block.body}{_END}")
        elif block.language == "console":
            parts += [_step(match[1]) for match in _COMMAND.finditer(block.body)]
    return "\n".join(parts)


def _step(command: str) -> str:
    """Return a command, what has to be waited for, and the end of its output."""
    waiting = ""
    if command.startswith("renewctl serve"):
        port = "" if "--socket" in command else "--port $port"
        command = f"coproc daemon {{ exec {command.removesuffix('&')} {port} 2>&1; }}"
        waiting = "heard 'listening on'; "
    elif command.startswith("kill "):
        waiting = "wait; "
    elif _CHANGES.match(command):
        waiting = "looked; "
    return f"{command}\ncode=$?; {waiting}printf '{_END}'; (exit $code)"


def _run(script: str, folder: Path) -> list[str]:
    """Run the script in a repository of the sample root; return what each command printed."""
    programs, root = folder / "programs", folder / "root"
    _install(programs)
    port = str(_free_port())
    variables = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "RENEWCTL_STATE": str(folder / "state"),
        "RENEWCTL_URL": f"http://127.0.0.1:{port}",
        **_COMMITTER,
    }
    _sample_repository(root, variables)
    script = script.replace("$port", port).replace(_PORT, f"127.0.0.1:{port}")
    said = subprocess.run(
        ["bash", "-c", f"exec 2>&1 </dev/null\n{script}"],
        cwd=root,
        env=variables,
        stdout=subprocess.PIPE,
        check=False,
    )
    return said.stdout.decode().replace(f"127.0.0.1:{port}", _PORT).split(_END)[:-1]


def _install(programs: Path) -> None:
    """Put `renewctl` into a directory of programs, and `curl` if this machine has none."""
    programs.mkdir()
    scripts = {"renewctl": ROOT / "cli.py"}
    if shutil.which("curl") is None:
        scripts["curl"] = ROOT / "tests" / "curl.py"
    for name, script in scripts.items():
        command = shlex.join([sys.executable, str(script)])
        (programs / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        (programs / name).chmod(0o755)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


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


def _like(shown: str, output: str) -> str:
    """Keep a line of the page from which the present one differs only in what differs from run to run."""
    old, new = shown.splitlines(keepends=True), output.splitlines(keepends=True)
    pairs = zip(old, new, strict=False)
    kept = [was if _VARIES.sub("", was) == _VARIES.sub("", now) else now for was, now in pairs]
    return "".join([*kept, *new[len(kept) :]])


WITH_COMMANDS = [page for page in PAGES if any(block.language == "console" for block in blocks(page))]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_every_command_of_the_page_prints_what_the_page_says(page: Path, tmp_path: Path) -> None:
    now = rewritten(page, tmp_path)
    assert DEFECT not in now
    if os.environ.get("REGENERATE"):
        page.write_text(now, encoding="utf-8")

    assert page.read_text(encoding="utf-8") == now


def test_without_curl_the_pages_are_tested_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = ROOT / "docs" / "http.md"
    monkeypatch.setattr(shutil, "which", lambda _: None)

    assert page.read_text(encoding="utf-8") == rewritten(page, tmp_path)


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
