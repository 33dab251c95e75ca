"""What each reason code of a decision means, and what support does about it: a sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a decision is as it is, and what to do for another one."""

    meaning: str
    cure: str


REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        "PARTNER_MISMATCH": Reason(
            "another partner's file lists the client than the fact names; the fact counts",
            "Move the client's entry to the partner that the fact names, or correct the fact.",
        ),
        "CONTACT_FALLBACK": Reason(
            "the chosen contact is no longer there, so the next in line stands in",
            "Name somebody who is active; `renewctl contacts` shows where the old contact is named.",
        ),
        "CC_CONTACT_UNREACHABLE": Reason(
            "nobody at the partner can be reached, so nobody is in copy",
            "Name an active contact in the partner's file, or make an active user an admin.",
        ),
        "COVERED": Reason(
            "a user is away, and their cover receives the notice",
            "Nothing, unless the absence in `covers` has other dates than the real one.",
        ),
        "CC_DEDUPED": Reason(
            "somebody in copy already receives the notice, and gets it once",
            "Nothing; that is how it is meant.",
        ),
        "DECISION_MAKER_IS_PARTNER_USER": Reason(
            "the decision maker works for the partner; nobody else is told",
            "Ask the client to select one of its own people in its portal.",
        ),
        "NO_CLIENT_RECIPIENT": Reason(
            "nobody at the client can be reached; inform the partner contact",
            "Have the client select a decision maker, or mend the address that bounced; then the facts "
            "follow.",
        ),
        "OWNER_FAILSAFE_TO_VENDOR": Reason(
            "the partner owns the renewal, but nobody there can be reached",
            "Write to the client yourself, and ask the partner for an active contact, backup or admin.",
        ),
        "UNKNOWN_PARTNER": Reason(
            "the fact names a partner that has no file",
            "Add `config/partners/<partner>.yaml`, or correct the fact.",
        ),
        "NO_ROUTE": Reason(
            "no route holds for these facts",
            "Add a last route that covers the rest; `renewctl validate` shows what is left (`routes-gap`).",
        ),
        "TEST_PORTAL": Reason(
            "the portal is a sandbox, not for resale or a demo",
            "Nothing; correct `portal_type` in the facts if it is a production portal.",
        ),
        "CHURNED": Reason(
            "the client has left",
            "Nothing; correct `status` in the facts if it has not.",
        ),
        "NON_RENEWING": Reason(
            "the client has cancelled and hears only that the subscription ends",
            "Nothing; correct `status` in the facts if it has not.",
        ),
        "ALREADY_RENEWED": Reason(
            "the renewal is done",
            "Nothing; correct `status` in the facts if it is not.",
        ),
        "ORDER_IN_PROGRESS": Reason(
            "a new order is being written",
            "Nothing; once it is decided, remove the flag `order_in_progress` from the facts.",
        ),
        "HOLD": Reason(
            "the client is on hold",
            "Ask whoever the hold names with `by`; end it with an earlier `until`.",
        ),
        "DUNNING_ACTIVE": Reason(
            "the client owes money and hears from accounting first",
            "Nothing; once it has paid, remove the flag `dunning` from the facts.",
        ),
        "PARTNER_SILENT": Reason(
            "the partner has not acknowledged the renewal; the vendor takes over",
            "Call the partner. Once it looks after the renewal, set `acknowledged` in the facts.",
        ),
        "TIER_UNKNOWN": Reason(
            "the fact names no tier, so the professional schedule counts",
            "Add `tier` to the fact: enterprise, professional or starter.",
        ),
        "CAUGHT_UP": Reason(
            "the notice was missed on its day and is sent late",
            "Nothing; see why nothing went out on its day.",
        ),
        "SKIPPED_LATE": Reason(
            "the notice was missed on its day, and a later one makes it pointless",
            "Nothing; see why nothing went out on its day.",
        ),
        "SAME_DAY": Reason(
            "a later step of the same kind of notice falls on the same day, and is sent instead",
            "Nothing; if both are wanted, move one of the steps in `rules/schedule.yaml`.",
        ),
    }
)
"""The codes of the engine and of the shipped rules, in the order of docs/requirements.md's decision."""


def meaning(code: str) -> str:
    """Return the sentence for a code; a root's own rules may use codes that only its people know."""
    known = REASONS.get(code)
    return known.meaning if known else "a rule of this root says so"
