"""Checks a document against its JSON Schema and places every violation at the node that was written.

jsonschema is known to this module only. What is odd about it: `additionalProperties`, `required` and
`propertyNames` errors point at the parent, an `anyOf` error hides the interesting ones in its context, and
`pattern` uses `re.search`, whose `$` also matches before a trailing line feed.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from engine import resources
from engine.civil import Step
from engine.diagnostics import Diagnostic, Location, nearest
from engine.documents import Document, Path, Value
from engine.sentences import Violation

if TYPE_CHECKING:  # importing jsonschema takes longer than most commands do
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator


def check(kind: str, document: Document, suspected: Value = None) -> tuple[tuple[Diagnostic, ...], Value]:
    """Check against the schema `kind`; return the problems and the value without the parts that have one.

    The rest can still be checked for meaning, so that no error hides another. `suspected` is what is left of
    the value without parts that are known to satisfy the schema, if any are.
    """
    found = list(violations(kind, document.value if suspected is None else suspected))
    if not found:
        return (), document.value
    problems = {describe(violation, place(document, violation)) for violation in found}
    faulty = dict(place for violation in found for place in _faulty(violation))
    return tuple(sorted(problems)), _without(document.value, faulty)


def violations(kind: str, value: Value) -> Iterator[Violation]:
    """Yield what `value` does not satisfy in the schema `kind`, at the leaves of the branches meant.

    A key that is missing because it was mistyped is reported once, where it was mistyped.
    """
    leaves = (leaf for error in _validator(kind).iter_errors(value) for leaf in _leaves(error))
    found = [violation for leaf in leaves for violation in _from_error(leaf)]
    unknown = [violation for violation in found if violation.keyword == "additionalProperties"]
    for violation in found:
        if not (violation.keyword == "required" and any(_is_slip(violation, other) for other in unknown)):
            yield violation


def place(document: Document, violation: Violation) -> Location:
    """Return where the node was written: an unknown key at the key, a missing one at its parent."""
    if _is_about_key(violation):
        return document.locate_key((*violation.path, violation.key or ""))
    return document.locate(violation.path)


def describe(violation: Violation, location: Location) -> Diagnostic:
    """Say the violation as a diagnostic at that place."""
    message, hint = violation.sentence
    return Diagnostic(location, violation.code, message, hint=hint)


@cache
def schema(kind: str) -> Mapping[str, Any]:
    """Return the schema `kind` as it stands in `schemas/`."""
    loaded: Mapping[str, Any] = msgspec.json.decode(resources.schema_text(kind))
    return loaded


def is_id(text: str) -> bool:
    """Whether text has the form of the id of a partner, user or client."""
    return _compiled(schema("partner")["$defs"]["id"]["pattern"]).search(text) is not None


def is_date(value: object) -> bool:
    """Whether text is a date as `2027-01-31`; what is not text is left to `type`."""
    if not isinstance(value, str):
        return True
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return False
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_time_zone(value: object) -> bool:
    """Whether text names a time zone of the IANA database; what is not text is left to `type`."""
    if not isinstance(value, str):
        return True
    try:
        zoneinfo.ZoneInfo(value)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def is_step(value: object) -> bool:
    """Whether text is a step of the schedule, `D-7` or `R-30`; what is not text is left to `type`."""
    return not isinstance(value, str) or Step.parse(value) is not None


@cache
def _validator(kind: str) -> Validator:
    from jsonschema import Draft202012Validator, FormatChecker, validators  # noqa: PLC0415 - slow, see above

    formats = FormatChecker(formats=())
    formats.checks("date")(is_date)
    formats.checks("time-zone")(is_time_zone)
    formats.checks("step")(is_step)
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
    strict: Any = validators.extend(Draft202012Validator, {"pattern": _check_pattern}, type_checker=types)  # type: ignore[no-untyped-call]
    validator: Validator = strict(schema(kind), format_checker=formats)
    return validator


def _is_integer(_: object, value: object) -> bool:
    """Not `1e3`: JSON Schema takes it for an integer, a reader of YAML for a slip."""
    return isinstance(value, int) and not isinstance(value, bool)


def _check_pattern(_: object, expression: str, instance: object, __: object) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415 - slow, see above

    if isinstance(instance, str) and not _compiled(expression).search(instance):
        yield ValidationError("does not match")


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\$$", r"\\Z", expression))


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Yield what is really wrong: for a union, the errors of the branch that was meant."""
    branch = _meant(error) if error.validator in {"anyOf", "oneOf"} else []
    if not branch:
        yield error
    for inner in branch:
        yield from _leaves(inner)


