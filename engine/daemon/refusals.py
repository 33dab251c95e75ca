"""Why a service does not start, as an error for whoever starts it."""

from __future__ import annotations

from engine.daemon.attempts import Attempt, Part
from engine.diagnostics import ConfigurationError, InputError


class DefectError(RuntimeError):
    """A defect of ours keeps the daemon from starting; the log has all of it, with the attempt."""


def not_started(attempt: Attempt) -> Exception:
    """Return what to raise when there is nothing to serve; facts are mended along with the configuration."""
    if attempt.configuration.outcome == "failed":
        return _broken(attempt.configuration)
    is_all = attempt.facts.outcome == "refused"
    return ConfigurationError(attempt.diagnostics if is_all else attempt.configuration.diagnostics)


def check_facts(facts: Part, *, is_last_good: bool) -> None:
    """Raise unless facts can be used; a root that could not even be read may be served without them."""
    if facts.outcome == "refused":
        cure = "mend them, or go on without the bad ones with --skip-bad-facts"
        raise InputError("the facts cannot be used", cure, facts.diagnostics)
    if facts.outcome == "failed" and not is_last_good:
        raise _broken(facts)


def _broken(part: Part) -> Exception:
    """Return the failure; that of a defect of ours is no error of whoever starts us."""
    message = part.message or "it failed"
    return DefectError(message) if part.is_defect else InputError(message, None, part.diagnostics)
