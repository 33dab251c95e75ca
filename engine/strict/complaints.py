"""What a YAML parser complains of, in words for the people who write partner files."""

from __future__ import annotations

Advice = tuple[str, str]
"""What is there and what was expected, and the cure."""

_TAB: Advice = (
    "a tab indents this line, expected spaces",
    "replace it; most editors can insert spaces for tabs",
)

TAG: Advice = ("tags are not allowed", "delete it, and quote what is text")

CONFLICT: Advice = (
    "the merge conflict that begins here is not resolved",
    "keep what is right of both sides, and delete the lines of `<<<<<<<`, `=======` and `>>>>>>>`",
)

_WIDEST = 60

# The first piece that occurs in the complaint decides; the pieces are short because libyaml and the slower
# parser of PyYAML word some differently. {opened} is where something unfinished begins, {found} what is here.
_ADVICE: dict[str, Advice] = {
    "mapping values are not": (
        "a `:` is not expected here",
        "align the key with its neighbours, or quote a text that holds a colon",
    ),
    "found unexpected ':'": ("a `:` is not expected here", "write a space after it, or quote the text"),
    "keys are not allowed": ("a `?` is not expected here", "quote it if it is text"),
    "could not find expected ':'": (
        "the key at {opened} has no `:`",
        "write `key: value`, or indent a text that goes on",
    ),
    "a quoted scalar, found unexpected": ("the quote opened at {opened} is not closed", "close it"),
    "',' or ']'": ("expected `,` or `]`: the list opened at {opened} is not closed", "close it"),
    "',' or '}'": ("expected `,` or `}}`: the mapping opened at {opened} is not closed", "close it"),
    "a block mapping": (
        "this does not go on with the mapping that begins at {opened}",
        "align it with its neighbours, and write nothing after a closing quote or bracket",
    ),
    "a block collection": (
        "this does not go on with the list that begins at {opened}",
        "begin each element with `- `, all of them aligned",
    ),
    "sequence entries are not": (
        "a list cannot begin on the line of its key",
        "begin the line below with `- `",
    ),
    "node content": ("expected a value, found {found}", "write one, or quote this if it is text"),
    "cannot start any token": ("a value cannot begin with {found}", "put it in quotes"),
    "alphabetic or numeric": ("a value cannot begin with `*` or `&`", "put it in quotes"),
    "unknown escape": ("this backslash begins no known escape", "write two of them, or use single quotes"),
    "Unicode character escape": ("this escape is not a character", "write the character itself"),
    "hexdecimal": ("this backslash begins no known escape", "write two of them, or use single quotes"),
    "directive": ("a line cannot begin with `%`", "indent it, or put it in quotes"),
    "comment or line break": (
        "expected the end of the line, found {found}",
        "begin the text on the next line",
    ),
    "document start": (
        "the document has ended before this",
        "write nothing after a closing quote or bracket",
    ),
}


def advise(complaint: str, *, opened: str, found: str) -> Advice:
    """Return the sentence and the hint for a complaint; a rare one is passed on as it is."""
    if found == "\t":
        return _TAB
    if " tag" in complaint:
        return TAG
    for piece, (message, hint) in _ADVICE.items():
        if piece in complaint:
            here = f"`{found}`" if found else "the end of the file"
            return message.format(opened=opened, found=here), hint
    return f"this is not YAML: {complaint}", "look at this line and at those above it"


def advise_key(text: str) -> Advice:
    """Return the sentence and the hint for a key without quotes that YAML does not read as text."""
    if text == "<<":
        return "merge keys are not allowed", "write out the entries"
    if not text:
        return "this entry has no key", "write one before the `:`"
    return f"the key {shown(text)} is not text", "put it in quotes"


def shown(key: str) -> str:
    """Return a key for a sentence: on one line whatever it holds, and cut when it is long."""
    written = repr(key)[1:-1]
    return f"`{written[:_WIDEST]}…`" if len(written) > _WIDEST else f"`{written}`"
