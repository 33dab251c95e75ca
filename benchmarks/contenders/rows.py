"""The question as a table of rules over flat attributes, for engines that hold rules but no configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from benchmarks.contenders import Question
from benchmarks.programme import Fields

Attributes: TypeAlias = dict[str, str | None]


class Row(NamedTuple):
    """When all attributes are as told: the owner, and which attribute is the recipient's address."""

    when: Mapping[str, str]
    owner: str
    recipient: str


ROWS = (
    Row({"override": "hubspot"}, "hubspot", "decision_maker"),
    Row({"override": "partner", "override_contact_is": "active"}, "partner", "override_contact"),
    Row({"override": "partner", "default_contact_is": "active"}, "partner", "default_contact"),
    Row({"override": "partner"}, "partner", "substitute"),
    Row({"default": "hubspot"}, "hubspot", "decision_maker"),
    Row({"default": "partner", "default_contact_is": "active"}, "partner", "default_contact"),
    Row({"default": "partner"}, "partner", "substitute"),
)
"""The first row that holds decides."""


def attributes(question: Question, partner: Fields) -> Attributes:
    """Look up what the rows are about; whoever embeds such an engine writes this, so it is timed."""
    users, default = partner["users"], partner["default"]
    override = partner["clients"][question["client"]].get("override", {})
    chosen, usual = users.get(override.get("contact")), users[default["contact"]]
    return {
        "override": override.get("owner", "none"),
        "default": default["owner"],
        "override_contact": chosen["email"] if chosen else "",
        "override_contact_is": "active" if chosen and chosen["active"] else "gone",
        "default_contact": usual["email"],
        "default_contact_is": "active" if usual["active"] else "gone",
        "substitute": "" if usual["active"] else _substitute(users, default["backup_contacts"]),
        "decision_maker": question["decision_maker"],
    }


def _substitute(users: Fields, backup_contacts: list[str]) -> str:
    """Return the address of the first backup contact who is there, else of an admin."""
    admins = (user for user in users.values() if "admin" in user)
    standing_in = (*(users[name] for name in backup_contacts), *admins)
    return next((user["email"] for user in standing_in if user["active"]), "")
