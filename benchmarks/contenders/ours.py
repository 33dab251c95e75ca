"""Renewctl itself, from where a pipeline may start to where it may end."""

from __future__ import annotations

import msgspec

from benchmarks.contenders import Answer, Contender
from benchmarks.programme import ON, Programme
from engine import configuration, facts, snapshot
from engine.decisions import Decision, decide
from engine.facts import Renewal, RenewalFact
from engine.notices import RENEWAL_NOTICE
from engine.reports import decisions
from engine.snapshot import Snapshot


def from_renewal(programme: Programme) -> Contender:
    """Decide about renewals whose defaults are filled in."""
    used = _snapshot(programme)
    renewals = [Renewal.from_fact(fact, used.vendor) for fact in programme.facts()]
    return Contender(renewals, lambda renewal: decide(used, renewal, RENEWAL_NOTICE, ON), _read)


def from_fact(programme: Programme) -> Contender:
    """Decide about facts as parsed."""
    used = _snapshot(programme)
    return Contender(programme.facts(), lambda fact: _decide(used, fact), _read)


def first_pass(programme: Programme) -> Contender:
    """Decide about facts just after a load, with nothing remembered from earlier decisions."""
    checked = configuration.load(programme.sources(), ON)
    used = snapshot.from_configuration(checked)

    def ask(fact: RenewalFact) -> Decision:
        return _decide(used, fact)

    def prepare() -> None:
        nonlocal used
        used.close()
        used = snapshot.from_configuration(checked)

    return Contender(programme.facts(), ask, _read, prepare)


def to_json(programme: Programme) -> Contender:
    """Decide about facts and write the decisions."""
    used = _snapshot(programme)

    def ask(fact: RenewalFact) -> str:
        (line,) = decisions.jsonl([_decide(used, fact)], used)
        return line

    return Contender(programme.facts(), ask, _read_line)


def from_json_to_json(programme: Programme) -> Contender:
    """Read renewals, decide about them and write the decisions."""
    used = _snapshot(programme)

    def ask(line: bytes) -> str:
        fact = facts.from_value(msgspec.json.decode(line))
        (decision,) = decisions.jsonl([_decide(used, fact)], used)
        return decision

    return Contender([msgspec.json.encode(renewal) for renewal in programme.renewals], ask, _read_line)


def _snapshot(programme: Programme) -> Snapshot:
    return snapshot.build(programme.sources(), ON)


def _decide(used: Snapshot, fact: RenewalFact) -> Decision:
    return decide(used, Renewal.from_fact(fact, used.vendor), RENEWAL_NOTICE, ON)


def _read(decision: Decision) -> Answer | None:
    if decision.outcome == "suppress":
        return None
    recipient = decision.to[0].person.email if decision.to else None
    return Answer(decision.standing.owner or "", recipient)


def _read_line(line: str) -> Answer | None:
    decision = msgspec.json.decode(line)
    if decision["outcome"] == "suppress":
        return None
    recipient = decision["to"][0]["email"] if decision["to"] else None
    return Answer(decision["owner"]["value"], recipient)
