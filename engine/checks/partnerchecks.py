"""What a partner file may say by its schema and yet cannot mean: one generator of diagnostics per mistake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from engine import schemas
from engine.checks.contactchecks import check_inactive_contacts, check_missing_contact
from engine.checks.datechecks import check_empty_intervals, check_expired_entries, check_gaps, check_overlaps
from engine.checks.examined import Examined
from engine.checks.partnerfiles import PartnerFile, keys_at
from engine.checks.userchecks import (
    check_covers,
    check_duplicate_emails,
    check_unknown_contacts,
    check_unused_users,
)
from engine.diagnostics import Diagnostic, warning
from engine.model import Override


def check_partner(file: PartnerFile, on: dt.date) -> Iterator[Diagnostic]:
    """Yield everything that can be said of one partner file by itself.

    `on` is the day that tells history from what still counts.
    """
    examined = Examined.of(file)
    for check in _CHECKS:
        yield from check(examined)
    for dated_check in _CHECKS_ON_A_DAY:
        yield from dated_check(examined, on)


def check_partner_id(file: PartnerFile) -> Iterator[Diagnostic]:
    """The id is the file's name, so that people find the file."""
    partner, name = file.record.partner, file.document.path.rpartition("/")[2]
    if not partner or name == f"{partner}.yaml":
        return
    stem = PurePosixPath(name).stem
    message = f"the partner is {partner}, but the file is named {stem}.yaml"
    hint = f"rename the file to {partner}.yaml"
    if schemas.is_id(stem):
        hint = f"write `partner: {stem}`, or {hint}"
    yield Diagnostic(file.document.locate(("partner",)), "partner-id-mismatch", message, hint=hint)


def check_default_overrides(file: Examined) -> Iterator[Diagnostic]:
    """An override without an owner of its own follows the default, so a contact on it would do nothing."""
    for at, override in file.overrides:
        if override.pins is not None:
            continue
        if override.owner is None and "owner" in keys_at(file, at):
            continue
        if override.contact:
            message = f"the override follows the default, so its contact {override.contact} would do nothing"
            hint = "name the owner, `owner: hubspot` or `owner: partner`, or remove the contact"
            place = file.document.locate((*at, "contact"))
            yield Diagnostic(place, "contact-on-default-override", message, hint=hint)
        elif override == Override(owner="default") and len(keys_at(file, at)) == 1:
            message = "the override says what holds without it"
            hint = "remove it, or say why it is there with `note`"
            yield warning(file.document.locate(at), "redundant-override", message, hint)


_CHECKS: tuple[Callable[[Examined], Iterator[Diagnostic]], ...] = (
    check_partner_id,
    check_unknown_contacts,
    check_covers,
    check_default_overrides,
    check_empty_intervals,
    check_overlaps,
    check_duplicate_emails,
    check_unused_users,
)

_CHECKS_ON_A_DAY: tuple[Callable[[Examined, dt.date], Iterator[Diagnostic]], ...] = (
    check_missing_contact,
    check_inactive_contacts,
    check_gaps,
    check_expired_entries,
)
