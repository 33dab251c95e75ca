"""Replacements in a text, made all at once: places stay those of the text as it was read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Splices:
    """A text and what is to stand where in it."""

    text: str
    _parts: list[tuple[int, int, str]] = field(default_factory=list)

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text in the place of what stands there."""
        self._parts.append((start, end, text))

    def insert(self, at: int, text: str) -> None:
        """Put a text between two characters; of several at one place the first stands first."""
        self.replace(at, at, text)

    def result(self) -> str:
        """Return the text with all of them."""
        parts, done = [], 0
        for start, end, text in sorted(self._parts, key=lambda part: part[0]):
            parts += [self.text[done:start], text]
            done = max(done, end)
        return "".join((*parts, self.text[done:]))
