"""The lines of JSON Lines that are about somebody, out of many about others.

Of every line it is read whose renewal it is and nothing else, which takes a tenth of the time, and less in
several processes. Whether the lines that are wanted can be used is for `jsonfacts` to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

import msgspec

from engine import processes
from engine.feeds.jsonfacts import Numbered
from engine.trees import File

Wants: TypeAlias = Callable[[str, str | None], bool]
"""Says by client and partner whether a line is wanted."""

_BLOCK = 1 << 21
"""Bytes that a process looks through at a time."""


class Names(msgspec.Struct, gc=False):
    """Whose renewal it is; whatever else a line says is passed over."""

    renewal: str
    client: str
    partner: str | None = None


class Picked(msgspec.Struct, array_like=True, gc=False):
    """The lines that are wanted, each with its number, and what all `count` lines name."""

    count: int = 0
    lines: list[Numbered] = []
    renewals: list[str] = []
    clients: set[str] = set()

    def add(self, later: Picked) -> None:
        """Add what was picked from the lines that follow."""
        self.lines += [(self.count + number, text) for number, text in later.lines]
        self.renewals += later.renewals
        self.clients |= later.clients
        self.count += later.count


def pick(file: File, wants: Wants) -> Picked | None:
    """Pick the lines that are wanted; None when one of the lines does not say whose renewal it is."""
    found = Picked()
    spans = list(_spans(file.data))
    decode = msgspec.msgpack.Decoder(Picked | None).decode
    for made in processes.in_order(partial(_picked, file.data, wants), spans, processes.usable()):
        block = decode(made)
        if block is None:
            return None
        found.add(block)
    return found


def _spans(data: bytes) -> Iterator[slice]:
    """Cut into blocks of whole lines."""
    begin = 0
    while begin < len(data):
        end = data.find(b"\n", begin + _BLOCK)
        end = len(data) if end < 0 else end
        yield slice(begin, end)
        begin = end + 1


def _picked(data: bytes, wants: Wants, span: slice) -> bytes:
    """Pick from a block of lines, for another process to read."""
    texts = data[span].split(b"\n")
    try:
        return msgspec.msgpack.encode(_of_lines(texts, wants))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.msgpack.encode(None)


def _of_lines(texts: Sequence[bytes], wants: Wants) -> Picked:
    decode = msgspec.json.Decoder(Names).decode
    found = Picked(len(texts))
    for number, text in enumerate(texts, start=1):
        if text.strip():
            names = decode(text)
            found.renewals.append(names.renewal)
            found.clients.add(names.client)
            if wants(names.client, names.partner):
                found.lines.append((number, text))
    return found
