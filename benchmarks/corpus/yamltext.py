"""Writes YAML as people write it: short entries on one line, long ones below each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, Union

Value: TypeAlias = Union[str, Sequence["Value"], Mapping[str, "Value"]]  # noqa: UP007 - recursive at run time
"""A text stands there as it is, in quotes where it needs them; one of several lines becomes a block."""


def flow(value: Value) -> str:
    """Return a value on one line."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "{" + ", ".join([f"{key}: {flow(item)}" for key, item in value.items()]) + "}"
    return "[" + ", ".join([flow(item) for item in value]) + "]"


def block(value: Mapping[str, Value], indent: str) -> Iterator[str]:
    """Yield the lines of a mapping, each entry on lines of its own; lists of names stay on one line."""
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield f"{indent}{key}:\n"
            yield from block(item, f"{indent}  ")
        elif not isinstance(item, str) and item and isinstance(item[0], Mapping):
            yield f"{indent}{key}:\n"
            yield from _items(item, f"{indent}  ")
        elif isinstance(item, str) and "\n" in item:
            yield f"{indent}{key}: |-\n"
            yield from (f"{indent}  {line}\n" for line in item.split("\n"))
        else:
            yield f"{indent}{key}: {flow(item)}\n"


def _items(values: Sequence[Value], indent: str) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping):
            first, *others = block(value, f"{indent}  ")
            yield f"{indent}- {first.lstrip()}"
            yield from others
