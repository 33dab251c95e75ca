"""What makes two notices the same: the keys by which a mail pipeline sends each once."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import lru_cache
from typing import NamedTuple

from engine.decisions import Decision, Recipient

_REMEMBERED = 4_096
"""Recipients recur: a partner's contact has many clients, and a renewal has several notices."""


class Keys(NamedTuple):
    """All keys of a decision, under the names that they have in JSON."""

    message: str | None
    idempotency_key: str
    recipients_digest: str


def keys(decision: Decision) -> Keys:
    """Return all keys, for less than each by itself."""
    recipients = recipients_digest(decision)
    return Keys(_message(decision, recipients), idempotency_key(decision), recipients)


def idempotency_key(decision: Decision) -> str:
    """Return the key of the notice: renewal, renewal date, type and step, or the send date without a step.

    Who receives it is left out, so that a change of contact does not send the notice a second time.
    """
    renewal = decision.renewal
    subject = ("renewal", renewal.renewal) if renewal.renewal is not None else ("client", renewal.client)
    moment = decision.notice.step or _written(decision.send_on)
    return _digest(*subject, _written(renewal.renewal_date), decision.notice.type, moment)


def recipients_digest(decision: Decision) -> str:
    """Return what changes exactly when somebody else receives the notice, or in another place of it."""
    return _of_recipients(decision.to, decision.cc)


def message(decision: Decision) -> str | None:
    """Return the id that co-termed notices share: those of one client that can be one mail; None unsent."""
    return _message(decision, recipients_digest(decision))


def _message(decision: Decision, recipients: str) -> str | None:
    if decision.outcome != "send":
        return None
    notice, day = decision.notice, _written(decision.send_on)
    return _digest(decision.renewal.client, notice.type, notice.step or "", day, recipients)


@lru_cache(_REMEMBERED)
def _of_recipients(to: tuple[Recipient, ...], cc: tuple[Recipient, ...]) -> str:
    return _digest("to", *_addresses(to), "cc", *_addresses(cc))


_written = lru_cache(_REMEMBERED)(dt.date.isoformat)


def _addresses(recipients: tuple[Recipient, ...]) -> list[str]:
    return sorted([recipient.person.address for recipient in recipients])


def _digest(*parts: str) -> str:
    """Hash the parts, each with its length in bytes before it, so that no two lists of parts look alike."""
    text = "".join([f"{len(part)}:{part}" for part in parts])
    data = text.encode() if text.isascii() else b"".join(map(_with_length, parts))
    return hashlib.sha256(data).hexdigest()[:32]


def _with_length(part: str) -> bytes:
    encoded = part.encode("utf-8", "surrogatepass")
    return b"%d:%b" % (len(encoded), encoded)
