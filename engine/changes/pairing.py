"""The same notices decided twice, side by side: by one configuration and by another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar

from engine.decisions import Decision
from engine.envelopes import Recipient

KeyT = TypeVar("KeyT")

Pair: TypeAlias = tuple[Decision | None, Decision | None]
"""Before and after; None where the notice is not due: a step's condition may ask who can be reached."""


def pairs(before: Mapping[KeyT, Decision], after: Mapping[KeyT, Decision]) -> Iterator[Pair]:
    """Yield both decisions about each notice, by whatever makes a notice the same one."""
    for notice in {**before, **after}:
        yield before.get(notice), after.get(notice)


def addresses(recipients: Iterable[Recipient]) -> frozenset[str]:
    """Return who receives: people are the same when their normalised address is."""
    return frozenset(recipient.person.address for recipient in recipients)
