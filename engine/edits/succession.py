"""One partner user in the place of another: wherever a partner's file names them, from some day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from engine.checks.partnerfiles import PartnerFile
from engine.dependents import namings
from engine.diagnostics import InputError, suggest
from engine.documents import Value
from engine.edits import overrides, timeline
from engine.edits.timeline import Entry
from engine.edits.writing import Edit


class Succession(NamedTuple):
    """The edit, and every place that it changes in words."""

    edit: Edit
    places: tuple[str, ...]


def replace(
    file: PartnerFile, old: str, new: str, *, today: dt.date, since: dt.date | None = None
) -> Succession:
    """Name `new` instead of `old` as contact, backup and stand-in in what still counts, from `since` on.

    Both remain users, and the absences of `old` remain theirs: nobody else is away because of them.
    """
    if old == new:
        raise InputError(f"{old} cannot take the place of {new}", "name two users")
    overrides.check_user(file, new)
    swap = _Swap(old, new, today, since)
    value = swap.file(file.document.value)
    if not swap.places:
        raise _nothing_names(file, old)
    return Succession(overrides.edit(file, value), tuple(swap.places))


class _Swap:
    """One walk over a file, which notes where it changes something."""

    def __init__(self, old: str, new: str, today: dt.date, since: dt.date | None) -> None:
        self._old, self._new = old, new
        self._today, self._since = today, since
        self.places: list[str] = []

    def file(self, value: Value) -> Value:
        """Return the content of the file with the one user in the place of the other."""
        if not isinstance(value, dict):
            return value
        changed = dict(value)
        if "default" in value:
            changed["default"] = self._field(value["default"], "default")
        if isinstance(value.get("covers"), list):
            changed["covers"] = self._field(value["covers"], "covers")
        clients = value.get("clients")
        if isinstance(clients, dict):
            changed["clients"] = {client: self._client(client, entry) for client, entry in clients.items()}
        return changed

    def _client(self, client: str, entry: Value) -> Value:
        if not isinstance(entry, dict) or "override" not in entry:
            return entry
        return {**entry, "override": self._field(entry["override"], f"override of {client}")}

    def _field(self, value: Value, place: str) -> Value:
        changed = timeline.replaced(value, self._entry, today=self._today, since=self._since)
        if changed != value:
            self.places.append(place)
        return changed

    def _entry(self, entry: Entry) -> Entry:
        changed = dict(entry)
        if self._is_old(entry.get("contact")):
            changed["contact"] = self._new
        if self._is_old(entry.get("cover")) and str(entry.get("user")) != self._new:
            changed["cover"] = self._new  # nobody stands in for themselves
        backups = entry.get("backup_contacts")
        if isinstance(backups, list):
            changed["backup_contacts"] = list(self._backups(backups))
        return changed

    def _backups(self, users: list[Value]) -> Iterator[Value]:
        """Yield the backups; the new user, where they are one already, stays in their place."""
        is_named = self._new in map(str, users)
        for user in users:
            if not self._is_old(user):
                yield user
            elif not is_named:
                yield self._new

    def _is_old(self, user: Value) -> bool:
        return user is not None and str(user) == self._old


def _nothing_names(file: PartnerFile, old: str) -> InputError:
    partner, users = file.record.partner, file.record.users
    if old not in users:
        return InputError(f"{old} is not a user of {partner}", suggest(old, users))
    named = sorted({naming.user for naming in namings(file)} - {old})
    hint = f"those named are {', '.join(named)}" if named else None
    return InputError(f"nothing that still counts names {old} as contact, backup or cover", hint)
