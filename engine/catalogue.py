"""Every code that people meet, of problems and of decisions: its meaning, the cure and an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from engine import resources
from engine.codes import CODES
from engine.diagnostics import InputError, nearest
from engine.reasons import REASONS


class Example(msgspec.Struct, frozen=True):
    """What stands in files, which command is run there, and what it says.

    `docs/generate.py` makes all of them by running the command, so none can be wrong.
    """

    written: str
    command: str
    said: str


class Entry(msgspec.Struct, frozen=True):
    """All there is to say about a code; `severity` is None for the reason of a decision."""

    code: str
    severity: str | None
    meaning: str
    cure: str
    example: Example | None


def entries(examples: Mapping[str, Example] | None = None) -> Mapping[str, Entry]:
    """Return the entry of every code, diagnostics first, with the examples that are shipped or other ones."""
    known = _shipped() if examples is None else examples
    return {entry.code: entry for entry in (*_diagnostics(known), *_reasons(known))}


def find(code: str) -> Entry:
    """Return the entry of a code, or say which one may have been meant."""
    known = entries()
    if code in known:
        return known[code]
    spelled = {_spelling(name): name for name in known}
    meant = nearest(_spelling(code), spelled)
    raise InputError(f"there is no code {code}", f"did you mean {spelled[meant]}?" if meant else _ELSEWHERE)


_ELSEWHERE = "renewctl explain lists all; a code of a root's own rules is explained there"


def _spelling(code: str) -> str:
    """Return what is left of a code when case does not count, nor how its words are joined."""
    return code.lower().replace("_", "-")


def _diagnostics(examples: Mapping[str, Example]) -> Iterator[Entry]:
    for name, code in sorted(CODES.items()):
        yield Entry(name, code.severity, code.meaning, code.cure, examples.get(name))


def _reasons(examples: Mapping[str, Example]) -> Iterator[Entry]:
    for name, reason in REASONS.items():
        sentence = f"{reason.meaning[0].upper()}{reason.meaning[1:]}."
        yield Entry(name, None, sentence, reason.cure, examples.get(name))


@cache
def _shipped() -> Mapping[str, Example]:
    return msgspec.json.decode(resources.EXAMPLES.read_bytes(), type=dict[str, Example])
