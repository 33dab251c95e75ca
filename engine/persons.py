"""People as recipients: somebody in a role, and whom a role reaches."""

from __future__ import annotations

from engine.model import Record
from engine.ruleset import Step


class Person(Record, frozen=True, kw_only=True, gc=False):
    """Somebody in a role. `address` is the normalised email: people are the same when it is."""

    role: str
    user: str | None
    name: str | None
    email: str
    address: str
    locale: str | None


class Reached(Record, frozen=True, gc=False):
    """The people a role reaches, those who get a copy on their behalf, and the covers that counted."""

    people: tuple[Person, ...] = ()
    copies: tuple[Person, ...] = ()
    steps: tuple[Step, ...] = ()


NOBODY = Reached()


def normalised(email: str) -> str:
    """Return what two spellings of one address have in common: no blanks around it, lower case."""
    return email.strip().lower()
