"""Facts about renewals: as the vendor's systems deliver them, and as decisions use them."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from engine import schemas
from engine.documents import Value
from engine.model import Record, Vendor

MONTHLY_TERM_DAYS = 32
"""A term shorter than this counts as monthly (docs/requirements.md, schedule)."""

_ZONES = 1_000


def _pattern(*path: str) -> str:
    """Return a pattern of the schema, which stays the one place where it is written."""
    node = schemas.schema("renewal")
    for key in path:
        node = node[key]
    return str(node["pattern"]).removesuffix("$") + r"\Z"


_Id: TypeAlias = Annotated[str, Meta(pattern=_pattern("properties", "client"))]
_RenewalId: TypeAlias = Annotated[
    str, Meta(pattern=_pattern("properties", "renewal"), min_length=1, max_length=200)
]
_Line: TypeAlias = Annotated[
    str, Meta(pattern=_pattern("$defs", "contact", "properties", "name"), max_length=200)
]
_Email: TypeAlias = Annotated[str, Meta(pattern=_pattern("$defs", "address"), max_length=254)]
_Website: TypeAlias = Annotated[str, Meta(pattern=_pattern("properties", "website"), max_length=253)]
_Locale: TypeAlias = Annotated[str, Meta(pattern=_pattern("$defs", "locale_or_null"))]
_Currency: TypeAlias = Annotated[str, Meta(pattern=_pattern("properties", "currency"))]
_Country: TypeAlias = Annotated[str, Meta(pattern=_pattern("properties", "country"))]
_Money: TypeAlias = (
    Annotated[str, Meta(pattern=_pattern("$defs", "money"))]
    | Annotated[int, Meta(gt=-(10**15), lt=10**15)]
    | Annotated[float, Meta(gt=-1e15, lt=1e15)]
)
_Word: TypeAlias = Annotated[str, Meta(min_length=1)]
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
    locale: _Locale | None = None
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


class RenewalFact(_FactRecord, frozen=True, kw_only=True, gc=False):
    """One renewal as delivered; machines write null for what they leave out."""

    renewal: _RenewalId
    client: _Id
    renewal_date: dt.date
    partner: _Id | None = None
    website: _Website | None = None
    products: tuple[_Word, ...] | None = ()
    tier: _Tier | None = None
    term_start: dt.date | None = None
    deadline_lead_days: Annotated[int, Meta(ge=0, le=365)] | None = None
    auto_renew: bool | None = None
    status: _Status | None = "pending"
    mrr: _Money | None = None
    renewal_mrr: _Money | None = None
    currency: _Currency | None = None
    time_zone: str | None = None
    locale: _Locale | None = None
    country: _Country | None = None
    portal_type: _PortalType | None = "production"
    flags: tuple[_Word, ...] | None = ()
    acknowledged: bool | None = False
    contacts: Contacts | None = Contacts()


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
    if fact.time_zone is not None and not is_time_zone(fact.time_zone):
        raise FactError(f"{fact.time_zone} is not a time zone")
    return fact


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
        renewal_day = fact.renewal_date.toordinal()
        deadline_day = max(renewal_day - lead, 1)
        mrr, renewal_mrr = _decimal(fact.mrr), _decimal(fact.renewal_mrr)
        return cls(
            renewal=None if by_hand else fact.renewal,
            client=fact.client,
            partner=fact.partner,
            website=fact.website,
            products=frozenset(fact.products or ()),
            tier=fact.tier,
            term_start=fact.term_start,
            renewal_date=fact.renewal_date,
            renewal_day=renewal_day,
            deadline=dt.date.fromordinal(deadline_day),
            deadline_day=deadline_day,
            monthly=fact.term_start is not None
            and renewal_day - fact.term_start.toordinal() < MONTHLY_TERM_DAYS,
            auto_renew=fact.auto_renew,
            status=fact.status or "pending",
            mrr=mrr,
            renewal_mrr=renewal_mrr,
            increase_percent=_increase(mrr, renewal_mrr),
            currency=fact.currency,
            time_zone=fact.time_zone,
            locale=fact.locale,
            country=fact.country,
            portal_type=fact.portal_type or "production",
            flags=frozenset(fact.flags or ()),
            acknowledged=bool(fact.acknowledged),
            contacts=fact.contacts or Contacts(),
        )


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
