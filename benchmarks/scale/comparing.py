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

_WHAT = "diff: two commits, one default of the largest partner"
_SAYS = {"owner: hubspot": "owner: partner", "owner: partner": "owner: hubspot"}
_COMMIT = ("-c", "user.name=Somebody", "-c", "user.email=somebody@vendor.example", "commit", "--quiet")
_AIM = rows.at_most(2, "s")


def measure(volume: Volume) -> Iterator[Row]:
    """Yield how long it takes for who compares for the first time, and for who did before."""
    root = _repository(volume)
    command = processes.renewctl(
        root, "diff", "HEAD~1", "HEAD", "--on", str(ON), "--facts", str(volume.facts)
    )
    kept = ["--cache", str(volume.folder / "compared-cache")]
    processes.run([*command, *kept])
    turns = {"first": volume.turn([*command, "--no-cache"]), "again": volume.turn([*command, *kept])}
    measured = timing.rounds(turns, volume.rounds)
    for name, said in (("first", "nothing remembered"), ("again", "the other files were compared before")):
        value = timing.spread(measured[name]).median
        facts = f"{volume.facts.stat().st_size / 1e6:.0f} MB of facts"
        yield Row(f"{_WHAT}; {said}", rows.seconds(measured[name]), facts, "", _AIM, value)


def _repository(volume: Volume) -> Path:
    """Return a repository with both revisions, packed as a clone has it."""
    root = volume.another("compared")
    _git(root, "init", "--quiet", "--initial-branch", "main")
    _commit(root, "Everything")
    _hand_over(max((root / "config" / "partners").rglob("*.yaml"), key=lambda path: path.stat().st_size))
    _commit(root, "Hand over")
    _git(root, "gc", "--quiet")
    return root


def _hand_over(path: Path) -> None:
    """Change the owner of the default, the first that the file names; the file is a link to the corpus'."""
    text = path.read_text()
    before, mark, after = text.partition("\ndefault:")
    said = min(_SAYS, key=lambda words: after.find(words) % len(after))
    path.unlink()
    path.write_text(before + mark + after.replace(said, _SAYS[said], 1))


def _commit(root: Path, subject: str) -> None:
    _git(root, "add", "--all")
    _git(root, *_COMMIT, "--message", subject)


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True)
