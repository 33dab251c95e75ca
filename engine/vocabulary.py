"""The words of the rule language: every fact with its type, every operator, every role."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from types import MappingProxyType

import msgspec

NOTICE_TYPES = ("renewal", "contact_tier_upgrade", "overage", "subscription_ending", "price_change")
NOTICE_KINDS = ("notice", "reminder", "escalation")
STATUSES = ("pending", "confirmed", "renewed", "cancellation_requested", "churned")
TIERS = ("enterprise", "professional", "starter")
PORTAL_TYPES = ("production", "sandbox", "nfr", "demo")
OWNERS = ("hubspot", "partner")
OWNER_SOURCES = ("client_override", "partner_default", "system_default")
OVERRIDES = ("default", *OWNERS)

CLIENT_ROLES = ("decision_maker", "primary_contact", "billing_contacts")
PARTNER_ROLES = ("partner_contact", "backup_contacts", "partner_admins")
RENEWAL_MANAGER = "renewal_manager"
VENDOR_ROLE_PREFIX = "vendor."
"""`vendor.legal` is the entry `legal` of `roles` in config/vendor.yaml."""


class Kind(StrEnum):
    """What values a fact has; it decides which operators and constants fit."""

    TEXT = "a text"
    CHOICE = "a choice"
    NUMBER = "a number"
    FLAG = "true or false"
    SET = "a set of texts"


OPERATORS = MappingProxyType(
    {
        Kind.TEXT: ("equals", "in", "not_in", "present"),
        Kind.CHOICE: ("equals", "in", "not_in", "present"),
        Kind.NUMBER: ("equals", "in", "not_in", "lt", "lte", "gt", "gte", "present"),
        Kind.FLAG: ("equals", "present"),
        Kind.SET: ("contains", "contains_any", "contains_all", "present"),
    }
)
"""Which operators a fact of each kind takes; `equals` is the one without a name: `fact: constant`."""


class Fact(msgspec.Struct, frozen=True):
    """One fact that a condition may compare.

    `source` is the Python expression that reads it, over `standing` (who is responsible), `renewal`,
    `notice` and `on` (the send date as an ordinal day). None is "absent"; a fact that is never absent
    has `optional` false. `values` lists what a CHOICE, or a member of a SET, may be.
    """

    name: str
    kind: Kind
    description: str
    source: str
    values: tuple[str, ...] = ()
    optional: bool = False


def _table(*facts: Fact) -> MappingProxyType[str, Fact]:
    return MappingProxyType({fact.name: fact for fact in facts})


FACTS = _table(
    Fact(
        "owner",
        Kind.CHOICE,
        "Who owns the renewal: hubspot writes to the client, or the partner looks after it.",
        "standing.owner",
        OWNERS,
        optional=True,
    ),
    Fact(
        "owner_source",
        Kind.CHOICE,
        "Where the owner was set: the client's override, the partner's default, or nowhere.",
        "standing.owner_source",
        OWNER_SOURCES,
        optional=True,
    ),
    Fact(
        "override",
        Kind.CHOICE,
        "The client's override in force; none is the same as `default`.",
        "standing.override",
        OVERRIDES,
    ),
    Fact("notice.type", Kind.CHOICE, "What the notice is about.", "notice.type", NOTICE_TYPES),
    Fact(
        "notice.kind",
        Kind.CHOICE,
        "Whether it is a first notice, a reminder or an escalation.",
        "notice.kind",
        NOTICE_KINDS,
    ),
    Fact(
        "notice.step",
        Kind.TEXT,
        "The step of the schedule, such as `D-7` or `R-30`; absent outside a schedule.",
        "notice.step",
        optional=True,
    ),
    Fact("notice.formal", Kind.FLAG, "Whether the schedule marks the step as formal.", "notice.formal"),
    Fact(
        "days_until_renewal",
        Kind.NUMBER,
        "Days from the send date to the renewal date; negative after it.",
        "renewal.renewal_day - on",
    ),
    Fact(
        "days_until_deadline",
        Kind.NUMBER,
        "Days from the send date to the renewal deadline; negative after it.",
        "renewal.deadline_day - on",
    ),
    Fact("renewal.status", Kind.CHOICE, "How far the renewal has come.", "renewal.status", STATUSES),
    Fact(
        "renewal.tier",
        Kind.CHOICE,
        "The subscription's tier.",
        "renewal.tier",
        TIERS,
        optional=True,
    ),
    Fact("renewal.products", Kind.SET, "The products that renew.", "renewal.products"),
    Fact(
        "renewal.auto_renew",
        Kind.FLAG,
        "Whether the subscription renews by itself.",
        "renewal.auto_renew",
        optional=True,
    ),
    Fact(
        "renewal.mrr",
        Kind.NUMBER,
        "Monthly recurring revenue now, in `renewal.currency`.",
        "renewal.mrr",
        optional=True,
    ),
    Fact(
        "renewal.renewal_mrr",
        Kind.NUMBER,
        "Monthly recurring revenue after the renewal, in `renewal.currency`.",
        "renewal.renewal_mrr",
        optional=True,
    ),
    Fact(
        "renewal.increase_percent",
        Kind.NUMBER,
        "By how much the price rises, in percent of `renewal.mrr`; absent when either price is.",
        "renewal.increase_percent",
        optional=True,
    ),
    Fact(
        "renewal.currency",
        Kind.TEXT,
        "Currency of the prices, such as `EUR`.",
        "renewal.currency",
        optional=True,
    ),
    Fact(
        "renewal.flags",
        Kind.SET,
        "Marks such as `order_in_progress` and `dunning`.",
        "renewal.flags",
    ),
    Fact(
        "renewal.monthly",
        Kind.FLAG,
        "Whether the term is under 32 days.",
        "renewal.monthly",
    ),
    Fact("client.id", Kind.TEXT, "The client's id.", "renewal.client"),
    Fact(
        "client.website",
        Kind.TEXT,
        "The client's website, from its entry or from the fact.",
        "standing.website or renewal.website",
        optional=True,
    ),
    Fact(
        "client.country",
        Kind.TEXT,
        "The client's country, such as `DE`.",
        "renewal.country",
        optional=True,
    ),
    Fact(
        "client.locale",
        Kind.TEXT,
        "The client's language, such as `de-DE`.",
        "renewal.locale",
        optional=True,
    ),
    Fact(
        "client.portal_type",
        Kind.CHOICE,
        "What kind of portal the client has.",
        "renewal.portal_type",
        PORTAL_TYPES,
    ),
    Fact(
        "partner.id",
        Kind.TEXT,
        "The partner of record; absent when the client has none.",
        "standing.partner_id",
        optional=True,
    ),
    Fact(
        "reachable",
        Kind.SET,
        "The roles that somebody can be reached in, such as `decision_maker`.",
        "reachable(standing, renewal)",
    ),
    Fact(
        "decision_maker.is_partner_user",
        Kind.FLAG,
        "Whether the decision maker's address is that of one of the partner's users.",
        "is_partner_user(standing, renewal)",
    ),
    Fact(
        "acknowledged",
        Kind.FLAG,
        "Whether the partner has acknowledged the renewal.",
        "renewal.acknowledged",
    ),
    Fact("held", Kind.FLAG, "Whether a hold on the client is in force.", "standing.held"),
)
"""Every fact with a fixed name, in the order of the documentation."""

SEND_DAY = Fact("notice.send_on", Kind.NUMBER, "The send date as an ordinal day, for rules with dates.", "on")
"""Not a word of the language: what `from` and `until` of a rule become."""

LABELS = _table(
    Fact(
        "client.labels.",
        Kind.TEXT,
        "A label of the client's entry, such as `client.labels.segment`.",
        "standing.client_labels.get({label!r})",
        optional=True,
    ),
    Fact(
        "partner.labels.",
        Kind.TEXT,
        "A label of the partner's file, such as `partner.labels.tier`.",
        "standing.partner_labels.get({label!r})",
        optional=True,
    ),
)
"""The two families of facts that users name themselves, by their prefix."""


def find(name: str) -> Fact | None:
    """Return the fact of that name, labels included, or None."""
    if name in FACTS:
        return FACTS[name]
    if name == SEND_DAY.name:
        return SEND_DAY
    for prefix, family in LABELS.items():
        label = name.removeprefix(prefix)
        if label and label != name:
            source = family.source.format(label=label)
            return Fact(name, family.kind, family.description, source, optional=True)
    return None


def names() -> Iterator[str]:
    """Yield every fixed fact name, and each label family as its prefix, for suggestions."""
    yield from FACTS
    yield from LABELS
