"""The events of the daemon: what is said of each in the log, and how loudly (docs/operations.md)."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from itertools import islice
from threading import Lock
from typing import Any

from engine.daemon import logs
from engine.daemon.attempts import Attempt, Outcome, Part
from engine.daemon.refusals import DefectError
from engine.daemon.service import Service
from engine.daemon.status import Watch
from engine.decisions import Decision
from engine.diagnostics import ConfigurationError, Diagnostic, InputError, Severity
from engine.server.observing import Observer, Page

SHOWN = 1_000
"""New diagnostics of one attempt that get a line, at the start all; all of them are in the status, too."""

SLOW = 1.0
"""Seconds from which an answer is worth a line."""

EVENTS = {
    "start": "The daemon answers; with what, and where.",
    "refused": "It does not start, or ends by a defect; why. What is wrong with the root was said before.",
    "stop": "The daemon was told to stop, and by what; it still answers what was asked.",
    "stopped": "It has ended.",
    "reload": "An attempt to take up what is on disk, with its `cause`, its `outcome` and that of each part.",
    "diagnostic": "One problem of that attempt which the attempt before had not.",
    "diagnostics": "How many more problems there are than got a line.",
    "complaint": "Something beside the root is wrong, as `complaints` of the status says.",
    "watch": "Changes are noticed in another way from now on.",
    "slow": f"An answer took longer than {SLOW:g} s.",
    "message": "What a library, or a part of the daemon, has to say; `logger` is its name.",
}
"""Every event and its meaning."""

_LEVELS: dict[Outcome, int] = {
    "loaded": logging.INFO,
    "unchanged": logging.INFO,
    "refused": logging.ERROR,
    "failed": logging.ERROR,
}
_SEVERITIES = {Severity.ERROR: logging.ERROR, Severity.WARNING: logging.WARNING}


class Log:
    """Says what happens to a service; what was said of the attempt before is not said again."""

    def __init__(self, service: Service, watch: Watch) -> None:
        self._service = service
        self._watch = watch
        self._said: frozenset[Diagnostic] = frozenset()
        self._message: str | None = None
        self._complaints: tuple[str, ...] = ()
        self._mode: str | None = None
        self._is_started = False
        self._lock = Lock()

    def started(self, addresses: Iterable[str]) -> None:
        """Say what answers, and where."""
        live = self._service.live
        logs.say(
            logging.WARNING if live.is_last_good else logging.INFO,
            "start",
            "the last good configuration answers" if live.is_last_good else "ready",
            addresses=" ".join(addresses),
            partners=len(live.snapshot.partners),
            clients=len(live.snapshot.listings),
            renewals=len(live.facts.renewals),
            **self._revision(),
        )
        self._is_started = True
        if self._watch.mode == "off":
            self.look()  # nobody else will

    def attempt(self, attempt: Attempt) -> None:
        """Say what came of an attempt, and what is newly wrong."""
        found = attempt.diagnostics
        new = [one for one in found if one not in self._said]
        is_new = attempt.message is not None and attempt.message != self._message
        logs.say(
            _LEVELS[attempt.outcome],
            "reload",
            f"configuration {attempt.configuration.outcome}, facts {attempt.facts.outcome}",
            cause=attempt.cause,
            outcome=attempt.outcome,
            configuration=attempt.configuration.outcome,
            facts=attempt.facts.outcome,
            seconds=round(attempt.seconds, 3),
            digest=_new_digest(attempt.configuration),
            facts_digest=_new_digest(attempt.facts),
            commit=self._commit(attempt),
            diagnostics=len(found),
            new_diagnostics=len(new) if found else None,
            detail=attempt.message if is_new else None,
        )
        _say_each(new, len(new) if attempt.cause == "start" else SHOWN)
        self._said, self._message = frozenset(found), attempt.message
        self._complain()
        if self._is_started:
            self.look()

    def look(self) -> None:
        """Say what is otherwise than before: how changes are noticed, what else is wrong."""
        with self._lock:
            mode, before = self._watch.mode, self._mode
            self._mode = mode
        if mode != before:
            level = logging.WARNING if before == "events" else logging.INFO
            logs.say(level, "watch", f"changes are noticed by: {mode}", mode=mode, before=before)
        self._complain()

    def _complain(self) -> None:
        with self._lock:
            complaints, before = self._service.complaints, self._complaints
            self._complaints = complaints
        for complaint in complaints:
            if complaint not in before:
                logs.say(logging.WARNING, "complaint", complaint)

    def _commit(self, attempt: Attempt) -> str | None:
        """Return which commit became live; of what was refused nobody asks git."""
        is_live = attempt.configuration.outcome in {"loaded", "unchanged"}
        return self._revision().get("commit") if is_live else None

    def _revision(self) -> dict[str, Any]:
        revision = self._service.live.snapshot.revision
        return {"digest": revision.digest, "commit": revision.commit, "dirty": revision.dirty}


def _new_digest(part: Part) -> str | None:
    """Return the digest of a part that is another than before."""
    return None if part.outcome == "unchanged" else part.digest


def stopping(reason: str) -> None:
    """Say that the daemon ends, once what was asked is answered."""
    logs.say(logging.INFO, "stop", "stopping", reason=reason)


def stopped() -> None:
    """Say that it has."""
    logs.say(logging.INFO, "stopped", "stopped")


_OF_THE_CLIENT = {408, 499}
"""Answers whose time the client took: it sent too slowly, or went away."""


def refusal(error: Exception) -> InputError:
    """Return why the daemon does not start, without what was said of the attempt already, or an address."""
    match error:
        case ConfigurationError():
            return InputError("the configuration cannot be used", "mend what was said above")
        case InputError():
            return InputError(logs.masked(error.message), error.hint and logs.masked(error.hint))
    return InputError("this is a defect of renewctl", "please report it, with what was said above")


def not_started(error: Exception) -> None:
    """Say why the daemon does not start; of a defect that no attempt has told, all of it."""
    is_told = isinstance(error, ConfigurationError | InputError | DefectError)
    detail = None if is_told else "".join(traceback.format_exception(error))
    why = refusal(error)
    logs.say(logging.ERROR, "refused", why.message, hint=why.hint, detail=detail)


def exit_code(error: Exception) -> int:
    """Return what the process ends with, as after any other command (README.md, exit codes)."""
    if not isinstance(error, ConfigurationError | InputError):
        return 3
    problems = error.diagnostics if isinstance(error, ConfigurationError) else ()
    is_missing = any(problem.code == "no-configuration" for problem in problems)
    return 1 if problems and not is_missing else 2


class SlowAnswers:
    """An observer that passes everything on, and says which answers were slow."""

    def __init__(self, observer: Observer, slow: float = SLOW) -> None:
        self.decided: Callable[[Iterable[Decision]], None] = observer.decided
        self._observer = observer
        self._slow = slow

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Pass it on; a line names the route, never the path, in which there are ids."""
        self._observer.answered(route, status, seconds)
        if seconds > self._slow and status not in _OF_THE_CLIENT:
            logs.say(
                logging.WARNING, "slow", "slow answer", route=route, status=status, seconds=round(seconds, 3)
            )

    def page(self, accept: str = "") -> Page:
        """Return what was counted."""
        return self._observer.page(accept)


def _say_each(new: list[Diagnostic], most: int) -> None:
    errors_first = sorted(new, key=lambda one: (one.severity is not Severity.ERROR, one))
    for one in islice(errors_first, most):
        logs.say(
            _SEVERITIES[one.severity],
            "diagnostic",
            f"{one.location}: {one.message}",
            severity=one.severity.value,
            code=one.code,
            file=one.location.path,
            line=one.location.line,
            column=one.location.column,
            hint=one.hint,
        )
    if len(new) > most:
        logs.say(logging.WARNING, "diagnostics", f"and {len(new) - most:,} more", more=len(new) - most)
