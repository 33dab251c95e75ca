r"""The calendar of notices as an iCalendar file (RFC 5545), for whatever calendar people use.

icalendar ends lines with CRLF and folds them as the RFC has it; it stamps nothing by itself, so that two runs
give the same file. Of what a text may hold it changes only `\N`, into a line break.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine import identity
from engine.decisions import Decision
from engine.diagnostics import InputError
from engine.reports.calendar import contents, renewal_line, title
from engine.reports.explanation import address
from engine.snapshot import Snapshot

if TYPE_CHECKING:  # imported when used: an extra, and 50 ms
    from icalendar import Calendar, Event

_PRODUCT = "-//renewctl//upcoming//EN"


def text(decisions: Iterable[Decision], snapshot: Snapshot) -> str:
    """Return the file without its last line feed; what is suppressed is not in it."""
    calendar = _calendar()
    for decision in decisions:
        if decision.outcome != "suppress":
            calendar.add_component(_event(decision, snapshot))
    written: bytes = calendar.to_ical()
    return written.decode().removesuffix("\n")


def _calendar() -> Calendar:
    try:
        from icalendar import Calendar  # noqa: PLC0415 - see above
    except ImportError as error:
        raise InputError("ics needs the package icalendar", "pip install 'renewctl[calendar]'") from error
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("X-WR-CALNAME", "Renewal notices")
    return calendar


def _event(decision: Decision, snapshot: Snapshot) -> Event:
    from icalendar import Event  # noqa: PLC0415 - see above

    event = Event()
    event.add("uid", identity.idempotency_key(decision))
    event.add("dtstamp", dt.datetime.combine(decision.send_on, dt.time(), dt.UTC))
    event.add("dtstart", decision.send_on)  # a date alone is the whole day
    event.add("summary", _summary(decision))
    event.add("description", _description(decision, snapshot))
    event.add("transp", "TRANSPARENT")  # nobody is busy because a mail goes out
    return event


def _summary(decision: Decision) -> str:
    named = " ".join(filter(None, (title(decision.notice), decision.notice.step)))
    whom = ", ".join(address(recipient) for recipient in decision.to) or "nobody, the vendor gets a task"
    return f"{decision.renewal.client}: {named} to {whom}"


def _description(decision: Decision, snapshot: Snapshot) -> str:
    lines = (f"{label}: {line}" for label, line in contents(decision, snapshot))
    return "\n".join((renewal_line(decision.renewal), *lines))
