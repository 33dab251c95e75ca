"""Files of renewal facts as they are delivered, and what reading them finds."""

from __future__ import annotations

import json

from engine.diagnostics import Diagnostic
from engine.feeds import factfiles
from engine.feeds.factfiles import Facts
from engine.trees import File

HEADER = "renewal,client,renewal_date"


def read(content: str | bytes, path: str = "facts/a.jsonl") -> Facts:
    """Read one file of facts."""
    return factfiles.read([File(path, content if isinstance(content, bytes) else content.encode())])


def line(renewal: str = "rn_1", **fields: object) -> str:
    """Return one renewal in JSON."""
    return json.dumps({"renewal": renewal, "client": "acme", "renewal_date": "2027-02-28", **fields})


def clients(found: Facts) -> list[str]:
    """Return the clients of a file in which nothing is wrong."""
    assert found.problems == ()
    return [fact.client for fact in found.renewals]


def only(found: Facts) -> Diagnostic:
    """Return the only problem."""
    [problem] = found.problems
    return problem


def table(*rows: str, header: str = HEADER) -> str:
    """Return a table with that header."""
    return "\n".join((header, *rows)) + "\n"
