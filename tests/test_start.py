"""What a start does not wait for: nearly all of a short run is imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import PROJECT, environment

pytest.importorskip("yaml_rs")
pytest.importorskip("jsonschema_rs")

SOUND = """\
version: 1
partner: nord
name: Nord
users:
  ben: {name: Ben, email: ben@nord.example}
default: {owner: partner, contact: ben}
"""
VENDOR = "version: 1\nrenewal_manager: {name: Ann, email: ann@vendor.example}\n"

FOR_OTHERS = {
    *("yaml", "jsonschema", "rich", "sqlalchemy", "pygit2", "holidays"),
    *("hashlib", "json", "csv", "shutil", "difflib", "ctypes", "tempfile"),
    *("engine.feeds.databases", "engine.feeds.jsonfacts", "engine.cases.casefiles", "engine.snapshot"),
    *("engine.reports.sarif", "engine.strict.dialect", "engine.commands.decide"),
}


def test_a_sound_root_is_validated_without_what_only_others_need(tmp_path: Path) -> None:
    partner = tmp_path / "config" / "partners" / "nord.yaml"
    partner.parent.mkdir(parents=True)
    partner.write_text(SOUND, encoding="utf-8")
    (tmp_path / "config" / "vendor.yaml").write_text(VENDOR, encoding="utf-8")
    arguments = ["renewctl", "--root", str(tmp_path), "validate", "--no-cache"]
    script = f"import sys; sys.argv = {arguments}; import cli; cli.main(); print(*sys.modules)"

    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env=environment(),
        capture_output=True,
        check=True,
        text=True,
    )

    said, loaded = ran.stdout.splitlines()
    assert said.startswith("no problems in ")
    assert FOR_OTHERS & set(loaded.split()) == set()
