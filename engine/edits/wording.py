"""A value in words of YAML: on one line, or as the lines of a block."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from engine.documents import Value
from engine.strict import scalars

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LIKE_A_NUMBER = re.compile(r"[-+.]?[0-9][0-9a-fA-FoOxX_.+-]*")
_BRACKETS = str.maketrans(dict.fromkeys(",[]{}", "_"))
_YAML_1_1 = frozenset(("y", "n", "yes", "no", "on", "off"))
_PLAIN = re.compile(r"""[^\s\-?:,\[\]{}#&*!|>'"%@`=<~.][^,\[\]{}:#"\\]*(?<!\s)""")


def flow(value: Value, *, as_json: bool = False) -> str:
    """Write a value on one line."""
    if isinstance(value, dict):
        entries = (
            f"{key(name, as_json=as_json)}: {flow(item, as_json=as_json)}" for name, item in value.items()
        )
        return f"{{{', '.join(entries)}}}"
    if isinstance(value, list):
        return f"[{', '.join(flow(item, as_json=as_json) for item in value)}]"
    return scalar(value, as_json=as_json)


def inline(value: Value) -> str:
    """Write a value behind the colon or the dash of a block, where text may hold commas and brackets."""
    is_plain = isinstance(value, str) and _is_plain(value[:1] + value[1:].translate(_BRACKETS))
    return str(value) if is_plain else flow(value)


def key(name: str, *, as_json: bool = False) -> str:
    """Write a key; a portal number is one like any other."""
    is_plain = not as_json and scalars.is_key(name) and (name.isdecimal() or _is_plain(name))
    return name if is_plain else _quoted(name)


def scalar(value: Value, *, as_json: bool = False) -> str:
    """Write text so that it reads back as text, here and by parsers of YAML 1.1; dates stand as they are."""
    if not isinstance(value, str):
        return json.dumps(value)
    return value if _is_plain(value) and not as_json else _quoted(value, as_json=as_json)


def _is_plain(text: str) -> bool:
    if _DATE.fullmatch(text):
        return True
    if not text.isprintable() or not _PLAIN.fullmatch(text) or text.lower() in _YAML_1_1:
        return False
    return not _LIKE_A_NUMBER.fullmatch(text) and isinstance(scalars.resolve(text), str)


def _quoted(text: str, *, as_json: bool = False) -> str:
    if text.isprintable() and '"' in text and not as_json:
        return "'" + text.replace("'", "''") + "'"
    return "".join(_escaped(text))


def _escaped(text: str) -> Iterator[str]:
    """Escape as JSON does, and besides what is invisible: it would be lost on whoever reads the file."""
    for character in json.dumps(text, ensure_ascii=False):
        if character.isprintable():
            yield character
        else:
            code = ord(character)
            yield f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - Unicode
