"""What the cases of decision tests assume, as typed records: what several have in common is made once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import msgspec

from engine import schemas
from engine.cases.casefiles import Case
from engine.cases.layers import Layer, Layered, assemble
from engine.checks.partnerchecks import check_partner
from engine.checks.partnerfiles import PartnerFile
from engine.diagnostics import ConfigurationError, Diagnostic, Location, suggest
from engine.documents import Document, Value
from engine.facts import RenewalFact
from engine.fast import tier
from engine.feeds import judging
from engine.model import Partner, Vendor, Written, from_value
from engine.sources import PARTNERS, VENDOR

_BY_FACTS = (
    "name one of facts/ as `renewal: rn_7f3a` or `client: acme`, or write its facts, a date among them"
)


class Fixtures:
    """Makes partner files, vendors and facts of what cases say; ConfigurationError says what is wrong.

    `known` reads the renewals of the root; it is asked once, and only if a case names one of them.
    """

    def __init__(self, known: Callable[[], Iterable[RenewalFact]] = tuple) -> None:
        self._known = _Known(known)
        self._files: dict[tuple[str, tuple[Layer, ...]], PartnerFile] = {}
        self._vendors: dict[Layer, Written[Vendor]] = {}

    def partner(self, name: str, layers: tuple[Layer, ...], on: dt.date) -> PartnerFile:
        """Return the partner's file as the layers have it."""
        file = self._files.get((name, layers))
        if file is None:
            document = assemble(f"{PARTNERS}/{name}.yaml", layers, {"version": 1, "partner": name})
            file = Written(document, from_value(Partner, _checked("partner", document)))
            self._files[name, layers] = file
        refuse(check_partner(file, on))
        return file

    def vendor(self, layer: Layer) -> Written[Vendor]:
        """Return the vendor's file as the layer has it."""
        if layer not in self._vendors:
            document = assemble(VENDOR, (layer,))
            self._vendors[layer] = Written(document, from_value(Vendor, _checked("vendor", document)))
        return self._vendors[layer]

    def fact(self, case: Case) -> RenewalFact:
        """Return the facts that the case is about; without a date they change those of a known renewal."""
        said = assemble("facts", case.renewal) if case.renewal else None
        value = _fields(said)
        if said is None or (case.partners is None and "renewal_date" not in value):
            said = assemble("facts", case.renewal, self._known.find(case, value))
            value = _fields(said)
        judged = judging.judge({"renewal": "test", **value}, partial(schemas.place, said))
        if isinstance(judged, RenewalFact):
            return judged
        raise ConfigurationError(judged)

    def check_fact(self, case: Case) -> Iterator[Diagnostic]:
        """Yield what is wrong with the renewal that the case is about."""
        try:
            self.fact(case)
        except ConfigurationError as error:
            yield from error.diagnostics


class _Known:
    """The renewals of the root, found by their id or their client."""

    def __init__(self, read: Callable[[], Iterable[RenewalFact]]) -> None:
        self._read = read

    @cached_property
    def _by_id(self) -> Mapping[str, RenewalFact]:
        return {fact.renewal: fact for fact in self._read()}

    @cached_property
    def _by_client(self) -> Mapping[str, list[RenewalFact]]:
        by_client: dict[str, list[RenewalFact]] = defaultdict(list)
        for fact in self._by_id.values():
            by_client[fact.client].append(fact)
        return dict(by_client)

    def find(self, case: Case, said: Mapping[str, Any]) -> dict[str, Value]:
        """Return the facts of the renewal that these fields name."""
        renewal, client = said.get("renewal"), said.get("client")
        if renewal is not None:
            found = [self._by_id[renewal]] if renewal in self._by_id else []
        else:
            found = self._by_client.get(client or "", [])
        if len(found) != 1:
            raise ConfigurationError([self._not_one(case, renewal, client, found)])
        fields: dict[str, Value] = msgspec.json.decode(msgspec.json.encode(found[0]))
        return fields

    def _not_one(
        self, case: Case, renewal: str | None, client: str | None, found: Sequence[RenewalFact]
    ) -> Diagnostic:
        if found:
            message = f"client {client} has {len(found)} renewals"
            hint = f"name one: {', '.join(f'`renewal: {fact.renewal}`' for fact in found)}"
        elif renewal is not None:
            message, hint = f"there is no renewal {renewal}", suggest(renewal, self._by_id) or _BY_FACTS
        elif client is not None:
            message = f"no renewal is known of client {client}"
            hint = suggest(client, self._by_client) or _BY_FACTS
        else:
            message, hint = "the case names no renewal", _BY_FACTS
        return Diagnostic(_place(case), "unknown-renewal", message, hint=hint)


def _place(case: Case) -> Location:
    layer = case.renewal[-1] if case.renewal else Layer(case.document, case.at)
    return layer.document.locate(layer.written)


def _fields(said: Layered | None) -> dict[str, Any]:
    """Return the facts; the id of a client may be written as a number."""
    value: Any = said.value if said else {}
    return {**value, "client": str(value["client"])} if isinstance(value.get("client"), int) else value


def _checked(schema: str, document: Document) -> Value:
    problems, value = tier.check(schema, document)
    refuse(problems)
    return value


def refuse(problems: Iterable[Diagnostic]) -> None:
    """Raise what keeps a case from being decided."""
    stopping = [problem for problem in problems if problem.stops_deciding]
    if stopping:
        raise ConfigurationError(stopping)
