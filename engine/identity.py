"""What makes two notices the same: the keys by which a mail pipeline sends each once."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from hashlib import sha256

from engine.decisions import Decision
from engine.envelopes import Recipient

_REMEMBERED = 4_096
"""Days and steps recur: those of some years."""


def idempotency_key(decision: Decision) -> str:
    """Return the key of the notice: renewal, renewal date, type and step, or the send date without a step.

    Who receives it is left out, so that a change of contact does not send the notice a second time.
    """
    renewal, notice = decision.renewal, decision.notice
    name = renewal.renewal
    subject = f"6:client{_sized(renewal.client)}" if name is None else f"7:renewal{_sized(name)}"
    occasion = _occasion(notice.type, notice.step or decision.send_on)
    return _hash(f"{subject}{_day(renewal.renewal_date)}{occasion}")


def recipients_digest(decision: Decision) -> str:
    """Return what changes exactly when somebody else receives the notice, or in another place of it."""
    mailing = decision.mailing
    return _digest("to", *_addresses(mailing.to), "cc", *_addresses(mailing.cc))


def message(decision: Decision, recipients: str | None = None) -> str | None:
    """Return the id that co-termed notices share: those of one client that can be one mail; None unsent.

    `recipients` is their digest, where it is known already.
    """
    if decision.outcome != "send":
        return None
    notice = decision.notice
    occasion = _occasion(notice.type, notice.step or "", decision.send_on)
    digest = _sized(recipients or recipients_digest(decision))
    return _hash(f"{_sized(decision.renewal.client)}{occasion}{digest}")


def _addresses(recipients: tuple[Recipient, ...]) -> list[str]:
    return sorted([recipient.person.address for recipient in recipients])


def _digest(*parts: str) -> str:
    """Hash the parts, each with its length in bytes before it, so that no two lists of parts look alike."""
    return _hash("".join(map(_sized, parts)))


def _sized(part: str) -> str:
    """Return a part as it is hashed."""
    length = len(part) if part.isascii() else len(part.encode("utf-8", "surrogatepass"))
    return f"{length}:{part}"


@lru_cache(_REMEMBERED)
def _occasion(*parts: str | dt.date) -> str:
    """Return types, steps and days as they are hashed: they recur."""
    return "".join(_sized(part) if isinstance(part, str) else _day(part) for part in parts)


@lru_cache(_REMEMBERED)
def _day(day: dt.date) -> str:
    return _sized(day.isoformat())


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
