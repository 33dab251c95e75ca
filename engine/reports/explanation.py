"""A decision for people: who receives what, and why, down to the line that caused it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from engine import conditions, reasons
from engine.conditions import Comparison
from engine.decisions import Decision
from engine.diagnostics import Location
from engine.envelopes import Recipient
from engine.model import Origin
from engine.reports import commits
from engine.reports.problems import counted
from engine.reports.styles import Paint, plain
from engine.rulebook import Considered
from engine.ruleset import Rule, Step
from engine.snapshot import Snapshot
from engine.vocabulary import SEND_DAY

if TYPE_CHECKING:  # it needs pygit2, which not everybody has
    from engine.past.blame import Blame

_OUTCOMES = {
    "send": ("SEND", "good"),
    "suppress": ("SUPPRESS: nothing is sent", "warning"),
    "unroutable": ("UNROUTABLE: nothing is sent, the vendor gets a task", "error"),
}
_PURPOSES = {"action": "for action", "information": "for information", "copy": "in copy"}
_SOURCES = {
    "client_override": "the client's override",
    "partner_default": "the partner's default",
    "backup_contact": "a backup contact of the default",
    "partner_admin": "an admin of the partner",
    "system_default": "the system's default, for nobody has set it",
    None: "nobody knows",
}
_OPERATORS = {
    "equals": "is",
    "in": "is one of",
    "not_in": "is none of",
    "lt": "<",
    "lte": "≤",
    "gt": ">",
    "gte": "≥",
    "contains": "contains",
    "contains_any": "contains any of",
    "contains_all": "contains all of",
}


_SHORT = 32
"""Up to here a meaning is padded, so that the places after it line up; a long one stands out by itself."""


def texts(
    decisions: Iterable[Decision],
    snapshot: Snapshot,
    paint: Paint = plain,
    *,
    explain: bool = False,
    blame: Blame | None = None,
) -> str:
    """Return all decisions, and how many of each outcome there are."""
    listed = list(decisions)
    parts = [text(decision, snapshot, paint, explain=explain, blame=blame) for decision in listed]
    if len(listed) > 1:
        parts.append(summary(listed, "decision"))
    return "\n\n".join(parts) or "no renewals"


def summary(decisions: Collection[Decision], noun: str) -> str:
    """Return how many there are, and of each outcome."""
    outcomes: Counter[str] = Counter(decision.outcome for decision in decisions)
    each = ", ".join(f"{outcomes[outcome]:,} {outcome}" for outcome in _OUTCOMES if outcomes[outcome])
    return f"{counted(len(decisions), noun)}: {each}"


def text(
    decision: Decision,
    snapshot: Snapshot,
    paint: Paint = plain,
    *,
    explain: bool = False,
    blame: Blame | None = None,
) -> str:
    """Return the decision as a few short paragraphs.

    `explain` adds every fact and rule looked at, `blame` the commit of each line that counted.
    """
    parts = [*_subject(decision, paint), *_outcome(decision, snapshot, paint), *why(decision, paint, blame)]
    if explain:
        considered = snapshot.rulebook.consider(
            decision.standing, decision.renewal, decision.notice, decision.send_on.toordinal()
        )
        parts += _considered(considered, paint)
    return "\n".join(parts)


def _subject(decision: Decision, paint: Paint) -> Iterator[str]:
    renewal, standing = decision.renewal, decision.standing
    partner = f"partner {standing.partner_id}" if standing.partner_id else "no partner"
    known_as = (standing.client_name, standing.website or renewal.website, partner)
    yield f"{paint(renewal.client, 'strong')}  {', '.join(filter(None, known_as))}"
    name = f"renewal {renewal.renewal}" if renewal.renewal else "renewal made by hand,"
    yield f"{name} on {renewal.renewal_date}, deadline {renewal.deadline}"
    notice = decision.notice
    step = f" {notice.step}" if notice.step else ""
    yield f"{notice.type.replace('_', ' ')} {notice.kind}{step}, sent on {decision.send_on}"


def _outcome(decision: Decision, snapshot: Snapshot, paint: Paint) -> Iterator[str]:
    title, style = _OUTCOMES[decision.outcome]
    yield ""
    yield f"  {paint(title, style)}"
    if decision.outcome == "send":
        yield from _recipients("to", decision.to)
        yield from _recipients("cc", decision.cc)
    yield from (f"    task {line}" for line in tasks(decision, snapshot))


def tasks(decision: Decision, snapshot: Snapshot) -> Iterator[str]:
    """Yield what the vendor is to do, and who there."""
    manager = snapshot.vendor.renewal_manager
    who = f"{manager.name} <{manager.email}>" if manager else "the vendor (no renewal manager is named)"
    for task in decision.tasks:
        informing = ", ".join(address(recipient) for recipient in task.inform)
        yield f"{task.code} for {who}{f'; inform {informing}' if informing else ''}"


def _recipients(label: str, recipients: Iterable[Recipient]) -> Iterator[str]:
    listed = [
        f"{address(recipient)}  {_PURPOSES[recipient.purpose]}, as {recipient.person.role}"
        for recipient in recipients
    ]
    for line in listed or ["nobody"]:
        yield f"    {label}  {line}"


def address(recipient: Recipient) -> str:
    """Return name and address as a mail shows them."""
    person = recipient.person
    email = person.email.strip()
    return f"{person.name} <{email}>" if person.name else email


def why(decision: Decision, paint: Paint, blame: Blame | None = None) -> Iterator[str]:
    """Yield what led to the decision, each part with the line that says so, after an empty line."""
    standing = decision.standing
    contact = standing.contact or "nobody"
    contact_source = _SOURCES[standing.contact_source] if standing.contact else "no contact can be reached"
    if not standing.contact and not standing.default_contact:
        contact_source = "no contact is named"
    rows = [
        ("owner", standing.owner or "unknown", _SOURCES[standing.owner_source], standing.owner_origin),
        ("contact", contact, contact_source, standing.contact_origin),
        *((step.kind, step.rule, _meaning(decision, step), step.origin) for step in decision.trace),
    ]
    traced = {step.rule for step in decision.trace}
    rows += [("reason", code, reasons.meaning(code), None) for code in decision.reasons if code not in traced]
    yield ""
    yield "  because"
    kinds, values = _width(row[0] for row in rows), _width(row[1] for row in rows)
    meanings = _width(row[2] for row in rows if row[3] and len(row[2]) <= _SHORT)
    places = _places((row[3] for row in rows), blame)
    for (kind, value, meaning, origin), place in zip(rows, places, strict=True):
        shown = f"{'':{max(meanings - len(meaning), 0)}}  {paint(place, 'faint')}" if origin else ""
        yield f"    {kind:<{kinds}}  {value:<{values}}  {meaning}{shown}"
    if standing.partner_id and standing.owner:
        owner, who = standing.default_owner, standing.default_contact or "nobody"
        yield f"  the partner's current default: owner {owner}, contact {who}"


def _places(origins: Iterable[Origin | Location | None], blame: Blame | None) -> list[str]:
    """Return each place as it is written, and the commit of its line where one is known."""
    locations = [origin.location if isinstance(origin, Origin) else origin for origin in origins]
    if blame is None:
        return [str(location or "") for location in locations]
    widest = _width(str(location or "") for location in locations)
    found = [blame.find(location) if location else None for location in locations]
    return [
        f"{location!s:<{widest}}  {commits.blamed(who)}" if who else str(location or "")
        for location, who in zip(locations, found, strict=True)
    ]


def _width(texts: Iterable[str]) -> int:
    return max(map(len, texts), default=0)


def _meaning(decision: Decision, step: Step) -> str:
    hold = decision.standing.hold
    if step.kind == "hold" and hold:
        return f"until {hold.until}, by {hold.by}: {hold.reason}"
    if step.kind in {"route", "adjustment"}:
        return "this rule holds"
    return reasons.meaning(step.rule)


def _considered(considered: Considered, paint: Paint) -> Iterator[str]:
    yield ""
    yield "  the facts that rules look at"
    for name, value in considered.facts:
        yield f"    {name} = {_shown(value, name)}"
    yield ""
    yield "  the rules, in order"
    names = _width(rule.name for rule, _ in considered.rules)
    places = _width(str(rule.origin) for rule, _ in considered.rules)
    for rule, holds in considered.rules:
        mark = paint("holds", "good") if holds else paint("no   ", "faint")
        place = paint(f"{rule.origin!s:<{places}}", "faint")
        yield f"    {mark}  {rule.name:<{names}}  {place}  {_reading(rule, considered)}"


def _reading(rule: Rule, considered: Considered) -> str:
    """Return what the rule asks, each comparison with its truth."""
    comparisons = dict.fromkeys(conditions.comparisons(rule.condition))
    read = (f"{wording(one)}: {'yes' if considered.truths[one] else 'no'}" for one in comparisons)
    return "; ".join(read) or "always"


def wording(comparison: Comparison) -> str:
    """Return a comparison in words."""
    if comparison.operator == "present":
        return f"{comparison.fact} is {'there' if comparison.operand else 'absent'}"
    fact, operand = comparison.fact, comparison.operand
    return f"{fact} {_OPERATORS[comparison.operator]} {_shown(operand, fact)}"


def _shown(value: object, fact: str) -> str:
    match value:
        case int() if fact == SEND_DAY.name:
            return dt.date.fromordinal(value).isoformat()
        case None:
            return "(absent)"
        case bool():
            return "true" if value else "false"
        case tuple() | frozenset():
            return f"[{', '.join(sorted(map(str, value)))}]"
        case Decimal():
            return f"{value:f}"
    return str(value)
