"""What makes two notices the same: the keys by which a mail pipeline sends each once."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from engine.decisions import Decision
from engine.envelopes import Recipient
from engine.facts import Renewal
from engine.notices import Notice

_REMEMBERED = 4_096
"""Days and steps recur: those of some years."""


def idempotency_key(decision: Decision) -> str:
    """Return the key of the notice: renewal, renewal date, type and step, or the send date without a step.

    Who receives it is left out, so that a change of contact does not send the notice a second time.
    """
    return subject(decision.renewal).key(occasion(decision.notice, decision.send_on))


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
    digest = recipients or recipients_digest(decision)
    return subject(decision.renewal).message(occasion(decision.notice, decision.send_on), digest)


class Occasion(NamedTuple):
    """Which notice it is, as it is hashed for a key and for a message."""

    of_key: str
    of_message: str


class Subject(NamedTuple):
    """What a notice is about, as it is hashed: the renewal for a key, the client for a message."""

    of_key: str
    of_message: str

    def key(self, occasion: Occasion) -> str:
        """Return the idempotency key of a notice."""
        return _hash(self.of_key + occasion.of_key)

    def message(self, occasion: Occasion, recipients: str) -> str:
        """Return the id of the message in which these receive it; their digest is hashed with its length."""
        return _hash(f"{self.of_message}{occasion.of_message}{len(recipients)}:{recipients}")


def subject(renewal: Renewal) -> Subject:
    """Return what all notices about a renewal share."""
    client, name = _sized(renewal.client), renewal.renewal
    named = f"6:client{client}" if name is None else f"7:renewal{_sized(name)}"
    return Subject(f"{named}{_day(renewal.renewal_date)}", client)


@lru_cache(_REMEMBERED)
def occasion(notice: Notice, send_on: dt.date) -> Occasion:
    """Return what all notices of a step share on a day: both recur."""
    kind, step, day = _sized(notice.type), notice.step, _day(send_on)
    return Occasion(f"{kind}{_sized(step) if step else day}", f"{kind}{_sized(step or '')}{day}")


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
def _day(day: dt.date) -> str:
    return _sized(day.isoformat())


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
