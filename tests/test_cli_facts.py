from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from commandline import Renewctl, Run

ADA = "ada@pied-piper.example"
RENEWAL = {
    "renewal": "rn_9",
    "client": "pied-piper",
    "renewal_date": "2027-05-01",
    "contacts": {"decision_maker": {"email": ADA}},
}
JSON_LINES = f"{json.dumps(RENEWAL)}\n\n{json.dumps({**RENEWAL, 'renewal': 'rn_10'})}\n"
JSON_LIST = json.dumps([RENEWAL, {**RENEWAL, "renewal": "rn_10"}], indent=2)
TABLE = (
    "renewal,client,renewal_date,decision_maker.email\n"
    f"rn_9,pied-piper,2027-05-01,{ADA}\n"
    f"rn_10,pied-piper,2027-05-01,{ADA}\n"
)
WRITTEN = {"jsonl": JSON_LINES, "json": JSON_LIST, "csv": TABLE}

BAD = {
    "jsonl": '{"renewal":"rn_9","client":"acme","renewal_date":"soon"}\nno json\n' + json.dumps(RENEWAL),
    "json": json.dumps([{**RENEWAL, "renewal_date": "soon"}, {**RENEWAL, "teir": 1}, RENEWAL], indent=1),
    "csv": f"renewal,client,renewal_date\nrn_9,acme,soon\nrn_9,acme\n{RENEWAL['renewal']},acme,2027-05-01\n",
}
"""Two bad facts, then one that can be used."""


def renewals(run: Run) -> list[str]:
    assert (run.code, run.err) == (0, "")
    return [json.loads(line)["renewal"] for line in run.out.splitlines()]


def everything(renewctl: Renewctl, *options: str, stdin: bytes = b"") -> Run:
    return renewctl("decide", "--all", "--format", "jsonl", *options, stdin=stdin)


@pytest.mark.parametrize("suffix", WRITTEN)
def test_a_named_file_stands_in_for_the_facts_of_the_root(
    renewctl: Renewctl, tmp_path: Path, suffix: str
) -> None:
    (tmp_path / f"export.{suffix}").write_text(WRITTEN[suffix])

    run = everything(renewctl, "--facts", str(tmp_path / f"export.{suffix}"))

    assert renewals(run) == ["rn_10", "rn_9"]


@pytest.mark.parametrize("suffix", WRITTEN)
def test_without_a_suffix_the_content_says_the_format(
    renewctl: Renewctl, tmp_path: Path, suffix: str
) -> None:
    (tmp_path / "export").write_text(WRITTEN[suffix])

    run = everything(renewctl, "--facts", str(tmp_path / "export"))

    assert renewals(run) == ["rn_10", "rn_9"]


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("suffix", WRITTEN)
def test_standard_input_is_a_file_like_any_other(renewctl: Renewctl, suffix: str, bom: bytes) -> None:
    run = everything(renewctl, "--facts", "-", stdin=bom + WRITTEN[suffix].encode())

    assert renewals(run) == ["rn_10", "rn_9"]


def test_one_renewal_over_several_lines_is_json(renewctl: Renewctl) -> None:
    run = everything(renewctl, "--facts", "-", stdin=json.dumps(RENEWAL, indent=2).encode())

    assert renewals(run) == ["rn_9"]


