"""What each problem of the HTTP API means: the text of the table in docs/http.md."""  # noqa: INP001 - a script

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path

SERVER = Path(__file__).resolve().parent.parent / "engine" / "server"

MEANINGS: Mapping[str, tuple[str, str]] = {
    "ambiguous-client": ("422", "Several clients have this website: give the id."),
    "body": ("400", "The path takes no body, and there is one."),
    "calendar": ("501", "The calendar of public holidays is not installed: the extra `calendar`."),
    "content-encoding": ("415", "The body is compressed."),
    "cross-site": ("403", "A page of another site had a browser ask."),
    "defect": ("500", "A defect of renewctl; its log says more."),
    "duplicate-key": ("400", "A key stands twice in the body; it is not clear which is meant."),
    "failed": ("500", "A reload could not read what is on disk; what was live still is."),
    "head-too-large": ("414, 431", "The address, or all headers together, are too long."),
    "host": ("400", "There is no `Host`, or more than one."),
    "http-syntax": ("400", "This is not HTTP/1.1."),
    "invalid-parameter": ("400", "A parameter of the query is unknown, wrong, or given twice."),
    "invalid-request": ("422", "The body is JSON, and no request: `errors` has every place."),
    "json-syntax": ("400", "The body is empty, or not JSON."),
    "media-type": ("415", "The body is of another kind; `Accept-Post` names those that are read."),
    "method": ("405", "The path takes other methods, which `Allow` names."),
    "misdirected": ("421", "The daemon is not asked by this name."),
    "refused": ("422", "A reload found errors; what was live still is."),
    "stopping": ("503", "The daemon has been told to stop."),
    "too-busy": ("503", "As many requests are being answered, or connections are open, as may be."),
    "too-large": ("413", "The body, or one line of JSON Lines, is too large."),
    "too-many-notices": ("422", "A calendar has too many notices: ask for fewer days."),
    "too-many-requests": ("413", "A batch has too many requests: send JSON Lines."),
    "too-slow": ("408", "The headers or the body did not come in time."),
    "unknown-client": ("404", "There is no such client, or no renewal of it is known: send `facts`."),
    "unknown-contact": ("404", "There is no such user of a partner."),
    "unknown-partner": ("404", "There is no such partner."),
    "unknown-path": ("404", "There is nothing at this path."),
    "unknown-renewal": ("404", "No such renewal is known: send `facts`."),
}
"""The statuses and the meaning of each."""

_RAISED = {"FaultError", "_refuse", "_unknown"}
_CODE = re.compile(r"[a-z]+(-[a-z]+)*")
_ABOUT = {"contact", "partner"}
"""What `_unknown` of the views is told instead of a code."""


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield each problem with its statuses and its meaning, which must be those that there are."""
    found = dict(_raised())
    odd = (found.keys() - MEANINGS.keys()) | (MEANINGS.keys() - found.keys() - set(_texts()))
    if odd:
        raise ValueError(f"without a meaning, or nowhere raised: {sorted(odd)}")
    wrong = [code for code, status in found.items() if status and status not in MEANINGS[code][0]]
    if wrong:
        raise ValueError(f"of another status: {wrong}")
    yield from ((code, *said) for code, said in MEANINGS.items())


def _raised() -> Iterator[tuple[str, str]]:
    """Yield each code that the server raises, with its status if it stands there."""
    for node in _nodes():
        if isinstance(node, ast.Call) and _name(node.func) in _RAISED:
            yield from _of_call(node)


def _texts() -> Iterator[object]:
    """Yield every constant: a code may have a name."""
    return (node.value for node in _nodes() if isinstance(node, ast.Constant))


def _nodes() -> Iterator[ast.AST]:
    for file in sorted(SERVER.glob("*.py")):
        yield from ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def _of_call(call: ast.Call) -> Iterator[tuple[str, str]]:
    constants = [one.value for one in call.args if isinstance(one, ast.Constant)]
    status = "".join(str(int(HTTPStatus[one.attr])) for one in call.args if _is_status(one))  # type: ignore[attr-defined]
    for text in constants[:1]:
        if isinstance(text, str) and _CODE.fullmatch(text):
            yield f"unknown-{text}" if text in _ABOUT else text, status


def _is_status(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and _name(node.value) == "HTTPStatus"


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
