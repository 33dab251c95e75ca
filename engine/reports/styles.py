"""How a report marks what matters, without knowing whether a terminal shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Paint: TypeAlias = Callable[[str, str], str]
"""`paint(text, style)`: the text as the reader's terminal shows that style.

Styles: error, warning, good, strong, faint.
"""


def plain(text: str, style: str) -> str:  # noqa: ARG001 - a Paint takes both
    """Mark nothing."""
    return text
