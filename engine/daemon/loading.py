"""Builds what could become live out of a reading: everything that can fail, and nothing that is seen yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from engine import collecting, configuration, snapshot
from engine.checks.partnerfiles import PartnerFile
from engine.configuration import Memory
from engine.daemon.attempts import Part
from engine.daemon.knownfacts import KnownFacts
from engine.daemon.readings import Reading
from engine.diagnostics import Severity
from engine.index import Index
from engine.inquiry import bare
from engine.reading import ways
from engine.reading.forms import Content
from engine.ruleset import Ruleset
from engine.snapshot import Snapshot, State
from engine.sources import Sources

_NO_FILES = "no file of facts is left, so every renewal would be unknown; a restart goes on without them"
_NO_RENEWALS = (
    "no renewal is left in the facts, as after an export that failed; a restart goes on without them"
)


class Loaded(NamedTuple):
    """A snapshot that may become live, of the day for which it was checked."""

    snapshot: Snapshot
    sources: Sources
    on: dt.date
    websites: Callable[[], Index]
    """Return the partner files by the websites of their clients, without what people paste along."""
    ruleset: Ruleset

    def clients_of(self, website: str) -> frozenset[str]:
        """Return the clients that partner files list under a website."""
        return frozenset(
            client_id
            for file in self.websites().files.get(website, ())
            for client_id, client in file.record.clients.items()
            if client.website and bare(client.website) == website
        )


class _Prepared(NamedTuple):
    """What was made of a reading beforehand, and for what else to be live."""

    sources: Sources
    on: dt.date
    live: Loaded | None
    result: tuple[Loaded | None, Part]

    def is_for(self, sources: Sources, on: dt.date, live: Loaded | None) -> bool:
        """Whether it was made for these very objects."""
        return self.sources is sources and self.on == on and self.live is live


class Loader:
    """Loads one reading after another; of files that did not change it remembers what was made of them."""

    def __init__(self, state: Callable[[Sources], State], *, skip_bad_facts: bool = False) -> None:
        self._state = state
        self._skip_bad_facts = skip_bad_facts
        self._memory = Memory()
        self._websites = Index.of(_websites, ())
        self._prepared: _Prepared | None = None

    def prepare(self, sources: Sources, on: dt.date, live: Loaded | None) -> Loaded | None:
        """Do already what `configuration` will be asked for, if what was read proves to be what is there."""
        self._prepared = None
        self._prepared = _Prepared(sources, on, live, self.configuration(sources, on, live))
        return self._prepared.result[0]

    def configuration(self, sources: Sources, on: dt.date, live: Loaded | None) -> tuple[Loaded | None, Part]:
        """Return what could become live, None when that is live already or something is wrong.

        Of the same revision something else may be live: another day, another warning. That is no news.
        """
        prepared, self._prepared = self._prepared, None
        if prepared is not None and prepared.is_for(sources, on, live):
            return prepared.result
        if live is not None and (live.sources, live.on) == (sources, on):
            return None, Part("unchanged", sources.digest, live.snapshot.diagnostics)
        with collecting.paused(sparing=True):
            return self._configuration(sources, on, live)

    def _configuration(
        self, sources: Sources, on: dt.date, live: Loaded | None
    ) -> tuple[Loaded | None, Part]:
        """Build it: the first of a large root in several processes, if no thread runs as yet."""
        reader = ways.shared(Content)
        checked = configuration.load(sources, on, memory=self._memory, reader=reader)
        if not checked.may_decide:
            return None, Part("refused", checked.digest, checked.diagnostics)
        state = self._state(sources)  # now, for later the work tree may be another
        previous = live.snapshot if live else None
        made = snapshot.from_configuration(checked, lambda: state, previous=previous)
        is_new = live is None or live.sources.digest != sources.digest
        part = Part("loaded" if is_new else "unchanged", checked.digest, checked.diagnostics)
        return Loaded(made, sources, on, self._websites_of(checked.partners), checked.ruleset), part

    def _websites_of(self, partners: Sequence[PartnerFile]) -> Callable[[], Index]:
        """Have the index of websites made of the last one that was asked for, once this one is."""

        @cache
        def ask() -> Index:
            self._websites = self._websites.updated(partners)
            return self._websites

        return ask

    def facts(self, reading: Reading, live: KnownFacts | None) -> tuple[KnownFacts | None, Part]:
        """Return the facts that could become live, None when they are live already or some are bad.

        Where the whole root is gone, its facts are too, and no renewal was churned: what is live stays. Where
        only `facts/` is gone, or no renewal is left in it, what is live stays too, and that is told, for it
        may be a mistake.
        """
        known = _known(reading, live)
        problems = tuple(sorted({*reading.unread, *known.problems}))
        if live and live.renewals and not reading.facts and known is not live:
            return None, Part("refused", known.digest, problems, _NO_FILES)
        is_bad = any(problem.severity is Severity.ERROR for problem in problems)
        if is_bad and not self._skip_bad_facts:
            return None, Part("refused", known.digest, problems)
        if known is live:
            return None, Part("unchanged", known.digest, problems)
        if live and live.renewals and not known.renewals:
            return None, Part("refused", known.digest, problems, _NO_RENEWALS)
        return known, Part("loaded", known.digest, problems)


def _known(reading: Reading, live: KnownFacts | None) -> KnownFacts:
    """Return the facts of a reading; those that are live are not read again, and stay without a root."""
    digest = reading.facts_digest
    if live is not None and (live.digest == digest or reading.is_empty):
        return live
    return KnownFacts.of(reading.facts, digest)


def _websites(file: PartnerFile) -> set[str]:
    """Return the websites of a file's clients; thousands may share one, which is that of a portal."""
    return {bare(client.website) for client in file.record.clients.values() if client.website}
