"""What support asks: which renewals a question is about, and the decision for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec

from engine import facts
from engine.checks.partnerfiles import PartnerFile
from engine.decisions import Decision, decide
from engine.diagnostics import InputError, Location, suggest
from engine.facts import Renewal, RenewalFact
from engine.feeds import fields, judging
from engine.feeds.databases import Selection
from engine.notices import RENEWAL_NOTICE, Notice
from engine.schedule import Due
from engine.snapshot import Snapshot
from engine.workloads import Decider

Setting = tuple[str, str]
"""A field of a fact and the text it is to have: `--set FIELD=VALUE`."""

Listings = Mapping[str, Collection[PartnerFile]]
"""The files that list a client, by its id."""

_ANY_DAY = 0
"""Decisions of a question that is about one day, or each client's own, are not told apart by it."""

_EXAMPLE = (
    "renewctl decide --client {} --set renewal_date=2027-03-01 --set decision_maker.email=ada@acme.example"
)


@dataclass(frozen=True, slots=True)
class Question:
    """Which renewals are meant, by one of the first three or all, and what is assumed about them.

    `client` is an id or a website. `on` is the send date; None is today, where the client is.
    """

    client: str | None = None
    renewal: str | None = None
    partner: str | None = None
    settings: tuple[Setting, ...] = ()
    notice: Notice = RENEWAL_NOTICE
    on: dt.date | None = None


def selection(snapshot: Snapshot, question: Question) -> Selection:
    """Return what to ask a database for: everything that can matter to the question, and little else."""
    if question.client is None:
        return Selection(renewal=question.renewal, partner=question.partner)
    client = find_client(snapshot, (), question.client) or question.client
    return Selection(client=client, website=bare(question.client))


def answer(
    snapshot: Snapshot,
    known: Sequence[RenewalFact],
    question: Question,
    now: dt.datetime,
    *,
    selected: bool = False,
) -> Iterator[Decision]:
    """Decide for every renewal that the question is about, by client, then renewal.

    `selected` says that `known` holds only what the question's selection asks for.
    """
    for renewal in renewals(snapshot, known, question, now, selected=selected):
        yield _decided(snapshot, renewal, question, now)


def decider(snapshot: Snapshot, question: Question, now: dt.datetime) -> Decider:
    """Return who decides what `answer` does, about one renewal at a time."""
    return lambda renewal: [(_ANY_DAY, _decided(snapshot, renewal, question, now))]


def answer_each(
    snapshot: Snapshot, known: Iterable[RenewalFact], question: Question, now: dt.datetime
) -> Iterator[Decision]:
    """Decide for everybody, in the order in which the facts come; none of them is kept."""
    each = iter(known)
    first = next(each, None)
    if first is None:
        raise no_facts()
    for fact in chain([first], each):
        renewal = Renewal.from_fact(_assumed(fact, question.settings), snapshot.vendor)
        yield _decided(snapshot, renewal, question, now)


def renewals(
    snapshot: Snapshot,
    known: Sequence[RenewalFact],
    question: Question,
    now: dt.datetime,
    *,
    selected: bool = False,
) -> list[Renewal]:
    """Return the renewals that the question is about, with what it assumes filled in."""
    if question.client is not None:
        client = find_client(snapshot, known, question.client)
        meant = [fact for fact in known if fact.client == client]
        if not meant:
            return [_by_hand(snapshot, known, client, question)]
    elif not known and not (selected and (question.renewal or question.partner)):
        raise no_facts()
    elif question.renewal is not None:
        meant = _by_id(known, question.renewal)
    elif question.partner is not None:
        meant = _of_partner(snapshot, known, question.partner, question.on or now.date())
    else:
        meant = list(known)
    assumed = (_assumed(fact, question.settings) for fact in meant)
    found = [Renewal.from_fact(fact, snapshot.vendor) for fact in assumed]
    return sorted(found, key=lambda renewal: (renewal.client, renewal.renewal or ""))


def no_facts() -> InputError:
    """Return the error of who asks about everybody, and there is nobody."""
    cure = "put them in facts/, or name a file or a database with --facts"
    return InputError("there are no renewal facts", cure)


def _decided(snapshot: Snapshot, renewal: Renewal, question: Question, now: dt.datetime) -> Decision:
    return decide_on(snapshot, renewal, question.notice, question.on, now)


def decide_on(
    snapshot: Snapshot, renewal: Renewal, asked: Notice, on: dt.date | None, now: dt.datetime
) -> Decision:
    """Decide about a notice sent that day, None is today where the client is; the schedule completes it."""
    day = on or today(snapshot, renewal, now)
    return decide(snapshot, renewal, _scheduled(snapshot, renewal, asked, day), day)


def _scheduled(snapshot: Snapshot, renewal: Renewal, asked: Notice, on: dt.date) -> Notice:
    """Return the notice as the schedule of the renewal's tier has that step, else as it was asked for.

    A step that changes over time stands there more than once; what counts on the day goes first.
    """
    if asked.step is None:
        return asked
    ladder = snapshot.schedule.ladder(renewal)
    fitting = [
        Due(step, send_on=on, last_day=on, day=on)
        for step in ladder
        if (step.notice.type, step.notice.step) == (asked.type, asked.step)
    ]
    in_order = sorted(fitting, key=lambda due: not snapshot.is_due(due, renewal))
    return in_order[0].step.notice if in_order else asked


