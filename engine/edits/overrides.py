"""Changes of who looks after renewals: the override of a client, and the default of a partner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from engine.checks.partnerfiles import PartnerFile
from engine.diagnostics import InputError, suggest
from engine.documents import Value
from engine.edits import shape, timeline
from engine.edits.timeline import Entry
from engine.edits.writing import Edit


@dataclass(frozen=True, slots=True)
class Setting:
    """What is to be in force, and when; what is None stays as it is."""

    owner: str | None = None
    contact: str | None = None
    note: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None

    def subject(self, whose: str) -> str:
        """Say it in the words of a commit: "Set owner of acme to partner, contact tom"."""
        people = {"owner": self.owner, "contact": self.contact}
        dates = {"from": self.since, "until": self.until}
        who = [(name, value) for name, value in people.items() if value]
        if not who:
            return f"Set note of {whose}"
        (first, value), *others = who
        others_and_dates = (*others, *((name, day) for name, day in dates.items() if day))
        return ", ".join(
            (f"Set {first} of {whose} to {value}", *(f"{name} {one}" for name, one in others_and_dates))
        )

    def applied(self, entry: Entry) -> Entry:
        """Return what an entry becomes; what is not named stays.

        From a day on, the note stays with what ends that day, unless both say the same.
        """
        new = {key: value for key, value in entry.items() if key != "note"}
        if self.owner is not None:
            new["owner"] = self.owner
        if self.contact is not None and str(entry.get("contact")) != self.contact:
            new["contact"] = self.contact
        if new.get("owner") == "default":
            new.pop("contact", None)  # it would do nothing there
        says_the_same = all(entry.get(key) == value for key, value in new.items())
        if self.note is not None:
            new["note"] = self.note
        elif "note" in entry and (self.since is None or says_the_same):
            new["note"] = entry["note"]
        return {key: value for key, value in new.items() if value != ""}


class Change(NamedTuple):
    """The edit, and the first day on which the new no longer holds though nobody named one."""

    edit: Edit
    end: timeline.End | None


def set_default(file: PartnerFile, setting: Setting, today: dt.date) -> Change:
    """Change the default of a partner."""
    check_user(file, setting.contact)
    if setting.owner == "default":
        hint = "the default is what it would follow; name hubspot or partner"
        raise InputError("the owner of a default is hubspot or partner", hint)
    if setting.note is not None:
        raise InputError("a default has no note", "write a comment beside it")
    value = _mapping(file.document.value)
    before = value.get("default")
    default = _changed(before, setting, today)
    return Change(edit(file, {**value, "default": default}), _end(before, default, setting, today))


def set_override(file: PartnerFile, client: str, setting: Setting, today: dt.date) -> Change:
    """Change the override of a client, which is listed if it was not."""
    check_user(file, setting.contact)
    if setting.owner == "default" and setting.contact is not None:
        hint = "leave out --contact: the contact is that of the default too"
        raise InputError("a contact does nothing where the owner is the default's", hint)
    value = _mapping(file.document.value)
    clients = _mapping(value.get("clients"))
    entry = _mapping(clients.get(client))
    override = _changed(entry.get("override"), setting, today)
    if not all(one.get("owner") for one in timeline.entries(override) if "contact" in one):
        raise InputError(f"{client} has no override yet", "name the --owner too")
    after = {**value, "clients": with_client(clients, client, {**entry, "override": override})}
    return Change(edit(file, after), _end(entry.get("override"), override, setting, today))


def unset_override(file: PartnerFile, client: str, since: dt.date | None) -> Edit:
    """Remove the override of a client, or end it on a day; the client stays listed."""
    value = _mapping(file.document.value)
    clients = _mapping(value.get("clients"))
    entry = _mapping(clients.get(client))
    if not timeline.entries(entry.get("override")):
        raise InputError(f"{client} has no override, so there is nothing to unset")
    left = timeline.ended(entry["override"], since) if since else None
    if left == entry["override"]:
        raise InputError(f"no override of {client} counts on {since} or later, so there is nothing to unset")
    rest: dict[str, Value] = {key: item for key, item in entry.items() if key != "override"}
    without = {**entry, "override": left} if left is not None else rest
    return edit(file, {**value, "clients": {**clients, client: without}})


def check_user(file: PartnerFile, user: str | None) -> None:
    """Make sure that it is a user of the partner."""
    users = file.record.users
    if user is not None and user not in users:
        raise InputError(f"{user} is not a user of {file.record.partner}", suggest(user, users))


def edit(file: PartnerFile, value: Value) -> Edit:
    """Return the edit with which the file of a partner says `value`."""
    document = file.document
    return Edit(document.path, document.text, shape.rewritten(document, value))


def _changed(value: Value, setting: Setting, today: dt.date) -> Value:
    return timeline.changed(value, setting.applied, today=today, since=setting.since, until=setting.until)


def _end(before: Value, after: Value, setting: Setting, today: dt.date) -> timeline.End | None:
    if after == before or setting.until is not None:
        return None
    return timeline.end_of(after, setting.since or today)


def with_client(clients: Mapping[str, Value], client: str, entry: Value) -> dict[str, Value]:
    """Return the clients with that entry, a new one in its place where they are in alphabetical order."""
    if client in clients or list(clients) != sorted(clients):
        return {**clients, client: entry}
    return dict(sorted({**clients, client: entry}.items()))


def _mapping(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}
