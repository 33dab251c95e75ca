"""Decision tests as written: what each case assumes, what it expects, and where both stand.

A case says what is different from what its file says of all cases: mappings merge, null removes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import msgspec

from engine import documents
from engine.cases.layers import Layer, merged
from engine.diagnostics import Diagnostic, Location
from engine.documents import Document, Path, Value
from engine.fast import tier
from engine.notices import Notice
from engine.trees import File

Said: TypeAlias = str | tuple[str, ...] | None
"""What is said of one field of a decision: people by their address, tasks and steps by their code."""

_OF_PARTNER = ("default", "users", "covers")
_OF_CLIENT = ("override", "hold")
"""What a case may say of its partner's file, in its words; `entry` is for the rest of the client's."""


@dataclass(frozen=True, slots=True)
class Case:
    """One situation and what is to come of it.

    `renewal` are the parts of its facts. `partners` are the parts of each partner's file, or None for the
    root's own partners. `expect` is None for "the same as without the client's override".
    """

    document: Document
    at: Path
    name: str
    on: dt.date
    notice: Notice
    renewal: tuple[Layer, ...]
    partners: Mapping[str, tuple[Layer, ...]] | None
    vendor: Layer | None
    expect: Mapping[str, Said] | None

    @property
    def location(self) -> Location:
        """The place of the case."""
        return self.document.locate(self.at)

    def place(self, field: str, *inside: int) -> Location:
        """Return where it says what is expected of a field; the whole file may say it once."""
        stated = self._written().get("expect")
        is_own = not isinstance(stated, dict) or field in stated
        level = self.at if is_own else ()
        return self.document.locate((*level, "expect", field, *inside))

    def place_of(self, key: str) -> Location:
        """Return where it says something else, else the place of the case."""
        return self.document.locate((*self.at, key))

    def changes(self, client: str) -> tuple[Layer, ...]:
        """Return the parts that it lays over the file of its partner."""
        entry: Path = ("clients", client)
        places = {key: (key,) for key in _OF_PARTNER} | {"entry": entry}
        places |= {key: (*entry, key) for key in _OF_CLIENT}
        written = self._written()
        return tuple(
            Layer(self.document, (*self.at, key), at) for key, at in places.items() if key in written
        )

    def _written(self) -> Mapping[str, Any]:
        return _cases(self.document)[int(self.at[-1])]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file of decision tests."""

    document: Document
    cases: tuple[Case, ...]

    @property
    def path(self) -> str:
        """Its path relative to the root."""
        return self.document.path


def read(file: File) -> tuple[CaseFile | None, tuple[Diagnostic, ...]]:
    """Read a file of decision tests; one of the wrong shape is none, and everything wrong with it is said."""
    document, problems = documents.parse(file.path, file.data)
    if document is None:
        return None, problems
    objections, _ = tier.check("tests", document)
    refused = {problem.location for problem in problems}
    problems += tuple(objection for objection in objections if objection.location not in refused)
    if problems:
        return None, tuple(sorted(problems))
    return CaseFile(document, tuple(_read_cases(document))), ()


def selected(files: Sequence[CaseFile], text: str) -> tuple[CaseFile, ...]:
    """Return the cases whose file or name holds the text."""
    wanted = text.casefold()
    narrowed = (
        replace(
            file, cases=tuple(case for case in file.cases if wanted in f"{file.path}: {case.name}".casefold())
        )
        for file in files
    )
    return tuple(file for file in narrowed if file.cases)


def _read_cases(document: Document) -> Iterator[Case]:
    common: Any = document.value
    for index, written in enumerate(_cases(document)):
        at: Path = ("cases", index)
        yield Case(
            document=document,
            at=at,
            name=written["case"],
            on=dt.date.fromisoformat(written.get("on") or common["on"]),
            notice=msgspec.convert(_both(common, written, "notice"), Notice),
            renewal=tuple(_renewal(document, at)),
            partners=_partners(document, at),
            vendor=Layer(document, ("vendor",)) if "vendor" in common else None,
            expect=_expectation(common.get("expect", {}), written.get("expect", {})),
        )


def _cases(document: Document) -> list[dict[str, Any]]:
    value: Any = document.value
    cases: list[dict[str, Any]] = value["cases"]
    return cases


def _both(common: Mapping[str, Any], written: Mapping[str, Any], key: str) -> Value:
    return merged(common.get(key, {}), written.get(key, {}))


def _renewal(document: Document, at: Path) -> list[Layer]:
    """Return the parts of the facts; a case that names another renewal of the root starts anew."""
    common = _facts(document, (), document.value)
    own = _facts(document, at, _cases(document)[int(at[-1])])
    if any(layer.at == ("renewal",) for layer in own):
        return own
    if any(layer.at == ("client",) for layer in own):
        common = [layer for layer in common if layer.at != ("renewal",)]
    return common + own


def _facts(document: Document, level: Path, written: Any) -> list[Layer]:  # noqa: ANN401 - a part of the file
    """Return what the file, or a case, says of the renewal: some of its facts, or one that names it."""
    stated = [key for key in ("renewal", "client") if written.get(key) is not None]
    return [
        Layer(document, (*level, key), () if isinstance(written[key], dict) else (key,)) for key in stated
    ]


def _partners(document: Document, at: Path) -> Mapping[str, tuple[Layer, ...]] | None:
    common: Any = document.value
    written = _cases(document)[int(at[-1])]
    if "partners" not in common and "partners" not in written:
        return None
    levels: list[tuple[Path, Mapping[str, Any]]] = [((), common), (at, written)]
    ids = dict.fromkeys(name for _, level in levels for name in level.get("partners", {}))
    return {
        name: tuple(
            Layer(document, (*path, "partners", name))
            for path, level in levels
            if name in level.get("partners", {})
        )
        for name in ids
    }


def _expectation(common: Any, own: Any) -> Mapping[str, Said] | None:  # noqa: ANN401 - a mapping or text
    """Return what is expected of each field; here null is a value like any other."""
    if isinstance(own, str) or (not own and isinstance(common, str)):
        return None
    fields = {**(common if isinstance(common, dict) else {}), **own}
    return {field: _said(value) for field, value in fields.items()}


def _said(value: Any) -> Said:  # noqa: ANN401 - what the schema lets stand there
    if isinstance(value, list):
        return tuple(map(str, value))
    return None if value is None else str(value)
