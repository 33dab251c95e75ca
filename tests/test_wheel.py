from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from commandline import ON, PROJECT, copy_of_root, environment

COMPILER_FLAGS = "-DPyEval_CallObject=PyObject_CallObject"  # see the Makefile


def pip(python: Path, *arguments: str | Path) -> None:
    flags = f"{os.environ.get('CPPFLAGS', '')} {COMPILER_FLAGS}"
    variables = environment({"CPPFLAGS": flags, "PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    subprocess.run([python, "-m", "pip", "--quiet", *arguments], check=True, env=variables)


def built_wheel(folder: Path) -> Path:
    pip(Path(sys.executable), "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, PROJECT)
    (wheel,) = folder.glob("renewctl-*.whl")
    return wheel


def installed(wheel: Path, folder: Path) -> Path:
    """Return the command of a fresh environment that holds the wheel and what it needs."""
    venv.create(folder, with_pip=True)
    pip(folder / "bin/python", "install", "--constraint", PROJECT / "requirements.lock", wheel)
    return folder / "bin/renewctl"


@pytest.mark.timeout(300)
def test_the_wheel_is_all_that_a_machine_needs(tmp_path: Path) -> None:
    wheel = built_wheel(tmp_path)
    renewctl = installed(wheel, tmp_path / "environment")
    root = copy_of_root(tmp_path)
    (root / "rules/recipients.yaml").unlink()  # so that the shipped rules decide

    def ask(*arguments: str) -> str:
        return subprocess.check_output([renewctl, *arguments], cwd=root, env=environment(), text=True)

    assert ask("validate", "--strict") == "no problems in 5 files: 2 partners, 2 clients, 12 rules\n"
    decisions = json.loads(ask("decide", "--client", "globex", "--on", ON, "--format", "json"))["decisions"]
    assert [decision["reasons"] for decision in decisions] == [["HOLD"], ["HOLD"]]
    assert decisions[0]["trace"][-1]["origin"].startswith("rules/")

    ask("init", "new")
    assert ask("--root", "new", "validate", "--strict").startswith("no problems")
    assert "  $ renewctl decide " in ask("explain", "HOLD")

    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("schemas", "rules"):
        shipped = {path.name for path in (PROJECT / folder).iterdir()}
        bundled = {Path(name).name for name in names if name.startswith(f"engine/_bundled/{folder}/")}
        assert bundled == shipped
    tops = {name.split("/")[0] for name in names}
    assert tops == {"cli.py", "engine", f"renewctl-{wheel.name.split('-')[1]}.dist-info"}
