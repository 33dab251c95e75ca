"""The dialect of YAML that configuration is written in: a file's value, and what the dialect refuses."""

from __future__ import annotations

import re

from engine.diagnostics import Diagnostic
from engine.strict import complaints, encoding, events, scalars
from engine.strict.events import (
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    Mark,
    MarkedYAMLError,
    ScalarEvent,
)
from engine.strict.values import MAX_DEPTH, Value

MAX_PROBLEMS = 1_000
"""After so many a file is not read on: nobody wants to know more, and a hostile one has millions."""

_CONFLICT = re.compile(r"^<{7}(?= |$)", re.MULTILINE)
"""The first line that git writes where two versions of a file disagree."""


def read(path: str, text: str) -> tuple[Value, list[Diagnostic]]:
    """Return the value of the first document and every problem.

    What is refused is left out of the value, or read as it was most likely meant, so that the value can still
    be checked. It is None where there is no document, or none that can be read to its end.
    """
    walk = _Walk(path, text)
    try:
        _check_directives(path, text)
        return walk.document(), walk.problems
    except MarkedYAMLError as error:
        return None, [*walk.problems, _syntax_problem(path, text, error)]
    except _UnreadableError as error:
        return None, [*walk.problems, error.problem]


def _check_directives(path: str, text: str) -> None:
    """Refuse tag directives before libyaml sees them: it takes quadratic time, an hour for 16 MB."""
    offset = f"\n{text}".find("\n%TAG")
    if offset >= 0:
        message, hint = complaints.TAG
        place = encoding.locate_offset(path, text, offset)
        raise _UnreadableError(Diagnostic(place, "yaml-tag", message, hint=hint))


class _Walk:
    """One walk over the events of a file, which builds the value and notes what is refused."""

    def __init__(self, path: str, text: str) -> None:
        self.problems: list[Diagnostic] = []
        self._path = path
        self._events = events.read(text)

    def document(self) -> Value:
        """Build the value of the first document, and make sure that it is the only one."""
        first = events.first_node(self._events)
        if first is None:
            return None
        value = self._node(first, depth=0)
        next(self._events)  # the end of the document
        following = next(self._events)
        if isinstance(following, DocumentStartEvent):
            hint = "remove the `---`, or move what follows to a file of its own"
            self._refuse(following, "yaml-multiple-documents", "a second document begins here", hint)
        return value

    def _node(self, event: Event, depth: int) -> Value:
        if isinstance(event, ScalarEvent):
            self._check_properties(event)
            return event.value if event.style else scalars.resolve(event.value)
        if isinstance(event, CollectionStartEvent):
            self._check_properties(event)
            return self._collection(event, depth + 1)
        hint = "write out what it stands for, or quote it if it is text"
        self._refuse(event, "yaml-alias", "aliases are not allowed", hint)
        return None

    def _collection(self, event: CollectionStartEvent, depth: int) -> Value:
        if depth > MAX_DEPTH:
            message = f"this is nested more than {MAX_DEPTH} levels deep"
            raise _UnreadableError(self._problem(event, "yaml-too-large", message, "use fewer levels"))
        if isinstance(event, MappingStartEvent):
            return self._mapping(depth)
        return [self._node(element, depth) for element in events.parts(self._events)]

    def _mapping(self, depth: int) -> dict[str, Value]:
        entries: dict[str, Value] = {}
        marks: dict[str, Mark | None] = {}
        for event in events.parts(self._events):
            key = self._key(event, depth)
            if key in marks:
                self._refuse_duplicate(event, key, marks[key])
            value = self._node(next(self._events), depth)
            if key is not None:
                entries.setdefault(key, value)
                marks.setdefault(key, event.start_mark)
        return entries

    def _key(self, event: Event, depth: int) -> str | None:
        """Check a key and return its text; a refused one is taken as it is written, if it is text at all."""
        if isinstance(event, ScalarEvent):
            self._check_properties(event)
            if not (event.style or scalars.is_key(event.value)):
                self._refuse(event, "yaml-key", *complaints.advise_key(event.value))
            return events.key_text(event)
        if isinstance(event, CollectionStartEvent):
            self._refuse(event, "yaml-key", "a key must be text", "write it without brackets and `?`")
        self._node(event, depth)
        return None

    def _check_properties(self, event: ScalarEvent | CollectionStartEvent) -> None:
        if event.tag is not None:
            self._refuse(event, "yaml-tag", *complaints.TAG)
        if event.anchor is not None:
            hint = "delete it, or quote it if it is text"
            self._refuse(event, "yaml-alias", "anchors are not allowed", hint)

    def _refuse_duplicate(self, event: Event, key: str, mark: Mark | None) -> None:
        first = events.location(self._path, mark)
        message = f"the key {complaints.shown(key)} is already at line {first.line}, column {first.column}"
        self._refuse(event, "yaml-duplicate-key", message, "keep one of them")

    def _refuse(self, event: Event, code: str, message: str, hint: str) -> None:
        problem = self._problem(event, code, message, hint)
        if len(self.problems) == MAX_PROBLEMS - 1:
            raise _UnreadableError(problem)
        self.problems.append(problem)

    def _problem(self, event: Event, code: str, message: str, hint: str) -> Diagnostic:
        return Diagnostic(events.location(self._path, event.start_mark), code, message, hint=hint)


class _UnreadableError(Exception):
    """There is no use in reading on; it carries the reason."""

    def __init__(self, problem: Diagnostic) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _syntax_problem(path: str, text: str, error: MarkedYAMLError) -> Diagnostic:
    if conflict := _CONFLICT.search(text):  # the parser stumbles over what stands below its first line
        message, hint = complaints.CONFLICT
        place = encoding.locate_offset(path, text, conflict.start())
        return Diagnostic(place, "yaml-syntax", message, hint=hint)
    offset = error.problem_mark.index if error.problem_mark else 0
    place = encoding.locate_offset(path, text, offset)  # the mark's own line is one too many at the end
    opened = events.location(path, error.context_mark)
    message, hint = complaints.advise(
        ", ".join(filter(None, (error.context, error.problem))),
        opened=f"line {opened.line}, column {opened.column}",
        found=text[offset : offset + 1],
    )
    code = "yaml-tag" if message == complaints.TAG[0] else "yaml-syntax"
    return Diagnostic(place, code, message, hint=hint)
