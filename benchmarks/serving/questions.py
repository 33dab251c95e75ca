"""The bodies that are posted, in files with one a line: the same renewals for everybody."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from benchmarks.corpus import ON
from benchmarks.scale.volume import Volume

Body: TypeAlias = dict[str, Any]

BATCH = 1_000
_ASKED, _BATCHES = 2_000, 4
_SEED = 2019


class Questions(NamedTuple):
    """A file for each kind of question."""

    clients: Path
    facts: Path
    cerbos: Path
    batches_of_renewals: Path
    batches_of_facts: Path


def write(volume: Volume) -> Questions:
    """Write the questions about a sample of the renewals, in no order."""
    facts = list(_sample(volume))
    clients: list[Body] = [{"client": fact["client"], "on": str(ON)} for fact in facts]
    renewals: list[Body] = [{"renewal": fact["renewal"], "on": str(ON)} for fact in facts]
    given: list[Body] = [{"facts": fact, "on": str(ON)} for fact in facts]
    bodies = Questions(*(volume.folder / f"{name}.jsonl" for name in Questions._fields))
    _write(bodies.clients, clients)
    _write(bodies.facts, given)
    _write(bodies.cerbos, map(_cerbos, facts))
    _write(bodies.batches_of_renewals, _batches(renewals))
    _write(bodies.batches_of_facts, _batches(given))
    return bodies


def about(fact: Body) -> Body:
    """Return the question to Cerbos: whether the partner is the one who receives, with the same facts."""
    resource = {"kind": fact["partner"], "policyVersion": "default", "id": fact["client"], "attr": fact}
    principal = {"id": fact["partner"], "roles": ["partner"]}
    return {"principal": principal, "resources": [{"actions": ["receive"], "resource": resource}]}


def _sample(volume: Volume) -> Iterator[Body]:
    lines = volume.facts.read_text().splitlines()
    rng = random.Random(_SEED)  # noqa: S311 - nothing here is secret
    for line in rng.sample(lines, min(_ASKED, len(lines))):
        yield json.loads(line)


def _cerbos(fact: Body) -> Body:
    return {"requestId": fact["renewal"], **about(fact)}


def _batches(bodies: Sequence[Body]) -> Iterator[Body]:
    rng = random.Random(_SEED)  # noqa: S311 - nothing here is secret
    for _ in range(_BATCHES):
        yield {"requests": rng.choices(bodies, k=BATCH)}


def _write(path: Path, bodies: Iterable[Body]) -> None:
    path.write_text("".join(f"{json.dumps(body, separators=(',', ':'))}\n" for body in bodies))
