"""A daemon's status for people and programs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from engine.diagnostics import Diagnostic, Location, Severity
from engine.reports import problems
from engine.reports.problems import counted
from engine.reports.styles import Paint, plain

_CAUSES = {
    "start": "at the start",
    "change": "after a change",
    "poll": "after a look",
    "signal": "as a signal asked",
    "http": "as somebody asked",
    "day": "on a new day",
}
_OUTCOMES = {
    "loaded": "live",
    "unchanged": "nothing new",
    "refused": "refused",
    "failed": "failed",
}


def json(status: Mapping[str, Any]) -> str:
    """Return all of it, as the daemon says it."""
    return msgspec.json.format(msgspec.json.encode(status), indent=2).decode()


def text(status: Mapping[str, Any], paint: Paint = plain) -> str:
    """Return one screen."""
    return "\n".join(_lines(status, paint))


def attempt(attempt: Mapping[str, Any], paint: Paint = plain) -> Iterator[str]:
    """Yield what came of an attempt to take up a change, and everything that is wrong."""
    yield from problems.lines(map(_diagnostic, attempt["diagnostics"]), paint)
    yield _came_of(attempt, paint)
    yield from _why(attempt)


def _lines(status: Mapping[str, Any], paint: Paint) -> Iterator[str]:
    revision, facts, now = status["revision"], status["facts"], status["now"]
    state = paint("ok", "good") if status["ok"] else paint("NOT what is on disk", "error")
    yield f"{state}  renewctl {status['version']}, {status['root']}, up for {_ago(status['started'], now)}"
    yield f"live       {revision['digest']}"
    if revision["commit"]:
        yield f"commit     {revision['commit']}{', changed since' if revision['dirty'] else ''}"
    if revision["is_last_good"]:
        yield paint(
            "           the last good configuration: the root could not be used at the start", "warning"
        )
    yield f"since      {_moment(revision['since'])}, {_ago(revision['since'], now)} ago"
    yield f"holds      {', '.join(_held(revision, facts))}"
    if facts.get("skipped"):
        skipped = counted(facts["skipped"], "renewal")
        yield paint(f"           {skipped} left out, for their facts are bad", "warning")
    yield f"watch      {_watch(status['watch'])}"
    last = status["last_attempt"]
    if last:
        yield f"last look  {_moment(last['at'])}: {_came_of(last, paint)}"
        yield from _why(last)
        yield from (f"  {line}" for line in problems.lines(map(_diagnostic, last["diagnostics"]), paint))
    for complaint in status["complaints"]:
        yield paint(f"warning: {complaint}", "warning")


def _held(revision: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterable[str]:
    counts = ((revision, "partner"), (revision, "client"), (revision, "rule"), (facts, "renewal"))
    return (counted(part[f"{noun}s"], noun) for part, noun in counts)


def _watch(watch: Mapping[str, Any]) -> str:
    age = watch["stale_seconds"]
    looked = "nobody has looked yet" if age is None else f"last looked {_duration(age)} ago"
    return f"{watch['mode']}, {looked}" if watch["mode"] != "off" else "off: changes are taken up when told"


def _came_of(attempt: Mapping[str, Any], paint: Paint) -> str:
    outcome = attempt["outcome"]
    style = "good" if outcome in {"loaded", "unchanged"} else "error"
    parts = f"configuration {_OUTCOMES[attempt['configuration']]}, facts {_OUTCOMES[attempt['facts']]}"
    return f"{paint(outcome, style)} {_CAUSES[attempt['cause']]} in {attempt['seconds']:.2f} s: {parts}"


def _why(attempt: Mapping[str, Any]) -> Iterator[str]:
    """Yield in a line what diagnostics cannot say; of a traceback it is the end."""
    if attempt["message"]:
        yield f"  {attempt['message'].strip().splitlines()[-1]}"


def _diagnostic(said: Mapping[str, Any]) -> Diagnostic:
    place = Location(said["file"], said["line"], said["column"])
    return Diagnostic(place, said["code"], said["message"], Severity(said["severity"]), said["hint"])


def _moment(text: str) -> str:
    return f"{dt.datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC"


def _ago(then: str, now: str) -> str:
    return _duration((dt.datetime.fromisoformat(now) - dt.datetime.fromisoformat(then)).total_seconds())


def _duration(seconds: float) -> str:
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return counted(int(seconds // size), name)
    return f"{max(0.0, seconds):.0f} s"
