"""The renewals that a daemon knows, found by client and by id."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.diagnostics import Diagnostic
from engine.facts import RenewalFact
from engine.feeds.factfiles import Facts
from engine.inquiry import bare
from engine.trees import File


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """One version of the facts: `digest` is equal exactly when paths and bytes of their files are.

    `problems` are those of the facts that were left out.
    """

    renewals: tuple[RenewalFact, ...] = ()
    digest: str | None = None
    by_client: Mapping[str, tuple[RenewalFact, ...]] = field(default_factory=dict, repr=False)
    by_renewal: Mapping[str, RenewalFact] = field(default_factory=dict, repr=False)
    websites: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    """The clients of each website, without what people paste along."""
    problems: tuple[Diagnostic, ...] = ()

    @classmethod
    def of(cls, facts: Facts, digest: str) -> KnownFacts:
        """Index the renewals of a delivery."""
        clients: dict[str, list[RenewalFact]] = defaultdict(list)
        for fact in facts.renewals:
            clients[fact.client].append(fact)
        return cls(
            renewals=facts.renewals,
            digest=digest,
            by_client={client: tuple(found) for client, found in clients.items()},
            by_renewal={fact.renewal: fact for fact in facts.renewals},
            websites=by_website((fact.website or fact.client, fact.client) for fact in facts.renewals),
            problems=facts.problems,
        )


def by_website(pairs: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    """Return the clients of each website; a portal may be that of thousands."""
    clients: dict[str, set[str]] = defaultdict(set)
    for website, client in pairs:
        clients[bare(website)].add(client)
    return {website: frozenset(found) for website, found in clients.items()}


def digest(files: Iterable[File]) -> str:
    """Return what identifies the facts in these files."""
    total = hashlib.sha256()
    for file in files:
        content = hashlib.sha256(file.data).hexdigest()
        total.update(f"{content}  {file.path}\n".encode("utf-8", "surrogateescape"))
    return f"sha256:{total.hexdigest()}"
