"""On any day to come somebody at the partner receives: a contact is named, who has not left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from engine.checks.datechecks import default_gaps
from engine.checks.examined import Examined
from engine.checks.partnerfiles import (
    PartnerFile,
    backups_of,
    contacts_of,
    has_faulty_dates,
    is_lost,
    keys_at,
    substitutes_of,
)
from engine.diagnostics import Diagnostic, Severity, warning
from engine.documents import Path
from engine.model import Dated, Default, Override


def check_missing_contact(file: Examined, on: dt.date) -> Iterator[Diagnostic]:
    """On any day to come somebody at the partner is copied or, where the partner is the owner, written to."""
    if is_lost(file, "default"):
        return
    yield from _check_missing_default(file, on)
    for at, default in file.defaults:
        if _still_counts(default, on) and not _names_contact(file, at, default):
            yield _missing_on_default(file, at, default)
    for at, override in file.overrides:
        if override.pins == "partner" and not _names_contact(file, at, override):
            yield from _check_inherited_contact(file, at, override, on)


def check_inactive_contacts(file: Examined, on: dt.date) -> Iterator[Diagnostic]:
    """Who has left cannot receive: an error on the default, where it concerns every client."""
    if all(user.active for user in file.record.users.values()):
        return
    for severity, mentions in (
        (Severity.ERROR, contacts_of(file.defaults)),
        (Severity.WARNING, backups_of(file.defaults)),
        (Severity.WARNING, contacts_of(file.overrides)),
        (Severity.WARNING, substitutes_of(file.covers)),
    ):
        for mention in mentions:
            user = file.record.users.get(mention.user)
            if user is not None and not user.active and _still_counts(mention.entry, on):
                message = f"{mention.user} is no longer active"
                hint = "name somebody else; until then notices go to whoever stands in"
                place = file.document.locate(mention.at)
                yield Diagnostic(place, "inactive-contact", message, severity, hint)


def _check_missing_default(file: Examined, on: dt.date) -> Iterator[Diagnostic]:
    if any(default.until is None and default.in_force(on) for _, default in file.defaults):
        return  # as ever so often: one covers every day to come
    partner = file.record.partner
    if not file.record.default:
        message = f"{partner} has no default: its clients are hubspot-owned, with nobody in copy"
        hint = f"add `default: {{owner: hubspot, contact: {_example_contact(file)}}}`"
        yield warning(file.document.locate(("partner",)), "missing-contact", message, hint)
        return
    covered = [*file.defaults, *default_gaps(file)]  # a gap between two has a diagnostic of its own
    day = _first_day_without(covered, Dated(), file, on)
    if day is not None:
        message = f"no default is in force on {day}: clients are hubspot-owned then, with nobody in copy"
        hint = f"add an entry that is in force then, with a contact such as {_example_contact(file)}"
        yield warning(file.document.locate(("default",)), "missing-contact", message, hint)


def _missing_on_default(file: PartnerFile, at: Path, default: Default) -> Diagnostic:
    hint = f"add `contact: {_example_contact(file)}`"
    if default.owner == "partner":
        message = "the partner owns the renewals, but no contact is named to receive the notices"
        return Diagnostic(file.document.locate((*at, "owner")), "missing-contact", message, hint=hint)
    message = "the default names no contact: nobody at the partner gets a copy"
    return warning(file.document.locate(at), "missing-contact", message, hint)


def _check_inherited_contact(
    file: Examined, at: Path, override: Override, on: dt.date
) -> Iterator[Diagnostic]:
    """The override takes its contact from whichever default is in force beside it."""
    if has_faulty_dates(file, at, override):
        return
    named = [(path, default) for path, default in file.defaults if _names_contact(file, path, default)]
    day = _first_day_without(named, override, file, on)
    if day is not None:
        message = "the partner owns the renewal, but neither the override nor the default names a contact"
        if any(default.overlaps(override) for _, default in named):
            message += f" on {day}"
        hint = f"add `contact: {_example_contact(file)}`"
        yield Diagnostic(file.document.locate((*at, "owner")), "missing-contact", message, hint=hint)


def _first_day_without(
    covering: Sequence[tuple[Path, Dated]], span: Dated, file: PartnerFile, on: dt.date
) -> dt.date | None:
    """Return the first day from `on` within `span` on which none of the entries is in force.

    Such a time can only begin with the span or where an entry ends.
    """
    begin = max(span.starts or on, on)
    if any(entry.until is None and entry.in_force(begin) for _, entry in covering):
        return None
    ends = {entry.until for _, entry in covering if entry.until is not None and entry.until > begin}
    days = (
        day
        for day in sorted({begin, *ends})
        if span.in_force(day) and not any(entry.in_force(day) for _, entry in covering)
    )
    first = next(days, None)
    if first is None or any(has_faulty_dates(file, at, entry) for at, entry in covering):
        return None
    return first


def _still_counts(entry: Dated, on: dt.date) -> bool:
    return entry.until is None or on < entry.until


def _names_contact(file: PartnerFile, at: Path, entry: Default | Override) -> bool:
    return bool(entry.contact) or "contact" in keys_at(file, at)


def _example_contact(file: PartnerFile) -> str:
    return next((user for user, person in file.record.users.items() if person.active), "…")
