"""Reads what a rule's `when` says into a condition tree, and names every word that makes no sense."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import cast

import msgspec

from engine import schemas, vocabulary
from engine.civil import Step
from engine.conditions import AllOf, AnyOf, Comparison, Condition, Constant, Not, Operand
from engine.diagnostics import Diagnostic, suggest
from engine.documents import Document, Path, Value
from engine.sentences import choice, shown
from engine.strict.complaints import shown as named
from engine.vocabulary import Fact, Kind

_LISTS = frozenset({"in", "not_in", "contains_any", "contains_all"})
_CONDITION = "write a fact and a value, as in `owner: partner`"
_EQUALS = "write the value itself behind the fact, as in `owner: partner`"
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,6})?")


class Reader(msgspec.Struct, frozen=True):
    """Reads conditions of one document; `problems` collects what is wrong with them.

    `roles` are the names that a rule may speak of, the vendor's own among them; the prefix of those alone
    stands for any of them.
    """

    document: Document
    roles: Collection[str]
    problems: list[Diagnostic] = msgspec.field(default_factory=list)

    def check_role(self, role: str, at: Path) -> None:
        """Report a role that does not exist."""
        prefix = vocabulary.VENDOR_ROLE_PREFIX
        if role not in self.roles and not (prefix in self.roles and role.startswith(prefix)):
            roles = [known for known in self.roles if known != prefix]
            hint = suggest(role, roles) or f"known roles: {', '.join(roles)}"
            self._report("unknown-role", f"there is no role {named(role)}", at, hint)

    def condition(self, value: Value, at: Path) -> Condition:
        """Read the mapping at `at`; parts that make no sense are left out and reported."""
        if not isinstance(value, dict):
            hint = "combine several with `all` or `any`" if isinstance(value, list) else _CONDITION
            self._report("schema-type", f"a condition must be a mapping, not {shown(value)}", at, hint)
            return AllOf(())
        parts = [part for key, item in value.items() for part in self._parts(key, item, (*at, key))]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _parts(self, key: str, value: Value, at: Path) -> Iterator[Condition]:
        match key:
            case "all":
                yield AllOf(tuple(self._conditions(value, at)))
            case "any":
                yield AnyOf(tuple(self._conditions(value, at)))
            case "not":
                yield Not(self.condition(value, at))
            case _:
                yield from self._comparisons(key, value, at)

    def _conditions(self, value: Value, at: Path) -> Iterator[Condition]:
        if not isinstance(value, list) or not value:
            written = "an empty one" if value == [] else shown(value)
            hint = "begin each condition with `- `"
            self._report("schema-type", f"`{at[-1]}` must be a list of conditions, not {written}", at, hint)
            return
        for index, item in enumerate(value):
            yield self.condition(item, (*at, index))

    def _comparisons(self, name: str, value: Value, at: Path) -> Iterator[Comparison]:
        fact = vocabulary.find(name)
        if fact is None or fact is vocabulary.SEND_DAY or not _may_be_label(name):
            message = f"there is no fact {named(name)}"
            self._report("unknown-fact", message, at, _known(name, value), at_key=True)
        elif not isinstance(value, dict):
            yield from self._comparison(fact, "equals", value, at)
        elif not value:
            self._report("fact-type", f"`{name}` is compared with nothing", at, _CONDITION)
        else:
            for operator, operand in value.items():
                if operator == "equals":
                    message = "there is no operator `equals`"
                    self._report("fact-type", message, (*at, operator), _EQUALS, at_key=True)
                else:
                    yield from self._comparison(fact, operator, operand, (*at, operator))

    def _comparison(self, fact: Fact, operator: str, value: Value, at: Path) -> Iterator[Comparison]:
        allowed = vocabulary.OPERATORS[fact.kind]
        if operator not in allowed:
            self._report_operator(fact, operator, at)
        elif operator == "present":
            if isinstance(value, bool):
                yield Comparison(fact.name, operator, value)
            else:
                self._report("fact-type", f"`present` must be true or false, not {shown(value)}", at)
        else:
            operand = self._list(fact, value, at) if operator in _LISTS else self._one(fact, value, at)
            if operand is not None:
                yield Comparison(fact.name, operator, operand)

    def _report_operator(self, fact: Fact, operator: str, at: Path) -> None:
        allowed = [name for name in vocabulary.OPERATORS[fact.kind] if name != "equals"]
        if operator == "equals":
            example = f"write `{fact.name}: {{{allowed[0]}: …}}`"
            self._report("fact-type", f"`{fact.name}` is {fact.kind} and equals no single value", at, example)
        else:
            message = f"`{fact.name}` is {fact.kind} and has no operator {named(operator)}"
            hint = suggest(operator, allowed) or f"its operators are {', '.join(allowed)}"
            self._report("fact-type", message, at, hint, at_key=True)

    def _list(self, fact: Fact, value: Value, at: Path) -> Operand | None:
        if not isinstance(value, list) or not value:
            written = "an empty one" if value == [] else shown(value)
            hint = "write it in brackets" if isinstance(value, str | int | float) else None
            self._report("fact-type", f"`{at[-1]}` must be a list of values, not {written}", at, hint)
            return None
        constants = [self._one(fact, item, (*at, index)) for index, item in enumerate(value)]
        if None in constants:
            return None
        return cast("Operand", tuple(sorted(set(constants))))

    def _one(self, fact: Fact, value: Value, at: Path) -> Constant | None:
        constant = _constant(fact, value)
        if constant is None:
            expected = choice(fact.values) if fact.values else str(fact.kind)
            hint = suggest(str(value), fact.values)
            if isinstance(value, list):
                hint = "write {in: […]} to compare with several values"
            if value is None:
                hint = "write {present: false} for a fact that is absent"
            self._report("fact-type", f"`{fact.name}` is never {shown(value)}; it is {expected}", at, hint)
        elif fact.name == "reachable":
            self.check_role(str(constant), at)
        elif fact.name == "notice.step" and Step.parse(str(constant)) is None:
            message = f"{shown(value)} is not a step, so it never holds"
            self._report("invalid-step", message, at, "write it as D-7 or R-30")
        return constant

    def _report(
        self, code: str, message: str, at: Path, hint: str | None = None, *, at_key: bool = False
    ) -> None:
        place = self.document.locate_key(at) if at_key else self.document.locate(at)
        self.problems.append(Diagnostic(place, code, message, hint=hint))


def _may_be_label(name: str) -> bool:
    """Whether a file can give a label that name; any other fact may have any name."""
    _, is_label, label = name.partition(".labels.")
    return not is_label or schemas.is_id(label)


def _known(name: str, value: Value) -> str | None:
    """Return what was probably meant by a name that is no fact."""
    if name == vocabulary.SEND_DAY.name:
        return "give the rule `from` and `until`"
    if vocabulary.find(name.lower()) and _may_be_label(name.lower()):
        return f"did you mean {name.lower()}?"
    inner = f"{name}.{next(iter(value), '')}" if isinstance(value, dict) else ""
    if vocabulary.find(inner) and _may_be_label(inner):
        return f"write `{inner}`, with a dot"
    labels = [f"{prefix}NAME" for prefix in vocabulary.LABELS]
    return suggest(name, [*vocabulary.FACTS, *labels, "all", "any", "not"])


def _constant(fact: Fact, value: Value) -> Constant | None:
    """Return the value as this fact's type has it, or None when it does not fit."""
    if isinstance(value, bool):
        return value if fact.kind is Kind.FLAG else None
    match fact.kind:
        case Kind.NUMBER:
            return _number(value)
        case Kind.TEXT | Kind.SET if isinstance(value, str | int):  # an int is a portal number
            return str(value)
        case Kind.CHOICE if value in fact.values:
            return str(value)
    return None


def _number(value: Value) -> int | Decimal | None:
    """Read a number exactly as written; money may stand in quotes."""
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        value = repr(value)
    return Decimal(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None
