"""The configuration as checked: every file of a root read, its shape and its meaning verified."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import PurePosixPath
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from msgspec import structs

from engine import documents, rulefiles, schedulefiles
from engine.checks.partnerchecks import check_partner
from engine.checks.partnerfiles import PartnerFile, has_faulty_dates
from engine.checks.rulechecks import check_complexity
from engine.diagnostics import Diagnostic, Location, warning
from engine.documents import Document
from engine.fast import tier
from engine.grammar import Reader
from engine.memory import Memory
from engine.model import Partner, RecordT, Vendor, Written, from_value
from engine.rulefiles import RuleFile
from engine.ruleset import Ruleset
from engine.schedule import Schedule
from engine.sources import VENDOR, Sources
from engine.trees import File

ReadT = TypeVar("ReadT")


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a root says, as far as it could be read, and every problem found in it, sorted.

    It may be used for deciding when no diagnostic stops that.
    """

    partners: tuple[PartnerFile, ...]
    vendor: Written[Vendor]
    ruleset: Ruleset
    schedule: Schedule
    digest: str
    diagnostics: tuple[Diagnostic, ...]

    @property
    def may_decide(self) -> bool:
        """Whether nothing stands against deciding."""
        return not any(diagnostic.stops_deciding for diagnostic in self.diagnostics)


Watcher: TypeAlias = Callable[[int, int], None]
"""Told how many files are done of how many: what a progress bar shows."""


def unwatched(done: int, total: int) -> None:
    """Show nothing."""


class Read(NamedTuple, Generic[ReadT]):
    """What was read of one file or several, and everything that is wrong with it."""

    value: ReadT
    problems: tuple[Diagnostic, ...]


class Rules(NamedTuple):
    """What the vendor decided for all partners."""

    vendor: Written[Vendor]
    ruleset: Ruleset
    schedule: Schedule


def load(
    sources: Sources, on: dt.date, watcher: Watcher = unwatched, memory: Memory | None = None
) -> Configuration:
    """Check everything in `sources`; `on` tells what is history from what still counts.

    A problem in one file does not keep the others, or the rest of that file, from being checked. With a
    memory, files that are as they were in its last load are not read again.
    """
    memory = memory or Memory()
    files = [
        memory.recall(file.path, (file.data, on), partial(_partner, file, on))
        for file in _watched(sources.partners, watcher)
    ]
    partners = [file.value for file in files if file.value is not None]
    rules = memory.recall(None, replace(sources, partners=(), decision_tests=()), partial(_rules, sources))
    tests = [
        memory.recall(test.path, (test.data, rules.value), partial(_decision_test, test, rules.value))
        for test in sources.decision_tests
    ]
    memory.forget_unasked()
    problems = {
        *sources.diagnostics,
        *chain.from_iterable(read.problems for read in files),
        *rules.problems,
        *chain.from_iterable(read.problems for read in tests),
        *check_duplicate_partners(partners),
        *check_duplicate_clients(partners),
    }
    return Configuration(
        partners=tuple(partners),
        vendor=rules.value.vendor,
        ruleset=rules.value.ruleset,
        schedule=rules.value.schedule,
        digest=sources.digest,
        diagnostics=tuple(sorted(problems)),
    )


def _partner(file: File, on: dt.date) -> Read[PartnerFile | None]:
    """Read a partner file, and check what can be said of it by itself."""
    problems: list[Diagnostic] = []
    written = next(_records(Partner, "partner", [file], problems), None)
    if written is None:
        return Read(None, tuple(problems))
    partner = _named(written)
    return Read(partner, (*problems, *check_partner(partner, on)))


def _rules(sources: Sources) -> Read[Rules]:
    """Read the vendor's file, the rules and the schedule: a role that one names, another knows."""
    problems: list[Diagnostic] = []
    vendor = next(_records(Vendor, "vendor", (sources.vendor,) if sources.vendor else (), problems), None)
    if vendor is None:
        vendor = _without_vendor_file(sources)
    rules = list(_rule_files(sources.rules, problems))
    shipped = list(_rule_files(sources.shipped_rules, problems, are_shipped=True))
    ruleset, rule_problems = rulefiles.read(rules, shipped, vendor)
    problems.extend(rule_problems or check_complexity(ruleset))
    schedule = _schedule(sources, rulefiles.known_roles(vendor), problems)
    return Read(Rules(vendor, ruleset, schedule), (*problems, *check_renewal_manager(vendor)))


def _decision_test(test: File, rules: Rules) -> Read[None]:
    del rules
    return Read(None, documents.parse(test.path, test.data)[1])


