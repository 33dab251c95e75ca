"""Decisions for requests: what was asked, answered from one revision. Pure: the moment is an argument."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from http import HTTPStatus

import msgspec

from engine import inquiry
from engine.daemon.service import Live
from engine.decisions import Decision, decide
from engine.diagnostics import suggest
from engine.facts import Renewal, RenewalFact
from engine.inquiry import bare
from engine.reports.problems import FORMAT_VERSION
from engine.reports.writer import Writer
from engine.server.faults import FaultError, place
from engine.server.requests import Asked

_NO_CLIENT = "unknown-client"

_COMPARED = 2_000
"""Names with which a mistyped one is compared, at most: some milliseconds, in which nobody is answered."""


def answer(live: Live, asked: Asked, now: dt.datetime) -> list[Decision]:
    """Decide for every renewal that the request is about, or raise why there is none."""
    return [_decided(live, fact, asked, now) for fact in _meant(live, asked)]


def answer_alone(live: Live, asked: Asked, now: dt.datetime) -> list[Decision]:
    """Do the same for a request that is none of several; who is mistyped is guessed, which takes a while."""
    try:
        return answer(live, asked, now)
    except FaultError as fault:
        if fault.code != _NO_CLIENT or asked.client is None:
            raise
        raise _with_guess(fault, live, asked.client) from fault


def encode(live: Live, decisions: Iterable[Decision]) -> Iterator[bytes]:
    """Return each decision as JSON."""
    writer = Writer.of(live.snapshot)
    return map(writer.encode, decisions)


def encode_fault(fault: FaultError, request: int, line: int | None = None) -> bytes:
    """Return what stands in the place of a decision that could not be made."""
    at = {"request": request} if line is None else {"request": request, "line": line}
    return msgspec.json.encode({"error": fault.to_builtins(), **at})


def document(parts: Iterable[bytes]) -> bytes:
    """Return decisions and faults as one object."""
    head = b'{"format_version":' + msgspec.json.encode(FORMAT_VERSION) + b',"decisions":['
    return head + b",".join(parts) + b"]}"


def of_client(live: Live, name: str) -> tuple[RenewalFact, ...]:
    """Return the renewals of the client with that id, else of the one with that website."""
    found = live.facts.by_client.get(name)
    if found is not None:
        return found
    client = name if name in live.snapshot.listings else _by_website(live, name)
    if client is None:
        raise _unknown(_NO_CLIENT, f"there is no client {name}", "/client")
    found = live.facts.by_client.get(client)
    if found is None:
        raise _unknown(_NO_CLIENT, f"no renewal is known of client {client}", "/client")
    return found


def _decided(live: Live, fact: RenewalFact, asked: Asked, now: dt.datetime) -> Decision:
    snapshot = live.snapshot
    renewal = Renewal.from_fact(fact, snapshot.vendor)
    if asked.is_of_schedule:
        return inquiry.decide_on(snapshot, renewal, asked.notice, asked.on, now)
    on = asked.on or inquiry.today(snapshot, renewal, now)
    return decide(snapshot, renewal, asked.notice, on)


def _meant(live: Live, asked: Asked) -> tuple[RenewalFact, ...]:
    if asked.facts is not None:
        return (asked.facts,)
    if asked.renewal is not None:
        return (_renewal(live, asked.renewal),)
    return of_client(live, asked.client or "")


def _renewal(live: Live, renewal: str) -> RenewalFact:
    found = live.facts.by_renewal.get(renewal)
    if found is None:
        detail = f"no renewal {renewal} is among the {len(live.facts.renewals):,} that are loaded"
        raise _unknown("unknown-renewal", detail, "/renewal")
    return found


def _by_website(live: Live, name: str) -> str | None:
    website = bare(name)
    clients = live.facts.websites.get(website, frozenset()) | live.loaded.clients_of(website)
    if len(clients) > 1:
        detail = f"{name} may be {' or '.join(sorted(clients))}: give the client's id"
        errors = [place("/client", detail)]
        raise FaultError(HTTPStatus.UNPROCESSABLE_ENTITY, "ambiguous-client", detail, errors=errors)
    return next(iter(clients), None)


def _with_guess(fault: FaultError, live: Live, name: str) -> FaultError:
    guess = suggest(name, _names(live))
    errors = [{**error, "hint": f"{guess} Else {error['hint']}"} for error in fault.errors] if guess else ()
    return FaultError(fault.status, fault.code, fault.detail, errors=errors or fault.errors)


def _names(live: Live) -> set[str]:
    """Return the names of clients, if they are few enough to be compared with one."""
    if len(live.facts.renewals) + len(live.snapshot.listings) > _COMPARED:
        return set()
    return {*live.facts.by_client, *live.snapshot.listings}


def _unknown(code: str, detail: str, at: str) -> FaultError:
    cure = "send the renewal's facts, as `facts`"
    return FaultError(HTTPStatus.NOT_FOUND, code, detail, errors=[place(at, detail, cure)])
