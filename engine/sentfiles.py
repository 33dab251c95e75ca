"""Reads which notices went out already: their idempotency keys, bare or in JSON Lines."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from engine.diagnostics import InputError

_KEY = r"^[0-9a-f]{32}\Z"


class _Sent(msgspec.Struct, gc=False):
    """A line of whatever a mail pipeline keeps: other fields are its own business."""

    idempotency_key: Annotated[str, Meta(pattern=_KEY)]


def read(name: str) -> frozenset[str]:
    """Return the keys in that file; a line that has none is an error, for its notice would go out again."""
    try:
        data = Path(name).read_bytes()
    except OSError as error:
        hint = "name a file of idempotency keys"
        raise InputError(f"{name} cannot be read: {error.strerror}", hint) from error
    return frozenset(_keys(name, data.removeprefix(codecs.BOM_UTF8)))


def _keys(name: str, data: bytes) -> Iterator[str]:
    for number, line in enumerate(data.splitlines(), start=1):
        written = line.strip()
        if written:
            key = _of_object(written) if written.startswith(b"{") else _bare(written)
            if key is None:
                hint = 'write the key itself, or an object such as {"idempotency_key": "…"}'
                raise InputError(f"{name}:{number}: this line has no idempotency key", hint)
            yield key


def _of_object(line: bytes) -> str | None:
    try:
        return msgspec.json.decode(line, type=_Sent).idempotency_key
    except (msgspec.DecodeError, RecursionError):
        return None


def _bare(line: bytes) -> str | None:
    text = line.decode("ascii", "replace")
    return text if re.match(_KEY, text) else None