def check_duplicate_partners(partners: Iterable[PartnerFile]) -> Iterator[Diagnostic]:
    """A partner has one file; both are reported, for either may be the wrong one."""
    for partner_id, files in _grouped((file.record.partner, file) for file in partners).items():
        for file in files if len(files) > 1 else ():
            others = ", ".join(other.document.path for other in files if other is not file)
            message = f"partner {partner_id} is also described in {others}"
            place = file.document.locate(("partner",))
            yield Diagnostic(
                place, "duplicate-partner", message, hint="merge the files or rename one partner"
            )


def check_duplicate_clients(partners: Iterable[PartnerFile]) -> Iterator[Diagnostic]:
    """On any day a client has one partner of record; both entries are reported."""
    listings = _grouped((client_id, file) for file in partners for client_id in file.record.clients)
    for client_id, files in listings.items():
        for file in files if len(files) > 1 else ():
            entry = file.record.clients[client_id]
            for other in files:
                if other is not file and other.record.clients[client_id].overlaps(entry):
                    yield from _check_listings(client_id, file, other)


def check_renewal_manager(vendor: Written[Vendor]) -> Iterator[Diagnostic]:
    """A task for the vendor should have a name on it; where one was written it is not missing but faulty."""
    said = vendor.document.value
    if vendor.record.renewal_manager is None and isinstance(said, dict) and not said.get("renewal_manager"):
        message = "no renewal manager is named: the vendor's tasks are for nobody in particular"
        hint = "add `renewal_manager: {name: …, email: …}`"
        yield warning(Location(vendor.document.path), "missing-renewal-manager", message, hint)


def _grouped(pairs: Iterable[tuple[str, PartnerFile]]) -> Mapping[str, list[PartnerFile]]:
    groups: dict[str, list[PartnerFile]] = defaultdict(list)
    for key, file in pairs:
        groups[key].append(file)
    return groups


def _check_listings(client_id: str, file: PartnerFile, other: PartnerFile) -> Iterator[Diagnostic]:
    at = ("clients", client_id)
    if any(has_faulty_dates(listing, at, listing.record.clients[client_id]) for listing in (file, other)):
        return
    place = other.document.locate_key(at)
    message = f"client {client_id} is also listed at {place}, on some of the same days"
    hint = (
        "a client has one partner at a time: remove one entry, or end it with `until` where the other begins"
    )
    yield Diagnostic(file.document.locate_key(at), "duplicate-client", message, hint=hint)


def _named(file: PartnerFile) -> PartnerFile:
    """Give a partner whose id is missing or faulty that of its file, so that the rest can be checked."""
    if file.record.partner:
        return file
    return replace(file, record=structs.replace(file.record, partner=PurePosixPath(file.document.path).stem))


def _without_vendor_file(sources: Sources) -> Written[Vendor]:
    """Return what holds without a vendor file; of one that cannot be read, the document holds None."""
    is_unread = any(problem.location.path == VENDOR for problem in sources.diagnostics)
    says: documents.Value = None if is_unread or sources.vendor is not None else {}
    return Written(Document(VENDOR, says, b""), Vendor())


def _watched(files: Sequence[File], watcher: Watcher) -> Iterator[File]:
    for done, file in enumerate(files):
        watcher(done, len(files))
        yield file
    watcher(len(files), len(files))


def _records(
    kind: type[RecordT], schema: str, files: Iterable[File], problems: list[Diagnostic]
) -> Iterator[Written[RecordT]]:
    """Yield the record of every file that could be read at all."""
    for file in files:
        document, value = _shaped(schema, file, problems)
        if document is not None:
            yield Written(document, from_value(kind, value))


def _rule_files(
    files: Iterable[File], problems: list[Diagnostic], *, are_shipped: bool = False
) -> Iterator[RuleFile]:
    for file in files:
        document, value = _shaped("rules", file, problems)
        if document is not None and isinstance(value, dict):
            yield RuleFile(document, value, are_shipped)


def _schedule(sources: Sources, roles: Collection[str], problems: list[Diagnostic]) -> Schedule:
    """Read the root's schedule, else the shipped one."""
    file = sources.schedule or sources.shipped_schedule
    document, value = _shaped("schedule", file, problems) if file else (None, None)
    if document is None or not isinstance(value, dict):
        return Schedule()
    return schedulefiles.read(Reader(document, roles, problems), value)


def _shaped(schema: str, file: File, problems: list[Diagnostic]) -> tuple[Document | None, documents.Value]:
    """Read one file and check its shape; what the schema objects to is left out of the value."""
    sound = tier.read(schema, file.data)
    if sound is not None:
        return Document(file.path, sound, file.data), sound
    document, found = documents.parse(file.path, file.data)
    problems.extend(found)
    if document is None:
        return None, None
    objections, value = tier.check(schema, document)
    # A value that the YAML dialect already refused is not reported a second time.
    refused = {diagnostic.location for diagnostic in found}
    problems.extend(objection for objection in objections if objection.location not in refused)
    return document, value
