"""Reads `rules/schedule.yaml` into a schedule, and says which of its steps make no sense."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from engine.civil import Step
from engine.conditions import ALWAYS, within
from engine.diagnostics import Diagnostic
from engine.documents import Document, Path, Value
from engine.grammar import Reader
from engine.model import Dated, from_value
from engine.notices import Notice
from engine.schedule import Schedule, ScheduledStep


class _WrittenStep(Dated, frozen=True, kw_only=True):
    """A step as its schema has it; `when` is read from the document, as it stands there."""

    step: str = ""
    kind: str = "notice"
    type: str = "renewal"
    formal: bool = False
    valid_until: str | None = None


_Seen: TypeAlias = dict[tuple[str, Step], list[_WrittenStep]]
"""What has been written already, by notice type and step."""


def read(reader: Reader, value: Mapping[str, Value]) -> Schedule:
    """Read the file that `reader` belongs to; what is wrong with it goes to the reader's problems."""
    tiers: Any = value.get("tiers") or {}
    every: Any = value.get("every_tier") or []
    everywhere: _Seen = defaultdict(list)  # the steps of all tiers that those of every tier stand beside
    ladders = {}
    for tier, steps in tiers.items():
        seen: _Seen = defaultdict(list)
        ladders[tier] = tuple(_ladder(reader, steps or [], ("tiers", tier), seen))
        for step, records in seen.items() if tier != "monthly" else ():
            everywhere[step] += records
    return Schedule(
        tiers=ladders,
        every_tier=tuple(_ladder(reader, every, ("every_tier",), everywhere)),
        holidays=value.get("holidays") is not False,
    )


def _ladder(reader: Reader, written: list[Any], at: Path, seen: _Seen) -> Iterator[ScheduledStep]:
    """Yield the steps of a list; `seen` are those that the same renewal may have."""
    for index, entry in enumerate(written):
        if not isinstance(entry, dict):  # the schema has said so
            continue
        place = (*at, index)
        record = from_value(_WrittenStep, {key: item for key, item in entry.items() if key != "when"})
        step = Step.parse(record.step)
        if step is None:  # the schema has said so
            continue
        reader.problems.extend(_check_step(reader.document, step, record, place))
        same = seen[record.type, step]
        if any(other.overlaps(record) for other in same):
            message = f"the step {step} stands twice"
            hint = "remove one of them, or give them dates that do not overlap"
            where = reader.document.locate((*place, "step"))
            reader.problems.append(Diagnostic(where, "duplicate-step", message, hint=hint))
        same.append(record)
        yield _step(reader, step, record, entry, place)


def _step(
    reader: Reader, step: Step, record: _WrittenStep, entry: Mapping[str, Value], at: Path
) -> ScheduledStep:
    said = reader.condition(entry["when"], (*at, "when")) if "when" in entry else ALWAYS
    return ScheduledStep(
        step=step,
        notice=Notice(type=record.type, kind=record.kind, step=str(step), formal=record.formal),
        origin=reader.document.locate(at),
        condition=within(record.starts, record.until, said),
        valid_until=Step.parse(record.valid_until) if record.valid_until else None,
    )


def _check_step(document: Document, step: Step, record: _WrittenStep, at: Path) -> Iterator[Diagnostic]:
    """A notice after the deadline, or after the renewal, comes too late (docs/requirements.md, schedule)."""
    if step.offset > 0:
        after = "the renewal date" if step.base == "R" else "the renewal deadline"
        message = f"the step {step} is after {after}"
        days = "day" if step.offset == 1 else "days"
        hint = f"write {step.base}-{step.offset} for {step.offset} {days} before it"
        yield Diagnostic(document.locate((*at, "step")), "invalid-step", message, hint=hint)
    last = Step.parse(record.valid_until) if record.valid_until else None
    if last is not None and last.base == step.base and last.offset < step.offset:
        message = f"the notice would be void from {last} on, before it is due at {step}"
        yield Diagnostic(document.locate((*at, "valid_until")), "invalid-step", message)
    if record.is_empty:
        message = f"the step ends on {record.until}, not after it begins on {record.starts}"
        yield Diagnostic(document.locate((*at, "until")), "empty-interval", message)
