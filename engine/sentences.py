"""Says a violation of a schema in a sentence that a partner manager can act on."""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import msgspec

from engine.diagnostics import suggest
from engine.documents import Path
from engine.strict import complaints

Sentence = tuple[str, str | None]
"""What is there and what was expected, and the cure if we know it."""

_FORMAT_CODES = {"date": "invalid-date", "time-zone": "invalid-time-zone", "step": "invalid-step"}
_FORMATS = {
    "date": ("a date", "write year-month-day, such as 2027-01-31"),
    "time-zone": ("a time zone", "write the name of one, such as Europe/Berlin"),
    "step": ("a step", "write it as D-7 or R-30"),
}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
_USERS = frozenset({"contact", "backup_contacts"})
"""The keys under which people write who is meant."""
_PERSON = re.compile(r"@|[A-Z]\S*\s|\s\S*[A-Z]")
"""What an address or the name of a person has, and a mistyped id has not."""
_WIDEST = 60
_WIDEST_EXAMPLE = 100


class Violation(msgspec.Struct, frozen=True):
    """One keyword of a schema that one node does not satisfy, whichever validator found it.

    `path` leads to the node; `key` is the key that is missing, unknown or malformed, where the keyword is
    about one. `parameter` is the keyword's value and `schema` the mapping it stands in.
    """

    keyword: str
    path: Path
    instance: object
    parameter: Any
    schema: Mapping[str, Any]
    key: str | None = None

    @property
    def code(self) -> str:
        """The stable code; everything that is wrong with a date is `invalid-date`."""
        return _FORMAT_CODES.get(self.schema.get("format", ""), f"schema-{self.keyword}")

    @property
    def sentence(self) -> Sentence:
        """What to tell the person who wrote it."""
        if self.code in _FORMAT_CODES.values():
            return _wrong_format(self)
        return _SENTENCES.get(self.keyword, _other)(self)

    @property
    def name(self) -> str:
        """How to speak of the node; a file of facts holds many renewals, any other file one thing."""
        is_renewal = not self.path and self.schema.get("title") == "Renewal"
        return "the renewal" if is_renewal else _name(self.path)


def shown(value: object) -> str:
    """Return a value as a person would write it in YAML, cut when it is long."""
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            text = _printable(value)
            return f'"{text}"' if len(text) < _WIDEST else f'"{text[: _WIDEST - 4]}…"'
    return str(value)[:_WIDEST]


def _printable(text: str) -> str:
    """Keep a diagnostic on its line: write what does not print, a line feed too, as an escape."""
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in text[:_WIDEST]
    )


