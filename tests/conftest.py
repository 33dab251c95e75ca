"""What tests of several modules need: the command line, run in this process."""

from __future__ import annotations

import datetime as dt
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import postgresql
import pytest
from commandline import PROJECT, ROOT, Renewctl, Run, copy_of_root, environment
from postgresql import Server

import cli
from engine.commands.session import Session

hypothesis.settings.register_profile("renewctl", deadline=None)  # a shared machine is slow at times
hypothesis.settings.load_profile("renewctl")

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
"""The moment of every run in this process."""


@pytest.fixture
def renewctl(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Renewctl:
    """Run the command line in this process, in the root of the tests unless a test goes elsewhere."""
    for name in os.environ.keys() - environment().keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(PROJECT))
    monkeypatch.setattr(Session, "now", NOW)  # entries of the roots end some day
    monkeypatch.chdir(ROOT)

    def run(*arguments: str, stdin: bytes = b"") -> Run:
        monkeypatch.setattr(sys, "argv", ["renewctl", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = cli.main()
        return Run(code, *capsys.readouterr())

    return run


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renewctl: Renewctl) -> Path:
    """Go to a copy of the root, to change it."""
    del renewctl  # it goes to the original
    copy = copy_of_root(tmp_path)
    monkeypatch.chdir(copy)
    return copy


@pytest.fixture(scope="session")
def socket() -> Iterator[Path]:
    try:
        with postgresql.server() as folder:
            yield folder
    except postgresql.UnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture
def server(socket: Path) -> Iterator[Server]:
    running = Server(socket)
    yield running
    running.close()
