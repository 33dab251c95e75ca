"""Which file an edit is about: that of a partner, or of a client by its id or its website."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple, TypeAlias

from engine import inquiry
from engine.checks.partnerfiles import PartnerFile
from engine.configuration import Configuration
from engine.diagnostics import ConfigurationError, Diagnostic, InputError, suggest
from engine.facts import RenewalFact
from engine.sources import PARTNERS, is_in

Known: TypeAlias = Callable[[], Collection[RenewalFact]]
"""Reads the facts, which few edits need."""


class Target(NamedTuple):
    """A partner's file, and the id of the client whose entry in it is meant, which may be yet to come."""

    file: PartnerFile
    client: str


def find_partner(checked: Configuration, partner: str) -> PartnerFile:
    """Return the file of a partner; one that cannot be read is not taken for one that is not there."""
    by_id = {file.record.partner: file for file in checked.partners}
    if partner not in by_id:
        unread = unread_partners(checked)
        if its_own := [one for one in unread if PurePosixPath(one.location.path).stem == partner]:
            raise ConfigurationError(its_own)
        raise InputError(f"there is no partner {partner}", suggest(partner, by_id), unread)
    return by_id[partner]


def find_listed(checked: Configuration, name: str, day: dt.date) -> Target:
    """Return the file that lists a client, of several that of the day."""
    listings = _listings(checked)
    client = _listed(checked, listings, name)
    if client is None:
        near = suggest(inquiry.bare(name), inquiry.names(listings, ()))
        raise InputError(
            f"no partner lists a client {name}", near or "only a client that a partner lists has an override"
        )
    return Target(_on_day(listings[client], client, day), client)


def find_client(checked: Configuration, name: str, partner: str | None, day: dt.date, known: Known) -> Target:
    """Return the same, else where a client that no file lists belongs: to that partner, or its renewals'."""
    listings = _listings(checked)
    client = _listed(checked, listings, name)
    if client is None:
        return _unlisted(checked, listings, name, partner, known)
    if partner is None:
        return Target(_on_day(listings[client], client, day), client)
    file = find_partner(checked, partner)
    if file not in listings[client]:
        raise _listed_elsewhere(name, client, partner, listings[client][0].record.partner)
    return Target(file, client)


def is_new(target: Target) -> bool:
    """Whether the file does not list the client yet."""
    return target.client not in target.file.record.clients


def similar(checked: Configuration, client: str) -> str | None:
    """Return `did you mean …?` where a client that is listed has a name much like that."""
    return suggest(client, inquiry.names(_listings(checked), ()))


def unread_partners(checked: Configuration) -> list[Diagnostic]:
    """Return what is wrong with the partner files that could not be read at all."""
    read = {file.document.path for file in checked.partners}
    places = ((one, one.location.path) for one in checked.diagnostics)
    return [
        one for one, path in places if is_in(path, [PARTNERS]) and path not in read and one.stops_deciding
    ]


def _listings(checked: Configuration) -> Mapping[str, list[PartnerFile]]:
    listings: dict[str, list[PartnerFile]] = defaultdict(list)
    for file in checked.partners:
        for client in file.record.clients:
            listings[client].append(file)
    return listings


def _listed(checked: Configuration, listings: Mapping[str, list[PartnerFile]], name: str) -> str | None:
    """Return the id of a client that is listed; where a file could not be read nobody knows who is not."""
    client = inquiry.find_listed(listings, (), name)
    if client is None and (unread := unread_partners(checked)):
        raise ConfigurationError(unread)
    return client


def _on_day(files: Collection[PartnerFile], client: str, day: dt.date) -> PartnerFile:
    counting = (file for file in files if file.record.clients[client].in_force(day))
    return next(counting, next(iter(files)))


def _unlisted(
    checked: Configuration,
    listings: Mapping[str, list[PartnerFile]],
    name: str,
    partner: str | None,
    known: Known,
) -> Target:
    """Return where a client belongs that no file lists; what looks like a website may be a renewal's."""
    facts = known() if partner is None or "." in name else ()
    client = inquiry.find_listed({}, facts, name)
    if partner is None and client is None:
        raise _unknown(listings, facts, name)
    named = (fact.partner for fact in facts if fact.client == client and fact.partner)
    partner = partner or next(named, None)
    if partner is None:
        raise InputError(f"neither a file nor a renewal says whose client {client} is", "name its --partner")
    return Target(find_partner(checked, partner), client or name)


def _unknown(
    listings: Mapping[str, list[PartnerFile]], known: Collection[RenewalFact], name: str
) -> InputError:
    near = suggest(inquiry.bare(name), inquiry.names(listings, known))
    hint = near or "a client that no renewal knows yet is added by its id and its --partner"
    return InputError(f"there is no client {name}", hint)


def _listed_elsewhere(name: str, client: str, partner: str, lister: str) -> InputError:
    who = client if name == client else f"{client}, whose website is {inquiry.bare(name)},"
    hint = (
        "leave out --partner; to move the client, end its entry there with `until`, and list it in the "
        f"file of {partner} with that day as `from`"
    )
    return InputError(f"client {who} is not listed by {partner}, but by {lister}", hint)
