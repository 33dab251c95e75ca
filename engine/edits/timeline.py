"""What is in force when: one entry or a list of dated ones, changed for some days without overlap or gap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from engine.diagnostics import InputError
from engine.documents import Value

Entry: TypeAlias = dict[str, Value]


class End(NamedTuple):
    """The first day on which an entry no longer counts, and whether another begins on it."""

    day: dt.date
    has_next: bool


_ORDER = ("user", "cover", "owner", "contact", "backup_contacts", "from", "until", "mode", "note")


def entries(value: Value) -> list[Entry]:
    """Return the entries of a field that holds one mapping or a list of them."""
    found = value if isinstance(value, list) else [value]
    return [entry for entry in found if isinstance(entry, dict) and entry]


def in_force(value: Value, day: dt.date) -> Entry | None:
    """Return the entry that counts on that day."""
    return next((entry for entry in entries(value) if starts(entry) <= day < ends(entry)), None)


def changed(
    value: Value,
    change: Callable[[Entry], Entry],
    *,
    today: dt.date,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> Value:
    """Return the field with something else in force from `since` on; else instead of what is in force today.

    `change` makes of the entry in force, or an empty one, what is to be. It lasts until `until`, after which
    what it has cut short is in force again, else until the next entry begins.
    """
    if until is not None and until <= (since or today):
        hint = "--until is the first day on which it no longer holds"
        raise InputError(f"{until} is not after {since or today}", hint)
    now = in_force(value, since or today) or {}
    new = change(_without_dates(now))
    start, end = _days(entries(value), now, today=today, since=since, until=until)
    if new == _without_dates(now) and starts(now) <= start and end <= ends(now):
        return value
    return _as_written(_carved(entries(value), _dated(new, start, end), start, end), value)


def ended(value: Value, day: dt.date) -> Value:
    """Return the field with nothing in force from that day on; None where nothing is left."""
    before = [entry for entry in entries(value) if starts(entry) < day]
    left = [_dated(entry, starts(entry), day) if ends(entry) > day else entry for entry in before]
    return _as_written(left, value) if left else None


def replaced(
    value: Value, change: Callable[[Entry], Entry], *, today: dt.date, since: dt.date | None = None
) -> Value:
    """Return the field with every entry changed that still counts; what it says before `since` stays."""
    parts: list[Entry] = []
    for entry in entries(value):
        new = change(entry)
        if new == entry or ends(entry) <= (since or today):
            parts.append(entry)
        elif since is not None and starts(entry) < since:
            parts += [_dated(entry, starts(entry), since), _dated(new, since, ends(entry))]
        else:
            parts.append(new)
    return value if parts == entries(value) else _as_written(parts, value)


def end_of(value: Value, day: dt.date) -> End | None:
    """Return when what is in force on that day ends; None: never."""
    entry = in_force(value, day)
    if entry is None or ends(entry) == dt.date.max:
        return None
    return End(ends(entry), any(starts(one) == ends(entry) for one in entries(value)))


def starts(entry: Entry) -> dt.date:
    """Return the first day of an entry."""
    return _date(entry, "from") or dt.date.min


def ends(entry: Entry) -> dt.date:
    """Return the first day on which an entry no longer counts."""
    return _date(entry, "until") or dt.date.max


def _days(
    found: Sequence[Entry],
    now: Entry,
    *,
    today: dt.date,
    since: dt.date | None,
    until: dt.date | None,
) -> tuple[dt.date, dt.date]:
    """Return the days of a change; without dates they are those of the entry that it replaces."""
    if since is None and now:
        return starts(now), until or ends(now)
    if since is None:
        since = today if any(ends(entry) <= today for entry in found) else dt.date.min
    following = (starts(entry) for entry in found if starts(entry) > since)
    return since, until or min(following, default=dt.date.max)


def _carved(found: Sequence[Entry], new: Entry, start: dt.date, end: dt.date) -> list[Entry]:
    """Return the entries with the new one instead of what they said on its days."""
    parts: list[Entry] = []
    place = 0
    for entry in found:
        if ends(entry) <= start or end <= starts(entry):
            parts.append(entry)
        else:
            if starts(entry) < start:
                parts.append(_dated(entry, starts(entry), start))
            if end < ends(entry):
                parts.append(_dated(entry, end, ends(entry)))
        place = max((index for index, part in enumerate(parts, 1) if starts(part) < start), default=0)
    return [*parts[:place], new, *parts[place:]]


def _dated(entry: Entry, start: dt.date, end: dt.date) -> Entry:
    """Return an entry with these dates; a new key stands where people expect it."""
    dates = {
        "from": start.isoformat() if start > dt.date.min else None,
        "until": end.isoformat() if end < dt.date.max else None,
    }
    dated = {key: item for key, item in ({**entry, **dates}).items() if item is not None or key not in dates}
    if all(key in entry for key in dated):
        return dated
    return {key: dated[key] for key in sorted(dated, key=_place)}


def _place(key: str) -> int:
    return _ORDER.index(key) if key in _ORDER else len(_ORDER)


def _without_dates(entry: Entry) -> Entry:
    return {key: item for key, item in entry.items() if key not in {"from", "until"}}


def _as_written(found: list[Entry], was: Value) -> Value:
    """Return the entries as they were written: one that stood alone is no list."""
    if len(found) == 1 and not isinstance(was, list):
        return found[0]
    return [*found]


def _date(entry: Entry, key: str) -> dt.date | None:
    written = entry.get(key)
    if written is None:
        return None
    try:
        return dt.date.fromisoformat(str(written))
    except ValueError as error:
        message = f"`{key}` is {written!r}, which is not a date; mend that first"
        raise InputError(message, "renewctl validate shows where it stands") from error
