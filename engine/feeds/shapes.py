"""Shapes of JSON, its keys and brackets without the values: whoever looked at one need not look again.

JSON readers pass over a key that stands twice, and finding it takes longer than decoding the line.
Deliveries repeat a few shapes hundreds of thousands of times, so that a shape in which no key stands twice is
remembered, as an expression that every other line of that shape matches.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_TOKEN = re.compile(rb'("[^"]*")(\s*:)?|([\w.+-]+)|.', re.DOTALL)
_PLAIN_KEY = re.compile(rb'"[a-z_]+"')
_STRING, _WORD = rb'"[^"]*+"', rb"[\w.+-]++"

_MARKS = b'"{}[]:,'
_NO_MARKS = bytes(set(range(256)).difference(_MARKS))
_WORTH_IT = 64
"""So many lines of a shape come before its expression is made: making it takes as long as looking at them."""

_MOST = 4096
"""After so many shapes no other is remembered: these lines repeat nothing."""

_LONGEST = 1024
"""Marks of the longest shape that is remembered; its expression grows with it."""


class Shapes:
    """The shapes of valid JSON in which no key stands twice, as far as they were shown."""

    def __init__(self) -> None:
        self._last: Callable[[bytes], object] = re.compile(rb"(?!)").fullmatch
        self._known: dict[bytes, Callable[[bytes], object]] = {}
        self._shown: Counter[bytes] = Counter()

    def has(self, text: bytes) -> bool:
        """Whether valid JSON, all of whose keys are fields of a fact, has such a shape."""
        if b"\\" in text:
            text = _without_escapes(text)
        if self._last(text):
            return True
        known = self._known.get(_marks(text))
        if known is None or not known(text):
            return False
        self._last = known
        return True

    def learn(self, text: bytes) -> None:
        """Remember the shape of a text in which no key stands twice, once enough others had it."""
        text = _without_escapes(text)
        marks = _marks(text)
        if marks in self._known or len(marks) > _LONGEST or len(self._shown) >= _MOST:
            return
        self._shown[marks] += 1
        if self._shown[marks] >= _WORTH_IT and all(map(_PLAIN_KEY.fullmatch, _keys(text))):
            self._known[marks] = re.compile(_TOKEN.sub(_cut_out, text)).fullmatch


def _without_escapes(text: bytes) -> bytes:
    r"""Return the text with every quote of it one that opens or closes a string.

    A field that is written with escapes keeps a digit of them (`c\u006cient`), which no plain key has: it
    never passes for another one.
    """
    return _ESCAPE.sub(b"", text)


def _marks(text: bytes) -> bytes:
    return text.translate(None, _NO_MARKS)


def _keys(text: bytes) -> list[bytes]:
    return [match[1] for match in _TOKEN.finditer(text) if match[2]]


def _cut_out(token: re.Match[bytes]) -> bytes:
    """Let any value stand where there is one; everything else is as it was."""
    if token[1] and not token[2]:
        return _STRING
    return _WORD if token[3] else re.escape(token[0])
