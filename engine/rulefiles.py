"""Reads rule files into a ruleset: each section of the root's own rules replaces the shipped one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import msgspec

from engine import vocabulary
from engine.conditions import ALWAYS, Condition, within
from engine.diagnostics import Diagnostic
from engine.documents import Document, Path, Value
from engine.grammar import Reader
from engine.model import Dated, Vendor, Written, from_value
from engine.ruleset import Rule, RuleKind, Ruleset, Target

_Target: TypeAlias = str | Mapping[str, tuple[str, ...]]
_SECTIONS = {"routes": RuleKind.ROUTE, "adjustments": RuleKind.ADJUSTMENT}


class _Add(msgspec.Struct, frozen=True):
    to: tuple[_Target, ...] = ()
    cc: tuple[_Target, ...] = ()


class _WrittenRule(Dated, frozen=True, kw_only=True):
    """A route or an adjustment as its schema has it; `when` is read from the document, as it stands there."""

    rule: str = ""
    to: tuple[_Target, ...] = ()
    cc: tuple[_Target, ...] = ()
    add: _Add = _Add()
    suppress: str | None = None
    task: str | None = None
    reason: str | None = None


class RuleFile(msgspec.Struct, frozen=True):
    """A rule file whose shape has been checked, and its value without the parts that were faulty."""

    document: Document
    value: Mapping[str, Value]
    is_shipped: bool = False

    def entries(self, section: str) -> Iterator[tuple[Path, Mapping[str, Value]]]:
        """Yield each rule of the section with its path."""
        written = self.value.get(section)
        for index, entry in enumerate(written if isinstance(written, list) else []):
            if isinstance(entry, dict):
                yield (section, index), entry

    def gives(self, section: str) -> bool:
        """Whether the file has the section, be it an empty list."""
        return isinstance(self.value.get(section), list)


def known_roles(vendor: Written[Vendor]) -> tuple[str, ...]:
    """Return every role that a rule may name.

    One whose entry in the vendor's file is faulty counts too; where that file, or its `roles`, cannot be
    read at all, the bare prefix stands for whatever it names.
    """
    said = vendor.document.value
    written = said.get("roles") or {} if isinstance(said, dict) else None
    names = [name.lower() for name in written] if isinstance(written, dict) else [""]
    named = (f"{vocabulary.VENDOR_ROLE_PREFIX}{name}" for name in names)
    return (*vocabulary.CLIENT_ROLES, *vocabulary.PARTNER_ROLES, vocabulary.RENEWAL_MANAGER, *named)


def read(
    files: Sequence[RuleFile], shipped: Sequence[RuleFile], vendor: Written[Vendor]
) -> tuple[Ruleset, tuple[Diagnostic, ...]]:
    """Read both sections, each from the root's files if one of them has it, else from the shipped ones."""
    roles = known_roles(vendor)
    problems: list[Diagnostic] = []
    sections: dict[str, tuple[Rule, ...]] = {}
    names: dict[str, Rule] = {}
    for section, kind in _SECTIONS.items():
        rules = []
        for file in _giving(section, files, shipped):
            reader = Reader(file.document, roles, problems)
            for at, entry in file.entries(section):
                rule = replace(_rule(reader, kind, entry, at), is_shipped=file.is_shipped)
                problems.extend(_check_name(file.document, (*at, "rule"), rule, names))
                rules.append(rule)
        sections[section] = tuple(rules)
    given = [file.document.locate_key(("routes",)) for file in _giving("routes", files, shipped)]
    return Ruleset(sections["routes"], sections["adjustments"], *given[:1]), tuple(problems)


def _giving(section: str, files: Sequence[RuleFile], shipped: Sequence[RuleFile]) -> list[RuleFile]:
    """Return the files that give a section: the root's if one of them does, else the shipped ones."""
    own = [file for file in files if file.gives(section)]
    return own or [file for file in shipped if file.gives(section)]


def _check_name(document: Document, at: Path, rule: Rule, names: dict[str, Rule]) -> Iterator[Diagnostic]:
    first = names.setdefault(rule.name, rule)
    if first is not rule and rule.name:
        message = f"there is another rule `{rule.name}` at {first.origin}"
        yield Diagnostic(document.locate(at), "duplicate-rule", message, hint="give it a name of its own")


def _rule(reader: Reader, kind: RuleKind, entry: Mapping[str, Value], at: Path) -> Rule:
    document = reader.document
    written = from_value(_WrittenRule, {key: value for key, value in entry.items() if key != "when"})
    reader.problems.extend(_check_interval(document, written, at))
    return Rule(
        name=written.rule,
        kind=kind,
        origin=document.locate(at),
        condition=_condition(reader, entry, written, at),
        to=_targets(reader, written.to, (*at, "to")) + _targets(reader, written.add.to, (*at, "add", "to")),
        cc=_targets(reader, written.cc, (*at, "cc")) + _targets(reader, written.add.cc, (*at, "add", "cc")),
        suppress=written.suppress,
        task=written.task,
        reason=written.reason,
    )


def _check_interval(document: Document, written: _WrittenRule, at: Path) -> Iterator[Diagnostic]:
    if written.is_empty:
        message = f"the rule ends on {written.until}, not after it begins on {written.starts}"
        hint = "`until` is the first day on which it no longer holds"
        yield Diagnostic(document.locate((*at, "until")), "empty-interval", message, hint=hint)


def _condition(reader: Reader, entry: Mapping[str, Value], written: _WrittenRule, at: Path) -> Condition:
    """Return what `when` says, within the rule's dates."""
    said = reader.condition(entry["when"], (*at, "when")) if "when" in entry else ALWAYS
    return within(written.starts, written.until, said)


def _targets(reader: Reader, written: Sequence[_Target], at: Path) -> tuple[Target, ...]:
    targets = []
    for index, target in enumerate(written):
        roles = (target,) if isinstance(target, str) else target.get("first_of", ())
        inside: Path = () if isinstance(target, str) else ("first_of",)
        for position, role in enumerate(roles):
            place = (*at, index, *inside, *((position,) if inside else ()))
            if role:  # else a faulty one
                reader.check_role(role, place)
        targets.append(tuple(roles))
    return tuple(targets)
