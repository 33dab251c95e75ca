"""The configuration as checked: every file of a root read, its shape and its meaning verified."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, permutations
from typing import NamedTuple, TypeVar

from engine import documents, rulefiles, schedulefiles
from engine.checks.partnerfiles import PartnerFile, client_ids, has_faulty_dates, listed, partner_id
from engine.checks.rulechecks import check_complexity
from engine.diagnostics import Diagnostic, Location, warning
from engine.documents import Document
from engine.grammar import Reader
from engine.index import Index
from engine.model import Vendor, Written
from engine.reading import files
from engine.reading.files import Read
from engine.reading.partners import PartnerRead, PartnerReader, Watcher, holds_on, in_process, unwatched
from engine.rulefiles import RuleFile
from engine.ruleset import Ruleset
from engine.schedule import Schedule
from engine.sources import VENDOR, Sources
from engine.trees import File

__all__ = ["Configuration", "Watcher", "load", "unwatched"]


ReadT = TypeVar("ReadT")


class Rules(NamedTuple):
    """What the vendor decided for all partners."""

    vendor: Written[Vendor]
    ruleset: Ruleset
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a root says, as far as it could be read, and every problem found in it, sorted.

    It may be used for deciding when no diagnostic stops that. `by_client` is the index of the files that list
    a client, `by_partner` of those that describe a partner.
    """

    partners: tuple[PartnerFile, ...]
    vendor: Written[Vendor]
    ruleset: Ruleset
    schedule: Schedule
    sources: Sources
    diagnostics: tuple[Diagnostic, ...]
    by_partner: Index
    by_client: Index
    made: Made = field(repr=False)

    @property
    def digest(self) -> str:
        """What identifies the files that it was made from."""
        return self.sources.digest

    @property
    def may_decide(self) -> bool:
        """Whether nothing stands against deciding."""
        return not any(diagnostic.stops_deciding for diagnostic in self.diagnostics)


class Made(NamedTuple):
    """What was made of each file, for the next load: on which day, and of which bytes."""

    on: dt.date
    partners: Mapping[str, tuple[File, PartnerRead]]
    tests: Mapping[str, tuple[File, Read[None]]]
    rules: Read[Rules]


class Memory:
    """What the last load came to: the next makes only what differs. For one load after another."""

    def __init__(self) -> None:
        self.last: Configuration | None = None


def load(
    sources: Sources,
    on: dt.date,
    watcher: Watcher = unwatched,
    memory: Memory | None = None,
    reader: PartnerReader = in_process,
) -> Configuration:
    """Check everything in `sources`; `on` tells what is history from what still counts.

    A problem in one file does not keep the others, or the rest of that file, from being checked. With a
    memory, files that are as they were in its last load are not read again. `reader` is how the others are
    read; that it is another makes no difference to what comes of it.
    """
    memory = memory or Memory()
    last = memory.last
    known = _still_known(last.made, on) if last else {}
    rules = _rules_as_before(sources, last) or _rules(sources)  # first: forked readers share its needs
    read = _made(sources.partners, known, lambda some: reader(some, on, watcher))
    tests = _made(sources.decision_tests, last.made.tests if last else {}, _decision_tests)
    memory.last = _put_together(sources, last, Made(on, read, tests, rules))
    return memory.last


def _still_known(made: Made, on: dt.date) -> Mapping[str, tuple[File, PartnerRead]]:
    """Return what was made of partner files and holds on that day as well."""
    if made.on == on:
        return made.partners
    return {path: (file, read) for path, (file, read) in made.partners.items() if holds_on(read, made.on, on)}


def _made(
    some: Sequence[File],
    known: Mapping[str, tuple[File, ReadT]],
    make: Callable[[Sequence[File]], Sequence[ReadT]],
) -> dict[str, tuple[File, ReadT]]:
    """Return what was made of each file; what is not known is made, and what nobody asks for forgotten."""
    others = [
        file
        for file in some
        if (one := known.get(file.path)) is None or (one[0] is not file and one[0] != file)
    ]
    fresh = {file.path: (file, one) for file, one in zip(others, make(others), strict=True)}
    if len(known) == len(some) and fresh.keys() <= known.keys():  # no file came or went, as ever so often
        return {**known, **fresh}
    return {file.path: fresh.get(file.path) or known[file.path] for file in some}


def _put_together(sources: Sources, last: Configuration | None, made: Made) -> Configuration:
    """Check what only several files together can tell."""
    reads = [read for _, read in made.partners.values()]
    partners = tuple(read.value for read in reads if read.value is not None)
    by_partner = last.by_partner.updated(partners) if last else Index.of(_own_names, partners)
    by_client = last.by_client.updated(partners) if last else Index.of(client_ids, partners)
    problems = {
        *sources.diagnostics,
        *chain.from_iterable(read.problems for read in reads),
        *made.rules.problems,
        *chain.from_iterable(read.problems for _, read in made.tests.values()),
        *check_duplicate_partners(by_partner),
        *check_duplicate_clients(by_client),
    }
    return Configuration(
        partners,
        *made.rules.value,
        sources=sources,
        diagnostics=tuple(sorted(problems)),
        by_partner=by_partner,
        by_client=by_client,
        made=made,
    )


