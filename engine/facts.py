"""Facts about renewals: as the vendor's systems deliver them, and as decisions use them."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from engine import schemas, spellings
from engine.documents import Value
from engine.model import Record, Vendor

MONTHLY_TERM_DAYS = 32
"""A term shorter than this counts as monthly (docs/requirements.md, schedule)."""

_ZONES, _DEADLINES, _PRICES = 1_000, 10_000, 10_000

_NOTHING: frozenset[str] = frozenset()


_Word: TypeAlias = Annotated[str, Meta(min_length=1)]
"""A text that is not empty. What else it must be, `spellings` says: the decoder would look at one by one."""

_Line: TypeAlias = Annotated[str, Meta(max_length=200)]
_RenewalId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
_Email: TypeAlias = Annotated[str, Meta(min_length=1, max_length=254)]
_Website: TypeAlias = Annotated[str, Meta(min_length=1, max_length=253)]
_Money: TypeAlias = (
    _Word | Annotated[int, Meta(gt=-(10**15), lt=10**15)] | Annotated[float, Meta(gt=-1e15, lt=1e15)]
)
_Tier: TypeAlias = Literal["enterprise", "professional", "starter"]
_Status: TypeAlias = Literal["pending", "confirmed", "renewed", "cancellation_requested", "churned"]
_PortalType: TypeAlias = Literal["production", "sandbox", "nfr", "demo"]


class _FactRecord(Record, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """Part of a renewal fact: an unknown field is a mistake."""


class Contact(_FactRecord, frozen=True, kw_only=True, gc=False):
    """A person at the client, as the client's portal has it."""

    email: _Email
    user: _Line | None = None
    name: _Line | None = None
    locale: _Word | None = None
    active: bool | None = True
    bounced: bool | None = False

    @property
    def is_live(self) -> bool:
        """Whether mail to this person arrives; null is the same as left out."""
        return self.active is not False and not self.bounced


class Contacts(_FactRecord, frozen=True, kw_only=True, gc=False):
    """Who can be written to at the client."""

    decision_maker: Contact | None = None
    primary_contact: Contact | None = None
    billing_contacts: tuple[Contact, ...] | None = ()

    @property
    def everybody(self) -> list[Contact]:
        """Everybody who is named, in whatever role."""
        named = [one for one in (self.decision_maker, self.primary_contact) if one is not None]
        named += self.billing_contacts or ()
        return named


_NOBODY = Contacts()


class RenewalFact(_FactRecord, frozen=True, kw_only=True, gc=False):
    """One renewal as delivered; machines write null for what they leave out."""

    renewal: _RenewalId
    client: str
    renewal_date: dt.date
    partner: _Word | None = None
    website: _Website | None = None
    products: tuple[_Word, ...] | None = ()
    tier: _Tier | None = None
    term_start: dt.date | None = None
    deadline_lead_days: Annotated[int, Meta(ge=0, le=365)] | None = None
    auto_renew: bool | None = None
    status: _Status | None = "pending"
    mrr: _Money | None = None
    renewal_mrr: _Money | None = None
    currency: _Word | None = None
    time_zone: str | None = None
    locale: _Word | None = None
    country: _Word | None = None
    portal_type: _PortalType | None = "production"
    flags: tuple[_Word, ...] | None = ()
    acknowledged: bool | None = False
    contacts: Contacts | None = _NOBODY


class FactError(ValueError):
    """A value is not a renewal fact; `schemas.violations("renewal", value)` says why."""


def from_value(value: Value) -> RenewalFact:
    """Make the fact of a decoded JSON value, quickly; it accepts exactly what the schema accepts."""
    try:
        return _checked(msgspec.convert(value, RenewalFact))
    except msgspec.ValidationError as error:
        raise FactError(str(error)) from error


def from_json(text: bytes) -> RenewalFact:
    """Make the fact of a text in JSON, quickly; it does not see a key that stands twice."""
    try:
        fact = _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FactError(str(error)) from error
    return _checked(fact)


_decode = msgspec.json.Decoder(RenewalFact).decode


def _checked(fact: RenewalFact) -> RenewalFact:
    if not is_well_written(fact):
        raise FactError("a text in it is not written as it should be")
    return fact


