"""flagd's evaluator: one flag whose targeting is the table, in process (PyPI: openfeature-flagd-core)."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.contenders import Answer, Contender, Question, questions
from benchmarks.contenders.rows import ROWS, Attributes, Row, attributes
from benchmarks.programme import Programme

_FLAG = "ownership"


def contender(programme: Programme) -> Contender:
    """Resolve the flag; its variants are the rows, and the recipient is the attribute that the row names."""
    core = importlib.import_module("openfeature.contrib.tools.flagd.core").FlagdCore()
    context = importlib.import_module("openfeature.evaluation_context").EvaluationContext
    core.set_flags({"flags": {_FLAG: _flag()}})
    partners = programme.partners

    def ask(question: Question) -> tuple[Any, Attributes]:
        known = attributes(question, partners[question["partner"]])
        return core.resolve_object_value(_FLAG, {}, context(question["client"], known)).value, known

    return Contender(questions(programme), ask, _read)


def _flag() -> dict[str, Any]:
    variants = {
        str(number): {"owner": row.owner, "recipient": row.recipient} for number, row in enumerate(ROWS)
    }
    branches = [part for number, row in enumerate(ROWS) for part in (_condition(row), str(number))]
    return {
        "state": "ENABLED",
        "variants": variants,
        "defaultVariant": "0",
        "targeting": {"if": branches},
    }


def _condition(row: Row) -> dict[str, Any]:
    return {"and": [{"==": [{"var": name}, value]} for name, value in row.when.items()]}


def _read(outcome: tuple[Any, Attributes]) -> Answer:
    variant, known = outcome
    return Answer(variant["owner"], known[variant["recipient"]])
