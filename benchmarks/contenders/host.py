"""The usual embedding of durable_rules: its own Host, rules in Python, one event a question."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import Any

from benchmarks.contenders import Answer, Contender, Question, questions
from benchmarks.contenders.rows import ROWS, Row, attributes
from benchmarks.programme import Programme

_RULESET = "ownership"


def contender(programme: Programme) -> Contender:
    """Post an event; of the rules that hold, the first fires."""
    lang = importlib.import_module("durable.lang")
    answers: list[Answer] = []
    with lang.ruleset(_RULESET):
        for position, row in enumerate(ROWS, start=1):
            lang.when_all(lang.pri(position), _condition(lang, row))(_action(row, answers))
    partners = programme.partners

    def ask(question: Question) -> Answer:
        lang.post(_RULESET, attributes(question, partners[question["partner"]]))
        return answers.pop()

    return Contender(questions(programme), ask, Answer._make)


def _condition(lang: Any, row: Row) -> Any:  # noqa: ANN401 - durable_rules has no types
    return reduce(and_, (getattr(lang.m, name) == value for name, value in row.when.items()))


def _action(row: Row, answers: list[Answer]) -> Callable[[Any], None]:
    def act(context: Any) -> None:  # noqa: ANN401 - as above
        answers.append(Answer(row.owner, getattr(context.m, row.recipient)))

    return act
