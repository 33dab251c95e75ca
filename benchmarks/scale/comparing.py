"""`diff` of two revisions that differ in one default of the partner with the most clients."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks import timing
from benchmarks.corpus import ON
from benchmarks.scale import processes, rows
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

_SAYS = {"owner: hubspot": "owner: partner", "owner: partner": "owner: hubspot"}
_COMMIT = ("-c", "user.name=Somebody", "-c", "user.email=somebody@vendor.example", "commit", "--quiet")


def measure(volume: Volume) -> Iterator[Row]:
    """Yield how long the comparison takes, and how many decisions it found changed."""
    root = volume.another("compared")
    _commit(root, "Everything")
    edited = max((root / "config" / "partners").rglob("*.yaml"), key=lambda path: path.stat().st_size)
    _hand_over(edited)
    _commit(root, "Hand over")
    command = processes.renewctl(
        root, "diff", "HEAD~1", "HEAD", "--on", str(ON), "--facts", str(volume.facts)
    )
    turns = {"diff": volume.turn(command)}
    measured = timing.rounds(turns, volume.fewer_rounds)["diff"]
    what = "diff: two revisions, one default of the largest partner"
    value = timing.spread(measured).median
    yield Row(what, rows.seconds(measured), "", "", rows.at_most(2, "s"), value)


def _hand_over(path: Path) -> None:
    """Change the owner of the default, the first that the file names; the file is a link to the corpus'."""
    text = path.read_text()
    before, mark, after = text.partition("\ndefault:")
    said = min(_SAYS, key=lambda words: after.find(words) % len(after))
    path.unlink()
    path.write_text(before + mark + after.replace(said, _SAYS[said], 1))


def _commit(root: Path, subject: str) -> None:
    if not (root / ".git").exists():
        _git(root, "init", "--quiet", "--initial-branch", "main")
    _git(root, "add", "--all")
    _git(root, *_COMMIT, "--message", subject)


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True)
