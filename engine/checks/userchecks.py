"""Users of a partner and the entries that name them: who is named in vain, and who not at all."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.examined import Examined
from engine.checks.partnerfiles import PartnerFile, is_lost, keys_at
from engine.diagnostics import Diagnostic, nearest, suggest, warning
from engine.documents import Value
from engine.persons import normalised


def check_unknown_contacts(file: Examined) -> Iterator[Diagnostic]:
    """A contact is chosen from the partner's users (R15-17)."""
    if file.named <= file.record.users.keys() or is_lost(file, "users"):
        return
    for mention in file.contacts:
        if not _is_user(file, mention.user):
            message = f"contact {mention.user} is not a user of {file.record.partner}"
            hint = suggest(mention.user, file.record.users) or "add the person to `users`"
            yield Diagnostic(file.document.locate(mention.at), "unknown-contact", message, hint=hint)


def check_covers(file: Examined) -> Iterator[Diagnostic]:
    """Both sides of a cover are users of this partner, and two different ones."""
    if is_lost(file, "users"):
        return
    for at, cover in file.covers:
        for key, user in (("user", cover.user), ("cover", cover.cover)):
            if user and not _is_user(file, user):
                message = f"{key} {user} is not a user of {file.record.partner}"
                hint = suggest(user, file.record.users) or "add the person to `users`"
                yield Diagnostic(file.document.locate((*at, key)), "unknown-cover", message, hint=hint)
        if cover.user and cover.user == cover.cover:
            message = f"{cover.user} cannot cover for {cover.user}"
            place = file.document.locate((*at, "cover"))
            yield Diagnostic(place, "unknown-cover", message, hint="name a colleague")


def check_duplicate_emails(file: PartnerFile) -> Iterator[Diagnostic]:
    """Two users with one address are probably one person."""
    first: dict[str, str] = {}
    for user, person in file.record.users.items():
        other = first.setdefault(normalised(person.email), user)
        if person.email and other != user:
            message = f"{user} has the same address as {other}"
            hint = "keep one of them: people with one address are taken as one person"
            yield warning(file.document.locate(("users", user, "email")), "duplicate-email", message, hint)


def check_unused_users(file: Examined) -> Iterator[Diagnostic]:
    """A user whom nothing names gets no mail, which may not be what was meant.

    Who has left shall get none, and an admin is the last resort.
    """
    unnamed = {user for user, person in file.record.users.items() if person.active and not person.admin}
    unnamed -= file.named
    if unnamed:
        written = {name.lower() for name in _names(file.document.value)}
        meant = (nearest(name, file.record.users) for name in written.difference(file.record.users))
        unnamed.difference_update(written, meant)
    for user in unnamed:
        message = f"nothing names user {user}, who therefore gets no notice"
        hint = "name the user as a contact, or remove the entry"
        yield warning(file.document.locate_key(("users", user)), "unused-user", message, hint)


def _is_user(file: PartnerFile, name: str) -> bool:
    """Whether `users` has the name, be it in the wrong case or with a faulty entry."""
    return name in file.record.users or name in {key.lower() for key in keys_at(file, ("users",))}


def _names(value: Value, key: str = "") -> Iterator[str]:
    """Yield every user that is named anywhere in a value, even where that could not be read."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _names(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item, key)
    elif key in {"contact", "backup_contacts", "user", "cover"} and value is not None:
        yield str(value)
