"""The interface for people: a page made of the OpenAPI document, without scripts or anything from afar."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from html import escape
from typing import Any

import msgspec

from engine.server import openapi

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; }
section { border-top: 1px solid #8884; margin-top: 2rem; }
h3 code { font-size: 1.1rem; } h3 b { display: inline-block; min-width: 3.5rem; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; }
pre { overflow: auto; padding: .8rem; background: #8882; border-radius: .3rem; } code { font-size: .9rem; }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)
"""What a browser may load for the page: its own style, and nothing else."""


@cache
def encoded() -> bytes:
    """Return the page."""
    return "\n".join(_page(openapi.document())).encode()


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    info = document["info"]
    yield "<!doctype html>"
    yield '<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield f"<title>{escape(info['title'])} {escape(info['version'])}</title><style>{_STYLE}</style>"
    yield f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>"
    yield f"<p>{escape(info['summary'])} {_words(info['description'])}</p>"
    yield '<p>For programs: <a href="openapi.json">openapi.json</a>.</p>'
    for tag in document["tags"]:
        yield f"<section><h2>{escape(tag['description'])}</h2>"
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation["tags"]:
                    yield from _operation(path, method, operation)
        yield "</section>"
    yield "</html>"


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f'<article id="{escape(operation["operationId"])}">'
    yield f"<h3><b>{method.upper()}</b> <code>{escape(path)}</code></h3>"
    yield f"<p>{escape(operation['summary'])}. {_words(operation['description'])}</p>"
    known = operation.get("parameters", ())
    if known:
        yield from _table((one["name"], one["description"]) for one in known)
    yield f"<pre>{escape(_curl(path, method, operation))}</pre>"
    said = operation["responses"].items()
    yield "<details><summary>Answers</summary>"
    yield from _table((status, response["description"]) for status, response in said)
    yield "</details></article>"


def _table(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield "<table>"
    for name, text in rows:
        yield f"<tr><th><code>{escape(name)}</code></th><td>{_words(text)}</td></tr>"
    yield "</table>"


def _curl(path: str, method: str, operation: Mapping[str, Any]) -> str:
    """Return a request to try, for each example of a body."""
    for one in operation.get("parameters", ()):
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", one["schema"]["examples"][0])
    where = f"http://127.0.0.1:8480{path}"
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    bodies = [msgspec.json.encode(one["value"]).decode() for one in content.get("examples", {}).values()]
    if bodies:
        return "\n".join(f"curl {where} --json '{body}'" for body in bodies)
    return f"curl -X POST {where}" if method == "post" else f"curl {where}"


def _words(text: str) -> str:
    """Return text as HTML, with what stands between backquotes as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
