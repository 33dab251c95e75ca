"""What an attempt to take up a change came to."""

from __future__ import annotations

import datetime as dt
import traceback
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from engine.diagnostics import Diagnostic, InputError

T = TypeVar("T")

Cause: TypeAlias = Literal["start", "change", "poll", "signal", "http", "day"]
"""Why it was made: a start, something on disk, a look without an event, SIGHUP, a request, a new day."""

Outcome: TypeAlias = Literal["loaded", "unchanged", "refused", "failed"]
"""Loaded: it is live. Unchanged: it was. Refused: diagnostics say why. Failed: it could not be judged."""


class Part(NamedTuple):
    """What became of the configuration, or of the facts: `digest` is that of what was read.

    `message` says why it failed; after a defect of ours it is a traceback.
    """

    outcome: Outcome
    digest: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    message: str | None = None
    is_defect: bool = False


class Attempt(NamedTuple):
    """One attempt: both parts, since each may be refused while the other becomes live."""

    at: dt.datetime
    cause: Cause
    seconds: float
    configuration: Part
    facts: Part
    warnings: tuple[Diagnostic, ...] = ()
    """What is odd about both together, as they are live."""

    @property
    def is_success(self) -> bool:
        """Whether what is live is what is there."""
        return all(part.outcome in {"loaded", "unchanged"} for part in (self.configuration, self.facts))

    @property
    def outcome(self) -> Outcome:
        """The worse of both parts; loaded, if only one had changed."""
        outcomes = {self.configuration.outcome, self.facts.outcome}
        order: tuple[Outcome, ...] = ("failed", "refused", "loaded", "unchanged")
        return next(outcome for outcome in order if outcome in outcomes)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything that is wrong, by place."""
        return tuple(sorted({*self.configuration.diagnostics, *self.facts.diagnostics, *self.warnings}))

    @property
    def message(self) -> str | None:
        """Why a part failed; each reason once."""
        reasons = dict.fromkeys(part.message for part in (self.configuration, self.facts) if part.message)
        return "\n".join(reasons) or None


def judged(judge: Callable[[], tuple[T | None, Part]]) -> tuple[T | None, Part]:
    """Return what could become live; a defect is a failure of this part alone."""
    try:
        return judge()
    except Exception as error:  # noqa: BLE001 - what is live stays whatever happens, and somebody is told
        return None, failed(error)


def failed(error: Exception) -> Part:
    """Return what is said of a part that could not be judged."""
    if isinstance(error, InputError):
        said = f"{error.message}; {error.hint}" if error.hint else error.message
        return Part("failed", None, error.diagnostics, said)
    if isinstance(error, OSError):  # no descriptor is left, or the disk is ill: nothing that we broke
        return Part("failed", message=str(error))
    return Part("failed", message="".join(traceback.format_exception(error)), is_defect=True)


def reason(part: Part) -> str:
    """Return in a line why a part cannot become live."""
    if part.message is not None:
        return part.message.strip().splitlines()[-1]
    return str(next(problem for problem in part.diagnostics if problem.stops_deciding))
