"""What each field of the daemon's status means: the text of the table in docs/operations.md."""  # noqa: INP001 - a script

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from engine.daemon.status import Status

MEANINGS: Mapping[str, str] = {
    "format_version": "Of this object; the minor number counts added fields.",
    "version": "Of renewctl.",
    "ok": "Whether what is on disk is what answers, as far as anybody knows.",
    "root": "The directory that is read.",
    "started": "When the daemon was started.",
    "now": "When this was said; the ages below are as of then.",
    "revision": "The configuration that answers.",
    "revision.digest": "Equal exactly when every file is; every answer has it as `Renewctl-Revision`.",
    "revision.commit": "The commit that is checked out; null without git, or where git distrusts its owner.",
    "revision.dirty": "Whether what was read differs from that commit: somebody has edited in place.",
    "revision.since": "Since when this configuration answers, with these facts.",
    "revision.is_last_good": "Whether it is a saved one, because the root could not be used at the start.",
    "revision.partners": "Partners with a file.",
    "revision.clients": "Clients that a partner's file lists.",
    "revision.rules": "Rules in use.",
    "revision.diagnostics[]": "What `renewctl validate` says of it and of these facts, such as warnings.",
    "facts": "The facts that are known.",
    "facts.digest": "Equal exactly when every file of facts is.",
    "facts.renewals": "Renewals that can be asked about by id.",
    "facts.skipped": "Renewals that were left out, for their facts are bad: with `--skip-bad-facts`.",
    "facts.clients": "Clients that can be asked about by id.",
    "last_attempt": "The last attempt to take up what is on disk.",
    "last_attempt.at": "When it began.",
    "last_attempt.cause": "Why: `start`, `change`, `poll` (a look), `signal`, `http`, `day` (a new one).",
    "last_attempt.outcome": "The worse of both parts: `loaded`, `unchanged`, `refused`, `failed`.",
    "last_attempt.configuration": "What became of the configuration.",
    "last_attempt.facts": "What became of the facts.",
    "last_attempt.seconds": "How long it took, the wait for the files to be quiet included.",
    "last_attempt.message": "Why, where that is no diagnostic: a sentence, or the traceback of a defect.",
    "last_attempt.diagnostics[]": "Everything that is wrong with what was read.",
    "last_success": "When an attempt last left nothing on disk that is not live.",
    "watch": "How changes are noticed.",
    "watch.mode": "`events`, `poll`, or `off`: only when told.",
    "watch.last_look": "When the files were last looked at.",
    "watch.stale_seconds": "How long ago that was. What answers may be as old.",
    "complaints[]": "What is wrong beside the root: no last good can be saved, git tells no commit.",
}

_OF_DIAGNOSTICS = "diagnostics[]."
"""Their fields are those of `renewctl validate --format json`."""


def rows() -> Iterator[tuple[str, str]]:
    """Yield each field and its meaning, which must be those that there are."""
    names = [name for name in _names(msgspec.inspect.type_info(Status), "") if _OF_DIAGNOSTICS not in name]
    if set(names) != set(MEANINGS):
        raise ValueError(f"without a meaning, or without a field: {sorted(set(names) ^ set(MEANINGS))}")
    yield from ((name, MEANINGS[name]) for name in names)


def _names(kind: Any, prefix: str) -> Iterator[str]:  # noqa: ANN401 - any type of msgspec.inspect
    match kind:
        case msgspec.inspect.StructType():
            for field in kind.fields:
                yield from _field_names(field.type, f"{prefix}{field.encode_name}")
        case msgspec.inspect.UnionType():
            for one in kind.types:
                yield from _names(one, prefix)


def _field_names(kind: Any, name: str) -> Iterator[str]:  # noqa: ANN401 - any type of msgspec.inspect
    if isinstance(kind, msgspec.inspect.VarTupleType):
        yield f"{name}[]"
        yield from _names(kind.item_type, f"{name}[].")
    else:
        yield name
        yield from _names(kind, f"{name}.")
