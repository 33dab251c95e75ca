"""What YAML can say in the dialect that configuration is written in, and how deep it may be nested."""

from __future__ import annotations

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]

Path = tuple[str | int, ...]
"""The keys and indexes that lead to a part of a value; () is the whole."""

MAX_DEPTH = 64
