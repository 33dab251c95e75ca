"""What each reason code of a decision means, in a sentence for support."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "PARTNER_MISMATCH": "another partner's file lists the client than the fact names; the fact counts",
        "CONTACT_FALLBACK": "the chosen contact is no longer there, so the next in line stands in",
        "CC_CONTACT_UNREACHABLE": "nobody at the partner can be reached, so nobody is in copy",
        "COVERED": "a user is away, and their cover receives the notice",
        "CC_DEDUPED": "somebody in copy already receives the notice, and gets it once",
        "DECISION_MAKER_IS_PARTNER_USER": "the decision maker works for the partner; nobody else is told",
        "NO_CLIENT_RECIPIENT": "nobody at the client can be reached; inform the partner contact",
        "OWNER_FAILSAFE_TO_VENDOR": "the partner owns the renewal, but nobody there can be reached",
        "UNKNOWN_PARTNER": "the fact names a partner that has no file",
        "NO_ROUTE": "no route holds for these facts",
        "TEST_PORTAL": "the portal is a sandbox, not for resale or a demo",
        "CHURNED": "the client has left",
        "NON_RENEWING": "the client has cancelled and hears only that the subscription ends",
        "ALREADY_RENEWED": "the renewal is done",
        "ORDER_IN_PROGRESS": "a new order is being written",
        "HOLD": "the client is on hold",
        "DUNNING_ACTIVE": "the client owes money and hears from accounting first",
        "PARTNER_SILENT": "the partner has not acknowledged the renewal; the vendor takes over",
        "TIER_UNKNOWN": "the fact names no tier, so the professional schedule counts",
        "CAUGHT_UP": "the notice was missed on its day and is sent late",
        "SKIPPED_LATE": "the notice was missed on its day, and a later one makes it pointless",
        "SAME_DAY": "a later step of the same kind of notice falls on the same day, and is sent instead",
    }
)
"""The codes of the engine and of the shipped rules, in the order of docs/requirements.md's decision."""


def meaning(code: str) -> str:
    """Return the sentence for a code; a root's own rules may use codes that only its people know."""
    return REASONS.get(code, "a rule of this root says so")
