"""One file as read: what it says, in the shape that its schema asks for, and every problem with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

from engine import documents
from engine.diagnostics import Diagnostic
from engine.documents import Document
from engine.fast import tier
from engine.model import RecordT, Written, from_value
from engine.trees import File

ReadT = TypeVar("ReadT")


class Read(NamedTuple, Generic[ReadT]):
    """What was read of one file or several, and everything that is wrong with it."""

    value: ReadT
    problems: tuple[Diagnostic, ...]


def records(
    kind: type[RecordT], schema: str, files: Iterable[File], problems: list[Diagnostic]
) -> Iterator[Written[RecordT]]:
    """Yield the record of every file that could be read at all."""
    for file in files:
        document, value = shaped(schema, file, problems)
        if document is not None:
            yield Written(document, from_value(kind, value))


def shaped(schema: str, file: File, problems: list[Diagnostic]) -> tuple[Document | None, documents.Value]:
    """Read one file and check its shape; what the schema objects to is left out of the value."""
    sound = tier.read(schema, file.data)
    if sound is not None:
        return Document(file.path, sound, file.data), sound
    document, found = tier.parse(file.path, file.data)
    problems.extend(found)
    if document is None:
        return None, None
    objections, value = tier.check(schema, document)
    # A value that the YAML dialect already refused is not reported a second time.
    refused = {diagnostic.location for diagnostic in found}
    problems.extend(objection for objection in objections if objection.location not in refused)
    return document, value
