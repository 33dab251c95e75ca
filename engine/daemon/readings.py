"""One reading of a root: every file of configuration and facts as it was at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from engine.daemon import knownfacts
from engine.diagnostics import Diagnostic
from engine.sources import Sources
from engine.trees import File


@dataclass(frozen=True, slots=True)
class Reading:
    """What a root held; `unread` says which facts files could not be read.

    A file that did not change is the very object of the reading before. The bytes of facts are not kept: they
    are read when somebody asks for them, and it is an InputError if they are no longer what was proved.
    """

    sources: Sources
    facts: tuple[File, ...] = ()
    unread: tuple[Diagnostic, ...] = ()

    @property
    def facts_digest(self) -> str:
        """What identifies the facts."""
        return knownfacts.digest(self.facts)

    @property
    def is_empty(self) -> bool:
        """Whether there was neither a partner nor a fact: the root is gone, and so nothing is known of it."""
        return not self.sources.partners and not self.facts

    @property
    def is_complete(self) -> bool:
        """Whether every file could be read; one that could not may be readable later without a change."""
        problems = (*self.sources.diagnostics, *self.unread)
        return all(problem.code != "unreadable-file" for problem in problems)
