"""Roles become people: who can be reached in each role of a renewal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from engine import vocabulary
from engine.facts import Contact, Contacts, Renewal
from engine.model import Vendor, VendorContact
from engine.ownership import Standing
from engine.persons import NOBODY, Person, Reached, normalised
from engine.ruleset import Target


def reach(target: Target, standing: Standing, renewal: Renewal, vendor: Vendor) -> Reached:
    """Return the people in the first role of the target that reaches anybody."""
    for role in target:
        reached = _in_role(role, standing, renewal, vendor)
        if reached.people:
            return reached
    return NOBODY


def reachable_roles(standing: Standing, renewal: Renewal, vendor: Vendor) -> frozenset[str]:
    """Return the roles in which somebody can be reached: the fact `reachable`."""
    vendor_roles = (f"{vocabulary.VENDOR_ROLE_PREFIX}{name}" for name in vendor.roles)
    roles = (*_CLIENT, *vocabulary.PARTNER_ROLES, vocabulary.RENEWAL_MANAGER, *vendor_roles)
    return frozenset(role for role in roles if _in_role(role, standing, renewal, vendor).people)


def is_partner_user(standing: Standing, renewal: Renewal) -> bool:
    """Return whether the decision maker's address is that of a user of the partner."""
    decision_maker = renewal.contacts.decision_maker
    return decision_maker is not None and normalised(decision_maker.email) in standing.addresses


def _in_role(role: str, standing: Standing, renewal: Renewal, vendor: Vendor) -> Reached:
    at_partner = standing.roles.get(role)
    if at_partner is not None:
        return at_partner
    contacts = _CLIENT.get(role)
    people = (
        _vendor_people(role, vendor) if contacts is None else _client_people(role, contacts(renewal.contacts))
    )
    return Reached(tuple(people)) if people else NOBODY


_CLIENT: Mapping[str, Callable[[Contacts], Iterable[Contact | None]]] = {
    "decision_maker": lambda contacts: (contacts.decision_maker,),
    "primary_contact": lambda contacts: (contacts.primary_contact,),
    "billing_contacts": lambda contacts: contacts.billing_contacts or (),
}


def _client_people(role: str, contacts: Iterable[Contact | None]) -> list[Person]:
    return [
        Person(
            role=role,
            user=contact.user,
            name=contact.name,
            email=contact.email,
            address=normalised(contact.email),
            locale=contact.locale,
        )
        for contact in contacts
        if contact is not None and contact.is_live
    ]


def _vendor_people(role: str, vendor: Vendor) -> list[Person]:
    contact = vendor_contact(role, vendor)
    if contact is None:
        return []
    address = normalised(contact.email)
    return [
        Person(
            role=role,
            user=None,
            name=contact.name,
            email=contact.email,
            address=address,
            locale=contact.locale,
        )
    ]


def vendor_contact(role: str, vendor: Vendor) -> VendorContact | None:
    """Return who has that role at the vendor, if config/vendor.yaml says."""
    if role == vocabulary.RENEWAL_MANAGER:
        return vendor.renewal_manager
    return vendor.roles.get(role.removeprefix(vocabulary.VENDOR_ROLE_PREFIX))
