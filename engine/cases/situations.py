"""The situation of a decision test: the partners, vendor and rules that count in it, and its renewal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from msgspec import structs

from engine import configuration, inquiry, snapshot
from engine.cases.casefiles import Case
from engine.cases.fixtures import Fixtures, refuse
from engine.cases.layers import Layer
from engine.checks.partnerfiles import PartnerFile, listed
from engine.configuration import Configuration
from engine.decisions import Decision, decide
from engine.diagnostics import ConfigurationError, Diagnostic, suggest
from engine.documents import Document
from engine.facts import Renewal, RenewalFact
from engine.index import Index
from engine.model import Client, Written
from engine.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Situation:
    """A case, ready to be decided."""

    case: Case
    used: Snapshot
    renewal: Renewal

    def decide(self) -> Decision:
        """Decide it as it is."""
        return decide(self.used, self.renewal, self.case.notice, self.case.on)

    def decide_without_override(self) -> Decision:
        """Decide it as if the client had no override."""
        on = self.case.on
        listing = self.used.listing(self.renewal.client, on)
        file = self.used.partners.get(self.renewal.partner or "") or (listing.file if listing else None)
        if file is None or self.renewal.client not in file.record.clients:
            return self.decide()
        plain = replace(self, used=_with_file(self.used, self.renewal.client, _without_override(file, self)))
        return plain.decide()


class Situations:
    """Makes situations under one configuration; whatever several of them have in common is built once."""

    def __init__(self, checked: Configuration, known: Callable[[], Iterable[RenewalFact]] = tuple) -> None:
        self.own = snapshot.from_configuration(checked)
        self._checked = checked
        self._fixtures = Fixtures(known)
        self._by_vendor: dict[Layer | None, Snapshot] = {None: self.own}
        self._by_partners: dict[tuple[Document, ...], Snapshot] = {}

    def of(self, case: Case) -> Situation:
        """Return the situation of a case; ConfigurationError says what makes no sense in it."""
        fact = self._fixtures.fact(case)
        base = self._under(case.vendor)
        changes = case.changes(fact.client)
        if case.partners is not None:
            used = self._with_fixtures(case, base, case.partners, fact, changes)
        else:
            used = self._changed(case, base, fact, changes) if changes else base
        return Situation(case, used, Renewal.from_fact(fact, base.vendor))

    def close(self) -> None:
        """Free the rules engines, after the last decision."""
        for used in self._by_vendor.values():
            used.close()

    def _under(self, vendor: Layer | None) -> Snapshot:
        """Return the root's own partners and rules, with that vendor; rules are compiled for a vendor."""
        if vendor is not None and vendor not in self._by_vendor:
            checked = replace(self._checked, vendor=self._fixtures.vendor(vendor))
            self._by_vendor[vendor] = snapshot.from_configuration(checked)
        return self._by_vendor[vendor]

    def _with_fixtures(
        self,
        case: Case,
        base: Snapshot,
        partners: Mapping[str, tuple[Layer, ...]],
        fact: RenewalFact,
        changes: tuple[Layer, ...],
    ) -> Snapshot:
        """Return the case's own partners instead of the root's."""
        layers = dict(partners)
        if changes:
            partner = fact.partner or (next(iter(layers)) if len(layers) == 1 else None)
            layers[_known(case, partner, layers)] += changes
        files = [self._fixtures.partner(name, parts, case.on) for name, parts in layers.items()]
        key = tuple(file.document for file in files)  # a file of cases has one vendor for all of them
        if key not in self._by_partners:
            refuse(configuration.check_duplicate_clients(Index.of(listed, files)))
            self._by_partners[key] = base.with_partners(files)
        return self._by_partners[key]

    def _changed(self, case: Case, base: Snapshot, fact: RenewalFact, changes: tuple[Layer, ...]) -> Snapshot:
        """Return the root's own partners, with what the case says is different about one of them."""
        partner = _known(case, inquiry.partner_of_record(base, fact, case.on), base.partners)
        own = Layer(base.partners[partner].document)
        return _with_file(base, fact.client, self._fixtures.partner(partner, (own, *changes), case.on))


def _known(case: Case, partner: str | None, partners: Collection[str]) -> str:
    """Return the partner that the case changes something about, which must be there."""
    if partner in partners and partner is not None:
        return partner
    message = "the case changes something about a partner, but it is not said which"
    hint = "name it in `renewal: {partner: …}`"
    if partner is not None:
        message = f"the case changes something about partner {partner}, which is not there"
        hint = suggest(partner, partners) or hint
    raise ConfigurationError([Diagnostic(case.location, "unknown-partner", message, hint=hint)])


def _with_file(used: Snapshot, client: str, file: PartnerFile) -> Snapshot:
    """Return what matters for the client, with that file instead of the one of the same partner."""
    files = {other.record.partner: other for other in used.listings.get(client, ())}
    return used.with_partners({**files, file.record.partner: file}.values())


def _without_override(file: PartnerFile, situation: Situation) -> PartnerFile:
    client = situation.renewal.client
    entry: Client = structs.replace(file.record.clients[client], override=())
    record = structs.replace(file.record, clients={**file.record.clients, client: entry})
    return Written(file.document, record)
