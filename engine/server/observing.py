"""What somebody may count of answers: nothing that names a person, a client or a partner."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from engine.decisions import Decision


class Page(NamedTuple):
    """What is read by the program that collects metrics."""

    body: bytes
    media_type: str


class Observer(Protocol):
    """Told of every answer, in the event loop or in a thread."""

    def decided(self, decisions: Iterable[Decision]) -> None:
        """Count decisions that were sent."""

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answer; `route` is a template such as `/v1/clients/{id}/decision`."""

    def page(self, accept: str = "") -> Page:
        """Return what was counted, in the best format of those that the header `Accept` has."""
