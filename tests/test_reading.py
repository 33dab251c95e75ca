"""However partner files are read, the configuration is the same, to the last hint and place."""

from __future__ import annotations

import datetime as dt
import logging
import os
import random
import signal
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import pytest
from fuzz import PROJECT, file
from hypothesis import given
from hypothesis import strategies as st
from roots import ON, SHIPPED_RULES, SHIPPED_SCHEDULE

from engine import configuration, processes, sources
from engine.configuration import Configuration, Memory
from engine.fast import tier
from engine.model import Partner
from engine.reading import partners, sharing, ways
from engine.reading.forms import Content, Form, Verdict
from engine.reading.partners import PartnerRead, PartnerReader, Watcher, in_process
from engine.sources import PARTNERS, Sources
from engine.trees import File

ROOTS = (PROJECT, PROJECT / "tests" / "root", *sorted(PROJECT.glob("tests/broken/*/")))
FORMS: tuple[type[Form], ...] = (Verdict, Content)

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")


@pytest.fixture(autouse=True)
def two_processes_for_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "usable", lambda: 2)
    monkeypatch.setattr(sharing, "LEAST_BYTES", 0)
    monkeypatch.setattr(sharing, "_AT_ONCE", 2)


def said(checked: Configuration) -> tuple[object, ...]:
    """Return all that a configuration says, with what equality leaves out."""
    files = [
        (one.document.path, one.document.text, repr(one.document.value), repr(one.record))
        for one in checked.partners
    ]
    return files, repr(checked.vendor.record), checked.digest, [astuple(one) for one in checked.diagnostics]


def loaded(read: Sources, reader: PartnerReader = in_process) -> tuple[object, ...]:
    return said(configuration.load(read, ON, reader=reader))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
def test_a_root_reads_the_same_in_two_processes(root: Path, form: type[Form]) -> None:
    read = sources.read(root)

    assert loaded(read, ways.shared(form)) == loaded(read)


@pytest.mark.parametrize("form", FORMS)
def test_any_files_read_the_same_in_two_processes_and_with_the_strict_tier_alone(
    form: type[Form], monkeypatch: pytest.MonkeyPatch
) -> None:
    corpora = [_corpus(seed) for seed in range(20)]
    quick = [loaded(corpus, ways.shared(form)) for corpus in corpora]
    monkeypatch.setattr(tier, "installed", lambda: None)

    assert quick == [loaded(corpus) for corpus in corpora]


def _corpus(seed: int) -> Sources:
    """Return a root of partner files with mistakes of any kind, some of which list the same clients."""
    rng = random.Random(seed)  # noqa: S311 - nothing here is secret
    whole = [path.read_bytes() for path in sorted(PROJECT.glob("tests/broken/*/config/partners/*.yaml"))]
    contents = [*(file(rng.randrange(1 << 30)) for _ in range(3)), *rng.choices(whole, k=9)]
    return Sources(
        partners=tuple(File(f"{PARTNERS}/p{at}.yaml", data) for at, data in enumerate(contents)),
        shipped_rules=SHIPPED_RULES,
        shipped_schedule=SHIPPED_SCHEDULE,
    )


@given(st.lists(st.binary(max_size=40), max_size=9))
def test_any_bytes_read_the_same_in_any_form(contents: list[bytes]) -> None:
    files = [File(f"{PARTNERS}/p{at}.yaml", data) for at, data in enumerate(contents)]
    expected = [partners.read(one, ON) for one in files]

    for form in FORMS:
        found = [form.of(read).unpacked(one) for read, one in zip(expected, files, strict=True)]
        assert [one.problems for one in found] == [one.problems for one in expected]
        assert [one.value and one.value.record for one in found] == [
            one.value and one.value.record for one in expected
        ]


def test_a_verdict_does_not_need_the_file_again_unless_somebody_asks_for_the_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = sources.read(PROJECT / "tests" / "root")
    checked = configuration.load(read, ON, reader=ways.shared(Verdict))
    asked: list[str] = []
    whole = partners.record

    def noted(file: File) -> Partner:
        asked.append(file.path)
        return whole(file)

    monkeypatch.setattr(partners, "record", noted)
    again = configuration.load(read, ON, reader=ways.shared(Verdict))

    assert again.diagnostics == checked.diagnostics
    assert asked == []
    assert isinstance(again.partners[0].record, Partner)
    assert asked == [again.partners[0].document.path]


@pytest.mark.parametrize("how", ["killed", "raises"])
@pytest.mark.parametrize("form", FORMS)
def test_a_process_that_fails_is_said_and_its_files_are_read_here(
    how: str, form: type[Form], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read = sources.read(PROJECT / "tests" / "broken" / "duplicate-client")
    expected, parent, whole = loaded(read), os.getpid(), partners.read

    def failing(file: File, on: dt.date) -> PartnerRead:
        if os.getpid() == parent:
            return whole(file, on)
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise MemoryError

    monkeypatch.setattr(partners, "read", failing)
    with caplog.at_level(logging.WARNING):
        found = loaded(read, ways.shared(form))

    assert found == expected
    assert "a process that reads files has failed, a defect of renewctl" in caplog.text


@given(st.lists(st.integers(0, 30)), st.integers(1, 40))
def test_files_are_cut_into_parts_of_one_size_in_their_order(sizes: list[int], at_once: int) -> None:
    files = [File(f"{PARTNERS}/p{at}.yaml", bytes(size)) for at, size in enumerate(sizes)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing, "_AT_ONCE", at_once)
        parts = sharing.parts(files)

    assert [file for part in parts for file in part] == files
    assert all(parts)
    assert all(sum(file.size for file in part[:-1]) < at_once for part in parts)
    assert len(parts) <= sum(sizes) // at_once + 1


def test_beside_a_thread_and_for_a_small_root_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    read = sources.read(PROJECT / "tests" / "root")
    monkeypatch.setattr(processes, "in_order", None)

    monkeypatch.setattr(processes, "usable", lambda: 1)
    assert loaded(read, ways.shared(Content)) == loaded(read)

    monkeypatch.setattr(processes, "usable", lambda: 2)
    monkeypatch.setattr(sharing, "LEAST_BYTES", 1_500_000)
    assert loaded(read, ways.shared(Content)) == loaded(read)


def test_progress_ends_where_all_files_are_read() -> None:
    read = sources.read(PROJECT / "tests" / "root")
    steps: list[tuple[int, int]] = []

    def watch(done: int, total: int) -> None:
        steps.append((done, total))

    configuration.load(read, ON, watch, reader=ways.shared(Content))

    count = len(read.partners)
    assert steps[-1] == (count, count)
    assert steps == sorted(steps)


def test_what_is_remembered_is_not_read_again_in_any_process() -> None:
    memory, read = Memory(), sources.read(PROJECT / "tests" / "root")
    asked: list[Sequence[File]] = []
    shared = ways.shared(Content)

    def reader(files: Sequence[File], on: dt.date, watcher: Watcher) -> Sequence[PartnerRead]:
        asked.append(files)
        return shared(files, on, watcher)

    first = configuration.load(read, ON, memory=memory, reader=reader)
    second = configuration.load(read, ON, memory=memory, reader=reader)

    assert [len(files) for files in asked] == [len(read.partners), 0]
    assert all(a is b for a, b in zip(first.partners, second.partners, strict=True))
