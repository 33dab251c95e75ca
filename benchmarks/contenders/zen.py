"""The ZEN engine: a decision table over looked-up attributes, compiled once (PyPI: zen-engine)."""

from __future__ import annotations

import importlib
import json
from typing import Any

from benchmarks.contenders import Answer, Contender, Question, questions
from benchmarks.contenders.rows import ROWS, Row, attributes
from benchmarks.programme import Programme

_KEY = "ownership"
_INPUTS = tuple(dict.fromkeys(name for row in ROWS for name in row.when))


def contender(programme: Programme) -> Contender:
    """Evaluate the table.

    The static loader keeps it compiled; `create_decision`, which the package's README shows first, compiles
    its expressions anew for every evaluation, and is twenty times slower.
    """
    loader = {"type": "static", "content": {_KEY: _graph()}}
    engine = importlib.import_module("zen").ZenEngine({"loader": loader})
    partners = programme.partners

    def ask(question: Question) -> Any:  # noqa: ANN401 - what it returns depends on the table
        return engine.evaluate(_KEY, attributes(question, partners[question["partner"]]))["result"]

    return Contender(
        questions(programme), ask, lambda result: Answer(result["owner"], result.get("recipient"))
    )


def _graph() -> dict[str, Any]:
    """Return the decision graph that has nothing but the table."""
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": name, "name": name, "field": name} for name in _INPUTS],
        "outputs": [{"id": name, "name": name, "field": name} for name in ("owner", "recipient")],
        "rules": [{"_id": str(number), **_cells(row)} for number, row in enumerate(ROWS)],
    }
    return {
        "nodes": [
            _node("in", "inputNode", {}),
            _node("table", "decisionTableNode", table),
            _node("out", "outputNode", {}),
        ],
        "edges": [
            {"id": f"{source}-{target}", "type": "edge", "sourceId": source, "targetId": target}
            for source, target in (("in", "table"), ("table", "out"))
        ],
    }


def _node(name: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0}, "content": content}


def _cells(row: Row) -> dict[str, str]:
    """Return a row as expressions; an empty input holds for anything."""
    tests = {name: json.dumps(row.when[name]) if name in row.when else "" for name in _INPUTS}
    return {**tests, "owner": json.dumps(row.owner), "recipient": row.recipient}
