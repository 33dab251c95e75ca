"""Diagnostics as SARIF 2.1.0, which code scanning, editors and review tools read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from engine import __version__
from engine.codes import CODES
from engine.diagnostics import Diagnostic

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOMEPAGE = "https://renewctl.example/"
_TOP = "%SRCROOT%"
"""What GitHub takes for the top of the work tree; the log says of no machine where that is."""


def sarif(diagnostics: Iterable[Diagnostic], prefix: str) -> str:
    """Return the log of one run; `prefix` leads from the top of the work tree to the root."""
    found = tuple(diagnostics)
    codes = sorted({diagnostic.code for diagnostic in found})
    run = {
        "tool": {
            "driver": {
                "name": "renewctl",
                "version": __version__,
                "informationUri": _HOMEPAGE,
                "rules": [_rule(code) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            _TOP: {"description": {"text": "The top of the git work tree; without one, the root."}}
        },
        "results": list(_results(found, codes, prefix)),
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode()


def _rule(code: str) -> dict[str, Any]:
    """Say of a code what docs/codes.md says of it; one that may be both is an error by default."""
    known = CODES[code]
    return {
        "id": code,
        "shortDescription": {"text": known.meaning},
        "fullDescription": {"text": f"{known.meaning} {known.cure}"},
        "help": {"text": known.cure, "markdown": known.cure},
        "defaultConfiguration": {"level": known.severity.partition(" ")[0]},
    }


def _results(found: Iterable[Diagnostic], codes: list[str], prefix: str) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for diagnostic in found:
        identity = _identity(diagnostic, prefix)
        seen[identity] += 1
        yield {
            "ruleId": diagnostic.code,
            "ruleIndex": codes.index(diagnostic.code),
            "level": diagnostic.severity.value,
            "message": {"text": "\n".join(filter(None, (diagnostic.message, diagnostic.hint)))},
            "locations": [{"physicalLocation": _place(diagnostic, prefix)}],
            "partialFingerprints": {"diagnostic/v1": f"{identity}:{seen[identity]}"},
        }


def _place(diagnostic: Diagnostic, prefix: str) -> dict[str, Any]:
    place = diagnostic.location
    return {
        "artifactLocation": {"uri": quote(prefix + place.path), "uriBaseId": _TOP},
        "region": {"startLine": place.line, "startColumn": place.column},
    }


def _identity(diagnostic: Diagnostic, prefix: str) -> str:
    """Return what stays the same wherever in its file the problem stands.

    GitHub's own fingerprint, of the lines around it, is left to GitHub.
    """
    path, code, message = diagnostic.identity
    return hashlib.sha256("\0".join((code, prefix + path, message)).encode()).hexdigest()[:16]