def is_well_written(fact: RenewalFact) -> bool:
    """Whether every text of a decoded fact is written as the schema wants it."""
    if fact.time_zone is not None and not is_time_zone(fact.time_zone):
        return False
    mrr, renewal_mrr = fact.mrr, fact.renewal_mrr
    texts = (
        f"{fact.renewal}\n{fact.client}\n{fact.partner or ''}\n{fact.website or ''}\n"
        f"{mrr if isinstance(mrr, str) else ''}\n{renewal_mrr if isinstance(renewal_mrr, str) else ''}\n"
        f"{fact.currency or ''}\n{fact.locale or ''}\n{fact.country or ''}\n"
    )
    named = fact.contacts.everybody if fact.contacts else ()
    return spellings.are_right(
        texts, [f"{one.email}\n{one.user or ''}\n{one.name or ''}\n{one.locale or ''}\n" for one in named]
    )


@cache
def is_time_zone(name: str) -> bool:
    """Whether it is the name of a time zone; asked often, of few names."""
    return schemas.is_time_zone(name)


class Renewal(Record, frozen=True, kw_only=True, gc=False):
    """A renewal as decisions and rules use it: every default filled in, dates as ordinal days too.

    `renewal` is None for a fact made by hand. Prices are exact decimals.
    """

    renewal: str | None
    client: str
    partner: str | None
    website: str | None
    products: frozenset[str]
    tier: str | None
    term_start: dt.date | None = None
    renewal_date: dt.date
    renewal_day: int
    deadline: dt.date
    deadline_day: int
    monthly: bool
    auto_renew: bool | None
    status: str
    mrr: Decimal | None
    renewal_mrr: Decimal | None
    increase_percent: Decimal | None
    currency: str | None
    time_zone: str | None
    locale: str | None
    country: str | None
    portal_type: str
    flags: frozenset[str]
    acknowledged: bool
    contacts: Contacts

    @classmethod
    def from_fact(cls, fact: RenewalFact, vendor: Vendor, *, by_hand: bool = False) -> Renewal:
        """Fill in the vendor's defaults; `by_hand` is for a fact that names no real renewal."""
        lead = vendor.deadline_lead_days if fact.deadline_lead_days is None else fact.deadline_lead_days
        renewal_day, deadline, deadline_day = _deadline(fact.renewal_date, lead)
        mrr, renewal_mrr, increase = _prices(fact.mrr, fact.renewal_mrr)
        return cls(
            renewal=None if by_hand else fact.renewal,
            client=fact.client,
            partner=fact.partner,
            website=fact.website,
            products=frozenset(fact.products) if fact.products else _NOTHING,
            tier=fact.tier,
            term_start=fact.term_start,
            renewal_date=fact.renewal_date,
            renewal_day=renewal_day,
            deadline=deadline,
            deadline_day=deadline_day,
            monthly=fact.term_start is not None
            and renewal_day - fact.term_start.toordinal() < MONTHLY_TERM_DAYS,
            auto_renew=fact.auto_renew,
            status=fact.status or "pending",
            mrr=mrr,
            renewal_mrr=renewal_mrr,
            increase_percent=increase,
            currency=fact.currency,
            time_zone=fact.time_zone,
            locale=fact.locale,
            country=fact.country,
            portal_type=fact.portal_type or "production",
            flags=frozenset(fact.flags) if fact.flags else _NOTHING,
            acknowledged=bool(fact.acknowledged),
            contacts=fact.contacts or _NOBODY,
        )


@lru_cache(_DEADLINES)
def _deadline(renewal_date: dt.date, lead: int) -> tuple[int, dt.date, int]:
    """Return the ordinal day of the renewal, and the deadline with its own: thousands renew on one day."""
    day = renewal_date.toordinal()
    deadline_day = max(day - lead, 1)
    return day, dt.date.fromordinal(deadline_day), deadline_day


@lru_cache(_PRICES, typed=True)
def _prices(
    mrr: str | float | None, renewal_mrr: str | float | None
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Return both prices and the increase: prices recur, and 1 is written otherwise than 1.0."""
    before, after = _decimal(mrr), _decimal(renewal_mrr)
    return before, after, _increase(before, after)


def _decimal(amount: str | float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))


def _increase(mrr: Decimal | None, renewal_mrr: Decimal | None) -> Decimal | None:
    if mrr is None or renewal_mrr is None or mrr <= 0:
        return None
    return (renewal_mrr - mrr) * 100 / mrr


@lru_cache(_ZONES)
def date_in(zone: str, now: dt.datetime) -> dt.date:
    """Return the date in a time zone at that moment; asked often, of few zones."""
    return now.astimezone(zoneinfo.ZoneInfo(zone)).date()
