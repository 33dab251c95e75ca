"""The calendar of notices for people: by deadline and client, each notice on its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from engine import reasons
from engine.decisions import Decision
from engine.facts import Renewal
from engine.notices import Notice
from engine.reports.explanation import address, summary, tasks
from engine.reports.styles import Paint, plain
from engine.snapshot import Snapshot

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""Not strftime: a calendar reads the same in every locale."""

_STYLES = {"send": "good", "suppress": "warning", "unroutable": "error"}

_OF_RENEWALS = frozenset({"TIER_UNKNOWN"})
"""Reasons that concern the renewal, and would be repeated for each of its notices."""


def text(decisions: Collection[Decision], snapshot: Snapshot, paint: Paint = plain) -> str:
    """Return the notices under the deadline that they are about, and how many of each outcome there are."""
    if not decisions:
        return "no notices"
    ordered = sorted(decisions, key=_place)
    columns = _Columns(ordered, paint)
    parts = []
    for deadline, of_deadline in groupby(ordered, lambda decision: decision.renewal.deadline):
        parts.append(paint(f"Deadline {day(deadline)}", "strong"))
        for _, of_renewal in groupby(of_deadline, _heading):
            parts.append("\n".join(_renewal(list(of_renewal), snapshot, columns)))
    return "\n\n".join((*parts, summary(decisions, "notice")))


def day(date: dt.date) -> str:
    """Return the day with its weekday."""
    return f"{_WEEKDAYS[date.weekday()]} {date}"


def title(notice: Notice) -> str:
    """Return what kind of notice it is; that it is about the renewal goes without saying."""
    about = "" if notice.type == "renewal" else f"{notice.type.replace('_', ' ')} "
    return f"{about}{notice.kind}{', formal' if notice.formal else ''}"


def renewal_line(renewal: Renewal) -> str:
    """Return which renewal it is, and when."""
    return f"renewal {renewal.renewal} on {day(renewal.renewal_date)}"


def contents(
    decision: Decision, snapshot: Snapshot, *, but: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """Yield who receives the notice, what the vendor is to do, and why: a label and a line each.

    `but` are reasons that have been said already.
    """
    yield from (("to", address(recipient)) for recipient in decision.to)
    yield from (("cc", address(recipient)) for recipient in decision.cc)
    yield from (("task", task) for task in tasks(decision, snapshot))
    yield from (("why", _reason(code)) for code in decision.reasons if code not in but)


def _reason(code: str) -> str:
    return f"{code}: {reasons.meaning(code)}"


def _place(decision: Decision) -> tuple[dt.date, str, str, dt.date]:
    renewal = decision.renewal
    return renewal.deadline, renewal.client, renewal.renewal or "", decision.send_on


def _heading(decision: Decision) -> tuple[str, str | None, str | None]:
    """What notices under one heading share; the client may move to another partner between two of them."""
    return decision.renewal.client, decision.renewal.renewal, decision.standing.partner_id


class _Columns:
    """The columns before a notice's recipients, as wide as the whole calendar needs them."""

    def __init__(self, decisions: Iterable[Decision], paint: Paint) -> None:
        rows = [self._cells(decision) for decision in decisions]
        self.widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        self.paint = paint

    def row(self, decision: Decision) -> str:
        """Return day, step, kind and outcome."""
        cells = zip(self._cells(decision), self.widths, strict=True)
        *first, outcome = (f"{cell:<{width}}" for cell, width in cells)
        return "  ".join((*first, self.paint(outcome, _STYLES[decision.outcome])))

    @property
    def blank(self) -> str:
        """What stands there on the notice's further lines."""
        return " " * (sum(self.widths) + 2 * (len(self.widths) - 1))

    @staticmethod
    def _cells(decision: Decision) -> tuple[str, ...]:
        notice = decision.notice
        return day(decision.send_on), notice.step or "", title(notice), decision.outcome


def _renewal(decisions: list[Decision], snapshot: Snapshot, columns: _Columns) -> Iterator[str]:
    renewal, standing = decisions[0].renewal, decisions[0].standing
    partner = f"partner {standing.partner_id}" if standing.partner_id else "no partner"
    known_as = (standing.client_name, standing.website or renewal.website, partner)
    yield f"  {columns.paint(renewal.client, 'strong')}  {', '.join(filter(None, known_as))}"
    yield f"  {renewal_line(renewal)}"
    said = _OF_RENEWALS.intersection(*(decision.reasons for decision in decisions))
    yield from (f"  {_reason(code)}" for code in sorted(said))
    for decision in decisions:
        before = columns.row(decision)
        for label, line in contents(decision, snapshot, but=said):
            yield f"    {before}  {label:<4}  {line}"
            before = columns.blank
