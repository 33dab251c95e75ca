"""Those who are timed: each module is one, and answers who owns a renewal and who receives its notice."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypedDict

from benchmarks.programme import Programme


class Question(TypedDict):
    """What a peer is asked. The decision maker's address is None when mail to them would not arrive."""

    client: str
    partner: str
    decision_maker: str | None


class Answer(NamedTuple):
    """Who owns the renewal; the address that the notice goes to, None when there is nobody."""

    owner: str
    recipient: str | None


class Contender(NamedTuple):
    """What is timed is `ask`, of each input in turn; `prepare` runs before a round of them.

    `read` makes the outcome comparable; None is an outcome of ours that the peers do not have.
    """

    inputs: Sequence[Any]
    ask: Callable[[Any], Any]
    read: Callable[[Any], Answer | None]
    prepare: Callable[[], None] = lambda: None


def enter(name: str, programme: Programme) -> Contender:
    """Return the contender `module.function`, or raise ImportError when it is not installed."""
    module, function = name.split(".")
    contender: Contender = getattr(importlib.import_module(f"{__name__}.{module}"), function)(programme)
    return contender


def questions(programme: Programme) -> list[Question]:
    """Return what a peer is asked about every renewal, ready made: making it is not timed."""
    return [
        {
            "client": renewal["client"],
            "partner": renewal["partner"],
            "decision_maker": _if_active(renewal["contacts"]["decision_maker"]),
        }
        for renewal in programme.renewals
    ]


def _if_active(contact: dict[str, Any]) -> str | None:
    return contact["email"] if contact["active"] else None
