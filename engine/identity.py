"""What makes two notices the same: the keys by which a mail pipeline sends each once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from engine.decisions import Decision, Recipient


def idempotency_key(decision: Decision) -> str:
    """Return the key of the notice: renewal, renewal date, type and step, or the send date without a step.

    Who receives it is left out, so that a change of contact does not send the notice a second time.
    """
    renewal = decision.renewal
    subject = ("renewal", renewal.renewal) if renewal.renewal is not None else ("client", renewal.client)
    moment = decision.notice.step or decision.send_on.isoformat()
    return _digest(*subject, renewal.renewal_date.isoformat(), decision.notice.type, moment)


def recipients_digest(decision: Decision) -> str:
    """Return what changes exactly when somebody else receives the notice, or in another place of it."""
    return _digest("to", *_addresses(decision.to), "cc", *_addresses(decision.cc))


def message(decision: Decision) -> str | None:
    """Return the id that co-termed notices share: those of one client that can be one mail; None unsent."""
    if decision.outcome != "send":
        return None
    notice = decision.notice
    return _digest(
        decision.renewal.client,
        notice.type,
        notice.step or "",
        decision.send_on.isoformat(),
        recipients_digest(decision),
    )


def _addresses(recipients: Iterable[Recipient]) -> list[str]:
    return sorted(recipient.person.address for recipient in recipients)


def _digest(*parts: str | None) -> str:
    """Hash the parts, each with its length before it, so that no two lists of parts look alike."""
    total = hashlib.sha256()
    for part in parts:
        encoded = (part or "").encode("utf-8", "surrogatepass")
        total.update(b"%d:%b" % (len(encoded), encoded))
    return total.hexdigest()[:32]
