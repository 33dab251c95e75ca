"""Parameters of a query: what each may be, for reading them and for the documentation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from engine import schemas
from engine.diagnostics import suggest
from engine.server.faults import FaultError
from engine.vocabulary import NOTICE_KINDS, NOTICE_TYPES

_LONGEST = 300
_DATE = {"type": "string", "format": "date", "examples": ["2026-11-23"]}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `refuses` says what is wrong with a text, if anything."""

    name: str
    description: str
    schema: Mapping[str, Any]
    refuses: Callable[[str], str | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for, by name; each text is right."""

    texts: Mapping[str, str]

    def text(self, name: str) -> str | None:
        """Return what was given."""
        return self.texts.get(name)

    def day(self, name: str) -> dt.date | None:
        """Return the date that was given."""
        given = self.texts.get(name)
        return dt.date.fromisoformat(given) if given is not None else None


def read(query: bytes, known: tuple[Parameter, ...]) -> Query:
    """Read a query, or name everything that is wrong with it."""
    try:
        given = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=50, errors="strict")
    except ValueError as error:
        raise _refusal([{"parameter": "", "detail": "the query cannot be read"}]) from error
    by_name = {parameter.name: parameter for parameter in known}
    texts: dict[str, str] = {}
    errors: list[Mapping[str, str]] = []
    for name, text in given:
        why = _wrong(name, text, by_name, texts)
        if why:
            errors.append({"parameter": name, **why})
        texts[name] = text
    if errors:
        raise _refusal(errors)
    return Query(texts)


def _wrong(
    name: str, text: str, known: Mapping[str, Parameter], before: Mapping[str, str]
) -> Mapping[str, str]:
    if name not in known:
        hint = suggest(name, known) or (f"there are {', '.join(known)}" if known else "there is none")
        return {"detail": f"there is no parameter {name}", "hint": hint}
    if name in before:
        return {"detail": f"{name} is given twice"}
    why = known[name].refuses(text)
    return {"detail": f"{name} {why}"} if why else {}


def _refusal(errors: list[Mapping[str, str]]) -> FaultError:
    detail = "; ".join(error["detail"] for error in errors)
    return FaultError(HTTPStatus.BAD_REQUEST, "invalid-parameter", detail, errors=errors)


def day(name: str, description: str) -> Parameter:
    """Return a parameter that is a date."""

    def refuses(text: str) -> str | None:
        return None if schemas.is_date(text) else "is not a date; write it as 2027-01-31"

    return Parameter(name, description, _DATE, refuses)


def words(name: str, description: str, example: str) -> Parameter:
    """Return a parameter that is a text."""

    def refuses(text: str) -> str | None:
        return None if 0 < len(text) <= _LONGEST else f"has to have 1 to {_LONGEST} characters"

    schema = {"type": "string", "minLength": 1, "maxLength": _LONGEST, "examples": [example]}
    return Parameter(name, description, schema, refuses)


def choice(name: str, description: str, values: tuple[str, ...]) -> Parameter:
    """Return a parameter that is one of some words."""

    def refuses(text: str) -> str | None:
        return None if text in values else f"has to be one of {', '.join(values)}"

    return Parameter(name, description, {"enum": list(values)}, refuses)


def step(name: str, description: str) -> Parameter:
    """Return a parameter that is a step of a schedule."""

    def refuses(text: str) -> str | None:
        return None if schemas.is_step(text) else "is not a step; write it as D-7 or R-30"

    schema = {"type": "string", "pattern": "^[DR][+-](0|[1-9][0-9]*)$", "examples": ["D-7"]}
    return Parameter(name, description, schema, refuses)


ON = day("on", "The day as of which is answered. Left out: today, where the client is.")
DECISION = (
    day("on", "The send date. Left out: today, where the client is."),
    choice("notice", "What the notice is about. Left out: renewal.", NOTICE_TYPES),
    choice("kind", "Its kind. Left out: as the schedule has the step, else notice.", NOTICE_KINDS),
    step("step", "The step of the schedule."),
)
UPCOMING = (
    words("client", "Only notices about this client: its id or website.", "acme"),
    words("partner", "Only notices about this partner's clients.", "nordlicht"),
    words("contact", "Only notices that this user receives or is the contact of.", "nordlicht/jana"),
    day("from", "The first day. Left out: today."),
    day("until", "The first day that is left out. Left out: 120 days after the first."),
)
