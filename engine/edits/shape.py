"""Makes a file say something else by the smallest change: every byte that the change does not concern stays.

What stands there is never written anew from its value, as a round trip through a YAML library does it, which
loses spaces, quotes and line ends. Instead the parts that differ are replaced where they stand. A comment
stays, unless it stands within what is removed or on its line.
"""

from __future__ import annotations

import codecs

from engine import documents
from engine.diagnostics import ConfigurationError, InputError, Severity
from engine.documents import Document, Value
from engine.edits import rewriting

_BOM = codecs.BOM_UTF8


def rewritten(document: Document, value: Value) -> bytes:
    """Return the bytes of the file with which it says `value`; its own where it does so already."""
    if value == document.value:
        return document.text
    _check_readable(document)
    text = document.text.removeprefix(_BOM).decode()
    while (listed := rewriting.with_list(text, value)) is not None:
        text = listed
    after = rewriting.adapted(text, value).encode()
    if document.text.startswith(_BOM):
        after = _BOM + after
    said, problems = documents.parse(document.path, after)
    if problems or said is None or said.value != value:
        message = f"{document.path} is written in a way that cannot be edited safely"
        raise InputError(message, "edit it by hand, or write it more plainly")
    return after


def _check_readable(document: Document) -> None:
    """Refuse a file that can be read in two ways: an edit would silently choose one."""
    _, problems = documents.parse(document.path, document.text)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise ConfigurationError(errors)
