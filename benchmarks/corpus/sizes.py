"""How many clients each partner has: most have few, some have very many."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from typing import NamedTuple

CLIENTS_PER_PARTNER = 250_000 / 7_000


class Quantile(NamedTuple):
    """That share of the partners has at most so many clients."""

    share: float
    clients: int


QUANTILES = (Quantile(0, 1), Quantile(0.5, 8), Quantile(0.9, 80), Quantile(0.99, 470), Quantile(1, 2000))
"""The volumes to design for (docs/requirements.md)."""

_HALVINGS = 60


def shuffled(partners: int, seed: int) -> list[int]:
    """Return the number of clients of each partner, in no order."""
    counts = of_each(partners)
    random.Random(f"{seed}/sizes").shuffle(counts)  # noqa: S311 - nothing here is secret
    return counts


def of_each(partners: int) -> list[int]:
    """Return the number of clients of each partner, in order: the quantiles are met, and so is the sum.

    Between two quantiles the number grows by the same factor from partner to partner, or, to keep the sum,
    slowly at first and quickly in the end.
    """
    total = round(partners * CLIENTS_PER_PARTNER)
    low, high = 1.0, 8.0
    for _ in range(_HALVINGS):
        bend = (low + high) / 2
        low, high = (bend, high) if sum(_curve(partners, bend)) > total else (low, bend)
    counts = _curve(partners, high)
    for rank in range(total - sum(counts)):  # rounding leaves a few over: one each, where it shows least
        counts[partners * 3 // 4 + rank % max(1, partners // 10)] += 1
    return sorted(counts)


def _curve(partners: int, bend: float) -> list[int]:
    return [_at(rank / max(1, partners - 1), bend) for rank in range(partners)]


def _at(share: float, bend: float) -> int:
    below, above = next(pair for pair in pairwise(QUANTILES) if share <= pair[1].share)
    way = (share - below.share) / (above.share - below.share)
    return round(below.clients * math.pow(above.clients / below.clients, math.pow(way, bend)))
