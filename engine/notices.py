"""What is to be sent: the notice, before anybody knows to whom."""

from __future__ import annotations

from engine.model import Record


class Notice(Record, frozen=True, kw_only=True, gc=False, cache_hash=True):
    """Its type, whether it is a first notice, a reminder or an escalation, and its step of the schedule."""

    type: str = "renewal"
    kind: str = "notice"
    step: str | None = None
    formal: bool = False


RENEWAL_NOTICE = Notice()
"""The ordinary notice, outside a schedule."""
