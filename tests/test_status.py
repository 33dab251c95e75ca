from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from repositories import NORD
from test_loading import CONTENTS
from test_service import BROKEN, OTHER, SOUND, Root, Running, made, started

from engine.daemon import status
from engine.daemon.service import Service
from engine.daemon.status import Status

NOW = dt.datetime(2026, 11, 23, 13, tzinfo=dt.UTC)


@dataclass
class Watch:
    """A watcher that looked at some moment."""

    mode: str = "poll"
    last_look: dt.datetime | None = NOW - dt.timedelta(seconds=7)


def told(running: Running, watch: Watch | None = None) -> Status:
    return status.of(running.service, watch or Watch(), NOW)


def test_what_is_live_is_told() -> None:
    running = started()
    said = told(running)

    assert said.ok
    assert said.revision.digest == running.live.snapshot.revision.digest
    assert said.revision.since == running.live.since == said.last_success
    assert (said.revision.partners, said.revision.clients, said.facts.renewals, said.facts.clients) == (
        1,
        2,
        1,
        1,
    )
    assert said.revision.rules == len(running.live.snapshot.rulebook.rules)
    assert said.facts.digest == running.live.facts.digest
    assert (said.root, said.complaints, said.revision.is_last_good) == ("/root", (), False)


def test_nothing_is_told_before_the_start() -> None:
    with pytest.raises(RuntimeError, match="before the service was started"):
        status.of(made(Root()), Watch(), NOW)


def test_a_refused_change_is_told_beside_what_is_still_live() -> None:
    running = started()
    good = told(running)
    attempt = running.becomes(BROKEN)

    said = told(running)

    assert not said.ok
    assert said.revision == good.revision
    assert said.last_success == good.last_success
    assert said.last_attempt is not None
    assert (said.last_attempt.outcome, said.last_attempt.configuration) == ("refused", "refused")
    assert (said.last_attempt.facts, said.last_attempt.at) == ("unchanged", attempt.at)
    errors = [problem for problem in said.last_attempt.diagnostics if problem.severity == "error"]
    assert [(problem.file, problem.line, problem.code) for problem in errors] == [
        (NORD, 1, "unknown-contact")
    ]


def test_a_mistake_that_is_taken_back_is_forgotten() -> None:
    running = started()
    running.becomes(BROKEN)
    running.becomes(dict(SOUND))

    said = told(running)

    assert said.ok
    assert said.last_attempt is not None
    assert said.last_attempt.outcome == "unchanged"
    assert {problem.severity for problem in said.last_attempt.diagnostics} <= {"warning"}


def test_the_warnings_of_what_is_live_are_told_with_it() -> None:
    running = started()
    running.root.now += dt.timedelta(days=8)
    running.becomes({**SOUND, NORD: CONTENTS[NORD][1]})

    said = told(running)

    assert "expired-entry" in {problem.code for problem in said.revision.diagnostics}
    assert said.ok


def test_what_was_saved_is_never_called_fine_though_nothing_was_refused_since(tmp_path: Path) -> None:
    started(tmp_path)
    service = made(Root(files=BROKEN), tmp_path)
    service.start(from_last_good=True)
    said = status.of(service, Watch(), NOW)

    assert (said.ok, said.revision.is_last_good, said.last_success) == (False, True, None)


def test_what_cannot_be_saved_is_a_complaint(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("in the way")

    (complaint,) = told(started(tmp_path / "kept")).complaints

    assert complaint.startswith("the last good configuration cannot be kept")


@pytest.mark.parametrize(
    ("last_look", "age"),
    [(None, None), (NOW, 0.0), (NOW - dt.timedelta(seconds=7), 7.0), (NOW + dt.timedelta(1), 0.0)],
)
def test_it_is_told_for_how_long_nobody_has_looked(last_look: dt.datetime | None, age: float | None) -> None:
    assert told(started(), Watch("events", last_look)).watch.stale_seconds == age


def test_it_is_of_one_moment_while_another_revision_becomes_live() -> None:
    running = started()
    first = running.service.moment
    said: list[Status] = []
    running.service.listeners.append(lambda _attempt: said.append(told(running)))

    running.becomes(OTHER)

    assert said[0].last_attempt is not None
    assert first.live is not None
    assert said[0].revision.digest != first.live.snapshot.revision.digest
    assert said[0].revision.since == said[0].last_attempt.at == said[0].last_success


def test_it_can_be_written_as_json_wherever_the_root_lies() -> None:
    root = Root()
    service = Service(Path(os.fsdecode(b"/srv/r\xff")), root.read, clock=root.clock)
    service.start()

    text = msgspec.json.encode(status.of(service, Watch(), NOW))

    assert msgspec.json.decode(text, type=Status) == status.of(service, Watch(), NOW)