def flow(value: object) -> str:
    """Return a value as YAML on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return f"{{{', '.join(f'{key}: {flow(item)}' for key, item in value.items())}}}"
        case list():
            return f"[{', '.join(map(flow, value))}]"
    return "null" if value is None else str(value)


def choice(values: Iterable[object]) -> str:
    """Return `a, b or c`."""
    *others, last = [str(value) for value in values]
    return f"{', '.join(others)} or {last}" if others else last


def _name(path: Path) -> str:
    match path:
        case ():
            return "the file"
        case (*parents, int(index)):
            return f"entry {index + 1} of {_name(tuple(parents))}"
        case (*_, last):
            return complaints.shown(str(last))
    raise AssertionError(path)


def _wrong_format(violation: Violation) -> Sentence:
    form = violation.schema["format"]
    kind, cure = _FORMATS[form]
    written = violation.instance
    if form == "date" and isinstance(written, str) and _DATE.fullmatch(written):
        cure = "the calendar has no such day"
    if form == "time-zone" and isinstance(written, str):
        cure = _nearest_zone(written) or cure
    return f"{violation.name} is {shown(written)}, which is not {kind}", cure


@cache
def _nearest_zone(name: str) -> str | None:
    """Suggest a time zone; to list them reads a file for each, and one mistake often stands in many facts."""
    return suggest(name, zoneinfo.available_timezones())


def _type(violation: Violation) -> Sentence:
    kinds = violation.parameter if isinstance(violation.parameter, list) else [violation.parameter]
    return _wrong_type(violation, kinds)


def _wrong_type(violation: Violation, kinds: list[str]) -> Sentence:
    message = f"{violation.name} must be {_kinds(kinds)}, not {shown(violation.instance)}"
    if violation.instance is None and violation.path and isinstance(violation.path[-1], str):
        return message, "write a value, or remove the key"
    if "string" in kinds and isinstance(violation.instance, bool | int | float):
        return message, "put it in quotes"
    return message, _for_example(violation) if {"object", "array"} & set(kinds) else None


def _kinds(kinds: list[str]) -> str:
    wanted = [kind for kind in dict.fromkeys(kinds) if kind != "null"]
    return "an id" if wanted == ["string", "integer"] else choice(_TYPES[kind] for kind in wanted)


def _for_example(violation: Violation) -> str | None:
    """Show the node as it may be written, if its schema has a short example."""
    examples = [example for example in violation.schema.get("examples", ()) if example is not None]
    if not violation.path:
        first, schema = next(iter(violation.schema.get("properties", {}).items()))
        return f"write keys and their values, such as {_entry(first, schema)}"
    key = violation.path[-1]
    written = f"{_printable(key)}: {flow(examples[0])}" if examples and isinstance(key, str) else ""
    return f"for example `{written}`" if 0 < len(written) <= _WIDEST_EXAMPLE else None


def _entry(key: str, schema: Mapping[str, Any]) -> str:
    """Return a key with an example of its value."""
    examples = schema.get("examples")
    return f"`{key}: {flow(examples[0])}`" if examples else f"`{key}`"


def _enum(violation: Violation) -> Sentence:
    allowed = [str(value) for value in violation.parameter if value is not None]
    message = f"{violation.name} must be {choice(allowed)}, not {shown(violation.instance)}"
    return message, suggest(str(violation.instance).lower(), allowed)


def _const(violation: Violation) -> Sentence:
    return f"{violation.name} must be {shown(violation.parameter)}, not {shown(violation.instance)}", None


def _required(violation: Violation) -> Sentence:
    if violation.key is None:
        return _none_of(violation)
    key = violation.key
    schema = violation.schema.get("properties", {}).get(key, {})
    cure = f"add {_entry(key, schema)}" if "const" in schema else f"add one, such as {_entry(key, schema)}"
    return f"{violation.name} has no `{key}`", cure


def _none_of(violation: Violation) -> Sentence:
    first, properties = violation.parameter[0], violation.schema.get("properties", {})
    message = f"{violation.name} has none of the keys {choice(violation.parameter)}"
    return message, f"add one, such as {_entry(first, properties.get(first, {}))}"


def _unknown_key(violation: Violation) -> Sentence:
    known = violation.schema.get("properties", {})
    key = violation.key or ""
    message = f"{violation.name} has no key {complaints.shown(key)}"
    outside = next((name for name, schema in known.items() if key in schema.get("properties", {})), None)
    if outside is not None:
        return message, f"write it inside `{outside}`"
    return message, suggest(key, known) or f"known keys: {', '.join(known)}"


def _pattern(violation: Violation) -> Sentence:
    written = str(violation.instance if violation.key is None else violation.key)
    if violation.key is None:
        message = (
            f"{violation.name} is {shown(_without_password(written))}, which does not have the right form"
        )
    else:
        message = f"the key {shown(written)} does not have the right form"
    expression = violation.schema.get("pattern", "")
    nearest = next((text for text in _spellings(written) if re.search(expression, text)), None)
    cure = violation.schema.get("description") if nearest is None else f"write {complaints.shown(nearest)}"
    if _PERSON.search(written) and _names_a_user(violation):
        cure = "write a user's id, which is their key in `users`, not their name or address"
    return message + _lookalikes(written, expression), cure


def _names_a_user(violation: Violation) -> bool:
    """Whether an id is that of a partner's user: one that is made of a name would be nobody's."""
    names = [step for step in violation.path if isinstance(step, str)]
    return bool(names) and (names[-1] in _USERS or names[0] == "covers")


def _without_password(written: str) -> str:
    """Keep the password of a URL out of logs; a text that is no URL is left as it is."""
    return re.sub(r"(://[^:@/]*:).*(?=@)|(password=)[^&]*", r"\1\2***", written)


def _spellings(written: str) -> Iterator[str]:
    """Yield other ways to write what was probably meant, the most likely one first."""
    text = re.sub(r"^\w+://([^/]*).*$", r"\1", written)  # the host of a URL
    text = re.sub(r"^.*<(.*)>.*$", r"\1", text)  # the address behind a display name
    text = unicodedata.normalize("NFKC", text).strip()
    for gaps, joint in ((r"\s+", " "), (r"[\s_-]+", "-"), (r"[\s_-]+", "_")):
        joined = re.sub(gaps, joint, text)
        yield from (joined, joined.lower(), joined.upper())


def _lookalikes(written: str, expression: str) -> str:
    """Name the characters beyond ASCII when they alone are wrong: some look just like the right ones."""
    beyond = dict.fromkeys(character for character in written if not character.isascii())
    plain = "".join("x" if character in beyond else character for character in written)
    if not beyond or not re.search(expression, plain):
        return ""
    named = (f"{_printable(character)} is {unicodedata.name(character, 'nameless')}" for character in beyond)
    return f": {', '.join(named)}"


def _empty(violation: Violation) -> Sentence:
    cure = _for_example(violation) or violation.schema.get("description")
    return f"{violation.name} must not be empty", cure


def _double(violation: Violation) -> Sentence:
    items: Any = violation.instance
    double = next((item for index, item in enumerate(items) if item in items[:index]), None)
    return f"{violation.name} names {shown(double)} twice", "remove one of them"


def _bound(violation: Violation) -> Sentence:
    if violation.keyword == "minimum" and "pattern" in violation.schema:  # an id that reads as a number
        return _pattern(violation)
    expected = f"{_BOUNDS[violation.keyword]} {violation.parameter}"
    return f"{violation.name} must be {expected}, not {shown(violation.instance)}", None


_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}


def _too_long(violation: Violation) -> Sentence:
    length = len(str(violation.instance))
    return f"{violation.name} must have at most {violation.parameter} characters, not {length}", None


def _other(violation: Violation) -> Sentence:
    message = f"{violation.name} does not satisfy `{violation.keyword}: {shown(violation.parameter)}`"
    return message, violation.schema.get("description")


_SENTENCES: Mapping[str, Callable[[Violation], Sentence]] = MappingProxyType(
    {
        "type": _type,
        "enum": _enum,
        "const": _const,
        "required": _required,
        "additionalProperties": _unknown_key,
        "pattern": _pattern,
        "minItems": _empty,
        "minLength": _empty,
        "minProperties": _empty,
        "uniqueItems": _double,
        "minimum": _bound,
        "maximum": _bound,
        "exclusiveMinimum": _bound,
        "exclusiveMaximum": _bound,
        "maxLength": _too_long,
    }
)
