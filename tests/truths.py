"""What a daemon may say: the decisions of every revision that was ever valid, made by the library alone."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import msgspec
from daemons import read

from engine import snapshot
from engine.daemon.readings import Reading
from engine.decisions import decide
from engine.facts import Renewal
from engine.feeds import factfiles
from engine.notices import RENEWAL_NOTICE
from engine.reports import decisions as reports
from engine.sources import Sources

ON = dt.date(2026, 12, 5)
"""The send date that is always asked for: the answer depends on the revision alone."""

CLIENTS = ("acme", "globex", "hooli", "initech", "umbrella")
"""Clients of both partner files, and of none: an answer about all of them shows whether it is whole."""

_DIGITS = 16


class Question(NamedTuple):
    """What is asked: about some clients, in one request."""

    clients: tuple[str, ...]


ALL = Question(CLIENTS)
ONE = Question(("globex",))


class Tag(NamedTuple):
    """Which configuration and which facts an answer says that it was made of."""

    revision: str
    facts: str

    @classmethod
    def of(cls, reading: Reading) -> Tag:
        """Return that of a reading."""
        digests = (reading.sources.digest, reading.facts_digest)
        return cls(*(digest.partition(":")[2][:_DIGITS] for digest in digests))


class Answer(NamedTuple):
    """What came back."""

    question: Question
    status: int
    tag: Tag | None
    revision: str | None
    body: bytes


Decisions: TypeAlias = list[dict[str, Any]]


@dataclass
class Truth:
    """A table of the revisions that were valid, each with its answers."""

    known: dict[Tag, Mapping[Question, Decisions]] = field(default_factory=dict)
    _sources: dict[str, Sources] = field(default_factory=dict)

    def learn(self, root: Path, change: Callable[[Path], object] | None = None) -> Tag:
        """Enter what is on disk, or would be after that change; nobody else may be writing there."""
        if change is None:
            return self._enter(read(root))
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(shutil.copytree(root, f"{scratch}/root"))
            change(copy)
            return self._enter(read(copy))

    def learn_facts(self, root: Path) -> None:
        """Enter the facts that are on disk with every configuration so far: that there may have mistakes."""
        facts = read(root).facts
        for sources in list(self._sources.values()):
            self._enter(Reading(sources, facts))

    def wrong(self, answers: Iterable[Answer]) -> list[str]:
        """Return what is wrong with each answer that is not, word for word, that of one known revision."""
        return [f"{problem}: {answer}" for answer in answers for problem in self._problems(answer)]

    def _enter(self, reading: Reading) -> Tag:
        tag = Tag.of(reading)
        if tag not in self.known:
            self.known[tag] = _decided(reading)
            self._sources[tag.revision] = reading.sources
        return tag

    def _problems(self, answer: Answer) -> Iterable[str]:
        if answer.status != 200:
            yield f"status {answer.status}"
            return
        decisions: Decisions = json.loads(answer.body)["decisions"]
        named = {decision.pop("revision")["digest"] for decision in decisions}
        if named != {answer.revision}:
            yield "its decisions and its header name several revisions"
        if answer.tag not in self.known:
            yield "nothing that was ever valid has its tag"
        elif decisions != self.known[answer.tag][answer.question]:
            yield "its revision decides otherwise"


def _decided(reading: Reading) -> Mapping[Question, Decisions]:
    used = snapshot.build(reading.sources, dt.datetime.now(dt.UTC).date())
    facts = factfiles.read(reading.facts).renewals
    found: dict[str, Decisions] = {client: [] for client in CLIENTS}
    for fact in facts:
        decision = decide(used, Renewal.from_fact(fact, used.vendor), RENEWAL_NOTICE, ON)
        value = json.loads(msgspec.json.encode(reports.to_builtins(decision, used)))
        del value["revision"]
        found.setdefault(fact.client, []).append(value)
    used.close()
    return {asked: [one for client in asked.clients for one in found[client]] for asked in (ALL, ONE)}
