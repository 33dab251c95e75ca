"""What a daemon says of itself, for people and programs (docs/operations.md says what to do about it)."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from typing import Protocol

import msgspec

from engine import __version__
from engine.daemon.attempts import Attempt, Cause, Outcome
from engine.daemon.knownfacts import KnownFacts
from engine.daemon.service import Live, Service
from engine.diagnostics import Diagnostic


class Watch(Protocol):
    """What is told of the watcher."""

    @property
    def mode(self) -> str:
        """How changes are noticed: `events`, `poll` or `off`."""

    @property
    def last_look(self) -> dt.datetime | None:
        """When somebody last looked whether anything had changed."""


class Problem(msgspec.Struct, frozen=True):
    """A diagnostic, as `renewctl validate --format json` writes it."""

    file: str
    line: int
    column: int
    severity: str
    code: str
    message: str
    hint: str | None


class LastAttempt(msgspec.Struct, frozen=True):
    """What the last attempt to take up a change came to."""

    at: dt.datetime
    cause: Cause
    outcome: Outcome
    configuration: Outcome
    facts: Outcome
    seconds: float
    message: str | None
    diagnostics: tuple[Problem, ...]


class LiveRevision(msgspec.Struct, frozen=True):
    """Which configuration answers."""

    digest: str
    commit: str | None
    dirty: bool | None
    since: dt.datetime
    is_last_good: bool
    partners: int
    clients: int
    rules: int
    diagnostics: tuple[Problem, ...]


class LiveFacts(msgspec.Struct, frozen=True):
    """Which facts are known."""

    digest: str | None
    renewals: int
    clients: int
    skipped: int


class Watching(msgspec.Struct, frozen=True):
    """How changes are noticed, and for how long nobody has looked."""

    mode: str
    last_look: dt.datetime | None
    stale_seconds: float | None


class Status(msgspec.Struct, frozen=True):
    """All of it. `ok` says whether what is live is what is on disk, as far as anybody knows."""

    format_version: str
    version: str
    ok: bool
    root: str
    started: dt.datetime
    now: dt.datetime
    revision: LiveRevision
    facts: LiveFacts
    last_attempt: LastAttempt | None
    last_success: dt.datetime | None
    watch: Watching
    complaints: tuple[str, ...]


def of(service: Service, watch: Watch, now: dt.datetime) -> Status:
    """Return what is to be said at that moment."""
    live, attempt, success = service.moment
    if live is None:
        raise RuntimeError("nothing is to be said before the service was started")
    return Status(
        format_version="1.1",
        version=__version__,
        ok=attempt is not None and attempt.is_success and not live.is_last_good,
        root=os.fsencode(service.root).decode("utf-8", "backslashreplace"),  # a name need not be UTF-8
        started=service.started,
        now=now,
        revision=_revision(live),
        facts=_facts(live.facts),
        last_attempt=of_attempt(attempt) if attempt else None,
        last_success=success,
        watch=Watching(watch.mode, watch.last_look, _age(watch.last_look, now)),
        complaints=service.complaints,
    )


def _revision(live: Live) -> LiveRevision:
    snapshot = live.snapshot
    return LiveRevision(
        digest=snapshot.revision.digest,
        commit=snapshot.revision.commit,
        dirty=snapshot.revision.dirty,
        since=live.since,
        is_last_good=live.is_last_good,
        partners=len(snapshot.partners),
        clients=len(snapshot.listings),
        rules=len(snapshot.rulebook.rules),
        diagnostics=_problems(live.diagnostics),
    )


def _facts(known: KnownFacts) -> LiveFacts:
    return LiveFacts(known.digest, len(known.renewals), known.clients, skipped=known.bad)


def of_attempt(attempt: Attempt) -> LastAttempt:
    """Return what is said of an attempt."""
    return LastAttempt(
        at=attempt.at,
        cause=attempt.cause,
        outcome=attempt.outcome,
        configuration=attempt.configuration.outcome,
        facts=attempt.facts.outcome,
        seconds=round(attempt.seconds, 6),
        message=attempt.message,
        diagnostics=_problems(attempt.diagnostics),
    )


def _problems(diagnostics: Iterable[Diagnostic]) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            file=one.location.path,
            line=one.location.line,
            column=one.location.column,
            severity=one.severity.value,
            code=one.code,
            message=one.message,
            hint=one.hint,
        )
        for one in diagnostics
    )


def _age(moment: dt.datetime | None, now: dt.datetime) -> float | None:
    return None if moment is None else max(0.0, (now - moment).total_seconds())
