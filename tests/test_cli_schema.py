from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import PROJECT, Renewctl, Run, process

SCHEMAS = sorted((PROJECT / "schemas").glob("*.schema.json"))
KINDS = [path.name.removesuffix(".schema.json") for path in SCHEMAS]


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_printed_as_it_is_shipped(renewctl: Renewctl, kind: str) -> None:
    shipped = (PROJECT / f"schemas/{kind}.schema.json").read_text(encoding="utf-8")

    assert renewctl("schema", kind) == Run(0, shipped, "")


def test_without_a_name_every_schema_is_listed_with_one_sentence(renewctl: Renewctl) -> None:
    run = renewctl("schema")

    assert (run.code, run.err) == (0, "")
    lines = run.out.splitlines()
    assert [line.split()[0] for line in lines] == KINDS
    assert all(line.endswith(".") for line in lines)


def test_no_root_is_needed(tmp_path: Path) -> None:
    run = process("schema", "partner", cwd=tmp_path)

    assert run.code == 0
    assert json.loads(run.out)["title"] == "Partner"


def test_all_are_exported_over_older_ones(renewctl: Renewctl, tmp_path: Path) -> None:
    folder = tmp_path / "made/schemas"
    folder.mkdir(parents=True)
    (folder / "partner.schema.json").write_text("{}")
    (folder / "mine.json").write_text("{}")

    run = renewctl("schema", "--export", str(folder))

    assert run == Run(0, "", f"wrote {len(KINDS)} schemas to {folder}\n")
    exported = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert exported == {**{path.name: path.read_bytes() for path in SCHEMAS}, "mine.json": b"{}"}


def test_a_directory_that_is_not_there_is_made(renewctl: Renewctl, tmp_path: Path) -> None:
    run = renewctl("-q", "schema", "rules", "--export", str(tmp_path / "a/b"))

    assert run == Run(0, "", "")
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["rules.schema.json"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("partnr",), "error: there is no schema partnr\n  hint: did you mean partner?\n"),
        (("xyz",), f"error: there is no schema xyz\n  hint: there are {', '.join(KINDS)}\n"),
        (("--export", "config/vendor.yaml"), "is a file"),
    ],
)
def test_what_makes_no_sense_is_bad_input(renewctl: Renewctl, arguments: tuple[str, ...], said: str) -> None:
    run = renewctl("schema", *arguments)

    assert (run.code, run.out) == (2, "")
    assert said in run.err


def test_a_place_that_cannot_be_written_is_bad_input(renewctl: Renewctl, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    run = renewctl("schema", "--export", str(tmp_path / "file/schemas"))

    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"error: the schemas cannot be written to {tmp_path}/file/schemas: ")
