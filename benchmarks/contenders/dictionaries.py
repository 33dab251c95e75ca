"""Plain dictionaries: what the answer costs when nothing is checked, dated, traced or explained."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.contenders import Answer, Contender, Question, questions
from benchmarks.programme import Fields, Programme


def contender(programme: Programme) -> Contender:
    """Look the answer up."""
    partners = programme.partners

    def ask(question: Question) -> Answer:
        partner = partners[question["partner"]]
        override = partner["clients"][question["client"]].get("override")
        owner = override["owner"] if override else partner["default"]["owner"]
        recipient = question["decision_maker"] if owner == "hubspot" else _contact(partner, override)
        return Answer(owner, recipient)

    return Contender(questions(programme), ask, Answer._make)


def _contact(partner: Fields, override: Fields | None) -> str | None:
    """Return the address of the first contact who is still there."""
    users = (partner["users"][name] for name in _contacts(partner, override))
    return next((user["email"] for user in users if user["active"]), None)


def _contacts(partner: Fields, override: Fields | None) -> Iterator[str]:
    """Yield who may be the contact, the first choice first."""
    if override and "contact" in override:
        yield override["contact"]
    yield partner["default"]["contact"]
    yield from partner["default"]["backup_contacts"]
    yield from (name for name, user in partner["users"].items() if "admin" in user)