def test_a_link_to_another_directory_is_followed(renewctl: Renewctl, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports/today.csv").write_text(TABLE)
    (tmp_path / "latest.csv").symlink_to(tmp_path / "exports/today.csv")

    assert renewals(everything(renewctl, "--facts", str(tmp_path / "latest.csv"))) == ["rn_10", "rn_9"]


def test_a_pipe_is_read_to_its_end(renewctl: Renewctl, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(JSON_LINES,), daemon=True)
    writer.start()

    run = everything(renewctl, "--facts", str(pipe))

    writer.join()
    assert renewals(run) == ["rn_10", "rn_9"]


@pytest.mark.parametrize("question", [("decide", "--all"), ("clients",)])
@pytest.mark.parametrize("suffix", BAD)
def test_bad_facts_are_named_and_nothing_is_decided(
    renewctl: Renewctl, tmp_path: Path, suffix: str, question: tuple[str, ...]
) -> None:
    path = tmp_path / f"export.{suffix}"
    path.write_text(BAD[suffix])

    run = renewctl(*question, "--facts", str(path))

    assert (run.code, run.out) == (2, "")
    places = [line.split(": error: ")[0] for line in run.err.splitlines() if ": error: " in line]
    assert len({place.split(":")[1] for place in places}) == 2  # two lines
    assert {place.split(":")[0] for place in places} == {str(path)}
    assert run.err.endswith(
        "error: 2 of the facts cannot be used\n"
        "  hint: mend them, or go on without them with --skip-bad-facts\n"
    )


@pytest.mark.parametrize("suffix", BAD)
def test_without_the_bad_facts_the_others_are_decided(
    renewctl: Renewctl, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"export.{suffix}"
    path.write_text(BAD[suffix])

    run = everything(renewctl, "--facts", str(path), "--skip-bad-facts")

    assert renewals(run._replace(err="")) == ["rn_9"]
    assert f"{path}:2" in run.err
    assert run.err.endswith("2 bad facts skipped\n")


def test_a_name_without_a_suffix_is_shown_as_it_is(renewctl: Renewctl, tmp_path: Path) -> None:
    (tmp_path / "export").write_text(BAD["csv"])

    run = everything(renewctl, "--facts", str(tmp_path / "export"))

    assert f"{tmp_path / 'export'}:3:1: error: " in run.err


def test_bad_facts_on_standard_input_are_named_too(renewctl: Renewctl) -> None:
    run = everything(renewctl, "--facts", "-", stdin=BAD["csv"].encode())

    assert run.code == 2
    assert "<stdin>:3:1: error: " in run.err


def test_bad_facts_of_the_root_are_named_too(renewctl: Renewctl, root: Path) -> None:
    (root / "facts/more.csv").write_text(BAD["csv"])

    run = everything(renewctl)

    assert (run.code, run.out) == (2, "")
    assert "facts/more.csv:2" in run.err


def test_a_file_of_the_root_that_cannot_be_read_is_never_passed_over_in_silence(
    renewctl: Renewctl, root: Path
) -> None:
    (root / "facts/more.jsonl").symlink_to(root / "missing")

    refused, skipped = everything(renewctl), everything(renewctl, "--skip-bad-facts")

    assert (refused.code, refused.out) == (2, "")
    assert len(renewals(skipped._replace(err=""))) == 6
    assert all("facts/more.jsonl:1:1: error: " in run.err for run in (refused, skipped))


def test_a_renewal_that_stands_twice_is_bad(renewctl: Renewctl, root: Path) -> None:
    (root / "facts/again.jsonl").write_text((root / "facts/renewals.jsonl").read_text(encoding="utf-8"))

    run = everything(renewctl)

    assert run.code == 2
    assert "6 of the facts cannot be used" in run.err


@pytest.mark.parametrize(
    ("name", "why"), [("missing.jsonl", "No such file or directory"), (".", "Is a directory")]
)
def test_a_file_that_cannot_be_read_is_bad_input(renewctl: Renewctl, name: str, why: str) -> None:
    run = everything(renewctl, "--facts", name)

    assert (run.code, run.out) == (2, "")
    assert run.err == f"error: {name} cannot be read: {why}\n  hint: name a file of renewal facts\n"


@pytest.mark.parametrize("question", [("--all",), ("--partner", "nordlicht"), ("--renewal", "rn_1")])
def test_without_facts_there_is_nothing_to_decide(renewctl: Renewctl, question: tuple[str, ...]) -> None:
    run = renewctl("decide", *question, "--facts", "-")

    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("error: there are no renewal facts\n")


def test_how_many_were_read_is_told_to_who_asks(renewctl: Renewctl) -> None:
    run = renewctl("-v", "decide", "--all", "--facts", "-", stdin=json.dumps(RENEWAL).encode())

    assert "1 renewal in 1 file\n" in run.err