def _own_names(file: PartnerFile) -> tuple[str]:
    return (partner_id(file),)


def _rules_as_before(sources: Sources, last: Configuration | None) -> Read[Rules] | None:
    """Return the rules of the last load, if they are made of what these are made of."""
    if last is None or _without_partners(last.sources) != _without_partners(sources):
        return None
    return last.made.rules


def _without_partners(sources: Sources) -> Sources:
    return replace(sources, partners=(), decision_tests=())


def _rules(sources: Sources) -> Read[Rules]:
    """Read the vendor's file, the rules and the schedule: a role that one names, another knows."""
    problems: list[Diagnostic] = []
    written = (sources.vendor,) if sources.vendor else ()
    vendor = next(files.records(Vendor, "vendor", written, problems), None)
    if vendor is None:
        vendor = _without_vendor_file(sources)
    rules = list(_rule_files(sources.rules, problems))
    shipped = list(_rule_files(sources.shipped_rules, problems, are_shipped=True))
    ruleset, rule_problems = rulefiles.read(rules, shipped, vendor)
    problems.extend(rule_problems or check_complexity(ruleset))
    schedule = _schedule(sources, rulefiles.known_roles(vendor), problems)
    return Read(Rules(vendor, ruleset, schedule), (*problems, *check_renewal_manager(vendor)))


def _decision_tests(some: Iterable[File]) -> list[Read[None]]:
    return [Read(None, documents.parse(test.path, test.data)[1]) for test in some]


def check_duplicate_partners(by_partner: Index) -> Iterator[Diagnostic]:
    """A partner has one file; all are reported, for any may be the wrong one."""
    for partner in by_partner.several:
        described = by_partner.files[partner]
        for file in described:
            others = ", ".join(other.document.path for other in described if other is not file)
            message = f"partner {partner} is also described in {others}"
            place = file.document.locate(("partner",))
            yield Diagnostic(
                place, "duplicate-partner", message, hint="merge the files or rename one partner"
            )


def check_duplicate_clients(by_client: Index) -> Iterator[Diagnostic]:
    """On any day a client has one partner of record; both entries are reported."""
    for client_id in by_client.several:
        for file, other in permutations(by_client.files[client_id], 2):
            if listed(file)[client_id].overlaps(listed(other)[client_id]):
                yield from _check_listings(client_id, file, other)


def check_renewal_manager(vendor: Written[Vendor]) -> Iterator[Diagnostic]:
    """A task for the vendor should have a name on it; where one was written it is not missing but faulty."""
    said = vendor.document.value
    if vendor.record.renewal_manager is None and isinstance(said, dict) and not said.get("renewal_manager"):
        message = "no renewal manager is named: the vendor's tasks are for nobody in particular"
        hint = "add `renewal_manager: {name: …, email: …}`"
        yield warning(Location(vendor.document.path), "missing-renewal-manager", message, hint)


def _check_listings(client_id: str, file: PartnerFile, other: PartnerFile) -> Iterator[Diagnostic]:
    at = ("clients", client_id)
    if any(has_faulty_dates(listing, at, listed(listing)[client_id]) for listing in (file, other)):
        return
    place = other.document.locate_key(at)
    message = f"client {client_id} is also listed at {place}, on some of the same days"
    hint = (
        "a client has one partner at a time: remove one entry, or end it with `until` where the other begins"
    )
    yield Diagnostic(file.document.locate_key(at), "duplicate-client", message, hint=hint)


def _without_vendor_file(sources: Sources) -> Written[Vendor]:
    """Return what holds without a vendor file; of one that cannot be read, the document holds None."""
    is_unread = any(problem.location.path == VENDOR for problem in sources.diagnostics)
    says: documents.Value = None if is_unread or sources.vendor is not None else {}
    return Written(Document(VENDOR, says, b""), Vendor())


def _rule_files(
    some: Iterable[File], problems: list[Diagnostic], *, are_shipped: bool = False
) -> Iterator[RuleFile]:
    for file in some:
        document, value = files.shaped("rules", file, problems)
        if document is not None and isinstance(value, dict):
            yield RuleFile(document, value, are_shipped)


def _schedule(sources: Sources, roles: Collection[str], problems: list[Diagnostic]) -> Schedule:
    """Read the root's schedule, else the shipped one."""
    file = sources.schedule or sources.shipped_schedule
    document, value = files.shaped("schedule", file, problems) if file else (None, None)
    if document is None or not isinstance(value, dict):
        return Schedule()
    return schedulefiles.read(Reader(document, roles, problems), value)
