"""A root of the real volume, made up from a seed: every feature of the format, and nothing wrong with it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import NamedTuple

from benchmarks.corpus import partners, renewals, sizes
from benchmarks.programme import ROOT

ON = dt.date(2026, 11, 23)
"""The day as of which nothing is wrong with a corpus."""

PARTNERS = 7_000
SEED = 2019


class Made(NamedTuple):
    """How much was written."""

    partners: int
    clients: int
    renewals: int


def write(root: Path, count: int = PARTNERS, seed: int = SEED, *, heavy: bool = False) -> Made:
    """Write a root into an empty directory: equal bytes for equal arguments."""
    counts = sizes.shuffled(count, seed)
    renewing = 0
    (root / "facts").mkdir(parents=True)
    with (root / "facts" / "renewals.jsonl").open("wb") as facts:
        for partner in partners.each(counts, seed, heavy=heavy):
            path = root / partner.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(partner.text.encode())
            lines = renewals.lines(partner, seed, ON)
            facts.writelines(lines)
            renewing += len(lines)
    _write_vendor(root)
    return Made(count, sum(counts), renewing)


def _write_vendor(root: Path) -> None:
    """Copy what the sample root says for all partners; its decision tests are about its own partners."""
    shutil.copy(ROOT / "config" / "vendor.yaml", root / "config" / "vendor.yaml")
    (root / "rules").mkdir()
    for path in sorted((ROOT / "rules").glob("*.yaml")):
        if not path.name.endswith("_test.yaml"):
            shutil.copy(path, root / "rules" / path.name)
