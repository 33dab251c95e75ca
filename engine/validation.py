"""Everything that is wrong in a root, in one run: configuration, rules and facts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine import configuration, sources
from engine.checks.partnerfiles import PartnerFile, listed, partner_id
from engine.checks.rulechecks import check_reach
from engine.configuration import Configuration, Watcher, unwatched
from engine.diagnostics import Diagnostic, InputError, Location, Severity, suggest, warning
from engine.feeds import factsources
from engine.feeds.factfiles import Facts
from engine.feeds.factsources import Database, Delivery
from engine.model import Vendor, Written
from engine.reading.partners import PartnerReader, in_process
from engine.sources import RULES, SHIPPED, Sources, is_in
from engine.trees import Folder, Tree


@dataclass(frozen=True, slots=True)
class Validation:
    """The diagnostics of a root or of the part asked about, and what was looked at."""

    diagnostics: tuple[Diagnostic, ...]
    files: tuple[str, ...]
    partners: int
    clients: int
    rules: int

    @property
    def is_without_configuration(self) -> bool:
        """Whether there was nothing to check."""
        return any(diagnostic.code == "no-configuration" for diagnostic in self.diagnostics)

    def count(self, severity: Severity) -> int:
        """Return how many diagnostics are that bad."""
        return sum(diagnostic.severity is severity for diagnostic in self.diagnostics)

    def narrowed_to(self, paths: Collection[str]) -> Validation:
        """Return what concerns these files and directories, relative to the root; none means all."""
        for path in paths:
            if not any(is_in(file, [path]) for file in (*self.files, *self._places)):
                raise InputError(
                    f"there is nothing to check in {path}", "name a file or a directory of the root"
                )
        if not paths:
            return self
        return replace(
            self,
            diagnostics=tuple(one for one in self.diagnostics if is_in(one.location.path, paths)),
            files=tuple(file for file in self.files if is_in(file, paths)),
        )

    @property
    def _places(self) -> Iterator[str]:
        return (diagnostic.location.path for diagnostic in self.diagnostics)


def validate(
    root: Path,
    on: dt.date,
    watcher: Watcher = unwatched,
    *,
    tree: Tree | None = None,
    reader: PartnerReader = in_process,
) -> Validation:
    """Check the whole root as of that day; `tree` is where its files are kept, if not in the directory."""
    tree = tree or Folder(root)
    read = sources.read_tree(tree)
    checked = configuration.load(read, on, watcher, reader=reader)
    delivery = _facts(root, tree, checked.vendor)
    facts = delivery.facts
    problems = {
        *checked.diagnostics,
        *_check_reach(checked),
        *_check_tests(checked, read, facts),
        *delivery.problems,
        *check_unknown_clients(checked, facts, on),
        *(check_unknown_partners(checked, facts, _stems(read)) if facts.renewals else ()),
    }
    return Validation(
        diagnostics=tuple(sorted(problems)),
        files=(*(file.path for file in (*read.files, *read.decision_tests)), *delivery.files),
        partners=len(checked.partners),
        clients=len(checked.by_client.files),
        rules=len(checked.ruleset.rules),
    )


def _facts(root: Path, tree: Tree, vendor: Written[Vendor]) -> Delivery:
    """Read the facts of a root, or of the database that the vendor's file names."""
    if vendor.record.facts is None:
        return factsources.of_tree(tree)
    idle = tuple(sources.check_idle_facts(tree))
    try:
        delivery = factsources.of_database(Database(vendor.record.facts, root))
    except InputError as error:
        return Delivery(Facts(), unread=(*idle, *_unreachable(error, vendor)))
    return replace(delivery, unread=idle)