def _meant(error: ValidationError) -> list[ValidationError]:
    """Return the errors of the branch whose type fits what was written, or none.

    Our unions are told apart by type, a mapping or a list of them, or only demand one of several keys.
    """
    written: Any = error.validator_value
    if not any("type" in branch for branch in written):
        return []
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    fitting = [errors for errors in branches.values() if not any(_is_other_type(inner) for inner in errors)]
    return min(fitting, key=len, default=[])


def _is_other_type(inner: ValidationError) -> bool:
    return inner.validator == "type" and not inner.relative_path


def _from_error(error: ValidationError) -> Iterator[Violation]:
    """Yield one violation per key that is wrong, else one."""
    rules: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    keyword = str(error.validator)
    path = tuple(error.absolute_path)
    parameter = error.validator_value
    if keyword in {"anyOf", "oneOf"}:
        keyword, parameter = _of_no_branch(error.validator_value)
    for key in _keys(error, rules):
        yield Violation(keyword, path, error.instance, parameter, rules, key)


def _of_no_branch(branches: Any) -> tuple[str, list[str]]:  # noqa: ANN401 - any schema
    """Return what all branches ask in the place that none of them fits: a type, or one of several keys."""
    if any("type" in branch for branch in branches):
        kinds = [branch.get("type", []) for branch in branches]
        return "type", [kind for some in kinds for kind in (some if isinstance(some, list) else [some])]
    return "required", [key for branch in branches for key in branch["required"]]


def _keys(error: ValidationError, rules: Mapping[str, Any]) -> list[str | None]:
    instance: Any = error.instance
    if "propertyNames" in error.schema_path:
        return [str(instance)]
    if error.validator == "required":
        required: Any = error.validator_value
        return [next(key for key in required if error.message.startswith(repr(key)))]
    if error.validator == "additionalProperties":
        return [key for key in instance if key not in rules.get("properties", {})]
    return [None]


def _is_slip(missing: Violation, unknown: Violation) -> bool:
    """Whether the missing key is what the unknown one beside it was meant to be."""
    meant = nearest(unknown.key or "", unknown.schema.get("properties", {}))
    wanted = missing.parameter if missing.key is None else [missing.key]
    return missing.path == unknown.path and meant in wanted


def _is_about_key(violation: Violation) -> bool:
    """Whether the place is a key that was written, rather than a value."""
    return violation.key is not None and violation.keyword != "required"


def _faulty(violation: Violation) -> Iterator[tuple[Path, Value]]:
    """Yield the path that must go for the rest to be of the right shape, and what may stand there instead.

    Only the entry of a list needs something in its place, for the others to keep their numbers.
    """
    if _is_about_key(violation):
        yield (*violation.path, violation.key or ""), None
    elif violation.keyword not in {"required", "minProperties", "uniqueItems"}:
        yield violation.path, {} if violation.parameter == "object" else ""


def _without(value: Value, faulty: Mapping[Path, Value]) -> Value:
    """Return `value` without the nodes at the faulty paths; an entry of a list is emptied."""
    if not faulty:
        return value
    if () in faulty:
        return {}
    below: dict[str | int, dict[Path, Value]] = {}
    for path, stand_in in faulty.items():
        below.setdefault(path[0], {})[path[1:]] = stand_in
    if isinstance(value, dict):
        return {
            key: _without(item, below.get(key, {}))
            for key, item in value.items()
            if () not in below.get(key, {})
        }
    if isinstance(value, list):
        return [_emptied(item, below.get(index, {})) for index, item in enumerate(value)]
    return value


def _emptied(entry: Value, faulty: Mapping[Path, Value]) -> Value:
    return faulty[()] if () in faulty else _without(entry, faulty)
