"""Where the values of a plainly written file are, told by its lines: as a walk over its events, much sooner.

The text is known to be YAML. So it is enough that each line says by itself what it is: the entry of a mapping
or a list with what follows it on the line, part of a literal text below a key, a comment. Then indents tell
what belongs to what, and a path is followed down without reading what is beside it.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from functools import cache, cached_property
from typing import NamedTuple

from engine.strict.places import Place, Spot
from engine.strict.values import Path

MAX_FLOW_DEPTH = 3

_LONG = 1_000
"""Characters of a mapping from which on an index finds its keys: a search would pass all of it every time."""

_HASH = 0xFFFFFFFF
"""As much of the hash of a key as an index has: it leaves 32 bits to say where the key is."""

# As in `fast.guard`, groups are repeated inside `(?>…)` only.
_QUOTED = r"""(?>'(?>(?:[^'\n]++|'')*)'|"(?>(?:[^"\\\n]++|\\[^\n])*)")"""
_KEY = r"""(?>[A-Za-z0-9_][A-Za-z0-9._-]*+|'[^'\n]++'|"[^"\\\n]++"):(?=[ \n])"""
_PLAIN = r"(?>-?\w[^\n:\#]*+(?>(?:(?>:(?![ \n])|(?<![ ])\#)[^\n:\#]*+)*))"
_END_OF_LINE = r"[ ]*+(?>(?:(?<![^ \n])\#[^\n]*+)?)\n"
_IDLE = r"(?>(?:[ ]*+(?>(?:\#[^\n]*+)?)\n)*)"
_DASHES = r"(?>(?:-[ ]++)+)"


def _flow(depth: int) -> str:
    """Match a collection that ends on its line, and is nested at most so deep."""
    inner = rf"|{_flow(depth - 1)}" if depth > 1 else ""
    parts = rf"""(?>(?:[^\n'"\#{{}}\[\]]++|(?<=[ {{\[]){_QUOTED}|(?<=\w)['"]{inner})*)"""
    return rf"(?>\{{{parts}\}}|\[{parts}\])"


_VALUE = rf"(?>{_QUOTED}|{_PLAIN}|{_flow(MAX_FLOW_DEPTH)})"

# Below an entry with a value nothing may be deeper, for it might go on with it, but the entries beside one
# that stands behind a dash.
_LINES = rf"""
(?>(?:
  {_END_OF_LINE}
  | (?P<indent>[ ]*+)
    (?>  {_KEY} [ ]++ {_VALUE} {_END_OF_LINE} (?!{_IDLE}(?P=indent)[ ])
      |  {_DASHES} (?>(?:{_KEY} [ ]++)?) {_VALUE} {_END_OF_LINE} (?!{_IDLE}(?P=indent)[ ]++-)
      |  {_KEY} [ ][|>][+-]?\n (?>(?:[ ]*+\n|(?P=indent)[ ][^\n]*+\n)*)
      |  {_KEY} {_END_OF_LINE}
      |  {_DASHES} (?>(?:{_KEY})?) {_END_OF_LINE}
    )
)*)
"""
_ENTRY = re.compile(_KEY)
_FEED = re.compile(r"\n")
_ON_LINE = re.compile(r" *+(?=[^ #\n])")
_BELOW = re.compile(r"[^\n]*+(?>(?:\n *+(?>(?:#[^\n]*+)?)(?=\n))*)\n *+")
_TOKEN = re.compile(
    rf"""[ ]*+ (?>
  (?P<open> [\[{{] ) | (?P<close> [\]}}] ) | ,
  | (?P<word> {_QUOTED} | -?\w (?>(?: [^\n:\#,\[\]{{}}]++ | :(?![ \n,\[\]{{}}]) )*) ) (?P<colon> :(?=[ ]) )?
)""",
    re.VERBOSE,
)


def of(text: str) -> Lines | None:
    """Return the lines of a text that is YAML, if they are plain."""
    begin = len("---\n") if text.startswith("---\n") else 0
    whole = text if text.endswith("\n") else f"{text}\n"
    found = _compiled().match(whole, begin)
    if "\t" in text or "\r" in text or found is None or found.end() < len(whole):
        return None
    return Lines(whole, begin)


@cache
def _compiled() -> re.Pattern[str]:
    """Compile the expression when the first place is asked for: it takes some milliseconds."""
    return re.compile(_LINES, re.VERBOSE)


