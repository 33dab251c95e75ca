"""The configuration as checked: every file of a root read, its shape and its meaning verified."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import NamedTuple

from engine import documents, rulefiles, schedulefiles
from engine.checks.partnerfiles import PartnerFile, has_faulty_dates, listed, partner_id
from engine.checks.rulechecks import check_complexity
from engine.diagnostics import Diagnostic, Location, warning
from engine.documents import Document
from engine.grammar import Reader
from engine.memory import Memory
from engine.model import Vendor, Written
from engine.reading import files
from engine.reading.files import Read
from engine.reading.partners import PartnerRead, PartnerReader, Watcher, in_process, unwatched
from engine.rulefiles import RuleFile
from engine.ruleset import Ruleset
from engine.schedule import Schedule
from engine.sources import VENDOR, Sources
from engine.trees import File

__all__ = ["Configuration", "Watcher", "load", "unwatched"]


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a root says, as far as it could be read, and every problem found in it, sorted.

    It may be used for deciding when no diagnostic stops that.
    """

    partners: tuple[PartnerFile, ...]
    vendor: Written[Vendor]
    ruleset: Ruleset
    schedule: Schedule
    sources: Sources
    diagnostics: tuple[Diagnostic, ...]

    @property
    def digest(self) -> str:
        """What identifies the files that it was made from."""
        return self.sources.digest

    @property
    def may_decide(self) -> bool:
        """Whether nothing stands against deciding."""
        return not any(diagnostic.stops_deciding for diagnostic in self.diagnostics)


class Rules(NamedTuple):
    """What the vendor decided for all partners."""

    vendor: Written[Vendor]
    ruleset: Ruleset
    schedule: Schedule


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
    found = _partners(sources.partners, on, watcher, memory, reader)
    partners = [read.value for read in found if read.value is not None]
    rules = memory.recall(None, replace(sources, partners=(), decision_tests=()), partial(_rules, sources))
    tests = [
        memory.recall(test.path, (test.data, rules.value), partial(_decision_test, test, rules.value))
        for test in sources.decision_tests
    ]
    memory.forget_unasked()
    problems = {
        *sources.diagnostics,
        *chain.from_iterable(read.problems for read in found),
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
        sources=sources,
        diagnostics=tuple(sorted(problems)),
    )


def _partners(
    some: Sequence[File], on: dt.date, watcher: Watcher, memory: Memory, reader: PartnerReader
) -> list[PartnerRead]:
    """Recall what is known of the files, and read the others."""
    unknown = [file for file in some if not memory.knows(file.path, (file, on))]
    read = dict(zip((file.path for file in unknown), reader(unknown, on, watcher), strict=True))
    return [memory.recall(file.path, (file, on), partial(read.__getitem__, file.path)) for file in some]


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


def _decision_test(test: File, rules: Rules) -> Read[None]:
    del rules
    return Read(None, documents.parse(test.path, test.data)[1])


def check_duplicate_partners(partners: Iterable[PartnerFile]) -> Iterator[Diagnostic]:
    """A partner has one file; both are reported, for either may be the wrong one."""
    for partner, described in _grouped((partner_id(file), file) for file in partners).items():
        for file in described if len(described) > 1 else ():
            others = ", ".join(other.document.path for other in described if other is not file)
            message = f"partner {partner} is also described in {others}"
            place = file.document.locate(("partner",))
            yield Diagnostic(
                place, "duplicate-partner", message, hint="merge the files or rename one partner"
            )


def check_duplicate_clients(partners: Sequence[PartnerFile]) -> Iterator[Diagnostic]:
    """On any day a client has one partner of record; both entries are reported."""
    for client_id, listing in _listed_twice(partners).items():
        for file in listing:
            entry = listed(file)[client_id]
            for other in listing:
                if other is not file and listed(other)[client_id].overlaps(entry):
                    yield from _check_listings(client_id, file, other)


def _listed_twice(partners: Sequence[PartnerFile]) -> Mapping[str, list[PartnerFile]]:
    """Return the files of each client that more than one lists: few, so that no loop looks at all others."""
    seen: set[str] = set()
    twice: set[str] = set()
    for clients in map(listed, partners):
        twice.update(seen.intersection(clients))
        seen.update(clients)
    return _grouped((client_id, file) for file in partners for client_id in twice & listed(file).keys())


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
