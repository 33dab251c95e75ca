"""Dates of entries: each counts on some day to come, and where one may count, no two do."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from engine.checks.examined import Examined
from engine.checks.partnerfiles import PartnerFile, has_faulty_dates
from engine.diagnostics import Diagnostic, Location, warning
from engine.documents import Path
from engine.model import Client, Dated

_AT_FIELD = len(("clients", "acme", "override"))


def check_empty_intervals(file: Examined) -> Iterator[Diagnostic]:
    """Something that ends before it begins is never in force."""
    for at, entry in file.ending:
        if entry.is_empty:
            message = f"it ends on {entry.until}, not after it begins on {entry.starts}"
            hint = "`until` is the first day on which it no longer holds"
            yield Diagnostic(file.document.locate((*at, "until")), "empty-interval", message, hint=hint)


def check_overlaps(file: Examined) -> Iterator[Diagnostic]:
    """On any day at most one default, one cover for a user, and one override and hold of a client counts."""
    if not _has_lists(file):
        return
    groups: dict[Path, list[tuple[Path, Dated]]] = defaultdict(list)
    groups["default",].extend(file.defaults)
    for at, cover in file.covers:
        if cover.user:
            groups["covers", cover.user].append((at, cover))
    for at, entry in (*file.overrides, *file.holds):
        if len(at) > _AT_FIELD:  # else it is no element of a list, and alone
            groups[at[:_AT_FIELD]].append((at, entry))
    for group in groups.values():
        if len(group) > 1 and any(_overlapping(group)):
            sound = [(at, entry) for at, entry in group if not has_faulty_dates(file, at, entry)]
            yield from _check_overlaps_in(file, sound)


def _has_lists(file: Examined) -> bool:
    """Whether there are two of anything that counts one at a time; in most files there are not."""
    if len(file.defaults) > 1 or len(file.covers) > 1:
        return True
    return any(len(at) > _AT_FIELD for at, _ in chain(file.overrides, file.holds))


def check_gaps(file: Examined, on: dt.date) -> Iterator[Diagnostic]:
    """Between two defaults nobody means the clients to fall back to what holds without one."""
    for at, gap in default_gaps(file):
        if gap.starts is None or gap.until is None or gap.until <= on:
            continue
        last = gap.until - dt.timedelta(days=1)
        days = f"from {gap.starts} to {last}" if gap.starts < last else f"on {last}"
        message = f"no default is in force {days}: clients are hubspot-owned then, with nobody in copy"
        hint = f"write `from: {gap.starts}` here, or end the entry before it with `until: {gap.until}`"
        yield warning(file.document.locate(at), "dates-gap", message, hint)


def default_gaps(file: Examined) -> Iterator[tuple[Path, Dated]]:
    """Yield the days between two defaults on which none is in force, with the place of the later one."""
    if len(file.defaults) < 2:  # noqa: PLR2004 - the number of "between two"
        return
    entries = [(at, entry) for at, entry in file.defaults if not entry.is_empty]
    if any(has_faulty_dates(file, at, entry) for at, entry in entries):
        return
    by_start = sorted(entries, key=lambda item: item[1].starts or dt.date.min)
    for position, (at, entry) in enumerate(by_start[1:], start=1):
        end = max(_end(earlier) for _, earlier in by_start[:position])
        if entry.starts is not None and end < entry.starts:
            yield at, Dated(starts=end, until=entry.starts)


def check_expired_entries(file: Examined, on: dt.date) -> Iterator[Diagnostic]:
    """What has ended stands in the way of who reads the file; git remembers it."""
    for at, entry in file.ending:
        if _is_over(entry, on) and not _is_in_expired_client(file, at, on):
            place = file.document.locate_key(at) if isinstance(entry, Client) else file.document.locate(at)
            message = f"the entry ended on {entry.until} and does nothing any more"
            yield warning(place, "expired-entry", message, "remove it")


def _is_in_expired_client(file: PartnerFile, at: Path, on: dt.date) -> bool:
    """Whether it goes when its client's entry goes."""
    match at:
        case ("clients", str(client_id), _, *_):
            return _is_over(file.record.clients[client_id], on)
    return False


def _is_over(entry: Dated, on: dt.date) -> bool:
    return entry.until is not None and entry.until <= on and not entry.is_empty


def _check_overlaps_in(file: PartnerFile, group: Iterable[tuple[Path, Dated]]) -> Iterator[Diagnostic]:
    for (before, earlier), (at, entry) in _overlapping(group):
        other = _seen_from(file.document.locate(at), file.document.locate(before))
        message = f"on some days both this entry and the one at {other} are in force"
        hint = _separate(earlier, entry, other)
        yield Diagnostic(file.document.locate(at), "overlapping-dates", message, hint=hint)


def _overlapping(
    group: Iterable[tuple[Path, Dated]],
) -> Iterator[tuple[tuple[Path, Dated], tuple[Path, Dated]]]:
    """Compare each entry with the one before it that lasts longest; yield both where they overlap."""
    longest: tuple[Path, Dated] | None = None
    for item in sorted(group, key=lambda item: item[1].starts or dt.date.min):
        entry = item[1]
        if entry.is_empty:
            continue
        if longest is not None and longest[1].overlaps(entry):
            yield longest, item
        if longest is None or _end(longest[1]) < _end(entry):
            longest = item


def _end(entry: Dated) -> dt.date:
    return entry.until or dt.date.max


def _seen_from(here: Location, there: Location) -> str:
    return f"line {there.line}" if there.line != here.line else f"column {there.column} of this line"


def _separate(earlier: Dated, later: Dated, place: str) -> str:
    if later.starts is None or later.starts == earlier.starts:
        return "remove one of them, or give them dates that do not overlap"
    if earlier.until is None:
        return f"add `until: {later.starts}` to the entry at {place}"
    return f"write `until: {later.starts}` in the entry at {place}"
