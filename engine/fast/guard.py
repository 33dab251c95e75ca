"""Which files two parsers cannot read differently: every line is an entry by itself, and plainly written.

yaml-rs reads `1_000` and `007` as numbers, follows aliases, takes `true` as a key. What it must not see
cannot be listed, so this lists what it may: lines `key: value` behind an indent and dashes, whose value is
plain, quoted without a backslash, or a flow collection on that line; texts below `key: |`; comments; blank
lines; one `---` at the top. The strict tier says what that means. Nothing is added here without the fuzz in
tests/test_fast_reading.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from engine.documents import MAX_BYTES
from engine.fast import matching

MAX_INDENT = 24
MAX_FLOW_DEPTH = 3
"""With both, no file that passes is nested more than `values.MAX_DEPTH` levels deep."""

MAX_TEXTS = 20_000
"""More literal texts, or signs that may begin one, are left to the strict tier: each takes a substitution."""

_LETTER = (
    r"A-Za-z\u{c0}-\u{d6}\u{d8}-\u{f6}\u{f8}-\u{2af}\u{391}-\u{3a1}\u{3a3}-\u{3ce}\u{410}-\u{44f}\u{5d0}-\u{5ea}"
    r"\u{3041}-\u{3096}\u{30a1}-\u{30fa}\u{4e00}-\u{9fd5}\u{ac00}-\u{d7a3}"
)
"""Letters in few ranges: each range makes the expression larger, and most words begin with one of these."""

_NO_KEY = r"(?:\A|[^A-Za-z0-9._-])[tTfFnN](?:rue|RUE|alse|ALSE|ull|ULL):"
"""What YAML takes for a key that is no text; where it is in a text, nothing is lost but time."""

_FLOW_SIGNS = r",\[\]{}"


def _key(most: int) -> str:
    """Match a key of at most so many characters: all that it may have make the expression larger."""
    word, quoted = f"{{0,{most - 1}}}", f"{{1,{most - 2}}}"
    return rf"""(?:[A-Za-z_][A-Za-z0-9._-]{word}|'[ -&(-~]{quoted}'|"[ !#-\[\]-~]{quoted}")"""


_KEY, _KEY_IN_FLOW = _key(128), _key(40)
"""In flow style, of which the expression has dozens, keys are short: a longer one costs nothing but time."""

_NATURAL = "(?:0|[1-9][0-9]{0,14})"

# What a digit begins is text if more follows behind a blank or a hyphen, as in a date, or a word behind a
# dot, or a letter that no number has: not one of 0b1, 0o7, 0x1f and 1e3.
_DIGITS = rf"[0-9]+(?:[g-np-wyzG-NP-WYZ]|[ -][{_LETTER}0-9]|\.[A-Za-z]{{2}})"

_COMMENT = r"(?:#[^\n]*)"

# A literal text below its key: each line as deep as the first, or deeper, and none like a portal number as a
# key; what follows is not deeper than the key, nor a line of blanks only. Groups are repeated inside `(?>…)`
# only: before Python 3.11.5 a possessive group, `(?:…)*+`, keeps what its failing last turn had matched.
_TEXT_BELOW = rf"""
\n (?P<entry> (?P<indent>[ ]{{0,{MAX_INDENT}}}+) {_KEY} : )  [ ]\|-?+
\n (?P<margin> (?P=indent)[ ]++ )  [^\n0-9][^\n]*+
(?>(?: \n++ (?P=margin) (?![ ]*+[0-9]) [^\n]++ )*)
(?! \n++ (?> (?P=indent)[ ] | [ ]++\n ) )
"""

_PORTAL_KEY = re.compile(r"\n[ ]*+[0-9]++:")

_ASCII = b"\n" + bytes(range(ord(" "), ord("~") + 1))


def admit(data: bytes) -> str | None:
    """Return the text for yaml-rs, which says the same to it as the file does to the strict tier, or None.

    A portal number as a key is quoted in it, because it is text.
    """
    if len(data) > MAX_BYTES:
        return None
    signs = data.count(b"|")
    try:
        text = (b"\n" + data).decode()
    except UnicodeDecodeError:
        return None
    if signs > MAX_TEXTS or not _prints(data) or not _is_plain()(_without_texts(text) if signs else text):
        return None
    return _PORTAL_KEY.sub(_quoted, text)


def _prints(data: bytes) -> bool:
    """Whether all characters print; most are ASCII, and out of the way before the others are looked at."""
    return data.translate(None, _ASCII).decode().isprintable()


def _without_texts(text: str) -> str:
    """Put a word in the place of each literal text, which says the same to everybody."""
    return re.compile(_TEXT_BELOW, re.VERBOSE).sub(r"\n\g<entry> text", text)


def _quoted(portal_key: re.Match[str]) -> str:
    number = portal_key[0].strip("\n :")
    return portal_key[0].replace(number, f"'{number}'")


@cache
def _is_plain() -> Callable[[str], bool]:
    """Compile the expression when the first file is read: it takes some milliseconds."""
    top = rf"(?: *{_COMMENT}?\n)*---\n"
    return matching.matcher(rf"\A(?:{top})?(?:{_line()})*\z", barred=_NO_KEY)


def _line() -> str:
    """Match an entry, the element of a list or both, a comment, or nothing."""
    head = rf"(?:(?:- +){{0,3}}{_KEY}|{_NATURAL}):"
    dashes = r"(?:- +){1,3}"
    value = _any([_scalar(), *_collections(MAX_FLOW_DEPTH)])
    entry = rf"(?:(?:{head} +|{dashes}){value}|{head}|{dashes})"
    return rf"(?: {{0,{MAX_INDENT}}}{entry}(?: *| +{_COMMENT})| *{_COMMENT}?)\n"


def _collections(depth: int) -> list[str]:
    """Match a collection on one line, nested so deep; the expression doubles with each two levels."""
    return [_mapping(depth), _sequence(depth)] if depth > 0 else []


def _mapping(depth: int) -> str:
    values = [_scalar(barred=_FLOW_SIGNS), *_collections(depth - 1)]
    return rf"\{{ *{_parts(f'{_KEY_IN_FLOW}: +{_any(values)}')}\}}"


def _sequence(depth: int) -> str:
    """Match a list of scalars and mappings; nobody writes a list of lists."""
    values = [_scalar(barred=_FLOW_SIGNS), *([_mapping(depth - 1)] if depth > 1 else [])]
    return rf"\[ *{_parts(_any(values))}\]"


def _parts(part: str) -> str:
    return f"(?:{part} *, +)*(?:{part} *)?"


def _any(alternatives: list[str]) -> str:
    return f"(?:{'|'.join(alternatives)})"


def _scalar(barred: str = "") -> str:
    """Match a scalar; inside a plain one `barred` may not stand, nor anything that might end it."""
    text = rf"(?:[^\n:#{barred}]|:[{_LETTER}0-9_/])*"
    quoted = r"""'(?:[^'\n]|'')*'|"[^"\\\n]*\""""
    return rf"""(?:(?:[{_LETTER}]|{_DIGITS}){text}|{quoted}|-?{_NATURAL})"""