def today(snapshot: Snapshot, renewal: Renewal, now: dt.datetime) -> dt.date:
    """Return the date at that moment where the client is, else where its partner or the vendor is."""
    zone = renewal.time_zone or _zone_of_partner(snapshot, renewal, now) or snapshot.vendor.time_zone
    return facts.date_in(zone, now)


def _zone_of_partner(snapshot: Snapshot, renewal: Renewal, now: dt.datetime) -> str | None:
    listing = None if renewal.partner else snapshot.listing(renewal.client, now.date())
    file = snapshot.partners.get(renewal.partner) if renewal.partner else listing.file if listing else None
    return file.record.time_zone if file else None


def find_client(snapshot: Snapshot, known: Iterable[RenewalFact], name: str) -> str | None:
    """Return the id of the client with that id, else that website, or None; two that fit are an error."""
    return find_listed(snapshot.listings, known, name)


def find_listed(listings: Listings, known: Iterable[RenewalFact], name: str) -> str | None:
    """Return the same by the files that list clients, where there is no snapshot (yet)."""
    named = _names(listings, known)
    fitting = {client for client, names in named if name == client or bare(name) in names}
    if name in fitting:
        return name
    if len(fitting) > 1:
        raise InputError(f"{name} may be {' or '.join(sorted(fitting))}", "give the client's id")
    return next(iter(fitting), None)


def names(listings: Listings, known: Iterable[RenewalFact]) -> set[str]:
    """Return everything that a client may be called."""
    return {name for _, names in _names(listings, known) for name in names}


def _names(listings: Listings, known: Iterable[RenewalFact]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every client with what it may be called."""
    for client, files in listings.items():
        yield client, (client, *(bare(file.record.clients[client].website or client) for file in files))
    for fact in known:
        yield fact.client, (fact.client, bare(fact.website or fact.client))


def bare(website: str) -> str:
    """Return a website without what people paste along: scheme, `www.`, path, capitals."""
    name = website.strip().lower().removeprefix("https://").removeprefix("http://")
    return name.split("/")[0].removeprefix("www.")


def _by_hand(
    snapshot: Snapshot, known: Sequence[RenewalFact], client: str | None, question: Question
) -> Renewal:
    """Make a renewal of what the question assumes, for a client without one."""
    name = client or question.client or ""
    if any(fields.find(field) == ("renewal_date",) for field, _ in question.settings):
        value = {"renewal": "made-by-hand", "client": name}
        return Renewal.from_fact(_with_settings(value, question.settings), snapshot.vendor, by_hand=True)
    example = f"ask by hand: {_EXAMPLE.format(name)}"
    if client is not None:
        raise InputError(f"no renewal is known of client {client}", example)
    near = suggest(bare(name), names(snapshot.listings, known))
    raise InputError(f"there is no client {name}", f"{near} Else {example}" if near else example)


def _by_id(known: Sequence[RenewalFact], renewal: str) -> list[RenewalFact]:
    meant = [fact for fact in known if fact.renewal == renewal]
    if not meant:
        raise InputError(f"there is no renewal {renewal}", suggest(renewal, (fact.renewal for fact in known)))
    return meant


def _of_partner(
    snapshot: Snapshot, known: Sequence[RenewalFact], partner: str, on: dt.date
) -> list[RenewalFact]:
    meant = [fact for fact in known if partner_of_record(snapshot, fact, on) == partner]
    if not meant and partner not in snapshot.partners:
        raise InputError(f"there is no partner {partner}", suggest(partner, snapshot.partners))
    return meant


def partner_of_record(snapshot: Snapshot, fact: RenewalFact, on: dt.date) -> str | None:
    """Return the partner that the fact names, else the one whose file lists the client on that day."""
    if fact.partner is not None:
        return fact.partner
    listing = snapshot.listing(fact.client, on)
    return listing.file.record.partner if listing else None


def _assumed(fact: RenewalFact, settings: Sequence[Setting]) -> RenewalFact:
    """Return the fact with what is assumed instead; as JSON first, for that is what the schema judges."""
    return _with_settings(msgspec.json.decode(msgspec.json.encode(fact)), settings) if settings else fact


def _with_settings(value: dict[str, Any], settings: Sequence[Setting]) -> RenewalFact:
    """Return the fact with the settings in place of what it says."""
    for name, text in settings:
        at = fields.find(name)
        if at is None:
            raise InputError(f"--set {name}: there is no such field", fields.hint(name))
        fields.put(value, at, text)
    judged = judging.judge(value, lambda _: Location("--set"))
    if not isinstance(judged, RenewalFact):
        hints = dict.fromkeys(problem.hint for problem in judged if problem.hint)
        raise InputError(f"--set: {'; '.join(problem.message for problem in judged)}", "; ".join(hints))
    return judged
