"""Changes as bytes, for another process that has the same two revisions.

A change names a place in a document. Both have the document, so that only which one it is has to be sent.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from engine.changes.differences import Edit
from engine.changes.disagreeing import Change
from engine.documents import Document, Path
from engine.model import Origin


class _Place(NamedTuple):
    """An edit whose document is a number."""

    document: int
    at: Path
    is_removed: bool


class Parcels:
    """Packs changes whose causes are in these documents, and unpacks them."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents
        self._numbers = {id(document): number for number, document in enumerate(documents)}
        self._edits: dict[_Place, Edit] = {}
        """Those that were unpacked: most changes have one edit, whose line is found once."""

    def packed(self, changes: Iterable[Change]) -> bytes:
        """Return the changes as bytes."""
        return pickle.dumps([(replace(change, cause=None), self._place(change.cause)) for change in changes])

    def unpacked(self, data: bytes) -> Iterator[Change]:
        """Yield the changes again."""
        for change, place in pickle.loads(data):  # noqa: S301 - from a process that we forked
            yield replace(change, cause=self._edit(place))

    def _place(self, edit: Edit | None) -> _Place | None:
        if edit is None:
            return None
        document, at = edit.origin
        return _Place(self._numbers[id(document)], at, edit.is_removed)

    def _edit(self, place: _Place | None) -> Edit | None:
        if place is None:
            return None
        if place not in self._edits:
            origin = Origin(self._documents[place.document], place.at)
            self._edits[place] = Edit(origin, place.is_removed)
        return self._edits[place]