class _Node(NamedTuple):
    """A value: where it begins, where nothing of it is any more, and where the key to it begins."""

    begin: int
    end: int
    key: int
    is_empty: bool = False


class Lines:
    """A plainly written text, in which paths are followed by indents."""

    def __init__(self, text: str, begin: int) -> None:
        self._text = f"\n{text}"  # so that each line begins behind a line feed
        root = self._nested(begin, len(self._text), begin, empty=begin)
        self._root = root._replace(key=root.begin)
        self._sections: dict[str | int, _Node | None] = {}
        """The entries of the root: every path begins at one of them."""
        self._indexes: dict[int, array[int]] = {}
        """Of each long mapping, by where it begins: numbers, for some would name thousands of clients."""
        self._last_flow: tuple[int, Place] | None = None
        """What stands in flow style was asked for last: who asks for one value of it asks for the next."""

    def find(self, at: Path) -> Place | None:
        """Return where the value at `at` is written, or the deepest one on the way there that exists.

        Without an answer only a walk can tell.
        """
        if self._root.is_empty:
            return Place(None, None)
        try:
            return self._find(at)
        except _UnsureError:
            return None

    def _find(self, at: Path) -> Place:
        node = self._root
        for depth, step in enumerate(at):
            if self._text[node.begin] in "[{" and not node.is_empty:
                return self._in_flow(node, at[depth:])
            below = self._section(step) if depth == 0 else self._below(node, step)
            if below is None:
                break
            node = below
        return Place(self._spot(node.begin), self._spot(node.key))

    def _section(self, step: str | int) -> _Node | None:
        if step not in self._sections:
            self._sections[step] = self._below(self._root, step)
        return self._sections[step]

    def _below(self, node: _Node, step: str | int) -> _Node | None:
        """Return a part of a block, which is a list if it begins with a dash."""
        if node.is_empty:
            return None
        if self._text.startswith(("- ", "-\n"), node.begin):
            return self._element(node, step) if isinstance(step, int) else None
        if isinstance(step, int) or not _ENTRY.match(self._text, node.begin):
            return None
        return self._entry(node, step)

    def _entry(self, node: _Node, key: str) -> _Node | None:
        if not key.isprintable() or key[:1] in {"", "'", '"'}:
            raise _UnsureError
        column = self._column(node.begin)
        is_long = node.end - node.begin > _LONG
        written = f"{key}:", f"'{key}':", f'"{key}":'
        begin = (
            self._indexed(node, key, written, column) if is_long else self._searched(node, written, column)
        )
        if begin < 0:
            return None
        colon = begin + len(key) + (2 if self._text[begin] in "'\"" else 0)
        end = self._end(colon, node.end, column, with_dashes=True)
        return self._value(colon + 1, end, begin)

    def _indexed(self, node: _Node, key: str, written: tuple[str, ...], column: int) -> int:
        """Return where a key is first written in one of these ways, or -1."""
        if node.begin not in self._indexes:
            self._indexes[node.begin] = self._index(node, column)
        index = self._indexes[node.begin]
        hashed = hash(key) & _HASH
        for at in range(bisect_left(index, hashed << 32), len(index)):
            if index[at] >> 32 != hashed:
                break
            if self._text.startswith(written, begin := index[at] & _HASH):
                return begin
        return -1

    def _index(self, node: _Node, column: int) -> array[int]:
        """Return where each key of a mapping begins, behind its hash; so those of one hash are in order."""
        lines = _at_column(column).finditer(self._text, node.begin, node.end)
        begins = (node.begin, *(line.end() for line in lines))
        keys = ((begin, _ENTRY.match(self._text, begin)) for begin in begins)
        return array("Q", sorted(_number(key[0], begin) for begin, key in keys if key))

    def _searched(self, node: _Node, written: tuple[str, ...], column: int) -> int:
        """Return the same without an index."""
        found = (self._key(node, one, column) for one in written)
        return min((begin for begin in found if begin >= 0), default=-1)

    def _key(self, node: _Node, written: str, column: int) -> int:
        """Return where a key is written with its colon, or -1."""
        if self._text.startswith((f"{written} ", f"{written}\n"), node.begin):
            return node.begin
        line = f"\n{' ' * column}{written}"
        at = self._text.find(line, node.begin, node.end)
        while at >= 0 and self._text[at + len(line)] not in " \n":
            at = self._text.find(line, at + 1, node.end)
        return at + 1 + column if at >= 0 else -1

    def _element(self, node: _Node, index: int) -> _Node | None:
        column = self._column(node.begin)
        at = node.begin
        for _ in range(index):
            at = self._end(at, node.end, column, with_dashes=False)
            if at >= node.end:
                return None
            at += column
        end = self._end(at, node.end, column, with_dashes=False)
        found = self._value(at + 1, end, at)
        return found._replace(key=found.begin)  # an element of a list is its own key

    def _value(self, at: int, end: int, key: int) -> _Node:
        """Return the value behind a colon or a dash, on its line or below."""
        found = _ON_LINE.match(self._text, at)
        return _Node(found.end(), end, key) if found else self._nested(at, end, key, empty=at)

    def _nested(self, at: int, end: int, key: int, *, empty: int) -> _Node:
        """Return the value that begins on a line below."""
        found = _BELOW.match(self._text, at, end)
        if found is None or found.end() >= end:
            return _Node(empty, end, key, is_empty=True)
        return _Node(found.end(), end, key)

    def _end(self, at: int, end: int, column: int, *, with_dashes: bool) -> int:
        """Return where a line begins that is no deeper; dashes may stand in the column of their own key."""
        found = _no_deeper(column, with_dashes=with_dashes).search(self._text, at, end)
        return found.start() + 1 if found else end

    def _in_flow(self, node: _Node, at: Path) -> Place:
        known = self._last_flow
        if known is None or known[0] != node.begin:
            known = self._last_flow = node.begin, self._flow(node.begin)[0]
        return known[1]._replace(key=self._spot(node.key)).at(at)

    def _flow(self, at: int) -> tuple[Place, int]:
        """Read a collection in flow style, and return where it ends too."""
        parts: dict[str | int, Place] = {}
        is_mapping = self._text[at] == "{"
        key: tuple[str, Spot] | None = None
        end = at + 1
        while not (token := self._token(end))["close"]:
            begin, end = token.start(token.lastgroup or 0), token.end()
            is_key, is_comma = token["colon"] is not None, token.lastgroup is None
            if key if is_comma else is_key != (is_mapping and key is None):
                raise _UnsureError  # a key without a value, or a value that is a key
            if token["colon"]:
                key = _unquoted(token["word"]), self._spot(token.start("word"))
            elif token.lastgroup:
                place, end = self._flow(begin) if token["open"] else (Place(self._spot(begin), None), end)
                name, leads = key or (len(parts), place.value)
                parts.setdefault(name, place._replace(key=leads))
                key = None
        if key:
            raise _UnsureError
        return Place(self._spot(at), None, parts), token.end()

    def _token(self, at: int) -> re.Match[str]:
        found = _TOKEN.match(self._text, at)
        if found is None:
            raise _UnsureError
        return found

    def _column(self, at: int) -> int:
        return at - self._text.rfind("\n", 0, at) - 1

    def _spot(self, at: int) -> Spot:
        line = bisect_left(self._feeds, at)
        return line, at - self._feeds[line - 1]

    @cached_property
    def _feeds(self) -> array[int]:
        """Where the line feeds are: every place is told by them."""
        return array("I", [found.start() for found in _FEED.finditer(self._text)])


def _number(key: str, begin: int) -> int:
    """Return what an index has of a key with its colon, which is written there."""
    bare = key[1:-2] if key[0] in "'\"" else key[:-1]
    return (hash(bare) & _HASH) << 32 | begin


class _UnsureError(Exception):
    """What is written there may be read in more than one way."""


def _unquoted(key: str) -> str:
    """Return a key as it is meant; one with escapes is left to the parser."""
    if key[0] not in "'\"":
        return key.rstrip(" ")
    if "\\" in key or "''" in key:
        raise _UnsureError
    return key[1:-1]


@cache
def _at_column(column: int) -> re.Pattern[str]:
    """Match what is before an entry in that column."""
    return re.compile(rf"\n {{{column}}}(?=[^ \n#-])")


@cache
def _no_deeper(column: int, *, with_dashes: bool) -> re.Pattern[str]:
    """Match the beginning of a line that is no deeper; `with_dashes`, a dash in that column is deeper."""
    here = r"(?![ #\n-])" if with_dashes else r"(?![ #\n])"
    above = rf"| {{0,{column - 1}}}+(?![ #\n])" if column else ""
    return re.compile(rf"\n(?> {{{column}}}{here}{above})")
