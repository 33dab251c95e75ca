"""The bytes of a file as the text to read YAML from, and the characters that have no place in it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import islice

from engine.diagnostics import Diagnostic, Location

MAX_REPORTED = 20  # a file with more of them is not text, and is not read on

# What libyaml refuses, the line breaks that YAML 1.1 and 1.2 understand differently, and a byte order
# mark anywhere but at the start. A byte that is not UTF-8 is decoded to a surrogate, so it is here too.
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)"
)
_NAMES = {
    "\0": "a NUL",
    "\r": "a carriage return without a line feed",
    "\x85": "the line break NEL",
    "\u2028": "the line separator LS",
    "\u2029": "the paragraph separator PS",
    "\ufeff": "a byte order mark inside the text",
}


def decode(path: str, data: bytes) -> tuple[str | None, list[Diagnostic]]:
    """Return the text of a file, if it is text, and a diagnostic for each character that may not stand in it.

    In the text such a character is replaced by U+FFFD, a lone carriage return by a line feed. That leaves
    every other character in its place, so the rest of the file can still be read.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None, [_problem(Location(path), "the file is UTF-16, expected UTF-8", "save it as UTF-8")]
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    if text.replace("\n", "").isprintable():  # nearly every file, and ten times quicker than to search
        return text, []
    problems = list(islice(_check_characters(path, text), MAX_REPORTED + 1))
    if len(problems) > MAX_REPORTED:
        return None, problems[:MAX_REPORTED]
    return _REFUSED.sub(_stand_in, text), problems


def locate_offset(path: str, text: str, offset: int) -> Location:
    """Return the place of a character. A line ends as in YAML: with LF, CR LF or CR."""
    before = text[:offset]
    breaks = before.count("\n") + before.count("\r") - before.count("\r\n")
    line_start = max(before.rfind("\n"), before.rfind("\r")) + 1
    return Location(path, breaks + 1, offset - line_start + 1)


def _check_characters(path: str, text: str) -> Iterator[Diagnostic]:
    for match in _REFUSED.finditer(text):
        place = locate_offset(path, text, match.start())
        yield _problem(place, *_describe(match[0]))


def _describe(character: str) -> tuple[str, str]:
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:  # surrogateescape: the byte is the low half  # noqa: PLR2004 - Unicode
        return f"byte 0x{code & 0xFF:02X} is not UTF-8", "save the file as UTF-8"
    if character == "\r":
        return _NAMES[character], "end lines with a line feed, or with both"
    name = _NAMES.get(character, "the character")
    return f"{name} (U+{code:04X}) may not stand in a YAML file", "delete it; most editors do not show it"


def _stand_in(match: re.Match[str]) -> str:
    return "\n" if match[0] == "\r" else "\ufffd"


def _problem(place: Location, message: str, hint: str) -> Diagnostic:
    return Diagnostic(place, "yaml-encoding", message, hint=hint)
