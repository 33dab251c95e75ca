"""Partner files as people may write them: one content in wildly different styles, comments everywhere."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from engine.edits import wording

_IDS = ("acme", "globex", "4711", "no-1", "bär", "zeta")
_USERS = ("jana", "tom", "4712")
_NOTES = (
    "asked by the client",
    "a: b # c",
    "no",
    "007",
    "ruft an: 12:30",
    '“quoted” "x" it\'s',
    "zwei\nZeilen",
)
_DAYS = ("2026-01-01", "2026-12-01", "2027-01-01", "2027-03-01", "2028-01-01")


def overrides() -> st.SearchStrategy[Any]:
    """Return overrides: one, or a list of dated ones that do not overlap."""
    content = st.fixed_dictionaries(
        {"owner": st.sampled_from(["hubspot", "partner"])},
        optional={"contact": st.sampled_from(_USERS), "note": st.sampled_from(_NOTES)},
    )
    days = st.lists(st.sampled_from(_DAYS), min_size=1, max_size=3, unique=True).map(sorted)
    listed = st.tuples(days, st.lists(content, min_size=4, max_size=4)).map(_dated)
    return st.one_of(content, listed)


def partners() -> st.SearchStrategy[dict[str, Any]]:
    """Return the contents of partner files; sections may be empty or missing."""
    client = st.one_of(
        st.none(),
        st.fixed_dictionaries(
            {},
            optional={
                "website": st.just("a.example"),
                "labels": st.dictionaries(st.sampled_from(_IDS), st.sampled_from(_NOTES), max_size=2),
                "override": overrides(),
            },
        ),
    )
    users = {user: {"name": "Jana Öz", "email": f"u{user}@a.example"} for user in _USERS}
    return st.fixed_dictionaries(
        {"version": st.just(1), "partner": st.just("nord"), "users": st.just(users)},
        optional={
            "default": overrides(),
            "clients": st.one_of(st.none(), st.dictionaries(st.sampled_from(_IDS), client, max_size=4)),
            "labels": st.just({"tier": "gold"}),
        },
    )


def written(value: dict[str, Any], chance: random.Random) -> str:
    """Write a partner file, deciding everything about its style by chance."""
    newline = chance.choice(("\n", "\n", "\r\n"))
    if chance.random() < 0.1:
        lines = [_flow(value, chance)]
    else:
        writer = _Writer(chance, chance.choice((2, 4)), chance.choice((0, 2)))
        lines = writer.block(value, 0)
    text = newline.join(lines)
    return text if chance.random() < 0.2 else text + newline * chance.choice((1, 1, 2))


def _dated(drawn: tuple[list[str], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    days, contents = drawn
    starts = [None, *days]
    return [
        {**content, **({"from": start} if start else {}), **({"until": end} if end else {})}
        for start, end, content in zip(starts, [*days, None], contents, strict=False)
    ]


class _Writer:
    def __init__(self, chance: random.Random, step: int, dash: int) -> None:
        self._chance, self._step, self._dash = chance, step, dash

    def block(self, value: Any, indent: int) -> list[str]:  # noqa: ANN401 - any YAML
        margin = " " * indent
        lines: list[str] = []
        named = value.items() if isinstance(value, dict) else ((None, item) for item in value)
        for name, item in named:
            if self._chance.random() < 0.15:
                lines.append(self._chance.choice(("", f"{margin}# wörd {{x: [\ty", "# left")))
            head = f"{margin}-" if name is None else f"{margin}{_key(name, self._chance)}:"
            lines += self._entry(head, item, indent, is_element=name is None)
        return lines

    def _entry(self, head: str, item: Any, indent: int, *, is_element: bool) -> list[str]:  # noqa: ANN401
        if item is None:
            return [head + self._chance.choice(("", " ~", " null")) + self._comment()]
        if not isinstance(item, dict | list) or not item or self._chance.random() < 0.4:
            return [f"{head} {_flow(item, self._chance)}{self._comment()}"]
        if is_element:
            first, *others = self.block(item, indent + 2)
            if first.strip().startswith("#") or not first.strip():
                return [head, first, *others]
            return [f"{head} {first.lstrip()}", *others]
        step = self._dash if isinstance(item, list) else self._step
        return [head + self._comment(), *self.block(item, indent + step)]

    def _comment(self) -> str:
        return self._chance.choice(("", "", "", "  # why: because", " #"))


def _key(name: str, chance: random.Random) -> str:
    return f'"{name}"' if chance.random() < 0.2 else wording.key(name)


def _flow(value: Any, chance: random.Random) -> str:  # noqa: ANN401 - any YAML
    pad = chance.choice(("", "", " "))
    if isinstance(value, dict):
        parts = [f"{_key(name, chance)}: {_flow(item, chance)}" for name, item in value.items()]
        return f"{{{pad}{chance.choice((', ', ',  ')).join(parts)}{pad}}}"
    if isinstance(value, list):
        return f"[{pad}{', '.join(_flow(item, chance) for item in value)}{pad}]"
    return wording.flow(value)
