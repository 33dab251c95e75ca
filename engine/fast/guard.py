"""Which files two parsers cannot read differently: every line is an entry by itself, and plainly written.

yaml-rs reads `1_000` and `007` as numbers, follows aliases, takes `true` as a key. What it must not see
cannot be listed, so this lists what it may: lines `key: value` behind an indent and dashes, whose value is
plain, quoted without a backslash, or a flow collection on that line; texts below `key: |`; comments; blank
lines; one `---` at the top. The strict tier says what that means. Nothing is added here without the fuzz in
tests/test_fast_reading.py.

The expression repeats groups inside `(?>…)` only. Before Python 3.11.5 a possessive group, `(?:…)*+`, keeps
what its failing last turn had matched, and so lets pass what it should stop; a possessive set is sound.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from engine.documents import MAX_BYTES

MAX_INDENT = 24
MAX_FLOW_DEPTH = 3
"""With both, no file that passes is nested more than `dialect.MAX_DEPTH` levels deep."""

MAX_ITEMS = 500
"""Longer flow collections are left to the strict tier: a turn of a repetition takes memory."""

_LINES_AT_ONCE = 1_000

_QUOTED = r"""  ' [^'\n]*+ (?>(?: '' [^'\n]*+ )*) '  |  "[^"\\\n]*+"  """
_CONSTANT = r"[tTfFnN](?:rue|RUE|alse|ALSE|ull|ULL):"
_FLOW_SIGNS = r",\[\]{}"
_KEY = rf"""
(?>  (?!{_CONSTANT}) [A-Za-z_][A-Za-z0-9._-]{{0,127}}+  |  '[^'\n]{{1,126}}+'  |  "[^"\\\n]{{1,126}}+"  )
"""
_NATURAL = r"(?>0|[1-9][0-9]{0,14}+)"
_INTEGER = rf"-?{_NATURAL} (?=[ ]*+[\n,\]}}\#])"
_LETTER = r"[^\W\d_]"

# What a digit begins is text if more follows behind a blank or a hyphen, as in a date, or a word behind a
# dot, or a letter that no number has: not one of 0b1, 0o7, 0x1f and 1e3.
_DIGITS = r"[0-9]++ (?> [g-np-wyzG-NP-WYZ] | [ \-][^\W_] | \.[A-Za-z]{2} )"

# A literal text below its key: each line as deep as the first, or deeper, and none like a portal number as a
# key; what follows is not deeper than the key, nor a line of blanks only.
_TEXT_BELOW = rf"""
\n (?P<entry> (?P<indent>[ ]{{0,{MAX_INDENT}}}+) {_KEY} : )  [ ]\|-?+
\n (?P<margin> (?P=indent)[ ]++ )  [^\n0-9][^\n]*+
(?>(?: \n++ (?P=margin) (?![ ]*+[0-9]) [^\n]++ )*)
(?! \n++ (?> (?P=indent)[ ] | [ ]++\n ) )
"""

_PORTAL_KEY = re.compile(r"\n([ ]*+)([0-9]++):")


def admit(data: bytes) -> str | None:
    """Return the text for yaml-rs, which says the same to it as the file does to the strict tier, or None.

    A portal number as a key is quoted in it, because it is text.
    """
    if len(data) > MAX_BYTES:
        return None
    try:
        text = "\n" + data.decode()
    except UnicodeDecodeError:
        return None
    if not (text.replace("\n", "").isprintable() and _is_plain(_without_texts(text))):
        return None
    return _PORTAL_KEY.sub(r"\n\1'\2':", text)


def _without_texts(text: str) -> str:
    """Put a word in the place of each literal text, which says the same to everybody."""
    return _expressions().text_below.sub(r"\n\g<entry> text", text) if "|" in text else text


def _is_plain(text: str) -> bool:
    expressions = _expressions()
    end = 0
    if top := expressions.top.match(text):
        end = top.end()
    while some := expressions.lines.match(text, end):
        end = some.end()
    return end == len(text)


class _Expressions(NamedTuple):
    """The top of a file, down to a `---`; a number of its lines; and a text on several of them."""

    top: re.Pattern[str]
    lines: re.Pattern[str]
    text_below: re.Pattern[str]


@cache
def _expressions() -> _Expressions:
    """Compile the expressions when the first file is read: it takes a few milliseconds."""
    return _Expressions(
        re.compile(r"(?: [ ]*+ (?>(?:\#[^\n]*+)?) \n ){0,100} ---\n", re.VERBOSE),
        re.compile(rf"(?>(?: {_line()} ){{1,{_LINES_AT_ONCE}}})", re.VERBOSE),
        re.compile(_TEXT_BELOW, re.VERBOSE),
    )


def _line() -> str:
    """Match an entry, the element of a list or both, a comment, or nothing."""
    key = rf"(?> {_KEY} | {_NATURAL} ) :(?=[ \n])"
    dashes = rf"-[ ]++ (?>(?:-[ ]++){{0,2}}) (?>(?: {_KEY} :(?=[ \n]) )?)"
    value = _any([_scalar(), *_collections(MAX_FLOW_DEPTH)])
    entry = rf"(?> {key} | {dashes} ) [ ]*+ (?>(?:{value})?)"
    comment = r"(?> (?: (?<![^\n ]) \#[^\n]*+ )? )"
    return rf"[ ]{{0,{MAX_INDENT}}}+ (?>(?:{entry})?) [ ]*+ {comment} \n++"


def _collections(depth: int) -> list[str]:
    """Match a collection on one line, nested so deep; the expression doubles with each two levels."""
    return [_mapping(depth), _sequence(depth)] if depth > 0 else []


def _mapping(depth: int) -> str:
    values = [_scalar(barred=_FLOW_SIGNS), *_collections(depth - 1)]
    return rf"\{{[ ]*+ {_parts(f'{_KEY} :[ ]++ {_any(values)}')} \}}"


def _sequence(depth: int) -> str:
    """Match a list of scalars and mappings; nobody writes a list of lists."""
    values = [_scalar(barred=_FLOW_SIGNS), *([_mapping(depth - 1)] if depth > 1 else [])]
    return rf"\[[ ]*+ {_parts(_any(values))} \]"


def _parts(part: str) -> str:
    return rf"(?>(?: {part} [ ]*+ (?: ,[ ]++ | (?=[\]}}]) ) ){{0,{MAX_ITEMS}}})"


def _any(alternatives: list[str]) -> str:
    return f"(?> {' | '.join(alternatives)} )"


def _scalar(barred: str = "") -> str:
    """Match a scalar; inside a plain one `barred` may not stand, nor anything that might end it."""
    text = rf"[^\n:#{barred}]*+ (?>(?: :[\w/][^\n:#{barred}]*+ )*)"
    return rf"(?> {_LETTER} {text} | {_QUOTED} | {_INTEGER} | {_DIGITS} {text} )"
