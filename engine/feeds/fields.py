"""The fields of a renewal fact by name: columns of a table, and what `--set FIELD=VALUE` takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine import schemas
from engine.diagnostics import Diagnostic, Location, nearest, suggest
from engine.documents import Path, Value
from engine.sentences import shown

_NUMBERS = frozenset({"deadline_lead_days"})
_FLAGS = frozenset({"auto_renew", "acknowledged", "active", "bounced"})
_LISTS = frozenset({"products", "flags"})
_TRUTHS: Mapping[str, bool] = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_SEPARATOR = ";"


def names() -> Iterator[str]:
    """Yield the name of every field, people's as `decision_maker.email`."""
    for field in schemas.schema("renewal")["properties"]:
        if field != "contacts":
            yield field
    for role in _roles():
        for field in schemas.schema("renewal")["$defs"]["contact"]["properties"]:
            yield f"{role}.{field}"


def find(name: str) -> Path | None:
    """Return the path of a field in a fact, or None; a dot may be written `_`, `contacts.` left out."""
    name = name.strip().removeprefix("contacts.")
    for role in _roles():
        if name.startswith((f"{role}.", f"{role}_")):
            field = f"{role}.{name[len(role) + 1 :]}"
            return ("contacts", *field.split(".", 1)) if field in set(names()) else None
    return (name,) if name in set(names()) else None


def hint(name: str) -> str:
    """Return which field a name that is none was probably meant to be, else where all of them are."""
    by_last_part = {known.rpartition(".")[2]: known for known in reversed([*names()])}
    near = nearest(name, names()) or by_last_part.get(nearest(name, by_last_part) or "")
    if near:
        return f"did you mean {near}?"
    return "`renewctl schema renewal` has them all; those of a person are written as decision_maker.email"


def check_columns(
    columns: Sequence[str], table: Location, places: Sequence[Location]
) -> Iterator[Diagnostic]:
    """Every column is a field, once, and those that a renewal must have are there."""
    found = [find(column) for column in columns]
    for index, (column, at) in enumerate(zip(columns, found, strict=True)):
        if at is None:
            hint = suggest(column.strip(), names()) or f"known columns: {', '.join(names())}"
            message = f"there is no field for the column {shown(column)}"
            yield Diagnostic(places[index], "schema-additionalProperties", message, hint=hint)
        elif at in found[:index]:
            yield _double(columns[found.index(at)], column, places[index])
    for field in schemas.schema("renewal")["required"]:
        if (field,) not in found:
            yield Diagnostic(table, "schema-required", f"the table has no column `{field}`")


def put(fact: dict[str, Any], at: Path, text: str) -> None:
    """Set the field at that path in a fact, which is changed; empty text is "left out"."""
    if "billing_contacts" in at:
        _put_each(fact, str(at[-1]), text)
        return
    *parents, field = map(str, at)
    if not text.strip():
        _drop(fact, [*parents, field])
        return
    node = fact
    for key in parents:
        if not isinstance(node.get(key), dict):
            node[key] = {}
        node = node[key]
    node[field] = _typed(field, text.strip())


def _double(first: str, second: str, place: Location) -> Diagnostic:
    message = f"the columns {shown(first)} and {shown(second)} are the same field"
    if first == second:
        message = f"the column {shown(second)} stands twice"
    return Diagnostic(place, "yaml-duplicate-key", message, hint="keep one of them")


def _roles() -> tuple[str, ...]:
    return tuple(schemas.schema("renewal")["properties"]["contacts"]["properties"])


def _drop(node: dict[str, Any], keys: list[str]) -> None:
    """Remove a field, and the person of whom nothing is left: a row without a decision maker has none."""
    first, *rest = keys
    inner = node.get(first)
    if rest and isinstance(inner, dict):
        _drop(inner, rest)
    if not rest or inner == {}:
        node.pop(first, None)


def _put_each(fact: dict[str, Any], field: str, text: str) -> None:
    """Set one field of every billing contact: the first part is the first contact's."""
    contacts = fact.get("contacts") or {}
    people = [dict(person) for person in contacts.get("billing_contacts") or ()]
    if not text.strip():
        people = [{key: said for key, said in person.items() if key != field} for person in people]
        fact["contacts"] = {**contacts, "billing_contacts": [person for person in people if person]}
        return
    for index, part in enumerate(text.split(_SEPARATOR)):
        if index == len(people):
            people.append({})
        if part.strip():
            people[index][field] = _typed(field, part.strip())
    fact["contacts"] = {**contacts, "billing_contacts": people}


def _typed(field: str, text: str) -> Value:
    """Read text as the field's type; what does not fit stays text, and the schema says so."""
    if field in _LISTS:
        return [part.strip() for part in text.split(_SEPARATOR) if part.strip()]
    if field in _FLAGS:
        return _TRUTHS.get(text.lower(), text)
    if field in _NUMBERS and text.isascii() and text.isdigit():
        return int(text)
    return text
