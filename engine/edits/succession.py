"""One partner user in the place of another: wherever a partner's file names them, from some day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from engine.checks.partnerfiles import PartnerFile
from engine.dependents import namings
from engine.diagnostics import InputError, suggest
from engine.documents import Value
from engine.edits import overrides, timeline
from engine.edits.timeline import Entry
from engine.edits.writing import Edit


class Succession(NamedTuple):
    """The edit, every place that it changes in words, and what somebody should know of it besides."""

    edit: Edit
    places: tuple[str, ...]
    remarks: tuple[str, ...]


def replace(
    file: PartnerFile, old: str, new: str, *, today: dt.date, since: dt.date | None = None
) -> Succession:
    """Name `new` instead of `old` as contact, backup and stand-in in what still counts, from `since` on.

    Both remain users, and the absences of `old` remain theirs: nobody else is away because of them. As the
    cover of `new` the old one is left and named: without a cover, notices would go to who is absent.
    """
    if old == new:
        raise InputError(f"{old} cannot take the place of {new}", "name two users")
    overrides.check_user(file, new)
    swap = _Swap(old, new, today, since)
    value = swap.file(file.document.value)
    if not swap.places:
        raise _nothing_to_replace(file, old, swap.remarks)
    user = file.record.users.get(old)
    admin = [f"{old} stays an admin"] if user is not None and user.admin else []
    return Succession(overrides.edit(file, value), tuple(swap.places), (*swap.remarks, *admin))


class _Swap:
    """One walk over a file, which notes where it changes something."""

    def __init__(self, old: str, new: str, today: dt.date, since: dt.date | None) -> None:
        self._old, self._new = old, new
        self._today, self._since = today, since
        self.places: list[str] = []
        self.remarks: list[str] = []

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
        change = partial(self._entry, place=place)
        changed = timeline.replaced(value, change, today=self._today, since=self._since)
        if changed != value:
            self.places.append(place)
        return changed

    def _entry(self, entry: Entry, place: str) -> Entry:
        if timeline.ends(entry) <= (self._since or self._today):
            return entry
        changed = dict(entry)
        if self._is_old(entry.get("contact")):
            changed["contact"] = self._new
        if self._is_old(entry.get("cover")):
            changed["cover"] = self._cover(entry)
        backups = entry.get("backup_contacts")
        if isinstance(backups, list) and backups:
            changed["backup_contacts"] = self._backups(backups, entry.get("contact"), place)
            if not changed["backup_contacts"]:
                del changed["backup_contacts"]
        return changed

    def _cover(self, entry: Entry) -> Value:
        """Return who covers; nobody does for themselves."""
        if str(entry.get("user")) != self._new:
            return self._new
        days = "".join(f" {key} {entry[key]}" for key in ("from", "until") if key in entry)
        self.remarks.append(
            f"{self._old} still covers for {self._new}{days}: nobody covers for themselves; name another user"
        )
        return entry["cover"]

    def _backups(self, users: list[Value], contact: Value, place: str) -> list[Value]:
        """Return the backups; the new user is either the contact or one of them, and stands there once."""
        names = set(map(str, users))
        becomes_contact = self._is_old(contact)
        if not becomes_contact and self._old not in names:
            return users
        is_contact = becomes_contact or str(contact) == self._new
        gone = {self._old, self._new} if is_contact else {self._old} if self._new in names else set()
        kept = [self._new if self._is_old(user) else user for user in users if str(user) not in gone]
        if len(kept) < len(users):
            dropped = " and ".join(name for name in (self._old, self._new) if name in names & gone)
            reason = "the contact" if is_contact else "one of them already"
            self.remarks.append(
                f"the backups of the {place} no longer name {dropped}: {self._new} is {reason}"
            )
        return kept

    def _is_old(self, user: Value) -> bool:
        return user is not None and str(user) == self._old


def _nothing_to_replace(file: PartnerFile, old: str, remarks: Sequence[str]) -> InputError:
    partner, users = file.record.partner, file.record.users
    if old not in users:
        return InputError(f"{old} is not a user of {partner}", suggest(old, users))
    if remarks:
        return InputError(f"there is nothing to replace: {'; '.join(remarks)}")
    named = sorted({naming.user for naming in namings(file)} - {old})
    hint = f"those named are {', '.join(named)}" if named else None
    return InputError(f"nothing that still counts names {old} as contact, backup or cover", hint)
