"""Time that a test makes: what others do to the files of a root happens while somebody waits."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from engine.daemon.settling import Clock

Action = Callable[[], object]


class Script(Clock):
    """A clock that stands still but for waits; actions happen at their moments, while somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 100.0
        self._actions: list[tuple[float, Action]] = []

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        until = self.time + seconds
        while self._actions and self._actions[0][0] <= until:
            self.time, action = self._actions.pop(0)
            action()
        self.time = until
        super().wait(0)

    def at(self, seconds: float, action: Action) -> None:
        """Have that done so many seconds from now."""
        self._actions.append((self.time + seconds, action))
        self._actions.sort(key=lambda entry: entry[0])

    def each(self, seconds: float, actions: Iterable[Action], *, after: float = 0.0) -> None:
        """Have these done one after the other."""
        for number, action in enumerate(actions, start=1):
            self.at(after + number * seconds, action)


def replace(path: Path, text: str) -> None:
    """Put a new file in the place of another, the way `sed -i` and editors do."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text)
    os.replace(beside, path)  # noqa: PTH105 - the call that it is about


def append(path: Path, text: str) -> None:
    """Write to the end of a file that stays the same file."""
    with path.open("a") as file:
        file.write(text)