def _unreachable(error: InputError, vendor: Written[Vendor]) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the columns, else warn: a machine without the database can check the rest."""
    place = vendor.origin("facts").location
    return error.diagnostics or (warning(place, "facts-unreachable", error.message, error.hint),)


def _check_reach(checked: Configuration) -> Iterator[Diagnostic]:
    """Analyse the rules unless one of them is wrong in itself: what is left would say little."""
    if _are_rules_known(checked):
        yield from check_reach(checked.ruleset)


def _are_rules_known(checked: Configuration) -> bool:
    """Whether the ruleset has every rule that was written."""
    return not any(
        one.severity is Severity.ERROR and is_in(one.location.path, [RULES, f"{SHIPPED}{RULES}"])
        for one in checked.diagnostics
    )


def _check_tests(checked: Configuration, read: Sources, facts: Facts) -> Iterator[Diagnostic]:
    """Check the decision tests, which nothing but `test` depends on: a mistake in one stops no decision."""
    if not read.decision_tests:
        return
    from engine.cases import casefiles  # noqa: PLC0415 - most of a small run is imports
    from engine.cases.fixtures import Fixtures  # noqa: PLC0415 - the same
    from engine.checks.casechecks import check_cases  # noqa: PLC0415 - the same

    partners = frozenset((*map(partner_id, checked.partners), *_stems(read)))
    ruleset = checked.ruleset if _are_rules_known(checked) else None
    fixtures = Fixtures(lambda: facts.renewals)
    for source in read.decision_tests:
        file, problems = casefiles.read(source)
        yield from problems
        if file is not None:
            yield from check_cases(file, ruleset, partners)
            for case in file.cases if facts.renewals else ():  # else all of them may be out of reach
                yield from fixtures.check_fact(case)


def check_unknown_clients(checked: Configuration, facts: Facts, on: dt.date) -> Iterator[Diagnostic]:
    """An entry for a client that no fact knows is often a mistyped id, and then does nothing."""
    if not facts.renewals:
        return
    known = {fact.client for fact in facts.renewals} | facts.words
    strangers: Mapping[str | None, set[str]] = _unlisted(facts, checked.by_client.files)
    for file in checked.partners:
        nearby = strangers[partner_id(file)] | strangers[None]
        for client_id, entry in listed(file).items():
            if client_id not in known and not (entry.until and entry.until <= on):
                yield unknown_client(file, client_id, nearby)


def _unlisted(facts: Facts, known: Collection[str]) -> Mapping[str | None, set[str]]:
    """Return the clients that facts know and no file lists, by partner."""
    strangers: dict[str | None, set[str]] = defaultdict(set)
    for fact in facts.renewals:
        if fact.client not in known:
            strangers[fact.partner].add(fact.client)
    return strangers


def unknown_client(file: PartnerFile, client_id: str, nearby: Collection[str]) -> Diagnostic:
    """Say that nothing is known of a client; it may be one of those `nearby`, mistyped."""
    place = file.document.locate_key(("clients", client_id))
    hint = suggest(client_id, nearby) or "remove the entry, or wait for the client's first renewal"
    return warning(place, "unknown-client", f"no renewal is known of client {client_id}", hint)


def check_unknown_partners(
    checked: Configuration, facts: Facts, stems: Collection[str]
) -> Iterator[Diagnostic]:
    """Renewals of a partner without a file reach nobody; one line a partner is enough to say so.

    A file that could not be read, one of the `stems`, is there all the same.
    """
    partners = frozenset(map(partner_id, checked.partners))
    orphans: dict[str, list[str]] = defaultdict(list)
    for fact in facts.renewals:
        if fact.partner is not None and fact.partner not in partners and fact.partner not in stems:
            orphans[fact.partner].append(fact.renewal)
    for partner, renewals in orphans.items():
        yield unknown_partner(partner, len(renewals), facts.places[renewals[0]], partners)


def unknown_partner(partner: str, renewals: int, first: Location, partners: Collection[str]) -> Diagnostic:
    """Say at the first of the renewals of a partner that it is none of the `partners`."""
    count, who = (
        ("a renewal names", "it reaches") if renewals == 1 else (f"{renewals} renewals name", "they reach")
    )
    message = f"{count} partner {partner}, which has no file; {who} nobody"
    hint = suggest(partner, partners) or f"add config/partners/{partner}.yaml"
    return warning(first, "unknown-partner", message, hint)


def _stems(read: Sources) -> Collection[str]:
    """Return the names of all partner files, those that could not be read too."""
    unread = (problem.location.path for problem in read.diagnostics)
    paths = (*(file.path for file in read.partners), *unread)
    return {path.rpartition("/")[2].removesuffix(".yaml") for path in paths}
